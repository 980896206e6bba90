"""`weatherflick quality …`: looking at the quality of the data, and making again what was rejected.

Commands are thin. Their work is in the neighbouring modules, which are imported when a command needs them.
"""

from typing import Annotated

import typer
from rich.console import Console

from weatherflick_assets.cli.terminal import Json, Regions, notes, partitions_of, print_json, read_settings

quality = typer.Typer(name="quality", no_args_is_help=True, help="Look at the quality of the data.")

Reason = Annotated[str | None, typer.Option(help="Only what was rejected for this reason, e.g. title_missing.")]


@quality.command()
def rejected(
    table: Annotated[str | None, typer.Argument(help="A table, e.g. restaurants; all without it.")] = None,
    region: Annotated[str | None, typer.Option(help="Region codes, comma-separated, e.g. 50; all without it.")] = None,
    reason: Reason = None,
    samples: Annotated[int, typer.Option(help="Samples of each reason and table.", min=0, max=100)] = 2,
    as_json: Json = False,
) -> None:
    """Show what could not become rows, by reason, with samples and what to do."""
    from weatherflick_assets.cli import rejected as view
    from weatherflick_assets.cli import services

    selection = view.selection_of(table, None if region is None else partitions_of(region), reason)
    environment = services.start(read_settings(), for_calls=False)
    found = view.gather(environment["WEATHERFLICK_DATABASE_URL"], selection, samples)
    if as_json:
        print_json(found)
    else:
        view.show(Console(), found, selection)


@quality.command()
def reprocess(
    regions: Regions = None,
    types: Annotated[
        str | None, typer.Option(help="Tables, comma-separated, e.g. restaurants,hourly_forecasts.")
    ] = None,
    reason: Reason = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also make again what has no rejected items; all of what is selected.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make what was rejected again from the raw layer, after a rule has changed; no call is made."""
    from weatherflick_assets.cli import rejected as view
    from weatherflick_assets.cli import reprocess as work
    from weatherflick_assets.cli import services

    selection = view.selection_of(types, None if regions is None else partitions_of(regions), reason)
    if everything and reason is not None:
        raise view.UsageError(
            "--all makes everything that is selected again, whatever the reason; leave out one of the two."
        )
    environment = services.start(read_settings(), for_calls=False)
    services.enter(environment)
    console = notes()
    done = work.reprocess(environment["WEATHERFLICK_DATABASE_URL"], selection, console, everything=everything)
    if as_json:
        print_json(done.as_json())
    else:
        work.show(console, done, selection)
    raise typer.Exit(done.summary.exit_code)
