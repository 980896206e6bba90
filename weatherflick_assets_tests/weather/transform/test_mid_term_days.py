"""Mid-term forecasts of regions and points become days of the pairs that cells have, and follow the short-term forecast."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.mid_term import RegionAnswer, land_rows, temperature_rows
from weatherflick_assets.weather.transform.mid_term_days import (
    COLUMNS,
    mid_term_days,
)
from weatherflick_assets_tests.weather.transform.test_mid_term import year_of_answers

MORNING, EVENING = datetime(2026, 10, 4, 6, tzinfo=KST), datetime(2026, 10, 4, 18, tzinfo=KST)
PAIRS = pd.DataFrame({"land_region_id": ["11B00000", "11B00000"], "point_id": ["11B10101", "11B20601"]})


def land(issued_at: datetime, region: str = "11B00000", response_id: int = 7, **item: Any) -> RegionAnswer:
    return RegionAnswer(region, issued_at, response_id, item)


def found(answers: list[RegionAnswer], temperatures: list[RegionAnswer], pairs: pd.DataFrame = PAIRS) -> pd.DataFrame:
    return mid_term_days(land_rows(answers).rows, temperature_rows(temperatures).rows, pairs).rows


def test_a_day_has_the_greater_probability_and_both_halves() -> None:
    answers = [land(MORNING, wf4Am="맑음", rnSt4Am=10, wf4Pm="흐리고 비", rnSt4Pm=70, wf8="구름많음", rnSt8=30)]
    days = found(answers, [land(MORNING, "11B10101", 8, taMin4=12, taMax4=21)], PAIRS[:1])
    assert list(days.columns) == list(COLUMNS)
    halved, whole = days.to_dict("records")
    assert (halved["day"], whole["day"]) == (date(2026, 10, 8), date(2026, 10, 12))
    assert [halved[f"precipitation_probability{part}"] for part in ("", "_am", "_pm")] == [70, 10, 70]
    assert (halved["sky"], halved["precipitation_type"]) == ("overcast", "rain")
    assert (halved["temperature_min"], halved["temperature_max"]) == (12, 21)
    assert (halved["land_response_id"], halved["temperature_response_id"]) == (7, 8)
    assert (whole["precipitation_probability"], whole["sky"], whole["precipitation_type"]) == (
        30, "mostly_cloudy", "none",
    )  # fmt: skip
    assert pd.isna([whole["precipitation_probability_am"], whole["temperature_min"]]).all()


KINDS = {
    ("맑음", "구름많음"): ("mostly_cloudy", "none"),
    ("구름많고 비", "흐림"): ("overcast", "rain"),
    ("구름많고 비", "구름많고 소나기"): ("mostly_cloudy", "rain"),
    ("흐리고 비", "흐리고 눈"): ("overcast", "rain_and_snow"),
    ("흐리고 눈", "맑음"): ("overcast", "snow"),
    ("흐리고 비/눈", "흐리고 눈"): ("overcast", "rain_and_snow"),
    ("", "맑음"): ("clear", "none"),
    ("안개", "흐리고 눈"): ("overcast", "snow"),
    ("안개", "안개"): (None, None),
}


@pytest.mark.parametrize(("halves", "expected"), KINDS.items())
def test_a_day_has_the_cloudier_sky_and_the_precipitation_of_either_half(
    halves: tuple[str, str], expected: tuple[str | None, str | None]
) -> None:
    am, pm = halves
    (row,) = found([land(MORNING, wf4Am=am, rnSt4Am=60, wf4Pm=pm, rnSt4Pm=60)], [], PAIRS[:1]).to_dict("records")
    assert (row["sky"], row["precipitation_type"]) == expected


def test_what_a_region_or_a_point_lacks_is_missing_and_counted() -> None:
    skies = land_rows([land(MORNING, wf8="맑음", rnSt8=10)]).rows
    degrees = temperature_rows([land(MORNING, "11B10101", taMin9=3, taMax9=9)]).rows
    days, problems = mid_term_days(skies, degrees, PAIRS)
    assert problems == {"land_missing": 1, "temperature_missing": 2}
    assert len(days) == 3
    assert not mid_term_days(skies[:0], degrees[:0], PAIRS).problems
    assert found([], [land(MORNING, "99999999", taMin9=3)]).empty


def test_a_region_of_two_pairs_is_in_both() -> None:
    days = found(
        [land(MORNING, wf8="맑음", rnSt8=10)],
        [land(MORNING, "11B10101", taMin8=1, taMax8=5), land(MORNING, "11B20601", taMin8=0, taMax8=4)],
    )
    assert days["temperature_min"].tolist() == [1, 0]
    assert days["sky"].tolist() == ["clear", "clear"]


@pytest.mark.recorded
def test_a_recorded_year_keeps_its_law_by_day(recorded_data: Path) -> None:
    """Precipitation is told exactly on days with a probability of 60 % or more, with one exception in a year.

    Of the two half-days that are exceptions one is on a day whose other half is wet.
    """
    skies = land_rows(year_of_answers(recorded_data)).rows
    regions = skies["region_id"].unique()
    pairs = pd.DataFrame({"land_region_id": regions, "point_id": regions})
    days, problems = mid_term_days(skies, temperature_rows([]).rows, pairs)
    # 296 days with two issues of ten regions; a morning has seven days and an evening six.
    assert len(days) == problems["temperature_missing"] == 296 * 10 * (7 + 6)
    assert days[["sky", "precipitation_type", "precipitation_probability"]].notna().all(axis=None)
    has_halves = (days["day"] - days["issued_at"].dt.date).map(lambda ahead: ahead.days <= 7)
    assert (days["precipitation_probability_am"].notna() == has_halves).all()
    is_wet = days["precipitation_type"] != "none"
    assert (is_wet != (days["precipitation_probability"] >= 60)).sum() == 1
