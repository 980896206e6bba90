"""Observations of stations by hour and by day."""

from datetime import timedelta

import pytest

from weatherflick_assets.sandbox.kma.asos import DAILY_KEYS, HOURLY_KEYS, stations
from weatherflick_assets_tests.sandbox.agencies import NO_DATA, Agencies, agencies, header_of, korea
from weatherflick_assets_tests.sandbox.calling import Reply

HOURLY, DAILY = "AsosHourlyInfoService/getWthrDataList", "AsosDalyInfoService/getWthrDataList"


def hourly(served: Agencies, first: str, last: str, start: str = "00", end: str = "23", **parameters: object) -> Reply:
    asked = {"dataCd": "ASOS", "dateCd": "HR", "startDt": first, "endDt": last, "startHh": start, "endHh": end}
    return served.weather(HOURLY, **{**asked, "stnIds": "108", "numOfRows": 999, **parameters})


def daily(served: Agencies, first: str, last: str, **parameters: object) -> Reply:
    asked = {"dataCd": "ASOS", "dateCd": "DAY", "startDt": first, "endDt": last, "stnIds": "108"}
    return served.weather(DAILY, **{**asked, "numOfRows": 999, **parameters})


def test_hours_have_the_documented_keys_in_order_and_text_values() -> None:
    with agencies(korea(2026, 8, 26, 12)) as served:
        reply = hourly(served, "20260824", "20260825", "06", "17")
    assert reply.total == len(reply.items) == 36
    assert [row["tm"] for row in reply.items[:2]] == ["2026-08-24 06:00", "2026-08-24 07:00"]
    assert reply.items[-1]["tm"] == "2026-08-25 17:00"
    assert [row["rnum"] for row in reply.items] == [str(number) for number in range(1, 37)]
    for row in reply.items:
        assert tuple(row) == HOURLY_KEYS
        assert all(type(value) is str for value in row.values())
        assert (row["stnId"], row["stnNm"]) == ("108", "서울")


def test_days_have_the_documented_keys_and_agree_with_their_hours() -> None:
    with agencies(korea(2026, 8, 26, 12)) as served:
        days = daily(served, "20260801", "20260825").items
        hours = hourly(served, "20260801", "20260825").items
    assert len(days) == 25
    for at, day in enumerate(days):
        own = hours[24 * at : 24 * at + 24]
        temperatures = [float(row["ta"]) for row in own]
        assert tuple(day) == DAILY_KEYS
        assert day["tm"] == own[0]["tm"][:10]
        assert (float(day["minTa"]), float(day["maxTa"])) == (min(temperatures), max(temperatures))
        assert float(day["sumRn"] or 0) == pytest.approx(sum(float(row["rn"] or 0) for row in own), abs=0.11)
    assert any(day["sumRn"] for day in days)
    assert not all(day["sumRn"] for day in days)


def test_the_sun_shines_by_day_only() -> None:
    with agencies(korea(2026, 8, 26, 12)) as served:
        days = daily(served, "20260801", "20260825").items
        hours = hourly(served, "20260801", "20260825").items
    night = [float(row["ss"]) for row in hours if int(row["tm"][11:13]) not in range(7, 19)]
    assert max(night) == 0
    assert max(float(day["sumSsHr"]) for day in days) > 8
    assert all(float(day["sumSsHr"]) <= float(day["ssDur"]) for day in days)


def test_an_hour_of_a_station_is_the_nowcast_of_its_cell() -> None:
    with agencies(korea(2026, 8, 25, 14, 30)) as served:
        now = {
            row["category"]: row["obsrValue"] for row in served.cell("getUltraSrtNcst", korea(2026, 8, 25, 14)).items
        }
        served.now = korea(2026, 8, 26, 12)
        [row] = hourly(served, "20260825", "20260825", "14", "14").items
    assert abs(float(now["T1H"]) - float(row["ta"])) < 0.5
    assert abs(float(now["WSD"]) - float(row["ws"])) < 1


def test_data_reach_up_to_yesterday_from_eleven_o_clock_on() -> None:
    with agencies(korea(2026, 8, 26, 10, 59)) as served:
        assert header_of(daily(served, "20260825", "20260825")) == NO_DATA
        assert daily(served, "20260824", "20260825").total == 1
        served.now += timedelta(minutes=1)
        assert daily(served, "20260824", "20260825").total == 2
        for operation in (daily, hourly):
            assert header_of(operation(served, "20260825", "20260826")) == ("99", "전날 자료까지 제공됩니다.")


def test_a_year_of_hours_takes_nine_pages_and_no_page_has_more_than_999_rows() -> None:
    with agencies(korea(2026, 8, 26, 12)) as served:
        pages = [hourly(served, "20250825", "20260825", pageNo=page) for page in (1, 5, 9)]
        assert header_of(hourly(served, "20250825", "20260825", numOfRows=1000))[0] == "10"
        assert header_of(hourly(served, "20240101", "20260825"))[0] == "10"
    assert [(page.total, len(page.items)) for page in pages] == [(8784, 999), (8784, 999), (8784, 792)]
    assert pages[1].items[0]["rnum"] == "3997"


@pytest.mark.parametrize("number", ["90", "102", "184", "295"])
def test_every_station_can_be_asked_and_an_unknown_one_has_no_data(number: str) -> None:
    with agencies(korea(2026, 1, 26, 12)) as served:
        [row] = daily(served, "20260125", "20260125", stnIds=number).items
        assert row["stnNm"] == stations()[number].name
        assert header_of(daily(served, "20260125", "20260125", stnIds="999")) == NO_DATA
        assert header_of(daily(served, "20260125", "20260124")) == NO_DATA
