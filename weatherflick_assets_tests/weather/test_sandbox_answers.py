"""What the sandbox serves, the platform reads without a problem: two implementations of the same facts agree."""

from datetime import date, timedelta
from typing import Any

import pytest

from weatherflick_assets.build import OPERATIONS
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.weather.transform.air_quality import station_rows
from weatherflick_assets.weather.transform.air_stations import air_station_rows
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer, forecast_rows, nowcast_rows
from weatherflick_assets.weather.transform.holidays import holiday_rows
from weatherflick_assets.weather.transform.mid_term import RegionAnswer, land_rows, temperature_rows
from weatherflick_assets.weather.transform.warnings import bulletin, in_force
from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies, korea

NIGHT = korea(2026, 8, 26, 23, 20)


def items(served: Agencies, provider: str, name: str, **parameters: object) -> list[dict[str, Any]]:
    """The items of all pages of a declared operation, asked for as it is declared."""
    operation = OPERATIONS[provider][name]
    found: list[dict[str, Any]] = []
    while True:
        number = len(found) // (operation.rows_per_page or 1) + 1
        asked: dict[str, object] = {**operation.provider.common_parameters, **parameters, **operation.page(number)}
        reply = served.ask_path(operation.path, **asked)
        page = read_answer(operation, Reply(reply.status, {}, reply.body))
        found += page.items
        if len(found) >= page.total_count or not page.items:
            return found


@pytest.mark.parametrize("hour", [2, 5, 8, 11, 14, 17, 20, 23])
def test_every_issue_of_the_short_term_forecast_is_read_whole(hour: int) -> None:
    issued_at = korea(2026, 8, 26, hour)
    with agencies(issued_at + timedelta(minutes=20)) as served:
        asked = {"base_date": "20260826", "base_time": f"{hour:02}00", "nx": 60, "ny": 127}
        received = items(served, "kma", "getVilageFcst", **asked)
    rows, problems = forecast_rows(issued_at, [CellAnswer(60, 127, 7, received)])
    assert not problems
    assert len(rows) == len({(item["fcstDate"], item["fcstTime"]) for item in received})
    needed = [
        "temperature",
        "humidity",
        "precipitation_probability",
        "precipitation_type",
        "sky",
        "wind_speed",
        "feels_like",
    ]
    assert rows[needed].notna().all(axis=None)
    steps = rows["valid_at"].diff().dropna().dt.total_seconds() / 3600
    # Where the steps become three hours, amounts become codes.
    assert ((steps == 3) == rows["precipitation_level"].notna().iloc[1:]).all()
    assert (rows["precipitation_mm"].notna() | (rows["precipitation_level"] > 0)).all()


def test_nowcasts_and_the_next_hours_are_read_whole() -> None:
    with agencies(NIGHT) as served:
        asked = {"base_date": "20260826", "base_time": "2300", "nx": 60, "ny": 127}
        now = nowcast_rows(
            korea(2026, 8, 26, 23), [CellAnswer(60, 127, 7, items(served, "kma", "getUltraSrtNcst", **asked))]
        )
        asked["base_time"] = "2230"
        hours = items(served, "kma", "getUltraSrtFcst", **asked)
    following = forecast_rows(korea(2026, 8, 26, 22, 30), [CellAnswer(60, 127, 7, hours)])
    assert (len(now.rows), len(following.rows)) == (1, 6)
    assert now.problems == following.problems == {}


def test_mid_term_forecasts_are_read_whole() -> None:
    issued_at = korea(2026, 8, 26, 18)
    with agencies(NIGHT) as served:
        (land,) = items(served, "kma", "getMidLandFcst", regId="11B00000", tmFc="202608261800")
        (city,) = items(served, "kma", "getMidTa", regId="11B10101", tmFc="202608261800")
    skies = land_rows([RegionAnswer("11B00000", issued_at, 7, land)])
    temperatures = temperature_rows([RegionAnswer("11B10101", issued_at, 7, city)])
    assert skies.problems == temperatures.problems == {}
    assert (len(skies.rows), len(temperatures.rows)) == (9, 6)
    is_wet = skies.rows["precipitation_type"] != "none"
    assert (is_wet == (skies.rows["precipitation_probability"] >= 60)).all()
    assert (temperatures.rows["temperature_min"] <= temperatures.rows["temperature_max"]).all()


def test_warnings_air_and_holidays_are_read_whole() -> None:
    with agencies(NIGHT) as served:
        texts = [str(item["t6"]) for item in items(served, "kma", "getPwnStatus")]
        titles = [
            str(item["title"])
            for item in items(served, "kma", "getWthrWrnList", stnId="108", fromTmFc="20260821", toTmFc="20260826")
        ]
        stations = items(served, "airkorea", "getCtprvnRltmMesureDnsty", sidoName="서울", ver="1.3")
        listed = items(served, "airkorea", "getMsrstnList")
        days = items(served, "kasi", "getRestDeInfo", solYear="2026")
    assert texts
    assert [unreadable for text in texts for unreadable in in_force(text)[1]] == []
    assert all(bulletin(title).announced for title in titles)
    placed = air_station_rows(listed, response_id=7)
    assert not placed.problems
    assert placed.rows[["latitude", "longitude"]].notna().all(axis=None)
    air = station_rows(stations, response_id=7)
    assert len(air.rows) == len(stations) > 0
    assert not {reason for reason in air.problems if reason != "sensor_failed"}
    # Every measurement is of a station with a position.
    measured = set(zip(air.rows["sido_name"], air.rows["station_name"], strict=True))
    assert measured <= set(zip(placed.rows["sido_name"], placed.rows["station_name"], strict=True))
    holidays = holiday_rows(days, response_id=7)
    assert not holidays.problems
    assert date(2026, 10, 9) in set(holidays.rows["day"])
