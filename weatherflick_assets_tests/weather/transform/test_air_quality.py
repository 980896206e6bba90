"""Measurements of the air become rows with the values that they hold."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.weather.airkorea import OPERATIONS
from weatherflick_assets.weather.transform.air_quality import (
    GRADE_STEPS,
    GRADES,
    POLLUTANTS,
    grades,
    measured_at,
    station_rows,
)

OPERATION_BY_NAME = {operation.name: operation for operation in OPERATIONS}

TIMES = {
    "2026-05-16 16:00": datetime(2026, 5, 16, 16, tzinfo=KST),
    "2026-05-16 24:00": datetime(2026, 5, 17, tzinfo=KST),
    "2026-12-31 24:00": datetime(2027, 1, 1, tzinfo=KST),
    "2026-05-16 00:00": datetime(2026, 5, 16, tzinfo=KST),
    "2026-05-16 24:01": None,
    "2026-05-16": None,
    "-": None,
    "": None,
    None: None,
    20260516: None,
}


@pytest.mark.parametrize(("text", "time"), TIMES.items())
def test_a_measurement_of_24_00_is_one_of_the_next_day(text: object, time: datetime | None) -> None:
    assert measured_at(text) == time


def item(**changes: Any) -> dict[str, Any]:
    return {
        "sidoName": "서울", "stationName": "중구", "dataTime": "2026-05-16 16:00", "so2Value": "0.003", "coValue": "0.2",
        "o3Value": "0.075", "no2Value": "0.009", "pm10Value": "41", "pm25Value": "11", "khaiValue": "88",
        "pm10Flag": None, **changes,
    }  # fmt: skip


def test_a_measurement_has_its_values() -> None:
    rows, problems = station_rows([item()], response_id=7)
    assert not problems
    (row,) = rows.to_dict("records")
    assert [row[column] for column in POLLUTANTS] == [0.003, 0.2, 0.075, 0.009, 41, 11, 88]
    assert (row["sido_name"], row["station_name"], row["source_response_id"]) == ("서울", "중구", 7)
    assert row["measured_at"] == datetime(2026, 5, 16, 16, tzinfo=KST)


def test_a_dust_storm_is_no_sentinel() -> None:
    rows, problems = station_rows([item(pm10Value="2941")], response_id=7)
    assert not problems
    assert rows["pm10_ugm3"].tolist() == [2941]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pm10Value": "-"}, None),
        ({"pm10Value": ""}, None),
        ({"pm10Value": None}, None),
        ({"pm10Value": "많음"}, "pm10_ugm3_unreadable"),
        ({"pm10Value": "-999"}, None),
        ({"pm10Value": "-3"}, "pm10_ugm3_negative"),
        ({"pm10Flag": "통신장애"}, "sensor_failed"),
        ({"pm10Flag": "점검및교정", "pm10Value": "41"}, "sensor_failed"),
    ],
)
def test_a_bad_value_costs_itself_alone(changes: dict[str, Any], reason: str | None) -> None:
    rows, problems = station_rows([item(**changes)], response_id=7)
    assert problems == ({reason: 1} if reason else {})
    assert rows["pm10_ugm3"].isna().all()
    assert rows["pm25_ugm3"].tolist() == [11]


def test_stations_of_one_name_in_two_regions_are_two_and_a_repeated_measurement_is_one() -> None:
    rows, problems = station_rows([item(), item(sidoName="부산"), item(pm10Value="99")], response_id=7)
    assert problems == {"measurement_repeated": 1}
    assert list(zip(rows["sido_name"], rows["pm10_ugm3"], strict=True)) == [("서울", 41), ("부산", 41)]


def test_what_has_no_station_or_time_is_counted() -> None:
    rows, problems = station_rows([item(stationName=""), item(dataTime=None), item(sidoName=None)], response_id=7)
    assert (len(rows), problems) == (0, {"station_missing": 2, "time_missing": 1})
    assert len(station_rows([item(sidoName=None)], sido_name="서울", response_id=7).rows) == 1


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("file", "count"), [("kosmos_2026-05-16/airkorea-ctprvn.body", None), ("kpubdata_2026-09/seoul.raw.json", 10)]
)
def test_recorded_measurements_are_read_value_by_value(file: str, count: int | None, recorded_data: Path) -> None:
    body = (recorded_data / "airkorea" / "getCtprvnRltmMesureDnsty" / file).read_bytes()
    items = read_answer(OPERATION_BY_NAME["getCtprvnRltmMesureDnsty"], Reply(200, {}, body)).items
    rows, problems = station_rows(items, response_id=7)
    assert len(rows) == len(items) == (count or len(items)) > 0
    assert not {reason for reason in problems if reason.endswith(("unreadable", "missing"))}
    for row, given in zip(rows.to_dict("records"), items, strict=True):
        for column, field in POLLUTANTS.items():
            written = given.get(f"{field}Value")
            if given.get(f"{field}Flag") or written in (None, "-", ""):
                assert row[column] != row[column]
            else:
                assert row[column] == float(str(written))


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("pm10_ugm3", (0, 30, 31, 80, 81, 150, 151, 600, float("nan"))),
        ("pm25_ugm3", (0, 15, 16, 35, 36, 75, 76, 500, float("nan"))),
        ("o3_ppm", (0, 0.03, 0.031, 0.09, 0.091, 0.15, 0.151, 600, float("nan"))),
    ],
)
def test_grades_end_at_their_greatest_values(column: str, values: tuple[float, ...]) -> None:
    assert set(GRADE_STEPS) == set(POLLUTANTS)
    assert grades(column, values).tolist() == [*(grade for grade in GRADES for _ in (1, 2)), None]


@pytest.mark.recorded
@pytest.mark.parametrize("file", ["kosmos_2026-05-16/airkorea-ctprvn.body", "kpubdata_2026-09/seoul.raw.json"])
def test_recorded_grades_of_hourly_values_are_ours(file: str, recorded_data: Path) -> None:
    """The grades of dust are those of the mean of 24 hours, which these answers don't have."""
    body = (recorded_data / "airkorea" / "getCtprvnRltmMesureDnsty" / file).read_bytes()
    items = read_answer(OPERATION_BY_NAME["getCtprvnRltmMesureDnsty"], Reply(200, {}, body)).items
    rows, _ = station_rows(items, response_id=7)
    compared = 0
    for column in ("so2_ppm", "co_ppm", "o3_ppm", "no2_ppm", "air_quality_index"):
        for found, one in zip(grades(column, rows[column]), items, strict=True):
            written = one.get(f"{POLLUTANTS[column]}Grade")
            if written and found:
                compared += 1
                assert found == GRADES[int(str(written)) - 1]
    assert compared > 20
