"""How each component of health is looked at. A look starts nothing, writes nothing, spends no quota, and ends within seconds.

Dagster is not imported, because that takes longer than everything here: its tables are read, and its web server is asked.
"""

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from weatherflick_assets.alerts import facts, outbox, readings
from weatherflick_assets.alerts.channels import NO_CHANNEL, AlertSettingsError, names_of
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.operations.health import components
from weatherflick_assets.operations.health.components import Component, Finding, State
from weatherflick_assets.presentation import listed
from weatherflick_assets.quality.freshness import held_back_now, not_fresh
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.settings import Clock, Mode, Settings
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.proxies import open_directly
from weatherflick_assets.upstream.reachability import why_unreachable
from weatherflick_assets.warehouse import database, outages
from weatherflick_assets.warehouse.connections import connect, parsed, pinned, rendered
from weatherflick_assets.warehouse.outbox import pending
from weatherflick_assets.warehouse.revisions import revisions

LONGEST_LOOK = 15
"""Seconds after which a look is given up."""

_STATEMENT_SECONDS = 10

DAEMON_SILENT_FOR = timedelta(minutes=5)
"""Every part of the daemon writes its sign of life every half minute. Dagster itself warns after half an hour."""

BACKUP_LATE, BACKUP_MISSED = timedelta(hours=30), timedelta(hours=54)
"""A backup is made every day. These are six hours more than one day, and than two."""

WAITS_LONG, WAITS_TOO_LONG = timedelta(hours=2), timedelta(hours=12)
"""How long a publication or a message waits before somebody should look, and before it has failed."""

_MOST_NAMED = 5

_STATE_OF_THE_SERVER = "SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::boolean"
_REVISION = "SELECT version_num FROM alembic_version"
_HEARTBEATS = "SELECT daemon_type, max(timestamp) FROM daemon_heartbeats GROUP BY daemon_type ORDER BY 1"
_HAS_HEARTBEATS = "SELECT to_regclass('daemon_heartbeats') IS NOT NULL"

_LOCATIONS = (
    "{ workspaceOrError { __typename ... on Workspace { locationEntries { name loadStatus locationOrLoadError "
    "{ __typename ... on PythonError { message } } } } ... on PythonError { message } } }"
)


@dataclass(frozen=True)
class Platform:
    """What is looked at.

    Attributes:
        settings: of the environment.
        operations: whose hosts are asked.
        measured: the tables whose age matters.
        ui_url: where Dagster's web server listens; None: nobody knows.
        clock: the time.
    """

    settings: Settings
    operations: Collection[Operation]
    measured: Sequence[MeasuredTable]
    ui_url: str | None
    clock: Clock

    @property
    def dsn(self) -> str:
        """The platform's database; DatabaseUnreachableError where no server runs."""
        return self._patient(self._addresses.platform_dsn)

    @property
    def dagster_dsn(self) -> str:
        """Dagster's."""
        return self._patient(rendered(self._addresses.dagster))

    @property
    def _addresses(self) -> database.Addresses:
        found = database.locate_running(self.settings)
        if found is None:
            raise database.DatabaseUnreachableError("The embedded server does not run.")
        return found

    def _patient(self, dsn: str) -> str:
        return rendered(pinned(parsed(dsn), f"-c statement_timeout={_STATEMENT_SECONDS}s"))


Told = tuple[State, str]


def of_database(platform: Platform) -> Told:
    """Whether the database can be used."""
    with connect(platform.dsn) as connection:
        is_copy, is_read_only = connection.execute(_STATE_OF_THE_SERVER).fetchone() or (True, True)
        (revision,) = connection.execute(_REVISION).fetchone() or (None,)
    if is_copy or is_read_only:
        return State.FAILED, "It answers, and takes no writes."
    if revision not in (known := revisions()):
        return State.FAILED, f"Its schema has revision {revision}, which this program does not know."
    if revision != known[-1]:
        return State.WARNING, f"Its schema has revision {revision}, and this program needs {known[-1]}."
    return State.OK, f"It answers. Its schema has revision {revision}."


