"""The indices are those of the printed tables, value by value, and keep the laws that anybody expects of them."""

import math
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.insight.suitability import holiday_climate, tourism_climate
from weatherflick_assets.insight.suitability.daylight import daylight
from weatherflick_assets.insight.suitability.holiday_climate import HolidayClimate
from weatherflick_assets.insight.suitability.steps import Steps, above
from weatherflick_assets.insight.suitability.tourism_climate import TourismClimate
from weatherflick_assets_tests.insight.suitability import published


def _near(*edges: float) -> st.SearchStrategy[float]:
    """Values at the edges of tables and just beside them, where mistakes are."""
    beside = [math.nextafter(edge, math.inf) for edge in edges] + [math.nextafter(edge, -math.inf) for edge in edges]
    return st.sampled_from([*edges, *beside])


TEMPERATURES = st.floats(-30, 45) | _near(-6, 0, 7, 10, 15, 18, 20, 23, 26, 31, 39)
HUMIDITIES = st.floats(0, 100) | st.just(100.0)
CLOUDS = st.floats(0, 100) | st.integers(0, 100).map(float) | st.just(50.0)
RAINS = st.just(0.0) | st.floats(0, 60) | _near(3, 5, 6, 9, 10, 12, 20, 25)
WINDS = st.just(0.0) | st.floats(0, 30) | _near(1.5, 4, 6, 8, 10, 15)

INDICES = {"urban": holiday_climate.URBAN, "beach": holiday_climate.BEACH}
SECOND: dict[str, Callable[..., int]] = {"urban": published.hci_urban, "beach": published.hci_beach}
CITS = {
    "beach": tourism_climate.BEACH,
    "cycling": tourism_climate.CYCLING,
    "golf": tourism_climate.GOLF,
    "hiking": tourism_climate.HIKING,
    "boating": tourism_climate.BOATING,
    "sailing": tourism_climate.SAILING,
}


def hci(index: HolidayClimate, temperature: float, humidity: float, cloud: float, rain: float, wind: float) -> float:
    rated = holiday_climate.ratings(
        index, temperature_max=temperature, humidity=humidity, cloud=cloud, rain=rain, wind=wind
    )
    return float(holiday_climate.score(index, rated))


def cit(index: TourismClimate, temperature: float, cloud: float, rain: float, wind: float) -> float:
    decisive = tourism_climate.parts(index, temperature_max=temperature, cloud=cloud, rain=rain, wind=wind)
    return float(tourism_climate.score(decisive))


@pytest.mark.parametrize("name", INDICES)
@given(TEMPERATURES, HUMIDITIES, CLOUDS, RAINS, WINDS)
def test_the_holiday_climate_index_is_that_of_the_printed_tables(
    name: str, temperature: float, humidity: float, cloud: float, rain: float, wind: float
) -> None:
    second = SECOND[name](temperature, humidity, cloud, rain, wind)
    assert hci(INDICES[name], temperature, humidity, cloud, rain, wind) == second


@pytest.mark.parametrize("felt", [-6, math.nextafter(-6, 0), -1, 0, 10, 17, 23, 25.99, 26, 30.9, 31, 38.9, 39, 50])
def test_the_ratings_of_effective_temperatures_are_those_of_the_printed_tables(felt: float) -> None:
    assert holiday_climate.URBAN.temperature.of(felt) == published.urban_temperature(felt)
    assert holiday_climate.BEACH.temperature.of(felt) == published.beach_temperature(felt)


@pytest.mark.parametrize("name", CITS)
@given(TEMPERATURES, CLOUDS, RAINS, WINDS)
def test_the_climate_index_for_tourism_is_the_worst_score_of_the_printed_tables_that_holds(
    name: str, temperature: float, cloud: float, rain: float, wind: float
) -> None:
    as_published, worst = published.cit(name, temperature, cloud, rain, wind)
    assert cit(CITS[name], temperature, cloud, rain, wind) == worst
    assert worst <= as_published


@pytest.mark.parametrize("name", CITS)
def test_the_published_order_differs_only_where_rain_would_make_a_day_better(name: str) -> None:
    index = CITS[name]
    dry_and_windy = np.minimum(index.windy, index.cloudy)
    overridden = np.asarray(index.rainy) > dry_and_windy
    # A beach is worse in rain than in wind, whatever the warmth: there the order changes nothing.
    assert bool(overridden.any()) == (name != "beach")


@pytest.mark.parametrize("name", INDICES)
@given(TEMPERATURES, HUMIDITIES, CLOUDS, RAINS, st.floats(0.2, 30), st.floats(0, 40))
def test_more_rain_and_more_wind_than_a_breeze_never_raise_the_holiday_climate_index(  # noqa: PLR0917
    name: str, temperature: float, humidity: float, cloud: float, rain: float, wind: float, more: float
) -> None:
    before = hci(INDICES[name], temperature, humidity, cloud, rain, wind)
    assert hci(INDICES[name], temperature, humidity, cloud, rain + more, wind) <= before
    assert hci(INDICES[name], temperature, humidity, cloud, rain, wind + more) <= before


@pytest.mark.parametrize("name", CITS)
@given(TEMPERATURES, CLOUDS, RAINS, WINDS, st.floats(0, 40))
def test_more_rain_never_raises_the_climate_index_for_tourism(
    name: str, temperature: float, cloud: float, rain: float, wind: float, more: float
) -> None:
    index = CITS[name]
    assert cit(index, temperature, cloud, rain + more, wind) <= cit(index, temperature, cloud, rain, wind)


