"""What is clean raises nothing; defects in the weather are found as declared, with what stays published.

The weather comes over HTTP from a sandbox. Defects that an upstream can send are put into the stored answers.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.defects import Defect, assert_detected, found_by
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.warehouse.stored import empty
from weatherflick_assets_tests.weather.collecting import Weather, rows, stock, weather
from weatherflick_assets_tests.weather.collecting_sources import change_answers, country
from weatherflick_assets_tests.weather.defects import (
    CELL_TABLES,
    CELLS,
    DEFECTS,
    ISSUE,
    LISTS,
    NOW,
    collect_list,
    publish_list,
)

_FAILED = """
SELECT table_name, rule_id, severity FROM quality.rule_results AS result JOIN quality.verdicts AS verdict USING (verdict_id)
WHERE NOT result.passed ORDER BY verdict_id, rule_id
"""


def failed(dsn: str) -> list[tuple[str, str, str]]:
    """Every rule that any verdict found broken."""
    return [
        (table_name.removeprefix("core."), rule_id, severity)
        for table_name, rule_id, severity in rows(dsn, _FAILED.replace("table_name,", "result.table_name,", 1))
    ]


def publish_cells_and_days(at: Weather) -> None:
    """All that is published of the weather of cells at an issue."""
    for product, issue in (
        (OBSERVATIONS, ISSUE),
        (NOWCASTS_OF_CELLS, ISSUE - timedelta(minutes=30)),
        (FORECASTS, ISSUE),
    ):
        at.collect(issue, product)
        at.publish(issue, product)
    at.collect_midterm(korea(2026, 8, 26, 6))
    at.publish_midterm(korea(2026, 8, 26, 6))
    at.publish_days(ISSUE)


def test_the_weather_of_cells_raises_nothing(store: str) -> None:
    stock(store, CELLS)
    with weather(store, NOW) as at:
        publish_cells_and_days(at)
    assert failed(store) == []
    ((judged,),) = rows(store, "SELECT count(DISTINCT table_name) FROM quality.verdicts WHERE row_count > 0")
    assert judged == 5


def test_lists_the_air_warnings_and_stations_raise_nothing(store: str) -> None:
    with country(store, NOW + timedelta(minutes=5)) as at:
        for table in LISTS:
            collect_list(at, table)
            publish_list(at, table)
    assert failed(store) == []
    ((judged,),) = rows(store, "SELECT count(DISTINCT table_name) FROM quality.verdicts WHERE row_count > 0")
    assert judged == len(LISTS)


@pytest.fixture(scope="module")
def few_cells(template_database: Template) -> Iterator[str]:
    """A database in which weather is wanted for no seats of areas, so that an issue is a few calls."""
    with template_database.clone() as url:
        execute(dsn_of(url), "DELETE FROM core.kto_areas")
        yield dsn_of(url)


OF_CELLS = [defect for defect in DEFECTS if defect.table in CELL_TABLES]
OF_LISTS = [defect for defect in DEFECTS if defect.table in LISTS]


@pytest.mark.parametrize("defect", OF_CELLS, ids=lambda defect: defect.name)
def test_a_defect_in_cells_is_found_as_declared(few_cells: str, defect: Defect) -> None:
    empty(few_cells)
    stock(few_cells, CELLS)
    clean = CELL_TABLES[defect.table]
    with weather(few_cells, NOW) as at:
        clean.collect(at)
        verdict = clean.publish(at).verdict
        assert found_by(verdict) == set()
        change_answers(few_cells, clean.operation.name, defect.inject)
        assert_detected(defect, few_cells, verdict, lambda: clean.publish(at).verdict)


def verdict_of(made: Any) -> Any:
    """The verdict of what a publisher gives; that of warnings gives more."""
    return getattr(made, "publishing", made).verdict


@pytest.mark.parametrize("defect", OF_LISTS, ids=lambda defect: defect.name)
def test_a_defect_in_a_list_or_in_the_air_is_found_as_declared(few_cells: str, defect: Defect) -> None:
    empty(few_cells)
    now = NOW + timedelta(minutes=5)
    with country(few_cells, now) as at:
        for days_before in range(defect.before - 1, 0, -1):
            at.at(now - timedelta(days=days_before))
            collect_list(at, defect.table, days_before=days_before)
            publish_list(at, defect.table, days_before=days_before)
        at.at(now)
        if defect.table != "core.air_stations":
            collect_list(at, "core.air_stations")
            publish_list(at, "core.air_stations")
        collect_list(at, defect.table)
        verdict = verdict_of(publish_list(at, defect.table))
        assert found_by(verdict) == set()
        source, _, _ = LISTS[defect.table]
        change_answers(few_cells, source.operation.name, defect.inject)
        assert_detected(defect, few_cells, verdict, lambda: verdict_of(publish_list(at, defect.table)))
