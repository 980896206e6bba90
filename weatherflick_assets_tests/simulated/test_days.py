"""Days of the whole platform, with everything that goes wrong in a month: it collects, recovers, and says so once."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.build import MEASURED
from weatherflick_assets.quality.freshness import not_fresh
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets_tests.simulated.platform import SimulatedPlatform, simulated_platform
from weatherflick_assets_tests.simulated.world import JEJU, World, environment_of, world

pytestmark = pytest.mark.filterwarnings("ignore")

SUNDAY = datetime(2026, 8, 23, tzinfo=KST)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STRIDE = 4 * HOUR
"""The daemons look at least so often; what ticked meanwhile, ticks once."""


@dataclass(frozen=True)
class Event:
    """Something that begins or ends some hours after the start."""

    hours: float
    happens: Callable[[World, SimulatedPlatform], None]


def fault(name: str, begins: float, ends: float) -> Sequence[Event]:
    """A fault of the world around the platform, from an hour to another one."""
    return (
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
UPDATE raw.place_items SET payload = payload || jsonb_build_object('addr1', '', 'was', payload->'addr1')
WHERE content_type_id = '39'
"""
_HEAL = """
UPDATE raw.place_items SET payload = (payload || jsonb_build_object('addr1', payload->'was')) - 'was'
WHERE content_type_id = '39' AND payload ? 'was'
"""


def poisoned_region(begins: float, ends: float) -> Sequence[Event]:
    """The restaurants of a region have no addresses, as if the upstream had said so."""

    def say(statement: str) -> Callable[[World, SimulatedPlatform], None]:
        def happens(_: World, platform: SimulatedPlatform) -> None:
            notes = Notes()
            notes.add([("core/restaurants", JEJU)])
            with psycopg.connect(platform.dsn) as connection:
                connection.execute(statement)  # type: ignore[arg-type]
                connection.execute(NOTE, notes.parameters(cause="what was received changed", since=platform.time()))

        return happens

    return Event(begins, say(_SPOIL)), Event(ends, say(_HEAL))


def live_through(platform: SimulatedPlatform, around: World, events: Sequence[Event], days: float) -> None:
    """Let everything happen at its time."""
    platform.live(SUNDAY + HOUR / 4)
    for event in sorted(events, key=lambda one: one.hours):
        platform.live(SUNDAY + event.hours * HOUR, stride=STRIDE)
        event.happens(around, platform)
    platform.live(SUNDAY + days * DAY, stride=STRIDE)


def rows(platform: SimulatedPlatform, query: str) -> list[tuple]:
    with psycopg.connect(platform.dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


COMPRESSED = (
    *fault("slack_down", 9, 33),
    *fault("outage", 10, 19),
    *fault("shortage", 24, 72),
    *poisoned_region(33.5, 41.5),
    *fault("changed_schema", 47.5, 52),
    *daemon_killed(59.25, 66, "collect_forecasts"),
    *fault("refused_key", 71.5, 84),
    *fault("full_disk", 85, 88),
)
FLOWS = "changes,festivals,details,holidays,forecasts,field_checks"

MONTH = (
    *fault("slack_down", 4 * 24 + 9, 5 * 24 + 9),
    *fault("outage", 4 * 24 + 10, 4 * 24 + 19),
    *fault("shortage", 8 * 24, 10 * 24),
    *poisoned_region(12 * 24 + 9.5, 13 * 24 + 9.5),
    *daemon_killed(14 * 24 + 11.25, 14 * 24 + 18, "collect_forecasts"),
    *fault("changed_schema", 16 * 24 - 0.5, 18 * 24),
    *fault("refused_key", 19 * 24 - 1, 20 * 24),
    *fault("full_disk", 22 * 24 + 1, 22 * 24 + 4),
)
FLOWS_OF_A_MONTH = f"{FLOWS},codes,pets,stays,midterm,station_days,data_checks,retention"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "events", "flows"),
    [
        pytest.param(3.75, COMPRESSED, FLOWS, id="compressed"),
        pytest.param(30, MONTH, FLOWS_OF_A_MONTH, id="thirty days", marks=pytest.mark.torture),
    ],
)
def test_days_with_everything_that_goes_wrong(
    empty_database: URL,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: float,
    events: Sequence[Event],
    flows: str,
) -> None:
    holder: list[SimulatedPlatform] = []
    with world(lambda: holder[0].time() if holder else SUNDAY, monkeypatch) as around:
        environment = {**environment_of(around), "WEATHERFLICK_SCHEDULES": flows}
        with simulated_platform(empty_database, tmp_path, SUNDAY, environment, monkeypatch) as platform:
            holder.append(platform)
            import time

            cpu = time.process_time()
            live_through(platform, around, events, days)
            print("CPU", time.process_time() - cpu, "rounds", platform.rounds)
            runs = platform.runs()
            for (job, status), n in sorted(Counter((run.job_name, run.status.value) for run in runs).items()):
                print(job, status, n)
            for run in runs:
                if not run.is_success:
                    r = platform.instance.get_run_record_by_id(run.run_id)
                    from weatherflick_assets.orchestration.publication import failure_kinds

                    print(
                        datetime.fromtimestamp(r.end_time or 0, KST),
                        run.job_name,
                        run.tags.get("dagster/partition"),
                        run.status.value,
                        failure_kinds(platform.instance, run.run_id),
                        run.tags.get("dagster/retry_number"),
                    )
            for row in rows(
                platform,
                "select kind, subject, to_char(opened_at at time zone 'Asia/Seoul','dd hh24:mi'), to_char(closed_at at time zone 'Asia/Seoul','dd hh24:mi'), count, openings, left(detail,100) from ops.incidents order by opened_at",
            ):
                print(row)
            for row in rows(
                platform,
                "select to_char(created_at at time zone 'Asia/Seoul','dd hh24:mi'), to_char(sent_at at time zone 'Asia/Seoul','dd hh24:mi'), deliveries.fate, m.fate, title from ops.messages m left join ops.deliveries using (message_id) order by message_id",
            ):
                print(row)
            print(around.sandbox.status()["violations"])
            for row in rows(
                platform,
                "select operation, day, sum(used), sum(refused) from ops.api_calls_daily group by 1,2 order by 1,2",
            ):
                print(row)
            print(len(around.slack.posts))
            print(not_fresh(platform.dsn, MEASURED, platform.time()))
            for s in platform.instance.all_instigator_state():
                ticks = platform.instance.get_ticks(s.instigator_origin_id, s.selector_id, limit=200)
                for tk in ticks:
                    if tk.status.value == "FAILURE":
                        print(s.instigator_name, tk.error)
