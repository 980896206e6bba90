"""The example of verification in docs/recommendations.md is what the platform finds when that weather comes."""

import re
from pathlib import Path

import pytest

from weatherflick_assets_tests.insight.recommendations.recommending import JEJUS_AREA, PALACE, SEOULS_AREA, spot
from weatherflick_assets_tests.insight.suitability.country import GANGNEUNG, JEJU, SEOUL
from weatherflick_assets_tests.insight.verification.coming import WET, came, found, said, verified

_PAGE = (Path(__file__).parents[3] / "docs" / "recommendations.md").read_text(encoding="utf-8")
_PLACE = re.compile(r"^\| (Seoul|Jeju|Gangneung) \| (\d+) \| (\d+) \| ([a-z ]+) \|$", re.MULTILINE)
_MEAN = re.compile(r"mean absolute error is \((.+)\) / 3 = ([\d.]+) points")

AREAS = {"Seoul": SEOULS_AREA, "Jeju": JEJUS_AREA, "Gangneung": "32"}


def test_the_example_is_right(store: str) -> None:
    for area, cell in zip(AREAS.values(), (SEOUL, JEJU, GANGNEUNG), strict=True):
        spot(store, f"palace {area}", PALACE, cell, area)
    said(store, 1, cells={SEOUL: {}, JEJU: {}, GANGNEUNG: WET})
    came(store, **WET)
    came(store, cell=JEJU)
    came(store, cell=GANGNEUNG, sky="mostly_cloudy")
    verified(store)
    examples = _PLACE.findall(_PAGE)
    assert [name for name, *_ in examples] == [*AREAS]
    for name, score_said, score_came, counts_as in examples:
        row = found(store, AREAS[name])[1]
        assert (row["said"], row["came"]) == (float(score_said), float(score_came))
        counted = {"hit": row["hits"], "miss": row["misses"], "false alarm": row["false_alarms"]}
        assert counted == {**dict.fromkeys(counted, 0), counts_as: 1}
    country = found(store)[1]
    ((sum_of, mean),) = _MEAN.findall(_PAGE)
    assert sum(map(int, sum_of.split(" + "))) / 3 == pytest.approx(float(mean), abs=0.05)
    assert country["mean_absolute_error"] == pytest.approx(float(mean), abs=0.05)
    assert (country["hits"], country["misses"], country["false_alarms"]) == (1, 1, 1)
    assert (country["recommended"], country["recommended_rightly"]) == (2, 1)
