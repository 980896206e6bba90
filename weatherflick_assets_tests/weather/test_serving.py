"""What is served of the weather: the backend's columns, the newest issue by region and place, and quickly found."""

from datetime import datetime, timedelta

import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS
from weatherflick_assets_tests.weather.collecting import Weather, rows, stock, weather

BACKEND = {
    "weather_current": (
        "id region_code region_name weather_date year month day avg_temp max_temp min_temp humidity precipitation wind_speed "
        "weather_condition visibility uv_index raw_data_id created_at"
    ),
    "weather_forecast": (
        "id region_code region_name forecast_date forecast_type min_temp max_temp precipitation_prob weather_condition "
        "forecast_issued_at raw_data_id created_at"
    ),
    "weather_forecasts": (
        "forecast_id region_code forecast_datetime temperature feels_like weather_condition weather_icon precipitation_type "
        "precipitation_probability precipitation_amount wind_speed wind_direction wind_gust humidity pressure visibility "
        "cloud_coverage created_at"
    ),
}
"""The columns that the backend declares, in its order."""

_COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_schema = 'serving' AND table_name = %s ORDER BY ordinal_position
"""


@pytest.mark.parametrize("view", BACKEND)
def test_a_view_begins_with_the_columns_the_backend_reads(prepared_database: str, view: str) -> None:
    expected = BACKEND[view].split()
    assert [name for (name,) in rows(prepared_database, _COLUMNS, view)][: len(expected)] == expected


def filled(at: Weather, now: datetime) -> tuple[datetime, datetime, datetime]:
    """Collect and publish the newest issue of everything, and return the issues of forecast, nowcast and observation."""
    issues = []
    for product in (FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS):
        issue = product.series.readable(now)[0]
        at.collect(issue, product)
        assert at.publish(issue, product).verdict.passed
        issues.append(issue)
    at.publish_days(issues[0])
    forecast, nowcast, observation = issues
    return forecast, nowcast, observation


def test_regions_and_places_have_the_newest_forecast_of_their_cell(store: str) -> None:
    now = datetime.now(KST)
    stock(store, {(60, 127): 2, (92, 131): 1})
    with weather(store, now) as at:
        forecast, nowcast, observation = filled(at, now)
    hours = rows(store, "SELECT * FROM core.newest_forecasts WHERE (nx, ny) = (60, 127) ORDER BY valid_at")
    assert len({hour[2] for hour in hours}) == len(hours)
    said = dict(rows(store, "SELECT valid_at, issued_at FROM core.newest_forecasts WHERE (nx, ny) = (60, 127)"))
    for valid_at, issued_at in said.items():
        candidates = [
            issue
            for issue, longest in ((forecast, 130), (nowcast, 6))
            if issue < valid_at <= issue + timedelta(hours=longest)
        ]
        assert issued_at == max(candidates)
    of_seoul = rows(
        store, "SELECT forecast_datetime, temperature FROM serving.weather_forecasts WHERE region_code = '1'"
    )
    of_places = rows(store, "SELECT content_id, valid_at, temperature FROM serving.place_forecasts")
    assert {name for name, _, _ in of_places} == {"place 1", "place 2", "place 3"}
    assert {(at, round(value, 3)) for at, value in of_seoul} == {
        (at, round(value, 3)) for name, at, value in of_places if name == "place 1"
    }
    current = rows(
        store, "SELECT region_code, observed_at, temperature, weather_condition FROM serving.weather_current"
    )
    assert {region for region, *_ in current} == {str(code) for code in (*range(1, 9), *range(31, 40))}
    assert {at for _, at, _, _ in current} == {observation}
    assert all(value is not None and condition for _, _, value, condition in current)
    days = rows(store, "SELECT forecast_date FROM serving.weather_forecast WHERE region_code = '1' ORDER BY 1")
    # The last issue of a day has no hour of it.
    assert days[0] == (FORECASTS.valid_times(forecast)[0].date(),)
    assert len(days) >= 4
    assert rows(store, "SELECT count(DISTINCT content_id) FROM serving.place_daily_forecasts") == [(3,)]
