"""The worked examples of docs/suitability.md are what the platform computes, one for every activity at least."""

import re
from pathlib import Path

import numpy as np
import pytest

from weatherflick_assets.insight.suitability import scoring
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.suitability.scoring import AIR_GRADES, Weather
from weatherflick_assets.insight.suitability.warnings import share_left

_PAGE = Path(__file__).parents[3] / "docs" / "suitability.md"
_LINE = re.compile(r"\| (\w+) \| (-?\d+) \|(.+)\| ([\d.]+) \|")

EXAMPLES = [found.groups() for found in map(_LINE.fullmatch, _PAGE.read_text(encoding="utf-8").splitlines()) if found]


def test_every_activity_has_an_example() -> None:
    assert {name for name, *_ in EXAMPLES} == set(ACTIVITIES)


@pytest.mark.parametrize("example", EXAMPLES, ids=[" ".join(example[:2]) for example in EXAMPLES])
def test_an_example_is_right(example: tuple[str, ...]) -> None:
    name, highest, between, score = example
    humidity, cloud, rain, wind, felt, air, warning, _ = (text.strip() for text in between.split("|"))
    lowest_felt, highest_felt = felt.split(" to ")
    weather = Weather(
        *(np.array(float(text)) for text in (highest, humidity, cloud, rain, wind, lowest_felt, highest_felt))
    )
    activity = ACTIVITIES[name]
    grade = np.nan if air == "–" else AIR_GRADES.index(air)
    share = 1.0 if warning == "–" else share_left(activity, *warning.split())
    lost = scoring.weather_losses(activity.method, weather)
    found = scoring.scored(activity, lost, weather, np.array(grade), np.array(share))
    assert float(found.score) == pytest.approx(float(score), abs=0.05)
