"""The feels-like temperature is the KMA's."""

import math

import pytest

from weatherflick_assets.weather.transform.feels_like import feels_like, wet_bulb

IN_SUMMER = {
    (25, 50): 24.65, (30, 50): 29.53, (33, 60): 33.45, (35, 50): 34.46, (28, 90): 30.78,
    (20, 50): 19.80, (31, 70): 32.31, (33, 40): 31.41, (38, 45): 36.86, (26, 95): 29.07,
}  # fmt: skip
"""Temperature and humidity, and what it feels like, from May to September."""

IN_WINTER = {(-10, 5): -17.45, (0, 3): -3.52, (5, 1.3): 4.21, (-15, 10): -26.93, (10, 1.3): 9.86}
"""Temperature and wind, and what it feels like, from October to April."""


@pytest.mark.parametrize(("given", "felt"), IN_SUMMER.items())
@pytest.mark.parametrize("month", [5, 7, 9])
def test_summer_feels_like_temperature_and_humidity(given: tuple[float, float], felt: float, month: int) -> None:
    temperature, humidity = given
    assert feels_like(temperature, humidity, math.nan, month) == pytest.approx(felt, abs=0.005)


@pytest.mark.parametrize(("given", "felt"), IN_WINTER.items())
@pytest.mark.parametrize("month", [10, 12, 4])
def test_winter_feels_like_temperature_and_wind(given: tuple[float, float], felt: float, month: int) -> None:
    temperature, wind = given
    assert feels_like(temperature, math.nan, wind, month) == pytest.approx(felt, abs=0.005)


@pytest.mark.parametrize(("temperature", "wind"), [(10.1, 9), (10, 1.29), (-5, 0), (15, math.nan)])
def test_mild_or_calm_winter_weather_feels_as_warm_as_it_is(temperature: float, wind: float) -> None:
    assert feels_like(temperature, 50, wind, 1) == temperature


@pytest.mark.parametrize(
    ("temperature", "humidity", "wind", "month"),
    [(math.nan, 50, 2, 7), (30, math.nan, 2, 7), (math.nan, 50, 2, 1), (-5, 50, math.nan, 1)],
)
def test_without_a_value_that_counts_there_is_no_feeling(
    temperature: float, humidity: float, wind: float, month: int
) -> None:
    assert math.isnan(float(feels_like(temperature, humidity, wind, month)))


def test_an_impossible_humidity_has_no_feeling_and_an_impossible_wind_is_calm() -> None:
    assert math.isnan(float(feels_like(30, -20, 2, 7)))
    assert feels_like(-5, 50, -1, 1) == -5


def test_the_wet_bulb_of_stulls_own_example() -> None:
    assert wet_bulb(20, 50) == pytest.approx(13.7, abs=0.05)  # Stull (2011), section 3
