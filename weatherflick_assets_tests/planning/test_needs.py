"""Needs: what is fresh is not needed, and what has been stale for longer is needed more."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.planning.needs import CHANGED, FRESH, NEVER, STALE, Answers, Needs, judged

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LIFE = timedelta(days=180)
NEEDS = Needs(changed=0.8, stale=(0.1, 0.7), stale_half_life_days=90.0, empty=0.3)

Subject = tuple[float | None, float | None, float | None, bool]
"""Days since the answer, since the last change, since the change known at the answer; whether the answer was empty."""


def judge(*subjects: Subject) -> tuple[list[str], list[float]]:
    answered, changed, then, empty = zip(*subjects, strict=True)
    answers = Answers(_ago(answered), _ago(changed), _ago(then), pd.Series(empty))
    states, needs = judged(answers, NEEDS, time_to_live=LIFE, now=NOW)
    return states.tolist(), needs.tolist()


def _ago(days: Iterable[float | None]) -> pd.Series:
    times = [None if each is None else NOW - timedelta(days=each) for each in days]
    return pd.Series(times, dtype="datetime64[us, UTC]")


def test_a_subject_is_never_asked_about_changed_stale_or_fresh() -> None:
    states, needs = judge(
        (None, 400, None, False),
        (10, 400, 400, False),
        (10, 5, 400, False),
        (179, 400, 400, False),
        (180, 400, 400, False),
        (500, 5, 400, False),
    )
    assert states == [NEVER, FRESH, CHANGED, FRESH, STALE, CHANGED]
    assert needs == pytest.approx([1, 0, 0.8, 0, 0.1, 0.8])


def test_an_answer_from_before_the_time_of_a_change_was_known_is_needed_again_once_it_is_known() -> None:
    assert judge((1, 400, None, False), (1, None, None, False))[0] == [CHANGED, FRESH]


def test_after_each_half_life_half_of_the_distance_to_the_limit_is_left() -> None:
    _, needs = judge((180, 400, 400, False), (270, 400, 400, False), (360, 400, 400, False), (360, 400, 400, True))
    assert needs == pytest.approx([0.1, 0.4, 0.55, 0.55 * 0.3])


@given(st.lists(st.floats(180, 3000), min_size=2, max_size=20), st.booleans())
def test_what_is_stale_for_longer_is_needed_at_least_as_much_and_never_as_much_as_what_changed(
    ages: list[float], is_empty: bool
) -> None:
    _, needs = judge(*((age, 4000, 4000, is_empty) for age in sorted(ages)))
    assert needs == sorted(needs)
    assert needs[0] > 0
    assert needs[-1] < NEEDS.changed
