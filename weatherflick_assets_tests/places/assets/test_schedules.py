"""When what is collected: every schedule is on, in Korean time, and asks for the right partitions once."""

from datetime import datetime

import dagster as dg
import pytest
from dagster import DagsterInstance

from weatherflick_assets.build import build_defs
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.settings import KST

pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

SCHEDULES = {
    "collect_changes": "5 0 * * *",
    "collect_festivals": "15 0 * * *",
    "plan_details": "30 0 * * *",
    "collect_places": "0 2 * * sun",
    "collect_codes": "0 3 * * mon",
    "collect_pets": "15 3 * * mon",
    "collect_stays": "30 3 * * mon",
    "check_quotas": "0 6,12,18 * * *",
    "retention": "0 4 * * *",
}
"""Every schedule by its job: a change here is a change of when calls are spent."""

SUNDAY = datetime(2026, 11, 22, 2, 0, tzinfo=KST)


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    return build_defs()


def requests(defs: dg.Definitions, job: str, at: datetime) -> list[dg.RunRequest]:
    """What the schedule of a job asks for at a time."""
    schedule = defs.resolve_schedule_def(f"{job}_schedule")
    with DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=at, repository_def=defs.get_repository_def()
        )
        return list(schedule.evaluate_tick(context).run_requests or [])


def test_the_schedules_are_as_written_down_in_korean_time_and_on(defs: dg.Definitions) -> None:
    schedules = list(defs.schedules or [])
    assert {schedule.job_name: schedule.cron_schedule for schedule in schedules} == SCHEDULES  # type: ignore[union-attr]
    for schedule in schedules:
        assert isinstance(schedule, dg.ScheduleDefinition)
        assert schedule.execution_timezone == "Asia/Seoul"
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
        assert schedule.description


def test_the_full_listing_asks_for_every_region_with_rows_of_no_region_first(defs: dg.Definitions) -> None:
    asked = requests(defs, "collect_places", SUNDAY)
    assert [request.partition_key for request in asked] == [UNASSIGNED, *REGION_CODES]
    priorities = [int(request.tags["dagster/priority"]) for request in asked]
    assert priorities == sorted(priorities, reverse=True)
    assert len(set(priorities)) == len(priorities)


@pytest.mark.parametrize("job", ["collect_changes", "collect_festivals"])
def test_a_daily_reading_is_for_the_day_it_is_made_on_in_korea(defs: dg.Definitions, job: str) -> None:
    asked = requests(defs, job, datetime(2026, 11, 23, 0, 5, tzinfo=KST))  # in London it is still the 22nd
    assert [request.partition_key for request in asked] == ["2026-11-23"]


@pytest.mark.parametrize("job", ["plan_details", "collect_codes", "collect_pets", "collect_stays", "retention"])
def test_what_is_not_cut_asks_for_one_run(defs: dg.Definitions, job: str) -> None:
    (request,) = requests(defs, job, SUNDAY)
    assert request.partition_key is None


@pytest.mark.parametrize("job", SCHEDULES)
def test_a_tick_that_is_evaluated_twice_asks_for_the_same_runs_and_another_one_for_others(
    defs: dg.Definitions, job: str
) -> None:
    def keys(at: datetime) -> list[str | None]:
        return [request.run_key for request in requests(defs, job, at)]

    assert keys(SUNDAY) == keys(SUNDAY)
    assert set(keys(SUNDAY)).isdisjoint(keys(SUNDAY.replace(day=29)))
