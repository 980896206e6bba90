"""Laws of changes: a value is forecast issue after issue, and the changes that are told equal a plain calculation."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.insight.changes.finding import PAIRS, changes_of
from weatherflick_assets.insight.changes.kinds import KINDS, LEVEL_NAMES, QUIET, SUITABILITY, Bands
from weatherflick_assets.settings import KST

FIRST = datetime(2026, 8, 26, 5, tzinfo=KST)
HOURS = 6
STEP = timedelta(hours=HOURS)
ISSUES = 9

VALUES = (-11.0, -10.0, -9.9, 0.0, 19.9, 20.0, 29.0, 30.0, 34.9, 35.0, 49.9, 50.0, 70.0, 85.0)
"""On both sides of every limit."""

Case = tuple[str, Sequence[Any]]
"""A kind, and what one issue after the other says: a number, or None where it is not known."""

seeds = st.integers(0, 10_000)

few = settings(max_examples=3)
"""Each example is many cases, which cost hardly more than one."""


def cases_of(seed: int, said: Sequence[float | None], most: int = 300) -> list[Case]:
    """Sequences of these values, many of which change often, and some of which hardly."""
    random = Random(seed)
    kinds = sorted(KINDS)
    return [
        (random.choice(kinds), random.choices(random.sample(said, random.randint(1, 5)), k=ISSUES)) for _ in range(most)
    ]


def pair(issue: datetime, kind: str, before: float | None, now: float | None, **more: Any) -> dict[str, Any]:
    """A pair of two issues in a row, of which nothing was told."""
    is_score = kind == SUITABILITY
    usual = {
        "nx": 60, "ny": 127, "day": "2026-08-29", "kind": kind, "activity": "hiking" if is_score else "any", "open_hours": "any",
        "before": before, "now": now, "told": None, "before_at": issue - STEP, "told_at": None,
        "reason_ko": "날씨 좋음" if is_score else None, "reason_en": "Good weather" if is_score else None,
    }  # fmt: skip
    return {**usual, **more}


def found(issue: datetime, *pairs: dict[str, Any]) -> list[dict[str, Any]]:
    frame = pd.DataFrame(pairs, columns=[*PAIRS]).astype(PAIRS)
    return changes_of(frame, issue, issue + timedelta(minutes=20)).to_dict("records")  # type: ignore[return-value]


def told(cases: Sequence[Case], hours: int = HOURS) -> list[list[tuple[int, float, float]]]:
    """The changes of each case: the number of the issue, the value before and the value after."""
    histories: list[list[tuple[int, float, float]]] = [[] for _ in cases]
    step = timedelta(hours=hours)
    for number in range(1, max(len(said) for _, said in cases)):
        issue = FIRST + number * step
        pairs = []
        for case, ((kind, said), history) in enumerate(zip(cases, histories, strict=True)):
            last = {"told": history[-1][2], "told_at": FIRST + history[-1][0] * step} if history else {}
            pairs.append(pair(issue, kind, said[number - 1], said[number], nx=case, before_at=issue - step, **last))
        for row in found(issue, *pairs):
            histories[row["nx"]].append((number, row["from_value"], row["to_value"]))
    return histories


def differs(kind: str, before: float, now: float) -> bool:
    """Whether two values are a change, as the limits are written down."""
    if kind.startswith("temperature"):
        return abs(now - before) >= 5
    if kind == SUITABILITY:
        levels = [(value >= 85, value >= 70, value >= 50, value > 0) for value in (before, now)]
        return levels[0] != levels[1]
    if kind == "cold":
        return (before <= -10) != (now <= -10)
    limit = {"rain": 30, "heat": 35, "wind": 20}[kind]
    return (before >= limit) != (now >= limit)


def plainly(kind: str, said: Sequence[float | None]) -> list[tuple[int, float, float]]:
    """The same, one issue after the other."""
    history: list[tuple[int, float, float]] = []
    for number in range(1, len(said)):
        before, now = said[number - 1], said[number]
        if history and HOURS * (number - history[-1][0]) < 24:
            continue
        if history and HOURS * (number - 1 - history[-1][0]) < 24:
            before = history[-1][2]
        if before is not None and now is not None and differs(kind, before, now):
            history.append((number, before, now))
    return history


@few
@given(seeds)
def test_what_is_told_is_what_a_plain_calculation_tells(seed: int) -> None:
    cases = cases_of(seed, [None, *VALUES])
    assert told(cases) == [plainly(*case) for case in cases]


def test_issues_that_say_the_same_change_nothing() -> None:
    cases = [(kind, [value] * 4) for kind in KINDS for value in VALUES]
    assert not any(told(cases))


def test_a_change_that_lasts_is_told_once_and_its_reverse_once() -> None:
    both = [(kind, one, other) for kind in KINDS for one in VALUES for other in VALUES]
    histories = told([(kind, [one, *[other] * 5, *[one] * 5]) for kind, one, other in both])
    for (kind, one, other), history in zip(both, histories, strict=True):
        assert history == ([(1, one, other), (6, other, one)] if differs(kind, one, other) else [])


def test_the_reverse_of_a_change_has_the_other_direction() -> None:
    both = [(kind, one, other) for kind in KINDS for one in VALUES for other in VALUES]
    there, back = (
        {
            row["nx"]: row
            for row in found(FIRST, *(pair(FIRST, kind, *way(ends), nx=nx) for nx, (kind, *ends) in enumerate(both)))
        }
        for way in (tuple, reversed)
    )
    assert [*there] == [*back] == [nx for nx, case in enumerate(both) if differs(*case)]
    for nx, row in there.items():
        assert {row["direction"], back[nx]["direction"]} in ({"became", "no_longer"}, {"up", "down"})
        assert (row["from_level"], row["to_level"]) == (back[nx]["to_level"], back[nx]["from_level"])


@few
@given(seeds)
def test_of_one_thing_nothing_more_is_told_for_a_day(seed: int) -> None:
    for history in told(cases_of(seed, VALUES)):
        assert all((later - earlier) * STEP >= QUIET for (earlier, *_), (later, *_) in pairwise(history))


@few
@given(seeds)
def test_once_it_is_no_longer_quiet_what_was_told_is_what_is_said(seed: int) -> None:
    cases = cases_of(seed, VALUES)
    lasting = [(kind, [*said, *[said[-1]] * 5]) for kind, said in cases if isinstance(KINDS[kind].rule, Bands)]
    for (kind, said), history in zip(lasting, told(lasting), strict=True):
        assert not differs(kind, history[-1][2] if history else said[0], said[-1])


@few
@given(seeds)
def test_the_order_of_pairs_does_not_matter(seed: int) -> None:
    pairs = [pair(FIRST, kind, *said[:2], nx=nx) for nx, (kind, said) in enumerate(cases_of(seed, [None, *VALUES]))]
    shuffled = Random(seed).sample(pairs, len(pairs))
    assert found(FIRST, *pairs) == sorted(found(FIRST, *shuffled), key=lambda row: row["nx"])


def test_what_is_not_known_has_not_changed() -> None:
    ways = [(None, value) for value in VALUES] + [(value, None) for value in VALUES] + [(None, None)]
    assert found(FIRST, *(pair(FIRST, kind, before, now) for kind in KINDS for before, now in ways)) == []


def test_what_is_told_of_all_hours_is_not_compared_with_what_is_left_of_them() -> None:
    """Then what was told has no value here, and counts for the quiet alone."""
    at = {"told_at": FIRST - timedelta(hours=25)}
    assert found(FIRST, pair(FIRST, "rain", 10, 10, **at)) == []
    assert [row["compared_with"] for row in found(FIRST, pair(FIRST, "rain", 10, 40, **at))] == [FIRST - STEP]


def test_five_degrees_are_five_degrees_although_a_computer_counts_in_halves() -> None:
    assert 8.2 - 3.2 < 5
    assert [row["direction"] for row in found(FIRST, pair(FIRST, "temperature_max", 3.2, 8.2))] == ["up"]
    assert found(FIRST, pair(FIRST, "temperature_max", 3.2, 8.1)) == []


@pytest.mark.parametrize(
    ("kind", "before", "now", "direction", "korean", "english"),
    [
        ("temperature_max", 28, 22.5, "down", "낮 최고기온 28°C에서 22.5°C로 내림", "High down from 28 to 22.5 °C"),
        ("temperature_min", 10, 15, "up", "아침 최저기온 10°C에서 15°C로 오름", "Low up from 10 to 15 °C"),
        ("rain", 20, 30, "became", "비나 눈 올 가능성 높아짐: 20%에서 30%로", "Rain or snow became likely: from 20 to 30 %"),
        ("heat", 35, 34, "no_longer", "무더위 예상 풀림: 최고 35°C에서 34°C로", "Great heat no longer likely: high from 35 to 34 °C"),
        ("cold", -9, -10, "became", "강추위 예상: 최저 -9°C에서 -10°C로", "Severe cold became likely: low from -9 to -10 °C"),
        ("wind", 21, 12, "no_longer", "강한 바람 예상 풀림: 21 m/s에서 12 m/s로", "Strong wind no longer likely: from 21 to 12 m/s"),
        ("suitability", 40, 90, "up", "자연·걷기 나쁨에서 매우 좋음으로: 날씨 좋음", "Hiking from poor to excellent: Good weather"),
    ],
)  # fmt: skip
def test_every_kind_is_said_in_korean_and_english(
    kind: str, before: float, now: float, direction: str, korean: str, english: str
) -> None:
    (row,) = found(FIRST, pair(FIRST, kind, before, now))
    assert (row["direction"], row["reason_ko"], row["reason_en"]) == (direction, korean, english)


def test_a_zero_is_said_without_a_minus() -> None:
    (row,) = found(FIRST, pair(FIRST, "temperature_min", 6, -0.0))
    assert row["reason_en"] == "Low down from 6 to 0 °C"


def test_every_level_of_a_score_has_a_name_in_both_languages() -> None:
    scores = {"not_recommended": 0, "poor": 0.1, "fair": 50, "good": 70, "excellent": 85}
    for level, score in scores.items():
        (row,) = found(FIRST, pair(FIRST, SUITABILITY, 85 if score < 85 else 0, score))
        assert row["to_level"] == level
        assert LEVEL_NAMES[level][0] in row["reason_ko"]
