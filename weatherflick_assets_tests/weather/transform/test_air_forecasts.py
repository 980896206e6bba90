"""Forecasts of dust and ozone become rows with the grades that they hold."""

from datetime import datetime
from typing import Any

import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.air_forecasts import ZONES, air_forecast_rows, issued_at

TEXT = (
    "서울 : 나쁨,제주 : 보통,전남 : 보통,전북 : 보통,광주 : 보통,경남 : 보통,경북 : 보통,울산 : 보통,대구 : 보통,부산 : 보통,충남 : 나쁨,"
    "충북 : 보통,세종 : 보통,대전 : 보통,영동 : 좋음,영서 : 보통,경기남부 : 매우나쁨,경기북부 : 보통,인천 : 나쁨"
)


def item(**changes: Any) -> dict[str, Any]:
    return {
        "dataTime": "2024-09-18 05시 발표", "informCode": "PM10", "informData": "2024-09-19", "informGrade": TEXT, **changes,
    }  # fmt: skip


def test_a_forecast_has_the_grade_of_every_zone() -> None:
    rows, problems = air_forecast_rows([item()], response_id=7)
    assert not problems
    found = {row["zone_name"]: row for row in rows.to_dict("records")}
    assert found.keys() == ZONES.keys()
    assert {zone: found[zone]["grade"] for zone in ("서울", "영동", "경기남부", "제주")} == {
        "서울": "bad",
        "영동": "good",
        "경기남부": "very_bad",
        "제주": "moderate",
    }
    assert (found["영동"]["region_code"], found["광주"]["region_code"]) == ("51", "12")
    told = {(row["pollutant"], row["day"], row["issued_at"], row["source_response_id"]) for row in found.values()}
    assert told == {("pm10", "2024-09-19", datetime(2024, 9, 18, 5, tzinfo=KST), 7)}


@pytest.mark.parametrize("text", ["서울:나쁨, 인천 :좋음 ", " 서울 : 나쁨,인천: 좋 음,"])
def test_spaces_do_not_matter(text: str) -> None:
    rows, problems = air_forecast_rows([item(informGrade=text)], response_id=7)
    assert not problems
    assert rows["grade"].tolist() == ["bad", "good"]


@pytest.mark.parametrize(
    ("changes", "reason", "count"),
    [
        ({"informGrade": "서울 : 예보없음,인천 : 좋음"}, None, 1),
        ({"informGrade": "서울 : ?,인천 : 좋음"}, "grade_unknown", 1),
        ({"informGrade": "달 : 좋음,인천 : 좋음"}, "zone_unknown", 1),
        ({"informGrade": None}, None, 0),
        ({"informCode": "SO2"}, "forecast_unreadable", 0),
        ({"informData": ""}, "forecast_unreadable", 0),
        ({"dataTime": "2026-09-09"}, "forecast_unreadable", 0),
    ],
)
def test_what_can_not_be_read_costs_itself_alone(changes: dict[str, Any], reason: str | None, count: int) -> None:
    rows, problems = air_forecast_rows([item(**changes)], response_id=7)
    assert problems == ({reason: 1} if reason else {})
    assert len(rows) == count


@pytest.mark.parametrize("text", ["2024-09-18 24시 발표", "2024-02-30 05시 발표", "", None, 20240918])
def test_what_is_no_time_of_issue_is_none(text: object) -> None:
    assert issued_at(text) is None


def test_of_repeated_forecasts_the_first_counts() -> None:
    rows, _ = air_forecast_rows([item(informGrade="서울 : 좋음"), item(informGrade="서울 : 나쁨")], response_id=7)
    assert rows["grade"].tolist() == ["good"]
