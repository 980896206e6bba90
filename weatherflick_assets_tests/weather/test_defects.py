"""What is clean raises nothing; defects in the weather are found as declared, with what stays published.

The weather of a few cells, and all else there is, comes over HTTP from a sandbox once, and is published. Each defect is put into
the stored answers, as an upstream can send it; then the database is brought back to what it was.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.defects import Defect, assert_detected, found_by
from weatherflick_assets_tests.places.store.stock import execute
from weatherflick_assets_tests.warehouse.stored import bring_back, keep
from weatherflick_assets_tests.weather.collecting import Weather, rows, stock, weather
from weatherflick_assets_tests.weather.collecting_sources import Country, change_answers
from weatherflick_assets_tests.weather.defects import (
    CELL_TABLES,
    CELLS,
    DEFECTS,
    LISTS,
    NOW,
    collect_list,
    publish_list,
)

_FAILED = """
SELECT result.table_name, result.partition_key, rule_id, severity
FROM quality.rule_results AS result JOIN quality.verdicts USING (verdict_id)
WHERE NOT result.passed ORDER BY verdict_id, rule_id
"""

SOON = timedelta(minutes=5)
BEFORE: Mapping[str, int] = {defect.table: defect.before for defect in DEFECTS if defect.before > 1}
"""Tables of which earlier days are published, too, so that a usual number of rows is known."""


@dataclass(frozen=True)
class Clean:
    """A database with clean data of every table, and the last verdict on each."""

    dsn: str
    served: Any
    verdicts: Mapping[str, Verdict]


@pytest.fixture(scope="module")
def clean(template_database: Template) -> Iterator[Clean]:
    """Everything is collected and published once; weather is wanted for no seats of areas, so that an issue is a few calls."""
    with template_database.clone() as url:
        dsn = dsn_of(url)
        execute(dsn, "DELETE FROM core.kto_areas")
        stock(dsn, CELLS)
        with weather(dsn, NOW) as at:
            verdicts = {**_published_of_cells(at), **_published_lists(Country(at.served, dsn))}
        keep(dsn)
        yield Clean(dsn, at.served, verdicts)


def _published_of_cells(at: Weather) -> dict[str, Verdict]:
    found = {}
    for table, cells in CELL_TABLES.items():
        cells.collect(at)
        found[table] = cells.publish(at).verdict
    return found


def _published_lists(at: Country) -> dict[str, Verdict]:
    found = {}
    for table in LISTS:
        for days_before in reversed(range(BEFORE.get(table, 1))):
            at.at(NOW + SOON - timedelta(days=days_before))
            collect_list(at, table, days_before=days_before)
            found[table] = verdict_of(publish_list(at, table, days_before=days_before))
    return found


def verdict_of(made: Any) -> Verdict:
    """The verdict of what a publisher gives; that of warnings gives more."""
    return getattr(made, "publishing", made).verdict


def test_clean_weather_raises_nothing(clean: Clean) -> None:
    bring_back(clean.dsn)
    assert rows(clean.dsn, _FAILED) == []
    judged = rows(clean.dsn, "SELECT DISTINCT table_name FROM quality.verdicts WHERE row_count > 0")
    assert {name for (name,) in judged} == CELL_TABLES.keys() | LISTS.keys()
    assert all(found_by(verdict) == set() for verdict in clean.verdicts.values())


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_found_as_declared(clean: Clean, defect: Defect) -> None:
    bring_back(clean.dsn)
    if (cells := CELL_TABLES.get(defect.table)) is not None:
        at = Weather(clean.served, clean.dsn).at(NOW)
        operation, publish = cells.operation, lambda: cells.publish(at).verdict
    else:
        country = Country(clean.served, clean.dsn).at(NOW + SOON)
        operation = LISTS[defect.table][0].operation
        publish = lambda: verdict_of(publish_list(country, defect.table))  # noqa: E731
    change_answers(clean.dsn, operation.name, defect.inject)
    assert_detected(defect, clean.dsn, clean.verdicts[defect.table], publish)
