"""The `weatherflick` command: what it offers, and its exit codes.

Commands are thin. Their work is in the neighbouring modules, which are imported when a command needs them, so that help
and usage errors appear at once. Exit codes: 0 complete, 1 failed, 2 a mistake on the command line, 3 stopped because
the quota is spent, 4 data held back by a quality gate, 130 interrupted.
"""

import logging
import os
import shlex
import sys
import traceback
from contextlib import suppress
from importlib.metadata import version
from io import TextIOWrapper
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from weatherflick_assets.cli.quality_commands import quality
from weatherflick_assets.cli.sandbox_command import sandbox
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
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import KST, Mode, Settings, now
from weatherflick_assets.upstream.access import NoKeysError, why_skipped, without_secrets
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.gc_tuning import expect_many_imports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weatherflick_assets.cli.runs import Summary
    from weatherflick_assets.orchestration.flows import Flow

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

_INTERRUPTED = 130
"""The exit code that typer makes of an interrupt, without a word."""


def _show_version(asked: bool) -> None:
    if asked:
        print_line(f"weatherflick {version('weatherflick-assets')}")
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The WeatherFlick data platform: Korean tourism data, collected, judged, published."""


@app.command()
def up(
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.", min=1, max=65535)] = 3000,
    host: Annotated[str, typer.Option(help="Address the UI listens on.")] = "127.0.0.1",
    health_port: Annotated[
        int | None,
        typer.Option(help="Port of health and metrics; the one after the UI's without it.", min=1, max=65535),
    ] = None,
    collect: Annotated[bool, typer.Option(help="Collect a first cycle if there are no data yet.")] = True,
) -> None:
    """Start everything, collect a first cycle, and serve the Dagster UI until Ctrl-C."""
    from weatherflick_assets.cli import interruption, processes, services, supervision

    console = notes()
    settings = read_settings()
    with services.held(services.state_folder(settings)):
        if processes.end_marked(settings.state_folder):
            console.print("Ended what a killed `weatherflick up` had left running.")
        health_port = health_port or (port + 1 if port < 65535 else port - 1)
        supervision.check_port(host, port, "--port")
        supervision.check_port(host, health_port, "--health-port")
        try:
            with interruption.termination_as_interrupt():
                environment = services.start(settings)
                services.enter(environment)
                _say_mode(console, settings)
                with supervision.dagster(environment, host, port, health_port) as child:
                    child.wait_until_ready()
                    console.print(f"Dagster UI: [bold]{child.url}[/]")
                    console.print(f"Health and metrics: http://{host}:{health_port}/health and /metrics")
                    if collect:
                        _first_cycle(console, environment["WEATHERFLICK_DATABASE_URL"])
                    console.print(f"Serving {child.url} – Ctrl-C ends it.")
                    child.serve(console.print)
        except KeyboardInterrupt:
            console.print("Stopping …")
        finally:
            services.stop_sandbox(settings.state_folder)
            if settings.database_url is None:
                services.stop_database(settings.state_folder)


@app.command()
def collect(
    regions: Regions = None,
    types: Annotated[str | None, typer.Option(help="Kinds of places, comma-separated; all without it.")] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Start over instead of resuming a collection that did not end.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Collect the catalogue once, in Dagster runs that the UI shows; a collection that did not end is resumed."""
    from weatherflick_assets.places import flows

    partitions = partitions_of(regions)
    assets = None if types is None else flows.assets_of(_content_types(types))
    console = _started()
    summary = _run(console, (flows.PLACES,), regions=partitions, assets=assets, resumable=True, anew=anew)
    collected = {result.partition for result in summary.by_run.values() if result.job == flows.PLACES.stages[0].job}
    _end(
        console,
        summary,
        "Collection",
        as_json=as_json,
        regions=[code for code in partitions if code in collected & {*REGION_CODES}],
    )


@app.command()
def lists(as_json: Json = False) -> None:
    """Collect the lists of the whole country: codes, dates of festivals, rules for pets, places to stay."""
    from weatherflick_assets.places import flows

    _run_to_the_end(flows.LISTS, "Lists", as_json=as_json)


