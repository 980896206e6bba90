"""Days of the whole platform, with everything that goes wrong in a month: it collects, recovers, and says so once."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import URL

from weatherflick_assets.build import MEASURED
from weatherflick_assets.places import flows as places_flows
from weatherflick_assets.quality.freshness import not_fresh
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets.weather import issues
from weatherflick_assets_tests.simulated.platform import SimulatedPlatform, simulated_platform
from weatherflick_assets_tests.simulated.world import JEJU, KEYS, SHORT_OF, World, environment_of, world

# Dagster's daemons and its location within a process warn about themselves.
pytestmark = pytest.mark.filterwarnings("ignore")

SUNDAY = datetime(2026, 8, 23, tzinfo=KST)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Event:
    """Something that begins or ends some hours after the start."""

    hours: float
    happens: Callable[[World, SimulatedPlatform], None]


def fault(name: str, begins: float, ends: float, *looks: float) -> Sequence[Event]:
    """A fault of the world around the platform, from an hour to another one; the daemons look at these times, too."""
    return (
        *(Event(look, lambda _, __: None) for look in looks),
        Event(begins, lambda world, _: getattr(world, name)(begins=True)),
        Event(ends, lambda world, _: getattr(world, name)(begins=False)),
    )


def daemon_killed(begins: float, ends: float, job: str) -> Sequence[Event]:
    """The machine of the daemons loses its power while a run of a job is under way."""

    def stop(_: World, platform: SimulatedPlatform) -> None:
        platform.kill_next(job)
        platform.live(platform.time() + timedelta(minutes=1))
        platform.stop()

    return Event(begins, stop), Event(ends, lambda _, platform: platform.start())


_SPOIL = """
UPDATE raw.place_items SET payload = payload || jsonb_build_object('title', '', 'was', payload->'title')
WHERE content_type_id = '39'
"""
_HEAL = """
UPDATE raw.place_items SET payload = (payload || jsonb_build_object('title', payload->'was')) - 'was'
WHERE content_type_id = '39' AND payload ? 'was'
"""


def poisoned_region(begins: float, ends: float) -> Sequence[Event]:
    """The restaurants of a region have no names, as if the upstream had said so."""

    def say(statement: str) -> Callable[[World, SimulatedPlatform], None]:
        def happens(_: World, platform: SimulatedPlatform) -> None:
            notes = Notes()
            notes.add([("core/restaurants", JEJU)])
            with psycopg.connect(platform.dsn) as connection:
                connection.execute(statement)  # type: ignore[arg-type]
                connection.execute(NOTE, notes.parameters(cause="what was received changed", since=platform.time()))

        return happens

    return Event(begins, say(_SPOIL)), Event(ends, say(_HEAL))


def live_through(
    platform: SimulatedPlatform, around: World, events: Sequence[Event], days: float, stride: timedelta
) -> None:
    """Let everything happen at its time."""
    for event in sorted(events, key=lambda one: one.hours):
        if event.hours > 0 and platform.time() == SUNDAY:
            platform.live(SUNDAY + HOUR / 4)
        platform.live(SUNDAY + event.hours * HOUR, stride=stride)
        event.happens(around, platform)
    platform.live(SUNDAY + days * DAY, stride=stride)
    platform.look()


def rows(platform: SimulatedPlatform, query: str) -> list[tuple]:
    with psycopg.connect(platform.dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


COMPRESSED = (
    *fault("shortage", 0, 48, 24.1, 48.1),
    *fault("slack_down", 9, 33),
    *fault("outage", 10, 19),
    *poisoned_region(33.5, 41.5),
    *fault("changed_schema", 47.5, 52),
    *fault("refused_key", 47.5, 60),
    *daemon_killed(59.25, 66, "collect_forecasts"),
    # Sensors are evaluated in no order, so a message may leave at the next look.
    *fault("full_disk", 67, 70, 67.1),
)
FLOWS = "changes,festivals,details,holidays,forecasts,field_checks"

MONTH = (
    *fault("shortage", 0, 48, 24.1, 48.1),
    *fault("slack_down", 4 * 24 + 9, 5 * 24 + 9),
    *fault("outage", 4 * 24 + 10, 4 * 24 + 19),
    *poisoned_region(12 * 24 + 9.5, 12 * 24 + 17.5),
    *daemon_killed(14 * 24 + 11.25, 14 * 24 + 18, "collect_forecasts"),
    *fault("changed_schema", 16 * 24 - 0.5, 18 * 24),
    *fault("refused_key", 19 * 24 - 1, 20 * 24),
    *fault("full_disk", 22 * 24 + 1, 22 * 24 + 4, 22 * 24 + 1.1),
)
FLOWS_OF_A_MONTH = f"{FLOWS},places,codes,pets,stays,midterm,station_days,retention,quality,backup"


MOST_REFUSED = 4
"""Calls that may be refused of one operation with one key before it is known that the quota is spent."""


Told = tuple[str, str, int, int, float | None]


def incidents_of(platform: SimulatedPlatform, home: Path) -> set[Told]:
    """Kind and subject of each incident, the day of the month on which it began, how often it happened, and when it was over.

    The end is the quarter of an hour, in hours since the start; None where it is not over.
    """
    found = rows(platform, "SELECT kind, subject, opened_at, count, closed_at FROM ops.incidents")
    return {
        (
            kind,
            _known(subject, home),
            opened.astimezone(KST).day,
            count,
            None if closed is None else (closed - SUNDAY) // QUARTER / 4,
        )
        for kind, subject, opened, count, closed in found
    }


def sent(platform: SimulatedPlatform, home: Path) -> Counter[str]:
    """The titles of the messages that Slack has taken, digests left out."""
    found = rows(
        platform,
        "SELECT title FROM ops.messages JOIN ops.deliveries USING (message_id) "
        "WHERE deliveries.fate = 'sent' AND occasion <> 'digest'",
    )
    return Counter(_known(title, home) for (title,) in found)


def _known(text: str, home: Path) -> str:
    first = ApiKey.of(SecretStr(KEYS["KTO_API_KEY"][0])).fingerprint
    return text.replace(str(home), "the state folder").replace(first, "the first key")


def check_nothing_is_lost(platform: SimulatedPlatform) -> None:
    """Every issue that the upstream gave until the last look is published."""
    given = {*issues.FORECASTS.issues(SUNDAY, platform.time() - 4 * HOUR)}
    published = {issued_at for (issued_at,) in rows(platform, "SELECT DISTINCT issued_at FROM core.daily_forecasts")}
    kept = {issue for issue in given if issue > platform.time() - 10 * DAY}
    assert kept - published == set()


def check_quota(platform: SimulatedPlatform, around: World) -> None:
    """No quota was exceeded but where somebody else spent it: that is found out with a few calls, once a day."""
    refused = around.sandbox.status()["violations"]
    assert {each["kind"] for each in refused} <= {"over_quota"}
    assert max((each["count"] for each in refused), default=0) <= MOST_REFUSED
    assert {each["operation"] for each in refused} <= {*SHORT_OF}
    assert rows(platform, "SELECT FROM ops.api_calls_daily WHERE used > daily_limit") == []


EXTRA_RUNS = {
    "collect_forecasts": 6,
    "collect_station_days": 2,
    "collect_midterm": 1,
    "collect_changes": 1,
    "plan_details": 1,
}
"""For what failed: at each look at which the upstream was down, and once for the run that lost its process."""

DAILY = (
    *("collect_changes", "collect_festivals", "plan_details", "collect_station_days", "check_upstream_fields"),
    *("measure_quality", "report_quality", "make_backup", "retention"),
)
WEEKLY = ("collect_codes", "collect_pets", "collect_stays", "collect_holidays")
"""Jobs of Mondays."""


def check_runs(platform: SimulatedPlatform, days: float, extra: Mapping[str, int]) -> None:
    """As many runs as there are things to get, and so many more for what failed."""
    whole_days = math.ceil(days)
    issued = len([*issues.FORECASTS.issues(SUNDAY - 2 * HOUR, platform.time() - HOUR / 2)])
    ideal = {
        **dict.fromkeys(DAILY, whole_days),
        **dict.fromkeys(WEEKLY, (whole_days + 5) // 7),
        "collect_midterm": 2 * whole_days,
        "collect_forecasts": issued,
    }
    runs = Counter(run.job_name for run in platform.runs())
    assert {job: runs[job] - count for job, count in ideal.items() if runs[job] > count + extra.get(job, 0)} == {}


_QUOTAS = [f"kto {operation}" for operation in SHORT_OF]
INCIDENTS: set[Told] = {
    # They come again after the reset; it is known for good when they have not for two hours.
    *(
        (kind, quota, 23, 2, 50)
        for kind in ("quota_low", "quota_nearly_spent", "quota_spent_early")
        for quota in _QUOTAS
    ),
    ("channel_failed", "slack", 23, 1, 33),
    ("run_failed", "collect_forecasts", 23, 4, 19),
    ("not_refreshed", "core/daily_forecasts", 23, 1, 19),
    ("not_refreshed", "core/hourly_forecasts", 23, 1, 19),
    ("not_refreshed", "raw/kma/forecasts", 23, 1, 19),
    ("check_failed", "core/restaurants publishable 50", 24, 1, 41.5),
    ("key_refused", "kto the first key", 25, 1, 72.5),
    ("schema_drift", "raw/kto/place_changes schema_drift", 25, 1, None),
    ("disk_nearly_full", "the state folder", 25, 1, 70),
}
_SLACK, _RUN = "Messages do not get through to slack.", "A run of collect_forecasts failed."
_CHECK, _DISK = "The check core/restaurants publishable 50 failed.", "The disk of the state folder is nearly full."
_KEY = "The upstream refuses the key kto the first key."
TOLD = [
    *(f"[error] It is back: The quota of {quota} is spent long before its reset." for quota in _QUOTAS),
    *(f"[over] It works again. Before: The quota of {quota} is spent long before its reset." for quota in _QUOTAS),
    *(f"[over] It works again. Before: {sentence}" for sentence in (_SLACK, _RUN, _CHECK, _DISK)),
    f"[error] {_SLACK}",
    f"[error] {_CHECK}",
    f"[critical] {_DISK}",
    f"[error] {_KEY}",
]
"""What was wrong and over while Slack was down is told by one message; warnings are in the digests. Nights are quiet until 08:00:
what was wrong in the first one waits until Slack is down, and what was over in the last one is not told any more."""

INCIDENTS_BY_THE_HOUR: set[Told] = {
    *INCIDENTS,
    ("run_failed", "collect_observations", 23, 15, 19),
    ("not_refreshed", "core/weather_observations", 23, 1, 19),
    ("not_refreshed", "raw/kma/observations", 23, 1, 19),
}
TOLD_BY_THE_HOUR = [*TOLD, "[over] It works again. Before: A run of collect_observations failed."]

INCIDENTS_OF_A_MONTH: set[Told] = {
    *(
        (kind, quota, 23, 2, 50)
        for kind in ("quota_low", "quota_nearly_spent", "quota_spent_early")
        for quota in _QUOTAS
    ),
    ("channel_failed", "slack", 27, 1, 4 * 24 + 33),
    ("run_failed", "collect_forecasts", 27, 4, 4 * 24 + 19),
    ("run_failed", "collect_station_days", 27, 2, 4 * 24 + 19),
    ("run_failed", "collect_midterm", 27, 1, 4 * 24 + 24.5),  # its next tick is at 19:35
    ("not_refreshed", "core/daily_forecasts", 27, 1, 4 * 24 + 19),
    ("not_refreshed", "core/hourly_forecasts", 27, 1, 4 * 24 + 19),
    ("not_refreshed", "raw/kma/forecasts", 27, 1, 4 * 24 + 19),
    ("check_failed", "core/restaurants publishable 50", 4, 1, 12 * 24 + 17.5),
    ("schema_drift", "raw/kto/place_changes schema_drift", 8, 4, 20 * 24 + 6.5),  # two days after the field was gone
    ("key_refused", "kto the first key", 11, 1, 20 * 24 + 0.5),
    ("disk_nearly_full", "the state folder", 14, 1, 22 * 24 + 4),
}
TOLD_IN_A_MONTH = [
    *TOLD,
    *(f"[error] The quota of {quota} is spent long before its reset." for quota in _QUOTAS),
    f"[over] It works again. Before: {_KEY}",
    *(f"[over] It works again. Before: A run of collect_{series} failed." for series in ("station_days", "midterm")),
]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "stride", "events", "flows", "expected"),
    [
        pytest.param(3.125, 6 * HOUR, COMPRESSED, FLOWS, (INCIDENTS, TOLD), id="compressed"),
        pytest.param(
            3.125,
            6 * HOUR,
            COMPRESSED,
            f"{FLOWS},observations,quality,backup",
            (INCIDENTS_BY_THE_HOUR, TOLD_BY_THE_HOUR),
            id="hourly series",
            marks=pytest.mark.torture,
        ),
        pytest.param(
            30,
            6 * HOUR,
            MONTH,
            FLOWS_OF_A_MONTH,
            (INCIDENTS_OF_A_MONTH, TOLD_IN_A_MONTH),
            id="thirty days",
            marks=[pytest.mark.torture, pytest.mark.timeout(4 * 3600)],
        ),
    ],
)
def test_days_with_everything_that_goes_wrong(
    empty_database: URL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    days: float,
    stride: timedelta,
    events: Sequence[Event],
    flows: str,
    expected: tuple[set[Told], Sequence[str]],
) -> None:
    monkeypatch.setattr(places_flows, "REGION_CODES", (JEJU,))  # the others have no places
    holder: list[SimulatedPlatform] = []
    with world(lambda: holder[0].time() if holder else SUNDAY, monkeypatch) as around:
        environment = {
            **environment_of(around),
            "WEATHERFLICK_SCHEDULES": flows,
            "WEATHERFLICK_BACKUP_URL": f"file://{tmp_path}/backups",
        }
        with simulated_platform(empty_database, tmp_path, SUNDAY, environment, monkeypatch) as platform:
            holder.append(platform)
            live_through(platform, around, events, days, stride)
            check_nothing_is_lost(platform)
            check_quota(platform, around)
            check_runs(platform, days, EXTRA_RUNS)
            assert not_fresh(platform.dsn, MEASURED, platform.time()) == {}
            found, told = expected
            assert incidents_of(platform, tmp_path) == found
            assert sent(platform, tmp_path) == Counter(told)
