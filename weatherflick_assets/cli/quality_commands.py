"""`weatherflick quality …`: whether the data can be trusted, and what is known of them. The work is done elsewhere."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from weatherflick_assets.cli.terminal import Json, UsageError, notes, print_json, print_line, read_settings
from weatherflick_assets.settings import KST, now

quality = typer.Typer(name="quality", no_args_is_help=True, help="Whether the data can be trusted, and why.")


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
    from rich.console import Console

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
    from weatherflick_assets.build import MEASURED
    from weatherflick_assets.cli import services
    from weatherflick_assets.quality import report as reports
    from weatherflick_assets.warehouse.connections import connect

    at = now()
    asked = at.astimezone(KST).date() - timedelta(days=1) if day is None else _day(day, "--day", until=at)
    dsn = _database()
    with connect(dsn) as connection:
        gathered = reports.gather(connection, asked, MEASURED, at)
    html = reports.render(gathered)
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
    print_line(str(_written(folder / f"{verdict_id}.html", data_docs.page(stored))))


def _database() -> str:
    from weatherflick_assets.cli import services

    return services.start(read_settings(), for_calls=False)["WEATHERFLICK_DATABASE_URL"]


def _written(path: Path, html: str) -> Path:
    from weatherflick_assets.quality.report import write

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
