"""The weather itself: smooth, repeatable, with the seasons of Korea, and forecasts that err more the further they look."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.sandbox.weather.grid import to_degrees, to_grid
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, hour_number, time_of
from weatherflick_assets_tests.sandbox.agencies import korea

SKY = Sky(20260701)
SEOUL, BUSAN, DAEGWALLYEONG = (37.57, 126.97), (35.10, 129.03), (37.68, 128.72)
YEAR = Hours(tuple(hour_number(korea(2026, 1, 1)) + hour for hour in range(8760)))


def places(*points: tuple[float, float]) -> Places:
    return Places.at_degrees([point[0] for point in points], [point[1] for point in points])


@given(st.floats(33, 38.6), st.floats(124, 131))
def test_the_grid_leads_back_to_the_point_it_came_from(latitude: float, longitude: float) -> None:
    assert np.allclose(to_degrees(*to_grid(latitude, longitude)), (latitude, longitude), atol=1e-9)


@pytest.mark.parametrize(
    ("point", "cell"),
    [
        ((37.488201, 126.929810), (59, 125)),
        ((37.5663, 126.9779), (60, 127)),
        ((35.1798, 129.0750), (98, 76)),
        ((33.4996, 126.5312), (53, 38)),
        ((37.7519, 128.8761), (92, 132)),
        ((37.4845, 130.9057), (127, 127)),
        ((37.9670, 124.6300), (20, 135)),
        ((33.1190, 126.2680), (48, 30)),
    ],
)
def test_the_grid_has_known_places_in_their_cells(point: tuple[float, float], cell: tuple[int, int]) -> None:
    assert tuple(int(part + 0.5) for part in to_grid(*point)) == cell


def test_weather_changes_little_within_minutes_and_within_a_cell() -> None:
    start = hour_number(korea(2026, 7, 1))
    minutes = SKY.observed(places(SEOUL), Hours(tuple(start + minute / 12 for minute in range(3000))))
    assert np.abs(np.diff(minutes.temperature)).max() < 0.5
    cells = Places.at_cells([60 + step / 5 for step in range(50)], [127.0] * 50)
    near = SKY.observed(cells, Hours(tuple(start + hour for hour in range(0, 2000, 7))))
    assert np.abs(np.diff(near.temperature, axis=0)).max() < 1.5


def test_the_weather_of_a_place_does_not_depend_on_what_is_asked_with_it() -> None:
    hours = YEAR.numbers[1000:1010]
    alone = SKY.observed(places(BUSAN), Hours((hours[3],))).temperature[0, 0]
    assert SKY.observed(places(SEOUL, BUSAN), Hours(hours)).temperature[1, 3] == pytest.approx(alone, abs=1e-9)


def test_summer_is_hot_winter_is_cold_and_mountains_and_the_coast_are_different() -> None:
    weather = SKY.observed(places(SEOUL, BUSAN, DAEGWALLYEONG), YEAR)
    months = np.array([time_of(hour).month for hour in YEAR.numbers])
    january, august = (weather.temperature[:, months == month].mean(axis=1) for month in (1, 8))
    assert -5 < january[0] < 2 < january[1] < 7
    assert np.all(august[:2] > 24)
    assert np.all(august - january > 20)
    assert np.all(january[2] < january[:2] - 2)
    assert np.all(august[2] < august[:2] - 2)


def errors(lead_h: int) -> tuple[np.ndarray, float]:
    """Temperature errors of forecasts that look `lead_h` hours ahead, and their critical success about rain."""
    temperature, hits, said_or_was = [], 0, 0
    for day in range(0, 360, 4):
        issued = hour_number(korea(2026, 1, 1, 5) + timedelta(days=day))
        valid = tuple(issued + lead_h + hour for hour in range(0, 24, 8))
        at = places(SEOUL, BUSAN, DAEGWALLYEONG)
        said, was = SKY.forecast(at, Hours(valid, issued=issued)), SKY.observed(at, Hours(valid))
        temperature.append(said.temperature - was.temperature)
        hits += int(((said.chance >= 0.55) & (was.rain > 0.05)).sum())
        said_or_was += int(((said.chance >= 0.55) | (was.rain > 0.05)).sum())
    return np.array(temperature), hits / said_or_was


def test_forecasts_err_more_the_further_they_look_and_are_right_about_the_next_hour() -> None:
    found = {lead: errors(lead) for lead in (1, 24, 72, 120, 240)}
    spread = [float(error.std()) for error, _ in found.values()]
    right = [success for _, success in found.values()]
    assert spread == sorted(spread)
    assert spread[0] < 1.2 < spread[1] < 2.5 < spread[4] < 6
    assert right == sorted(right, reverse=True)
    assert right[0] > 0.5 > right[-1]
    assert all(abs(float(error.mean())) < 1.0 for error, _ in found.values())


def test_an_issue_differs_little_from_the_one_before() -> None:
    first = hour_number(korea(2026, 5, 10, 5))
    valid = tuple(first + hour for hour in range(4, 72))
    issues = [SKY.forecast(places(SEOUL), Hours(valid, issued=first + ahead)).temperature for ahead in (0, 3)]
    assert 0 < np.abs(issues[1] - issues[0]).mean() < 1.0


def test_a_forecast_is_as_variable_as_the_weather() -> None:
    at, issued = places(SEOUL), YEAR.numbers[0]
    said = SKY.forecast(at, Hours(YEAR.numbers[240:], issued=issued))
    was = SKY.observed(at, Hours(YEAR.numbers[240:]))
    assert said.temperature.std() == pytest.approx(was.temperature.std(), rel=0.1)
    assert (said.rain > 0.05).mean() == pytest.approx((was.rain > 0.05).mean(), rel=0.4)
