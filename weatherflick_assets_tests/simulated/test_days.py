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
from weatherflick_assets_tests.simulated.platform import SimulatedPlatform, simulated_platform
from weatherflick_assets_tests.simulated.world import JEJU, World, environment_of, world

pytestmark = pytest.mark.filterwarnings("ignore")

SUNDAY = datetime(2026, 8, 23, tzinfo=KST)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


_BLANK = """
WITH told AS (
    UPDATE raw.place_items SET payload = payload || jsonb_build_object('addr1', %s::text || (payload->>'was'))
    WHERE content_type_id = '39' RETURNING content_id
)
"""


def live_through(platform: SimulatedPlatform, around: World, events: Sequence[Event], days: float) -> None:
    """Let everything happen at its time."""
    for event in sorted(events, key=lambda one: one.hours):
        platform.live(SUNDAY + event.hours * HOUR, stride=3 * HOUR)
        event.happens(around, platform)
    platform.live(SUNDAY + days * DAY, stride=3 * HOUR)


def rows(platform: SimulatedPlatform, query: str) -> list[tuple]:
    with psycopg.connect(platform.dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


COMPRESSED = (
    *fault("slack_down", 9, 34),
    *fault("outage", 10, 19),
    *fault("shortage", 24, 72),
    *daemon_killed(35.25, 42, "collect_forecasts"),
    *fault("refused_key", 47, 60),
    *fault("full_disk", 61, 64),
)
FLOWS = "changes,festivals,details,holidays,forecasts,field_checks,data_checks"


@pytest.mark.slow
def test_days_with_everything_that_goes_wrong(
    empty_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder: list[SimulatedPlatform] = []
    with world(lambda: holder[0].time() if holder else SUNDAY, monkeypatch) as around:
        environment = {**environment_of(around), "WEATHERFLICK_SCHEDULES": FLOWS}
        with simulated_platform(empty_database, tmp_path, SUNDAY, environment, monkeypatch) as platform:
            holder.append(platform)
            import time
            cpu = time.process_time()
            live_through(platform, around, COMPRESSED, 3.5)
            print("CPU", time.process_time() - cpu, "rounds", platform.rounds)
            runs = platform.runs()
            for (job, status), n in sorted(Counter((run.job_name, run.status.value) for run in runs).items()): print(job, status, n)
            for run in runs:
                if not run.is_success:
                    r = platform.instance.get_run_record_by_id(run.run_id)
                    from weatherflick_assets.orchestration.publication import failure_kinds
                    print(datetime.fromtimestamp(r.end_time or 0, KST), run.job_name, run.tags.get("dagster/partition"), run.status.value, failure_kinds(platform.instance, run.run_id), run.tags.get("dagster/retry_number"))
            for row in rows(platform, "select kind, subject, to_char(opened_at at time zone 'Asia/Seoul','dd hh24:mi'), to_char(closed_at at time zone 'Asia/Seoul','dd hh24:mi'), count, openings, left(detail,100) from ops.incidents order by opened_at"): print(row)
            for row in rows(platform, "select to_char(created_at at time zone 'Asia/Seoul','dd hh24:mi'), to_char(sent_at at time zone 'Asia/Seoul','dd hh24:mi'), deliveries.fate, m.fate, title from ops.messages m left join ops.deliveries using (message_id) order by message_id"): print(row)
            print(around.sandbox.status()["violations"])
            for row in rows(platform, "select operation, day, sum(used), sum(refused) from ops.api_calls_daily group by 1,2 order by 1,2"): print(row)
            print(len(around.slack.posts))
            print(not_fresh(platform.dsn, MEASURED, platform.time()))
            for s in platform.instance.all_instigator_state():
                ticks = platform.instance.get_ticks(s.instigator_origin_id, s.selector_id, limit=200)
                for tk in ticks:
                    if tk.status.value == "FAILURE": print(s.instigator_name, tk.error)
