"""The worked example of docs/recommendations.md is what the platform computes, and the page names every topic."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from weatherflick_assets.insight.recommendations import ranking
from weatherflick_assets.insight.recommendations.ranking import Candidates
from weatherflick_assets.insight.recommendations.topics import TOPICS

_PAGE = (Path(__file__).parents[3] / "docs" / "recommendations.md").read_text(encoding="utf-8")
_LINE = re.compile(
    r"\| ([a-z]+(?: [A-Z])?) \| (\w+) \| ([\d.]+) \| ([01]) \| ([\d.]+) \| ([\d.–]+) \| .+ = ([\d.]+|1) \| ([\d.]+) \| (\d+) \|"
)

EXAMPLES = [found.groups() for found in map(_LINE.fullmatch, _PAGE.splitlines()) if found]


def test_the_example_is_right() -> None:
    assert len(EXAMPLES) == 9
    classes = [klass for _, klass, *_ in EXAMPLES]
    suitability, picture, listed, details, appeal, score, rank = (
        np.array([np.nan if text == "–" else float(text) for text in column])
        for column in zip(*(example[2:] for example in EXAMPLES), strict=True)
    )
    found = ranking.appeal(picture, listed, details, np.full_like(details, np.nan))
    assert found == pytest.approx(appeal, abs=0.0006)
    worth = ranking.worth(suitability, found)
    assert worth == pytest.approx(score, abs=0.051)
    numbers = np.arange(len(EXAMPLES))
    candidates = Candidates(
        place=numbers,
        area=np.zeros_like(numbers),
        group=pd.factorize(pd.Series([klass[:4] for klass in classes]))[0],
        klass=pd.factorize(pd.Series(classes))[0],
        worth=worth,
        chance=np.zeros_like(numbers),
    )
    order, ranks = ranking.listed(candidates, 10)
    assert dict(zip(order.tolist(), ranks.tolist(), strict=True)) == dict(enumerate(rank.astype(int).tolist()))


def test_the_page_names_every_topic_and_its_length() -> None:
    assert [name for name in TOPICS if f"`{name}`" not in _PAGE] == []
    assert {topic.most for topic in TOPICS.values()} == {10, 20}
