"""`quality/statistics` and `quality/trends` as Dagster runs them: what they show of a day, and which days they run for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import dagster as dg
import pytest

from weatherflick_assets.build import MEASURED, build_defs
from weatherflick_assets.operations.defs import FLOWS
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.settings import KST, now
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.quality.given_verdicts import LATITUDE, ZIP_CODE, Given, at, give

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

(QUALITY,) = (flow for flow in FLOWS if flow.name == "quality")
TODAY = now().astimezone(KST).date()
YESTERDAY = TODAY - timedelta(days=1)


def run(dsn: str, job: str, day: date) -> dg.ExecuteInProcessResult:
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)})
    return defs.resolve_job_def(job).execute_in_process(partition_key=day.isoformat(), raise_on_error=False)


def shown(result: dg.ExecuteInProcessResult) -> Mapping[str, Any]:
    assert result.success
    (event,) = (event for event in result.all_events if event.is_step_materialization)
    return {name: value.value for name, value in event.materialization.metadata.items()}


def records(value: Any) -> list[dict[str, Any]]:
    return [dict(record.data) for record in value]


def test_a_day_shows_a_table_of_its_tables_and_names_those_that_were_never_judged(store: str) -> None:
    give(
        store,
        Given(judged_at=at(9, YESTERDAY), as_of=at(8, YESTERDAY), nulls={"title": 0, "address": 20}, rejections={"no_title": 2}),
        Given(partition="11", judged_at=at(9, YESTERDAY), failed={LATITUDE: Severity.BLOCKING}),
    )  # fmt: skip
    found = shown(run(store, "measure_quality", YESTERDAY))
    assert found["dagster/partition_row_count"] == len(rows(store, "SELECT FROM quality.statistics"))
    assert (found["verdicts"], found["tables"], "warning" in found) == (2, 1, False)
    assert len(found["never_judged"]) == len(MEASURED) - 1
    assert "core.attractions" not in found["never_judged"]
    assert records(found["by_table"].records) == [
        {
            "table": "core.attractions", "score": 100.0, "previous_score": 90.0, "rows": 100, "required_filled": 80.0,
            "age_hours": 16.0, "rejected": 2, "held_back": 1,
        }
    ]  # fmt: skip


def test_a_day_shows_what_got_worse_and_since_when_whole_tables_first(store: str) -> None:
    before = YESTERDAY - timedelta(days=1)
    give(
        store,
        *(Given(partition=region, judged_at=at(9, before)) for region in ("11", "50")),
        Given(partition="11", judged_at=at(9, YESTERDAY), failed={ZIP_CODE: Severity.WARNING}),
    )
    for day in (before, YESTERDAY):
        assert run(store, "measure_quality", day).success
    found = shown(run(store, "compare_quality", YESTERDAY))
    assert (found["compared_with_days_before"], found["tables_that_got_worse"]) == ([1], ["core.attractions"])
    worse = records(found["worse"].records)
    assert [(one["region"], one["metric"]) for one in worse] == [
        ("all", "previous_score"), ("all", "score"), ("all", "warnings"),
        ("11", "previous_score"), ("11", "score"), ("11", "warnings"),
    ]  # fmt: skip
    assert worse[2] == {
        "table": "core.attractions", "region": "all", "metric": "warnings", "value": 1.0, "before": 0.0, "days_before": 1,
        "worse_since": YESTERDAY.isoformat(),
    }  # fmt: skip
    assert found["got_worse"] == len(worse)
    assert "warning" not in found


def test_a_day_without_a_verdict_says_so_and_warns(store: str) -> None:
    result = run(store, "measure_quality", YESTERDAY)
    assert shown(result)["warning"] == (
        "Nothing was judged on this day or before it, so nothing is known of its quality."
    )
    assert shown(result)["by_table"].records == []
    give(store, Given(judged_at=at(9, YESTERDAY - timedelta(days=3))))
    found = shown(run(store, "measure_quality", YESTERDAY))
    assert found["warning"] == "Nothing was judged on this day. Its statistics are those of what was published before."
    assert shown(run(store, "compare_quality", YESTERDAY))["warning"] == (
        "There are no statistics of this day, or none of 1, 7 or 30 days before, so nothing could be compared."
    )


def test_the_flow_measures_yesterday_and_days_that_were_missed_and_then_compares_them(store: str) -> None:
    measured, compared, *_ = QUALITY.stages
    assert QUALITY.cron == "0 6 * * *"
    morning = at(6, TODAY)
    assert measured.partitions(store, morning) == [YESTERDAY.isoformat()]
    give(store, *(Given(judged_at=at(9, TODAY - timedelta(days=days))) for days in (3, 2, 1)))
    days = [(TODAY - timedelta(days=days)).isoformat() for days in (1, 2, 3)]
    assert measured.partitions(store, morning) == days
    assert compared.partitions(store, morning) == []
    for day in days:
        assert run(store, "measure_quality", date.fromisoformat(day)).success
    assert measured.partitions(store, morning) == days[:1]
    assert compared.partitions(store, morning) == days[:2]
    for day in days[:2]:
        assert run(store, "compare_quality", date.fromisoformat(day)).success
    assert compared.partitions(store, morning) == []
