"""`insight/recommendation_verification` as Dagster shows it: figures, the plot, and what a day says of which nothing is known."""

import re
from base64 import b64decode
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from defusedxml.ElementTree import fromstring

from weatherflick_assets.insight.assets.recommendation_verification import recommendation_verification
from weatherflick_assets.orchestration.collected import WARNING
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets_tests.insight.recommendations.recommending import PALACE, spot
from weatherflick_assets_tests.insight.suitability.country import TODAY
from weatherflick_assets_tests.insight.verification.coming import WET, came, said, verified

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")


def shown(dsn: str) -> dict[str, Any]:
    result = dg.materialize(
        [recommendation_verification],
        partition_key=TODAY.isoformat(),
        resources={"warehouse": WarehouseResource(dsn=dsn)},
    )
    assert result.success
    (made,) = result.asset_materializations_for_node(recommendation_verification.op.name)
    return dict(made.metadata)


def test_a_day_shows_its_figures_and_a_picture_of_thirty_days(store: str) -> None:
    spot(store, "palace", PALACE)
    for ahead in (0, 1, 2):
        said(store, ahead)
    came(store, TODAY - timedelta(days=1))
    verified(store, TODAY - timedelta(days=1))
    came(store, **WET)
    found = shown(store)
    assert WARNING not in found
    assert (found["dagster/partition_row_count"].value, found["cells"].value) == (9, 1)
    records = [record.data for record in found["country"].records]
    by_lead = {record["days ahead"]: record for record in records if record["activity"] == "sightseeing"}
    assert [by_lead[ahead]["false alarms"] for ahead in (0, 1, 2)] == [1, 1, 1]
    assert by_lead[1]["same as today"] == by_lead[1]["mean absolute error"] > 40
    assert (by_lead[2]["recommended"], by_lead[2]["rightly"]) == (1, 0)
    markdown = str(found["by_lead_time"].value)
    (picture,) = re.findall(r"data:image/svg\+xml;base64,([\w+/=]+)", markdown)
    texts = {element.text for element in fromstring(b64decode(picture)).iter() if element.text}
    assert {
        "Mean absolute error, points",
        "Hit rate of good days",
        "False alarms of good days",
    } <= texts
    assert {"forecast", "same as today", "days ahead"} <= texts


def test_a_day_of_which_nothing_can_be_compared_says_what_is_missing(store: str) -> None:
    spot(store, "palace", PALACE)
    assert (
        shown(store)[WARNING].value == "Nothing of the day could be compared: too little of its weather was observed."
    )
    came(store)
    said(store, 0, day=TODAY - timedelta(days=20))
    assert shown(store)[WARNING].value == "Nothing of the day could be compared: no score of it was published."
