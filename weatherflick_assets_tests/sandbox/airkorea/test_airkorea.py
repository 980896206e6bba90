"""AirKorea: measurements of stations, the list of stations and the dust forecast."""

import csv
import gzip
import re
from datetime import timedelta
from pathlib import Path

import numpy as np
import orjson
import pytest

from weatherflick_assets.sandbox.airkorea.air import Air, air_index, grade, stations
from weatherflick_assets.sandbox.weather.sky import Sky, hour_number
from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies, korea
from weatherflick_assets_tests.sandbox.calling import Reply

FLAGS = {"통신장애", "점검및교정", "자료이상"}
EVENING = korea(2026, 9, 9, 19, 20)


def air(served: Agencies, operation: str, **parameters: object) -> Reply:
    return served.ask(operation, **{"returnType": "json", "numOfRows": 100, **parameters})


def rows_of(reply: Reply) -> list[dict[str, str | None]]:
    return reply.content["items"]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("call", "version"), [("kosmos_2026-05-16/airkorea-ctprvn.body", "1.0"), ("kpubdata_2026-09/seoul.raw.json", None)]
)
def test_measurements_of_a_sido_have_the_recorded_keys(recorded_data: Path, call: str, version: str | None) -> None:
    recorded = orjson.loads((recorded_data / "airkorea/getCtprvnRltmMesureDnsty" / call).read_bytes())["response"]
    with agencies(EVENING) as served:
        given = {"ver": version} if version else {}
        reply = air(served, "getCtprvnRltmMesureDnsty", sidoName="서울", **given)
    ours = rows_of(reply)[0]
    assert set(ours) == set(recorded["body"]["items"][0])
    if version:
        assert list(ours) == list(recorded["body"]["items"][0])
        assert list(reply.content) == list(recorded["body"])
        assert list(reply.json["response"]) == list(recorded)
    assert reply.json["response"]["header"] == recorded["header"]


@pytest.mark.recorded
def test_hours_of_a_station_have_the_recorded_keys_and_number(recorded_data: Path) -> None:
    path = recorded_data / "airkorea/getMsrstnAcctoRltmMesureDnsty/kpubdata_2026-09/gangnam_full_page.raw.json"
    recorded = orjson.loads(path.read_bytes())["response"]["body"]
    with agencies(korea(2026, 9, 9, 18, 1)) as served:
        reply = air(served, "getMsrstnAcctoRltmMesureDnsty", stationName="강남구", dataTerm="daily")
    assert set(rows_of(reply)[0]) == set(recorded["items"][0])
    assert [row["dataTime"] for row in rows_of(reply)] == [row["dataTime"] for row in recorded["items"]]
    assert reply.total == recorded["totalCount"]


def test_all_values_are_texts_a_missing_one_is_a_dash_with_a_flag_and_without_a_grade() -> None:
    missing = 0
    with agencies(EVENING) as served:
        for step in range(12):
            served.now = EVENING + timedelta(hours=step)
            for page in (1, 2, 3):
                reply = air(served, "getCtprvnRltmMesureDnsty", sidoName="전국", ver="1.3", pageNo=page)
                for row in rows_of(reply):
                    assert all(value is None or type(value) is str for value in row.values())
                    for name in ("so2", "co", "o3", "no2", "pm10", "pm25"):
                        if row[f"{name}Value"] == "-":
                            missing += 1
                            assert row[f"{name}Flag"] in FLAGS
                            assert row[f"{name}Grade"] is None
                        else:
                            assert row[f"{name}Flag"] is None
                            assert row[f"{name}Grade"] in {"1", "2", "3", "4"}
    assert missing > 0


def test_grades_and_the_index_follow_the_official_steps() -> None:
    assert [grade("pm10", value) for value in (30, 31, 80, 81, 150, 151)] == [1, 2, 2, 3, 3, 4]
    assert [grade("pm25", value) for value in (15, 16, 35, 36, 75, 76)] == [1, 2, 2, 3, 3, 4]
    assert air_index({"pm10": 30, "o3": 0.015}) == 50
    assert air_index({"pm10": 80, "o3": 0.12}) == 175


def test_a_grade_of_dust_is_that_of_its_daily_mean_and_grade1h_that_of_the_hour() -> None:
    with agencies(EVENING) as served:
        reply = air(served, "getMsrstnAcctoRltmMesureDnsty", stationName="강남구", dataTerm="MONTH", ver="1.3")
    rows = [row for row in rows_of(reply) if row["pm10Value"] != "-"]
    assert all(row["pm10Grade"] == str(grade("pm10", float(row["pm10Value24"] or 0))) for row in rows)
    assert all(row["pm10Grade1h"] == str(grade("pm10", float(row["pm10Value"] or 0))) for row in rows)


def test_an_hour_appears_a_quarter_past_and_midnight_is_twenty_four_o_clock() -> None:
    with agencies(korea(2026, 5, 16, 0, 14)) as served:
        asked = {"sidoName": "세종"}
        assert rows_of(air(served, "getCtprvnRltmMesureDnsty", **asked))[0]["dataTime"] == "2026-05-15 23:00"
        served.now = korea(2026, 5, 16, 0, 15)
        assert rows_of(air(served, "getCtprvnRltmMesureDnsty", **asked))[0]["dataTime"] == "2026-05-15 24:00"
        served.now = korea(2026, 5, 16, 1, 15)
        assert rows_of(air(served, "getCtprvnRltmMesureDnsty", **asked))[0]["dataTime"] == "2026-05-16 01:00"
        served.sandbox.change(issues={"getCtprvnRltmMesureDnsty 202605160100": "absent"})
        assert rows_of(air(served, "getCtprvnRltmMesureDnsty", **asked))[0]["dataTime"] == "2026-05-15 24:00"