@app.command()
def refresh(as_json: Json = False) -> None:
    """Read what changed since the last reading, and publish the places that it touches."""
    from weatherflick_assets.places import flows

    _run_to_the_end(flows.REFRESH, "Refresh", as_json=as_json)


@app.command()
def details(regions: Regions = None, as_json: Json = False) -> None:
    """Collect and publish as many details as the day's quota allows, the most valuable first."""
    from weatherflick_assets.places import flows

    asked = None if regions is None else partitions_of(regions)
    _run_to_the_end((flows.DETAILS,), "Details", as_json=as_json, regions=asked)


@app.command()
def forecast(
    issue: Annotated[
        str | None,
        typer.Option(help="An issue of the short-term forecast, YYYYMMDDHHMM in Korean time; the newest without it."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Collect and publish the weather, the newest issue of every series or one of the forecast; then recommend by it."""
    from weatherflick_assets.insight.flows import AT_ONCE
    from weatherflick_assets.weather import flows

    asked = flows.NEWEST if issue is None else (flows.of_issue(issue),)
    _run_to_the_end((*asked, *AT_ONCE), "Weather", as_json=as_json)


@app.command()
def recommend(
    region: Annotated[str | None, typer.Option(help="A region by its code or name, e.g. 50 or 제주.")] = None,
    day: Annotated[str | None, typer.Option(help="A day like 2026-12-01; today without it.")] = None,
    near: Annotated[
        str | None, typer.Option(metavar="LAT,LON", help="A point instead of a region, e.g. 37.5665,126.9780.")
    ] = None,
    within: Annotated[float, typer.Option(help="How far from the point, in km.", min=0.1, max=500)] = 20,
    topic: Annotated[
        str, typer.Option("--for", help="What for: all, indoor, hiking, …, or a kind of places such as festivals.")
    ] = "all",
    as_json: Json = False,
) -> None:
    """Show the best places for a day, with the reasons; without a region or point, the best of every area."""
    from weatherflick_assets.cli import recommend as recommending
    from weatherflick_assets.cli import services

    if region is not None and near is not None:
        raise UsageError("--region and --near can't be asked for together. Leave one out.")
    asked = {
        "region": None if region is None else recommending.region_of(region),
        "near": None if near is None else recommending.point_of(near),
        "topic": recommending.topic_of(topic),
        "within_km": within,
    }
    wanted = now().astimezone(KST).date() if day is None else recommending.day_of(day)
    environment = services.start(read_settings(), for_calls=False)
    found = recommending.gather(environment["WEATHERFLICK_DATABASE_URL"], wanted, **asked)
    if as_json:
        print_json(found)
    else:
        recommending.show(Console(), found)


@app.command()
def report(
    region: Annotated[str | None, typer.Option(help="A region by its code or name, e.g. 50 or 제주.")] = None,
) -> None:
    """Write the pages of all regions about this week and the days ahead; print where that of a region is, or the index."""
    from weatherflick_assets.cli import recommend as recommending
    from weatherflick_assets.cli import services
    from weatherflick_assets.insight.region_reports import pages
    from weatherflick_assets.insight.region_reports.evidence import monday_of

    code = None if region is None else recommending.region_of(region)
    settings, at = read_settings(), now()
    environment = services.start(settings, for_calls=False)
    folder, monday = services.state_folder(settings), monday_of(at)
    written = pages.report(environment["WEATHERFLICK_DATABASE_URL"], folder, monday, at)
    index = (pages.folder_in(folder, monday) / pages.INDEX).absolute()
    print_line(str({page.region.region_code: page.path for page in written}.get(code or "", index)))


@app.command()
def status(as_json: Json = False) -> None:
    """Show what is wrong, what is published and held back, what is left of the quotas, and the latest runs."""
    from weatherflick_assets.cli import services
    from weatherflick_assets.cli import status as status_view

    settings = read_settings()
    environment = services.start(settings, for_calls=False)
    # Dagster's address names its driver.
    dagster_dsn = environment["WEATHERFLICK_DAGSTER_DATABASE_URL"].replace("+psycopg2", "", 1)
    found = status_view.gather(environment["WEATHERFLICK_DATABASE_URL"], dagster_dsn, settings)
    if as_json:
        print_json(found)
    else:
        status_view.show(Console(), found)


@app.command()
def health(
    as_json: Json = False,
    serve: Annotated[bool, typer.Option("--serve", help="Serve it over HTTP, with metrics, until Ctrl-C.")] = False,
    port: Annotated[int, typer.Option(help="Port to serve on.", min=1, max=65535)] = 3001,
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
) -> None:
    """Say how every part of the platform is, and what to do; exit code 1 if one has failed. It starts nothing."""
    from weatherflick_assets.cli import health as health_view
    from weatherflick_assets.cli import supervision

    settings = read_settings()
    if serve:
        supervision.check_port(host, port, "--port")
        notes().print(f"Serving http://{host}:{port}/health, /live and /metrics – Ctrl-C ends it.")
        with suppress(KeyboardInterrupt):
            health_view.serve(settings, host, port)
        return
    found = health_view.look(settings)
    if as_json:
        print_json(found)
    else:
        health_view.show(Console(), found)
    raise typer.Exit(int(found["state"] == "failed"))


alerts = typer.Typer(no_args_is_help=True)
app.add_typer(alerts, name="alerts", help="Try the channels of messages about incidents; close an incident by hand.")


@alerts.command("test")
def test_channels() -> None:
    """Send a test message through every channel, and say which work; exit code 1 if one does not."""
    from weatherflick_assets.cli import alerting

    problems = alerting.tried(read_settings())
    for channel, problem in problems.items():
        print_line(for_terminal(f"{channel}: {'sent' if problem is None else f'not sent. {problem}'}"))
    raise typer.Exit(int(any(problems.values())))


@alerts.command()
def close(number: Annotated[int, typer.Argument(help="Its number, as `weatherflick status` shows it.")]) -> None:
    """Close an incident that is over although nothing shows it, e.g. of a job that is not run any more."""
    from weatherflick_assets.cli import alerting, services

    environment = services.start(read_settings(), for_calls=False)
    print_line(for_terminal(f"Closed: {alerting.closed(environment['WEATHERFLICK_DATABASE_URL'], number)}"))


@app.command()
def call(
    provider: Annotated[str, typer.Argument(help="Whose API, e.g. kto.")],
    operation: Annotated[str, typer.Argument(help="Its name at the upstream, e.g. searchKeyword2.")],
    parameters: Annotated[list[str] | None, typer.Argument(help="name=value, any number of them.")] = None,
) -> None:
    """Call any operation once, store its response in raw, and print its items."""
    from weatherflick_assets.cli import calling, services

    asked = calling.operation_named(provider, operation)
    given = calling.parameters_of(parameters or [])
    settings = read_settings()
    environment = services.start(settings)
    services.enter(environment)
    console = notes()
    _say_mode(console, settings)
    answer = calling.call(asked, given, read_settings(), environment["WEATHERFLICK_DATABASE_URL"])
    print_json(answer.page.items, indent=2)
    console.print(f"{len(answer.page.items):,} of {answer.page.total_count:,}; kept as response {answer.response_id}.")


app.command()(sandbox)
app.add_typer(quality, name="quality")


@app.command()
def env() -> None:
    """Print the environment for plain `dagster …` commands: eval "$(weatherflick env)"."""
    from weatherflick_assets.cli import services

    surroundings = [name for name in os.environ if name.startswith("PG")]  # Dagster's own connections would obey them
    for name, value in services.start(read_settings()).items():
        print_line(f"export {name}={shlex.quote(value)}")
    for name in surroundings:
        print_line(f"unset {name}")


@app.command("database-url")
def database_url(
    reader: Annotated[
        bool, typer.Option("--reader", help="The address for a role that may read serving and nothing else.")
    ] = False,
) -> None:
    """Print the address of the platform's database, starting the embedded server if necessary."""
    from weatherflick_assets.build import prepare_database
    from weatherflick_assets.cli import services
    from weatherflick_assets.warehouse import database

    settings = read_settings()
    services.state_folder(settings)
    addresses = database.locate(settings)
    prepare_database(addresses, settings.mode)
    print_line(database.reader_dsn(addresses) if reader else addresses.platform_dsn)


@app.command()
def backup(
    to: Annotated[
        str | None, typer.Option(help="A folder or s3://bucket/prefix; WEATHERFLICK_BACKUP_URL without it.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Store everything, not only what changed.")] = False,
    wal: Annotated[
        bool, typer.Option("--wal", help="Store only the WAL since the last backup, if there is one.")
    ] = False,
    as_list: Annotated[bool, typer.Option("--list", help="Show what can be restored, and make nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Back up the platform's databases, and give up the backups that the policy no longer keeps."""
    from weatherflick_assets.cli import backups

    console = notes()
    if as_list:
        found = backups.listed(read_settings(), to)
        print_json(found) if as_json else backups.show(Console(), found)
        return
    made = backups.back_up(read_settings(), to, console, full=full, wal_only=wal)
    if as_json:
        print_json(made)
    else:
        sent = (
            f"{backups.in_bytes(made['bytes'])}, of which {backups.in_bytes(made['sent_bytes'])} were sent, compressed"
        )
        console.print(f"Backed up as {made['id']}: {sent}. Former backups given up: {made['removed']}.")


@app.command()
def restore(
    source: Annotated[str, typer.Option("--from", help="Where the backups are: a folder or s3://bucket/prefix.")],
    at: Annotated[
        str | None,
        typer.Option(help='The time whose rows are wanted, e.g. "2026-11-30 14:00", Korean unless it has an offset.'),
    ] = None,
    name: Annotated[str | None, typer.Option("--backup", help="One of `weatherflick backup --list`, as it is.")] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Put aside what is there, under another name, instead of refusing.")
    ] = False,
) -> None:
    """Restore a backup into an empty WEATHERFLICK_HOME, or into the databases of WEATHERFLICK_DATABASE_URL."""
    from weatherflick_assets.cli import backups

    backups.restore(read_settings(), source, notes(), at=at, name=name, in_place=in_place)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def pg(
    program: Annotated[str, typer.Argument(help="psql or pg_dump.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="Its own options.")] = None,
) -> None:
    """Run PostgreSQL's psql or pg_dump, in the version that fits the server, on the platform's database."""
    from weatherflick_assets.cli import backups

    backups.run_program(read_settings(), program, arguments or [])


@app.command()
def stop() -> None:
    """Stop the services that run for this state folder."""
    from weatherflick_assets.cli import services

    stopped = services.stop(read_settings())
    print_line(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


def main() -> None:
    """Run the command; report any failure as a sentence, with the right exit code."""
    os.umask(0o077)  # what commands and their children write is nobody else's
    lines = logging.StreamHandler()
    lines.setFormatter(_Presentable(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[lines])
    expect_many_imports()
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error does: not every terminal shows Korean
    try:
        app()
    except ExhaustedError as error:
        _tell(str(error))
        sys.exit(3)
    except PlatformError as error:
        sys.exit(_tell(str(error)))
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:
            _tell("Interrupted. What was collected is kept.")
        raise
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: people get a sentence, the log gets the traceback
        sys.exit(_tell(_unexpected(error)))


class _Presentable(logging.Formatter):
    """Lines of a log, which may quote anything."""

    def format(self, record: logging.LogRecord) -> str:
        return for_terminal(without_secrets(super().format(record)))


def _tell(message: str) -> int:
    sys.stderr.write(f"weatherflick: {for_terminal(without_secrets(message))}\n")
    return 1


def _unexpected(error: Exception) -> str:
    from weatherflick_assets.cli import services
    from weatherflick_assets.warehouse import outages

    if outages.cause_of(error) is not None:
        return outages.sentence(error)
    try:
        log = services.log_file(Settings().state_folder, "weatherflick")  # type: ignore[call-arg]
        with log.open("a", encoding="utf-8") as file:
            file.write(without_secrets("".join(traceback.format_exception(error))))
        where = f"The details are in {log}; please report them."
    except (OSError, ValidationError, PlatformError):
        where = "Its details could not be written to the state folder."
    return f"An unexpected error ended the command ({type(error).__name__}). {where}"


def _content_types(types: str) -> list[str]:
    """The names of kinds of places, in their order."""
    asked = [name.strip() for name in types.split(",") if name.strip()]
    if unknown := [name for name in asked if name not in CONTENT_TYPE_BY_NAME]:
        raise UsageError(f"Unknown type {', '.join(unknown)}. The types are {', '.join(CONTENT_TYPE_BY_NAME)}.")
    if not asked:
        raise UsageError("--types names no type. Leave it out to collect all of them.")
    return [name for name in CONTENT_TYPE_BY_NAME if name in asked]


def _started() -> Console:
    """Start what calls need, say where calls go, and return the console for progress."""
    from weatherflick_assets.cli import services

    settings = read_settings()
    console = notes()
    services.enter(services.start(settings))
    _say_mode(console, settings)
    return console


def _run(console: Console, flows: "Sequence[Flow]", **selection: Any) -> "Summary":
    """Run flows and show their progress; the arguments are those of `runner.run_flows`."""
    from weatherflick_assets.cli.progress import RunProgress
    from weatherflick_assets.cli.runner import run_flows

    possible = _with_keys(console, flows)
    with RunProgress(console) as progress:
        return run_flows(possible, progress, **selection)


def _with_keys(console: Console, flows: "Sequence[Flow]") -> "Sequence[Flow]":
    """The flows whose provider is collected from; says why others are left out.

    Raises:
        NoKeysError: none is left.
    """
    settings = read_settings()
    reasons = {flow.provider: why_skipped(flow.provider, settings) for flow in flows if flow.provider}
    said = [reason for reason in reasons.values() if reason]
    possible = [flow for flow in flows if flow.provider is None or not reasons[flow.provider]]
    if not possible:
        raise NoKeysError(" ".join(said))
    for reason in said:
        console.print(reason)
    return possible


def _run_to_the_end(flows: "Sequence[Flow]", what: str, *, as_json: bool, **selection: Any) -> NoReturn:
    console = _started()
    _end(console, _run(console, flows, **selection), what, as_json=as_json)


def _end(console: Console, summary: "Summary", what: str, *, as_json: bool, **further: object) -> NoReturn:
    """Show the result of the runs, and exit with their exit code; `further` goes into the JSON object."""
    _show(console, summary, what, {**summary.as_json(), **further} if as_json else None)
    raise typer.Exit(summary.exit_code)


def _show(console: Console, summary: "Summary", what: str, as_json: dict[str, object] | None = None) -> None:
    from weatherflick_assets.cli.progress import show_summary

    if untried := summary.untried:
        console.print(f"Stopped: {untried} more would have failed for the same reason.")
    if as_json is not None:
        print_json(as_json)
    else:
        show_summary(console, summary, what)


def _first_cycle(console: Console, dsn: str) -> None:
    from weatherflick_assets.insight.flows import AT_ONCE
    from weatherflick_assets.operations.quality_flows import CHECKS
    from weatherflick_assets.places.flows import FIRST_CYCLE
    from weatherflick_assets.places.store.overview import place_tables
    from weatherflick_assets.weather.flows import FIRST_CYCLE as FIRST_WEATHER

    tables = place_tables(dsn, {kind.name: kind.content_type_id for kind in CONTENT_TYPES})
    if rows := sum(table.rows for table in tables):
        console.print(f"{rows:,} places are published already; `weatherflick collect` collects again.")
        return
    _show(console, _run(console, (*FIRST_CYCLE, *FIRST_WEATHER, *AT_ONCE)), "Collection")
    _run(console, CHECKS)


def _say_mode(console: Console, settings: Settings) -> None:
    if settings.mode is Mode.SANDBOX:
        console.print("[yellow]No API keys are set: using the sandbox; its data are synthetic.[/]")


if __name__ == "__main__":
    main()
