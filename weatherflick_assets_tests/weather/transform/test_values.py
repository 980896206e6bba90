"""Amounts, numbers and codes of the KMA mean what its guide and its answers say."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.weather.transform.values import (
    PRECIPITATION_LEVELS,
    SNOW_LEVELS,
    amount_of,
    amounts,
    levels,
    numbers,
    words,
)
from weatherflick_assets.weather.words import PRECIPITATION_TYPES, SKIES

AMOUNTS = {
    "강수없음": (0, 0, 0),
    "적설없음": (0, 0, 0),
    "-": (0, 0, 0),
    "0": (0, 0, 0),
    "1mm 미만": (0.1, 1, 0.5),
    "1.0mm 미만": (0.1, 1, 0.5),
    "0.5cm 미만": (0.1, 0.5, 0.25),
    "1cm 미만": (0.1, 1, 0.5),
    "1": (1, 1, 1),
    "2": (2, 2, 2),
    "1.0mm": (1, 1, 1),
    "29.9mm": (29.9, 29.9, 29.9),
    "4.9cm": (4.9, 4.9, 4.9),
    "30.0~50.0mm": (30, 50, 40),
    "30~50mm": (30, 50, 40),
    "30.0mm~50.0mm": (30, 50, 40),
    "50.0mm 이상": (50, math.nan, 50),
    "5.0cm 이상": (5, math.nan, 5),
    " 3.0mm ": (3, 3, 3),
    "900": (math.nan,) * 3,
    "-998.9": (math.nan,) * 3,
    "-999": (math.nan,) * 3,
}


@pytest.mark.parametrize(("text", "amount"), AMOUNTS.items())
def test_an_amount_is_read_in_every_form_that_it_is_written_in(text: str, amount: tuple[float, ...]) -> None:
    assert amount_of(text) == pytest.approx(amount, nan_ok=True)


@pytest.mark.parametrize("text", ["많음", "mm", "1mm 초과", "50~30mm", "-3", "nan", "0x1", "１.０mm 이상이하"])
def test_an_amount_in_no_known_form_is_no_amount(text: str) -> None:
    assert amount_of(text) is None


def test_what_is_unreadable_is_missing_and_counted_and_what_is_missing_is_not() -> None:
    read = amounts(pd.Series(["3.0mm", "많음", None, "많음", "-999"], index=[5, 6, 7, 8, 9], dtype=object))
    assert read.unreadable == 2
    assert read.values.index.tolist() == [5, 6, 7, 8, 9]
    assert read.values["best"].tolist() == pytest.approx([3, math.nan, math.nan, math.nan, math.nan], nan_ok=True)


def test_no_texts_give_no_values() -> None:
    assert amounts(pd.Series([], dtype=object)).values.shape == (0, 3)
    assert words(pd.Series([], dtype=object), SKIES)[1] == 0


@given(st.one_of(st.floats(-899, 899), st.integers(-899, 899)))
def test_numbers_are_read_exactly(number: float) -> None:
    assert numbers(pd.Series([repr(number)], dtype=object)).values["value"].tolist() == [number]


@given(st.one_of(st.floats(900, 1e9), st.floats(-1e9, -900)))
def test_sentinels_are_missing_values_and_no_faults(number: float) -> None:
    read = numbers(pd.Series([repr(number)], dtype=object))
    assert (read.unreadable, np.isnan(read.values["value"]).tolist()) == (0, [True])


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "3도", "1,5"])
def test_what_is_no_number_is_missing_and_counted(text: str) -> None:
    read = numbers(pd.Series([text], dtype=object))
    assert (read.unreadable, np.isnan(read.values["value"]).tolist()) == (1, [True])


def test_codes_of_the_three_hourly_part_are_limits() -> None:
    read = levels(pd.Series(["0", "강수없음", "1", "2", "3", "4"], dtype=object), PRECIPITATION_LEVELS)
    assert read.unreadable == 1
    nan = math.nan
    assert read.values["level"].tolist() == pytest.approx([0, 0, 1, 2, 3, nan], nan_ok=True)
    assert read.values["least"].tolist() == pytest.approx([0, 0, 0.1, 3, 15, nan], nan_ok=True)
    assert read.values["most"].tolist() == pytest.approx([0, 0, 3, 15, nan, nan], nan_ok=True)
    assert levels(pd.Series(["2"], dtype=object), SNOW_LEVELS).values["least"].tolist() == [1]


def test_codes_are_words_and_unknown_ones_are_counted() -> None:
    found, unknown = words(pd.Series(["0", "4", "9", None, " 5 "], dtype=object), PRECIPITATION_TYPES)
    assert (found.tolist(), unknown) == (["none", "shower", None, None, "raindrops"], 1)
    assert words(pd.Series(["1", "3", "4", "2"], dtype=object), SKIES)[0].tolist() == [
        "clear", "mostly_cloudy", "overcast", None,
    ]  # fmt: skip