def test_a_page_has_at_most_a_hundred_rows_and_the_last_is_followed_by_none() -> None:
    with agencies(EVENING) as served:
        pages = [
            air(served, "getCtprvnRltmMesureDnsty", sidoName="전국", numOfRows=1000, pageNo=page)
            for page in (1, 2, 3, 4)
        ]
        assert rows_of(air(served, "getCtprvnRltmMesureDnsty", sidoName="한라")) == []
    assert [len(rows_of(page)) for page in pages] == [100, 100, pages[0].total - 200, 0]
    names = [(row["sidoName"], row["stationName"]) for page in pages for row in rows_of(page)]
    assert len(set(names)) == len(names) == len(stations())
    assert len({name for _, name in names}) < len(names)  # 중구 is in six of them


def test_stations_have_their_latitude_in_dmx_and_can_be_searched() -> None:
    with agencies(EVENING) as served:
        [row] = rows_of(air(served, "getMsrstnList", addr="서울", stationName="강남구"))
        assert 37 < float(row["dmX"] or 0) < 38
        assert 126 < float(row["dmY"] or 0) < 128
        assert air(served, "getMsrstnList").total == len(stations())
        assert rows_of(air(served, "getMsrstnList", stationName="없음")) == []


@pytest.mark.recorded
def test_the_station_list_has_keys_of_the_recorded_one(recorded_data: Path) -> None:
    recorded = orjson.loads((recorded_data / "airkorea/getMsrstnList/stationInfo.json").read_bytes())
    with agencies(EVENING) as served:
        [row] = rows_of(air(served, "getMsrstnList", addr="서울", stationName="강남구"))
    shared = [key for key in recorded[0] if key in row]
    assert list(row) == shared


def test_the_forecast_of_a_day_has_nineteen_zones_and_the_issues_that_are_out() -> None:
    with agencies(korea(2026, 9, 9, 11, 9)) as served:
        asked = {"searchDate": "2026-09-09", "InformCode": "PM10"}
        assert {row["dataTime"] for row in rows_of(air(served, "getMinuDustFrcstDspth", **asked))} == {
            "2026-09-09 05시 발표"
        }
        served.now += timedelta(minutes=1)
        rows = rows_of(air(served, "getMinuDustFrcstDspth", **asked))
        assert [row["dataTime"] for row in rows] == ["2026-09-09 11시 발표"] * 2 + ["2026-09-09 05시 발표"] * 2
        assert [row["informData"] for row in rows[:2]] == ["2026-09-09", "2026-09-10"]
        for row in rows:
            grades = (row["informGrade"] or "").split(",")
            assert len(grades) == 19
            assert all(re.fullmatch(r"[가-힣]+ : (좋음|보통|나쁨|매우나쁨)", text) for text in grades)
        served.now = korea(2026, 9, 9, 23, 30)
        assert air(served, "getMinuDustFrcstDspth", searchDate="2026-09-09").total == 24
        assert rows_of(air(served, "getMinuDustFrcstDspth", searchDate="2026-09-10")) == []
        assert list(rows_of(air(served, "getMinuDustFrcstDspth"))[0]) == ["dataTime", "informCode"]


def test_a_missing_or_malformed_parameter_is_an_error_without_a_body() -> None:
    with agencies(EVENING) as served:
        assert air(served, "getCtprvnRltmMesureDnsty").json["response"]["header"]["resultCode"] == "11"
        wrong = air(served, "getMsrstnAcctoRltmMesureDnsty", stationName="강남구", dataTerm="WEEK").json["response"]
    assert (list(wrong), wrong["header"]["resultCode"]) == (["header"], "10")


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("getCtprvnRltmMesureDnsty", {"sidoName": "서울", "ver": "1.3"}),
        ("getMsrstnList", {"addr": "제주"}),
        ("getMinuDustFrcstDspth", {"searchDate": "2026-09-09"}),
    ],
)
def test_xml_says_what_json_says(operation: str, parameters: dict[str, str]) -> None:
    with agencies(EVENING) as served:
        in_json = rows_of(air(served, operation, **parameters))
        in_xml = air(served, operation, **parameters, returnType="xml").xml
    read = [{child.tag: child.text or "" for child in item} for item in in_xml.iterfind("body/items/item")]
    assert read == [{key: value or "" for key, value in row.items()} for row in in_json]


@pytest.mark.recorded
def test_dust_by_month_is_like_the_recorded_hours(recorded_data: Path) -> None:
    recorded: dict[int, list[float]] = {}
    for path in sorted((recorded_data / "kma/pm10_hourly").glob("*/*.csv.gz")):
        with gzip.open(path, "rt") as lines:
            for row in csv.DictReader(lines):
                if float(row["PM10"]) > 0:
                    recorded.setdefault(int(row["TM"][4:6]), []).append(float(row["PM10"]))
    served = Air(Sky(20260701), 20260701)
    chosen = tuple(at for at in stations() if at.name in {"종로구", "수성구", "안동시", "전주시"})
    for month in (1, 4, 7, 10):
        start = hour_number(korea(2024, month, 1))
        hours = tuple(start + step + year * 8766 for year in range(4) for step in range(0, 720, 5))
        dust = served.measured(chosen, hours)["pm10"]
        assert dust.mean() == pytest.approx(np.mean(recorded[month]), rel=0.35), month