def of_daemon(platform: Platform) -> Told:
    """Whether all parts of the daemon live."""
    with connect(platform.dagster_dsn) as connection:
        has_any = connection.execute(_HAS_HEARTBEATS).fetchone() == (True,)
        beats = dict(connection.execute(_HEARTBEATS).fetchall()) if has_any else {}
    if not beats:
        return State.FAILED, "It has never run."
    at = platform.clock()
    ages = {name: at - beat.replace(tzinfo=UTC) for name, beat in beats.items()}
    silent = {name: age for name, age in ages.items() if age > DAEMON_SILENT_FOR}
    if silent:
        return State.FAILED, f"No sign of life of {listed([*silent], _MOST_NAMED)} for {_span(min(silent.values()))}."
    return State.OK, f"The last sign of life is {_span(max(ages.values()))} old."


def of_code_location(platform: Platform) -> Told:
    """Whether the web server has loaded everything."""
    if platform.ui_url is None:
        return State.OFF, "No web server of this state folder runs, and WEATHERFLICK_UI_URL is not set."
    try:
        with open_directly(f"{platform.ui_url}/graphql?query={quote(_LOCATIONS)}", timeout=LONGEST_LOOK - 5) as answer:
            found = json.load(answer)["data"]["workspaceOrError"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return State.FAILED, f"The web server at {platform.ui_url} gives no answer of its own ({type(error).__name__})."
    if found["__typename"] != "Workspace":
        return State.FAILED, f"The workspace can't be loaded: {_first_line(found.get('message'))}"
    for location in found["locationEntries"]:
        loaded = location["locationOrLoadError"]
        if loaded is None:
            return State.WARNING, f"{location['name']} is still being loaded."
        if loaded["__typename"] == "PythonError":
            return State.FAILED, f"{location['name']} can't be loaded: {_first_line(loaded['message'])}"
    return State.OK, f"Loaded: {listed([one['name'] for one in found['locationEntries']], _MOST_NAMED)}."


async def of_upstream(platform: Platform) -> Told:
    """Whether what is called can be reached."""
    settings = platform.settings
    if settings.mode is Mode.SANDBOX:
        if settings.sandbox_url is None:
            return State.OFF, "No key is set, and no sandbox runs."
        problem = await why_unreachable(f"{settings.sandbox_url}/_sandbox/status")
        return (State.OK, "The sandbox answers.") if problem is None else (State.FAILED, f"The sandbox: {problem}")
    hosts = {access.base_url for access, _ in readings.accesses(platform.operations, settings)}
    asked = sorted(hosts)
    problems = await asyncio.gather(*map(why_unreachable, asked))
    bad = [f"{host}: {problem}" for host, problem in zip(asked, problems, strict=True) if problem]
    if bad:
        return State.WARNING, " ".join(bad)
    return State.OK, f"They answer: {', '.join(asked)}." if asked else "No provider has a key."


def of_disk(platform: Platform) -> Told:
    """Whether there is room."""
    folder = platform.settings.state_folder
    size, free = readings.disk(folder)
    at = platform.clock()
    problem = next((seen.problem for seen in facts.of_disk(str(folder), size, free, at) if seen.problem), None)
    if problem:
        return State.FAILED, problem
    return State.OK, f"{free / 2**30:,.1f} GiB of {size / 2**30:,.1f} GiB are free."


def of_backup(platform: Platform) -> Told:
    """Whether there is a young one."""
    from weatherflick_assets.operations.backup.repository import opened

    settings = platform.settings
    if settings.backup_url is None:
        return State.OFF, "No backup is made: WEATHERFLICK_BACKUP_URL is not set."
    newest = opened(settings.backup_url, settings).newest_id()
    if newest is None:
        return State.FAILED, "There is no backup."
    age = platform.clock() - datetime.strptime(newest[:15], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    said = f"The newest backup is {_span(age)} old."
    return State.FAILED if age > BACKUP_MISSED else State.WARNING if age > BACKUP_LATE else State.OK, said


def of_freshness(platform: Platform) -> Told:
    """Whether data are young enough."""
    found = not_fresh(platform.dsn, platform.measured, platform.clock())
    if not found:
        return State.OK, "Nothing that was ever collected is too old."
    names = [
        f"{table.table_name}{f' ({len(parts)} regions)' if table.by_region else ''}" for table, parts in found.items()
    ]
    said = f"Too old: {listed(names, _MOST_NAMED)}."
    return State.FAILED if any(table.must_be_fresh for table in found) else State.WARNING, said


def of_publications(platform: Platform) -> Told:
    """Whether what was collected is published."""
    at = platform.clock()
    keys = {table.table_name: table.asset_key for table in platform.measured}
    held = {
        (keys[table], one.partition_key or "")
        for table, those in held_back_now(platform.dsn, platform.measured).items()
        for one in those
    }
    with connect(platform.dsn) as connection:
        waiting = [one for one in pending(connection) if (one.asset_key, one.partition_key) not in held]
    return _waits(
        len(waiting), min((one.since for one in waiting), default=None), at, "partitions wait to be published"
    )


def of_messages(platform: Platform) -> Told:
    """Whether people hear of incidents."""
    try:
        if not names_of(platform.settings):
            return State.OFF, NO_CHANNEL
    except AlertSettingsError as error:
        return State.FAILED, str(error)
    waiting = outbox.waiting(platform.dsn)
    state, said = _waits(
        sum(one.messages for one in waiting),
        min((one.since for one in waiting), default=None),
        platform.clock(),
        "wait to be sent",
    )
    problems = [f"{one.channel}: {one.problem}" for one in waiting if one.problem]
    return state, " ".join([said, *problems])


Look = Callable[[Platform], Told | Coroutine[Any, Any, Told]]

LOOKS: Mapping[Component, Look] = {
    components.DATABASE: of_database,
    components.DAEMON: of_daemon,
    components.CODE_LOCATION: of_code_location,
    components.UPSTREAM: of_upstream,
    components.DISK: of_disk,
    components.BACKUP: of_backup,
    components.FRESHNESS: of_freshness,
    components.PUBLICATIONS: of_publications,
    components.MESSAGES: of_messages,
}
"""How every component is looked at."""


async def findings(platform: Platform, names: Collection[str] = tuple(components.COMPONENTS)) -> list[Finding]:
    """Look at components, all at the same time."""
    chosen = {component: look for component, look in LOOKS.items() if component.name in names}
    return [*await asyncio.gather(*(_found(platform, component, look) for component, look in chosen.items()))]


async def _found(platform: Platform, component: Component, look: Look) -> Finding:
    try:
        async with asyncio.timeout(LONGEST_LOOK):
            looking = look(platform) if asyncio.iscoroutinefunction(look) else asyncio.to_thread(look, platform)
            state, reason = await looking  # type: ignore[misc]
    except TimeoutError:
        state, reason = State.FAILED, f"It gave no answer within {LONGEST_LOOK} seconds."
    except (database.DatabaseUnreachableError, *outages.ERRORS) as error:
        # The database is a component of its own; of the others nobody can say how they are.
        state = State.FAILED if component is components.DATABASE else State.UNKNOWN
        reason = str(error) if isinstance(error, PlatformError) else outages.sentence(error)
    except PlatformError as error:
        state, reason = State.FAILED, str(error)
    except Exception as error:  # noqa: BLE001 - whoever asks for health gets an answer
        state, reason = State.FAILED, f"It could not be looked at ({type(error).__name__}: {_first_line(str(error))})."
    return Finding(component, state, without_secrets(reason))


def _waits(count: int, since: datetime | None, at: datetime, what: str) -> Told:
    if since is None:
        return State.OK, "Nothing waits."
    age = at - since
    said = f"{count:,} {what}, the oldest for {_span(age)}."
    return State.FAILED if age > WAITS_TOO_LONG else State.WARNING if age > WAITS_LONG else State.OK, said


def _span(age: timedelta) -> str:
    """A time for people."""
    seconds = max(age.total_seconds(), 0)
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"


def _first_line(text: str | None) -> str:
    return next(iter((text or "").strip().splitlines()), "")