@pytest.mark.parametrize("name", CITS)
@given(TEMPERATURES, CLOUDS, RAINS, st.floats(1.6, 30), st.floats(0, 20))
def test_more_wind_never_raises_the_climate_index_where_it_does_not_cool_what_is_too_hot(
    name: str, temperature: float, cloud: float, rain: float, wind: float, more: float
) -> None:
    index = CITS[name]
    before = tourism_climate.skin_temperature(temperature, wind, cloud)
    # In strong wind another class is the best, and what is warmer is too hot there.
    bests = [max(place for place, score in enumerate(row) if score == max(row)) for row in (index.clear, index.windy)]
    if tourism_climate.SKIN_CLASSES.of(before) <= min(*bests, 5):
        assert cit(index, temperature, cloud, rain, wind + more) <= cit(index, temperature, cloud, rain, wind)


@given(st.floats(26, 45), st.floats(0, 15), HUMIDITIES, CLOUDS, RAINS, WINDS)
def test_more_heat_beyond_the_optimum_never_raises_an_index(
    hot: float, hotter: float, humidity: float, cloud: float, rain: float, wind: float
) -> None:
    if holiday_climate.effective_temperature(hot, humidity) >= 23:
        urban = INDICES["urban"]
        assert hci(urban, hot + hotter, humidity, cloud, rain, wind) <= hci(urban, hot, humidity, cloud, rain, wind)
    if holiday_climate.effective_temperature(hot, humidity) >= 28:
        beach = INDICES["beach"]
        assert hci(beach, hot + hotter, humidity, cloud, rain, wind) <= hci(beach, hot, humidity, cloud, rain, wind)
    if tourism_climate.SKIN_CLASSES.of(tourism_climate.skin_temperature(hot, wind, cloud)) >= 7:
        for index in CITS.values():
            assert cit(index, hot + hotter, cloud, rain, wind) <= cit(index, hot, cloud, rain, wind)


def test_the_best_day_has_the_best_score() -> None:
    assert hci(INDICES["urban"], 27, 50, 15, 0, 2) == 100
    assert hci(INDICES["beach"], 33, 70, 20, 0, 2) == 100
    assert {name: cit(index, 29, 20, 0, 3) for name, index in CITS.items()} == dict.fromkeys(CITS, 7) | {"beach": 6}
    assert cit(CITS["beach"], 30.5, 20, 0, 3) == 7


@pytest.mark.parametrize("missing", range(5))
def test_a_missing_value_leaves_no_holiday_climate_index(missing: int) -> None:
    values = [25.0, 50.0, 20.0, 0.0, 2.0]
    values[missing] = math.nan
    assert math.isnan(hci(INDICES["urban"], *values))


@pytest.mark.parametrize("missing", range(4))
@pytest.mark.parametrize("name", CITS)
def test_a_missing_value_leaves_no_climate_index_for_tourism(name: str, missing: int) -> None:
    values = [25.0, 20.0, 0.0, 2.0]
    values[missing] = math.nan
    assert math.isnan(cit(CITS[name], *values))


def test_indices_of_many_days_are_those_of_each() -> None:
    temperatures, rains = np.array([[5.0, 25.0], [30.0, math.nan]]), np.array([0.0, 15.0])
    rated = holiday_climate.ratings(
        INDICES["urban"], temperature_max=temperatures, humidity=60.0, cloud=50.0, rain=rains, wind=3.0
    )
    found = holiday_climate.score(INDICES["urban"], rated)
    for row, column in np.ndindex(2, 2):
        one = hci(INDICES["urban"], float(temperatures[row, column]), 60, 50, float(rains[column]), 3)
        assert found[row, column] == one or (math.isnan(one) and math.isnan(found[row, column]))


def test_a_table_needs_one_score_for_each_interval_and_ascending_edges() -> None:
    with pytest.raises(ValueError, match="2 scores do not fit"):
        Steps((1, 2), (0, 1))
    with pytest.raises(ValueError, match="do not fit"):
        Steps((2, 1), (0, 1, 2))


@given(st.floats(-100, 100))
def test_a_limit_belongs_to_the_interval_below_the_edge_just_above_it(limit: float) -> None:
    table = Steps((above(limit),), (0, 1))
    assert table.of(limit) == 0
    assert table.of(above(limit)) == 1


@pytest.mark.parametrize(
    ("day", "rises", "sets"),
    [(date(2026, 6, 21), (5, 11), (19, 57)), (date(2026, 12, 22), (7, 43), (17, 17))],
)
def test_the_sun_rises_and_sets_in_seoul_when_the_almanac_says(
    day: date, rises: tuple[int, int], sets: tuple[int, int]
) -> None:
    found = daylight(day, 37.5665, 126.978)
    assert found.sunrise * 60 == pytest.approx(rises[0] * 60 + rises[1], abs=2)
    assert found.sunset * 60 == pytest.approx(sets[0] * 60 + sets[1], abs=2)


@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.floats(33, 38.6), st.floats(124.6, 131.9))
def test_days_in_korea_last_nine_to_fifteen_hours_and_the_west_is_later(day: date, north: float, east: float) -> None:
    here, west = daylight(day, north, east), daylight(day, north, east - 0.5)
    assert 9 < here.sunset - here.sunrise < 15
    assert west.sunrise - here.sunrise == pytest.approx(0.5 / 15)
