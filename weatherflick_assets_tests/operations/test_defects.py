"""Old data and changed fields are found as declared, by the checks as Dagster evaluates them; what is clean is not."""

from datetime import timedelta

import dagster as dg
import pytest

from weatherflick_assets.build import build_defs
from weatherflick_assets.operations import data_checks, drift_check
from weatherflick_assets.operations.data_checks import FRESH
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets_tests.defects import Defect, Found, content
from weatherflick_assets_tests.operations.defects import AGED, ANSWERS, DRIFTS, OLD, read_lists
from weatherflick_assets_tests.operations.kept_answers import in_json, keep
from weatherflick_assets_tests.places.collecting import ATTRACTIONS
from weatherflick_assets_tests.places.defects import TABLES
from weatherflick_assets_tests.places.store.stock import START, at
from weatherflick_assets_tests.weather import defects as weather_defects
from weatherflick_assets_tests.weather.collecting import stock, weather
from weatherflick_assets_tests.weather.collecting_sources import country

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


TABLES_OF_WEATHER = weather_defects.LISTS.keys() | weather_defects.CELL_TABLES.keys()


def evaluated(dsn: str, job: str) -> list[dg.AssetCheckEvaluation]:
    """What the job of a check finds wrong."""
    result = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)}).resolve_job_def(job).execute_in_process()
    assert result.success
    return [each for each in result.get_asset_check_evaluations() if not each.passed]


def publish(dsn: str, table: str) -> None:
    """Collect and publish clean data of a table."""
    if table not in TABLES_OF_WEATHER:
        read_lists(dsn)
        publisher = Publisher(dsn, lambda: OLD)
        for region in ("50", "51"):
            publisher.places(ATTRACTIONS, region)
            publisher.details(TABLES["place_images"], region)
    elif table in weather_defects.LISTS:
        with country(dsn, weather_defects.NOW) as at_first:
            weather_defects.collect_list(at_first, table)
            weather_defects.publish_list(at_first, table)
    else:
        stock(dsn, weather_defects.CELLS)
        with weather(dsn, weather_defects.NOW) as at_first:
            weather_defects.CELL_TABLES[table].collect(at_first)
            weather_defects.CELL_TABLES[table].publish(at_first)


@pytest.mark.parametrize("defect", AGED, ids=lambda defect: defect.name)
def test_data_that_grow_old_are_found_as_declared(store: str, defect: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, defect.table)
    before = content(store, defect.table)
    then = weather_defects.NOW if defect.table in TABLES_OF_WEATHER else OLD
    with monkeypatch.context() as patched:
        patched.setattr(data_checks, "now", lambda: then + timedelta(minutes=10))
        assert evaluated(store, data_checks.JOB) == []
    defect.inject(store)
    red = [each for each in evaluated(store, data_checks.JOB) if each.asset_key.path[-1] == defect.table.split(".")[1]]
    assert [
        Found(each.check_name, "stale", "error" if each.severity is dg.AssetCheckSeverity.ERROR else "warning")
        for each in red
        if each.check_name == FRESH and "tale" in (each.description or "")
    ] == [*defect.found]
    assert len(red) == 1
    assert content(store, defect.table) == before


@pytest.mark.parametrize("defect", DRIFTS, ids=lambda defect: defect.name)
def test_fields_that_change_are_found_as_declared(store: str, defect: Defect, request: pytest.FixtureRequest) -> None:
    if defect.is_recorded:
        request.getfixturevalue("recorded_data")
    operation, make = ANSWERS[defect.table]
    parameters = {"contentTypeId": "39"} if operation.name == "areaBasedSyncList2" else {}
    items = [dict(each) for each in make()]
    keep(store, operation, [in_json(items)], START, parameters=parameters)
    keep(store, operation, [in_json(items)], at(1), parameters=parameters)
    assert evaluated(store, drift_check.JOB) == []
    keep(store, operation, [defect.inject(items)], at(2), parameters=parameters)
    (red,) = evaluated(store, drift_check.JOB)
    assert red.asset_key.to_user_string() == defect.table
    assert (red.severity is dg.AssetCheckSeverity.ERROR) == (defect.found[0].severity == "error")
    told = red.metadata.get("drift")
    named = (
        {f"{record.data['is']} {record.data['field']}" for record in told.records}
        if isinstance(told, dg.TableMetadataValue)
        else {(red.description or "").partition(":")[0]}
    )
    assert named == {each.rule for each in defect.found}
