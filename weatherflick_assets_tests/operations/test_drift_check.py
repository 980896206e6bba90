"""The check of upstream fields as Dagster evaluates it: what changed is named on the asset that keeps the answers."""

from collections.abc import Mapping

import dagster as dg
import orjson
import pytest

from weatherflick_assets.build import DOMAINS, OPERATIONS, build_defs
from weatherflick_assets.operations.drift_check import JOB
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.weather.products import OBSERVATIONS
from weatherflick_assets_tests.operations.kept_answers import in_json, keep
from weatherflick_assets_tests.places.store.stock import START, at
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import behind, stock, weather

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

STAYS, LISTED = OPERATIONS["kto"]["searchStay2"], OPERATIONS["kto"]["areaBasedSyncList2"]
ITEMS: list[dict[str, object]] = [{"contentid": str(number), "title": "호텔", "mapx": "127"} for number in range(30)]


def evaluated(dsn: str, *accept: str) -> Mapping[str, dg.AssetCheckEvaluation]:
    """The check of every asset, by its key."""
    defs = build_defs(resources={"warehouse": WarehouseResource(dsn=dsn)})
    config = {"ops": {"upstream_fields": {"config": {"accept": list(accept)}}}} if accept else None
    result = defs.resolve_job_def(JOB).execute_in_process(run_config=config)
    assert result.success
    return {each.asset_key.to_user_string(): each for each in result.get_asset_check_evaluations()}


def red(found: Mapping[str, dg.AssetCheckEvaluation]) -> dict[str, str]:
    return {name: each.description or "" for name, each in found.items() if not each.passed}


def test_before_the_first_answer_nothing_can_differ(store: str) -> None:
    found = evaluated(store)
    assert red(found) == {}
    assert {each.description for each in found.values()} == {"No answer was ever stored, so nothing can differ."}
    assert found.keys() == {key for domain in DOMAINS for key in domain.answers}


def test_what_changed_is_named_on_its_asset_until_somebody_accepts_it(store: str) -> None:
    (before,) = keep(store, STAYS, [in_json(ITEMS)], START)
    first = evaluated(store)["raw/kto/stays"]
    assert (first.passed, first.description) == (True, "The fields of all 30 items that were looked at are as known.")

    changed = [{"contentid": item["contentid"], "title": 7, "phone": "02-1"} for item in ITEMS]
    (after,) = keep(store, STAYS, [in_json(changed)], at(1))
    said = (
        "The fields differ from what is known. kto searchStay2: "
        f"retyped title (text → number, response {after}); new phone (text, response {after}); "
        f"missing mapx (last in response {before})."
    )
    found = evaluated(store)
    assert red(found) == {"raw/kto/stays": said}
    drift = found["raw/kto/stays"]
    assert drift.severity is dg.AssetCheckSeverity.WARN
    table = drift.metadata["drift"]
    assert isinstance(table, dg.TableMetadataValue)
    assert [(record.data["field"], record.data["is"]) for record in table.records] == [
        ("title", "retyped"), ("phone", "new"), ("mapx", "missing"),
    ]  # fmt: skip

    assert red(evaluated(store)) == {"raw/kto/stays": said}, "a second look without new answers"
    assert red(evaluated(store, "kma getMidTa")) == {"raw/kto/stays": said}, "something else was accepted"
    assert red(evaluated(store, "kto searchStay2")) == {}
    assert red(evaluated(store)) == {}


def test_lists_of_one_operation_are_told_apart_by_the_asset_that_keeps_them(store: str) -> None:
    for shape in ({"contentTypeId": "39"}, {"contentTypeId": "12"}, {}):
        keep(store, LISTED, [in_json(ITEMS)], START, parameters=shape)
    evaluated(store)
    changed: list[dict[str, object]] = [{**item, "mapx": 127.0} for item in ITEMS]
    (response,) = keep(store, LISTED, [in_json(changed)], at(1), parameters={"contentTypeId": "39"})
    assert red(evaluated(store)) == {
        "raw/kto/restaurants_listing": (
            "The fields differ from what is known. kto areaBasedSyncList2 contentTypeId=39: "
            f"retyped mapx (text → number, response {response})."
        )
    }


def test_answers_of_which_none_can_be_read_are_an_error(store: str) -> None:
    keep(store, STAYS, [b'{"answer": []}'] * 3, START)
    found = evaluated(store)
    assert red(found) == {
        "raw/kto/stays": "None of the answers stored since the last look can be read: kto searchStay2."
    }
    assert found["raw/kto/stays"].severity is dg.AssetCheckSeverity.ERROR


def test_an_upstream_that_drifts_is_seen_and_one_that_does_not_is_not(store: str) -> None:
    hours = [korea(2026, 8, 24, hour) for hour in (1, 2, 3)]
    stock(store, {(60, 127): 1, (98, 76): 1, (52, 38): 1, (89, 90): 1})
    with weather(store, korea(2026, 8, 24, 1, 20)) as at_first:
        at_first.collect(hours[0], OBSERVATIONS)
        assert red(evaluated(store)) == {}
        at_first.at(korea(2026, 8, 24, 2, 20)).collect(hours[1], OBSERVATIONS)
        assert red(evaluated(store)) == {}

        def drifted(_parameters: Mapping[str, str], body: bytes) -> bytes:
            answer = orjson.loads(body)
            for item in answer["response"]["body"]["items"]["item"]:
                item["nx"] = str(item["nx"])
                item["unit"] = "?"
            return orjson.dumps(answer)

        with behind(at_first.at(korea(2026, 8, 24, 3, 20)), drifted) as changed:
            changed.collect(hours[2], OBSERVATIONS)
    (said,) = red(evaluated(store)).values()
    assert "kma getUltraSrtNcst: retyped nx (number → text, response " in said
    assert "; new unit (text, response " in said
