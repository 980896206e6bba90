"""What is declared to be measured agrees with what is judged, published and stored."""

import pytest
from sqlalchemy import Table

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.places.suites.codes import CODE_SUITES
from weatherflick_assets.places.suites.places import SUITES as PLACE_SUITES
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rules import Suite
from weatherflick_assets.warehouse.tables import METADATA
from weatherflick_assets.weather.source_suites import SUITES as SOURCE_SUITES
from weatherflick_assets.weather.suites import DAILY_SUITE, MIDTERM_SUITE
from weatherflick_assets.weather.suites import SUITES as CELL_SUITES

MEASURED = {table.table_name: table for domain in DOMAINS for table in domain.measured}
SUITES: list[Suite] = [
    *PLACE_SUITES.values(), *CODE_SUITES.values(), *CELL_SUITES.values(), *SOURCE_SUITES.values(), MIDTERM_SUITE, DAILY_SUITE,
]  # fmt: skip


def _suites_of(measured: MeasuredTable) -> list[Suite]:
    return [suite for suite in SUITES if suite.table_name.partition("/")[0] == measured.table_name]


def _table(measured: MeasuredTable) -> Table:
    return METADATA.tables[measured.table_name]


def test_every_table_that_is_judged_is_measured_once() -> None:
    declared = [table.table_name for domain in DOMAINS for table in domain.measured]
    assert sorted(declared) == sorted({suite.table_name.partition("/")[0] for suite in SUITES})


def test_every_table_that_is_measured_is_a_published_asset() -> None:
    published = {key for domain in DOMAINS for keys in domain.publishing.values() for key in keys}
    of_years = {"core/station_years"}  # they fill a table that is measured by its days
    assert {table.asset_key for table in MEASURED.values()} == published - of_years


@pytest.mark.parametrize("measured", MEASURED.values(), ids=MEASURED)
def test_what_is_required_is_a_column_that_a_rule_or_the_database_asks_to_be_filled(measured: MeasuredTable) -> None:
    asked = {
        column
        for suite in _suites_of(measured)
        for rule in suite.rules
        if rule.expectation == "ExpectColumnValuesToNotBeNull"
        for column in rule.columns
    }
    never_null = {column.name for column in _table(measured).columns if not column.nullable}
    assert measured.required
    assert set(measured.required) <= asked | never_null
    assert set(measured.required) <= set(_table(measured).columns.keys())


@pytest.mark.parametrize("measured", MEASURED.values(), ids=MEASURED)
def test_duplicates_are_counted_by_rules_of_the_suite(measured: MeasuredTable) -> None:
    for suite in _suites_of(measured):
        assert set(measured.duplicate_rules) <= {rule.rule_id for rule in suite.rules}


def test_regions_are_state() -> None:
    by_region = {name for name, table in MEASURED.items() if table.by_region}
    assert by_region == {table.table_name for table in DOMAINS[0].measured} - {"core.codes"}
    assert all("region_code" in _table(MEASURED[name]).columns for name in by_region)
    with pytest.raises(ValueError, match="is by region"):
        MeasuredTable("core.rooms", MEASURED["core.rooms"].stale_after, is_state=False, by_region=True)
