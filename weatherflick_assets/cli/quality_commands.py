"""`weatherflick quality …`: whether the data can be trusted and why, and making again what was rejected.

Commands are thin. Their work is in the neighbouring modules, which are imported when a command needs them.
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from weatherflick_assets.cli.terminal import (
    Json,
    Regions,
    UsageError,
    notes,
    partitions_of,
    print_json,
    print_line,
    read_settings,
)
from weatherflick_assets.settings import KST, now
from weatherflick_assets.upstream.access import without_secrets

quality = typer.Typer(name="quality", no_args_is_help=True, help="Whether the data can be trusted, and why.")

Reason = Annotated[str | None, typer.Option(help="Only what was rejected for this reason, e.g. title_missing.")]


@quality.command()
def card(
    table: Annotated[str, typer.Argument(help="A published table, e.g. restaurants.")],
    region: Annotated[
        str | None, typer.Option(help="A region by code or name, e.g. 50, 제주 or Jeju; without it the whole table.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="The day to compare with, YYYY-MM-DD; a week ago without it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say whether a table can be trusted today, and what changed. Exit code 4 if rows are held back, 1 if it can't be."""
    from weatherflick_assets.cli import score_card

    at = now()
    measured = score_card.table_named(table)
    code = None if region is None else score_card.region_named(region, measured)
    compared = at.astimezone(KST).date() - timedelta(days=7) if since is None else _day(since, "--since", until=at)
    answer = score_card.found(_database(), measured, code, since=compared, at=at)
    if as_json:
        print_json(score_card.as_json(answer))
    else:
        score_card.show(Console(), answer)
    raise typer.Exit(score_card.exit_code(answer))


@quality.command()
def report(
    day: Annotated[str | None, typer.Option(help="A day that is over, YYYY-MM-DD; yesterday without it.")] = None,
    to: Annotated[
        Path | None, typer.Option(help="The file to write; without it, where the daily report is kept.")
    ] = None,
) -> None:
    """Write the quality report of a day, one HTML file that needs nothing else, and print where it is."""
    from weatherflick_assets.build import DOMAINS, MEASURED
    from weatherflick_assets.cli import services
    from weatherflick_assets.quality import report as reports
    from weatherflick_assets.warehouse.connections import connect

    at = now()
    asked = at.astimezone(KST).date() - timedelta(days=1) if day is None else _day(day, "--day", until=at)
    rejections = [domain.rejections for domain in DOMAINS if domain.rejections]
    with connect(_database()) as connection:
        gathered = reports.gather(connection, asked, MEASURED, rejections, at)
    html = without_secrets(reports.render(gathered))
    if to is None:
        written = reports.keep(reports.folder_in(services.state_folder(read_settings())), asked, html)
    else:
        written = _written(to, html)
    if not gathered.figures:
        notes().print(f"Nothing was measured of {asked}, so the report has no pictures.")
    print_line(str(written))


@quality.command()
def docs(
    verdict_id: Annotated[int, typer.Argument(help="A verdict, as checks and score cards name it.")],
    to: Annotated[Path | None, typer.Option(help="The folder to write to; the reports' folder without it.")] = None,
) -> None:
    """Write what Great Expectations makes of a stored verdict, its Data Docs, as a page to read offline."""
    from weatherflick_assets.cli import services
    from weatherflick_assets.quality import data_docs, report
    from weatherflick_assets.warehouse.connections import connect

    with connect(_database()) as connection:
        stored = data_docs.stored(connection, verdict_id)
    folder = to or report.folder_in(services.state_folder(read_settings())) / "verdicts"
    print_line(str(_written(folder / f"{verdict_id}.html", without_secrets(data_docs.page(stored)))))


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

    selection = view.selection_of(table, None if region is None else partitions_of(region), reason)
    found = view.gather(_database(), selection, samples)
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


def _database() -> str:
    from weatherflick_assets.cli import services

    return services.start(read_settings(), for_calls=False)["WEATHERFLICK_DATABASE_URL"]


def _written(path: Path, html: str) -> Path:
    from weatherflick_assets.pages import write

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write(path, html)
    except OSError as error:
        raise UsageError(f"{path} can't be written: {error.strerror}.") from None


def _day(text: str, option: str, *, until: datetime) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text} is no day. Write it as YYYY-MM-DD, e.g. 2026-11-23.") from None
    if day > until.astimezone(KST).date():
        raise UsageError(f"{option} {text} is in the future.")
    return day
