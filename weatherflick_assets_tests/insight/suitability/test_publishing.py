"""Scores of places: by their own cell's hours, gated by warnings, none without evidence, 0 where closed, and the reasons."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from weatherflick_assets.insight.changes.publish import publish_changes
from weatherflick_assets.insight.suitability.country import NO_FORECAST
from weatherflick_assets.insight.suitability.due import due
from weatherflick_assets.insight.suitability.warnings import DANGERS
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets_tests.insight.recommendations.recommending import recommended
from weatherflick_assets_tests.insight.suitability.country import (
    GANGNEUNG,
    ISSUE,
    JEJU,
    SEOUL,
    TODAY,
    TOMORROW,
    clock,
    forecast,
    insert,
    place,
    scored,
    suitability,
    warn,
)

PALACE, BEACH, HILL, MUSEUM, FESTIVAL, CAMP = "HS010100", "NA020900", "NA010100", "VE070100", "EV010200", "AC050100"


def query(dsn: str, text: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(text).fetchall()  # type: ignore[arg-type]


def rain_from(first: int, last: int, amount: float) -> Callable[[int], float]:
    return lambda hour: amount if first <= hour < last else 0.0


def others(dsn: str, count: int) -> None:
    """Further places with a whole forecast: an issue with too many days without a score is held back."""
    for number in range(count):
        cell = (70 + number, 100)
        place(dsn, f"other {number}", PALACE, cell)
        forecast(dsn, cell)


def test_a_fine_day_is_excellent_for_sights_and_each_place_has_its_own_cell(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "palace of the south", PALACE, JEJU)
    forecast(store)
    forecast(store, JEJU, days={TOMORROW: {"precipitation_mm": rain_from(14, 17, 4.0), "sky": "overcast"}})
    found = scored(store)
    assert found.verdict.passed
    assert (found.cells, found.places, found.without) == (2, 2, {})
    fine, wet = suitability(store, "palace"), suitability(store, "palace of the south")
    assert (fine["score"], fine["level"], fine["limiting"]) == (96, "excellent", None)
    assert fine["reason_ko"] == "날씨 좋음"
    # Effective temperature 21.8: 36 of 40; cloud 96 %: 4 of 20; 12 mm: 0 of 30; wind 10.
    assert (wet["score"], wet["limiting"]) == (50, "rain")
    assert (wet["reason_ko"], wet["reason_en"]) == ("오후에 비 12 mm", "12 mm of rain in the afternoon")
    assert (wet["precipitation_mm"], wet["rain_loss"], wet["sky_loss"], wet["temperature_loss"]) == (12, 30, 16, 4)


def test_poor_days_outdoors_send_people_indoors_where_the_same_rain_costs_little(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    forecast(store, days={TOMORROW: {"precipitation_mm": 3.0, "sky": "overcast"}})
    scored(store)
    outside, inside = suitability(store, "palace"), suitability(store, "museum")
    assert outside["level"] == "poor"
    assert outside["reason_ko"].endswith("mm, 실내 추천")
    assert outside["reason_en"].endswith("mm of rain: better indoors")
    assert (inside["activity"], inside["score"], inside["limiting"]) == ("indoor", 69, "rain")
    assert "실내" not in inside["reason_ko"]
    assert inside["score"] > outside["score"]


@pytest.mark.parametrize("level", ["warning", "critical"])
@pytest.mark.parametrize("phenomenon", ["호우", "태풍", "폭염", "새로운것"])
def test_a_warning_leaves_nothing_of_a_day_outdoors(store: str, phenomenon: str, level: str) -> None:
    place(store, "palace", PALACE)
    forecast(store)
    warn(store, phenomenon, level)
    found = scored(store)
    assert found.verdict.passed
    row = suitability(store, "palace", TODAY)
    assert (row["score"], row["level"], row["limiting"]) == (0, "not_recommended", "warning")
    assert row["reason_ko"].startswith(phenomenon)
    assert row["reason_ko"].endswith("권하지 않음")
    assert suitability(store, "palace", TODAY + timedelta(days=2))["score"] == 96


def test_an_advisory_costs_much_and_indoors_heat_costs_little(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    place(store, "hill", HILL)
    forecast(store)
    warn(store, "폭염", "advisory")
    warn(store, "건조", "advisory")
    scored(store)
    outside, inside, hill = (suitability(store, name, TODAY) for name in ("palace", "museum", "hill"))
    assert outside["score"] == pytest.approx(96 * 0.4, abs=0.05)
    assert (outside["warning"], outside["reason_ko"]) == ("폭염 advisory", "폭염주의보, 실내 추천")
    assert outside["reason_en"] == "Heat advisory: better indoors"
    assert inside["score"] == pytest.approx(80 * 0.9, abs=0.05)
    assert hill["score"] == pytest.approx(hill["weather_score"])
    assert hill["warning"] == "폭염 advisory"
    assert set(DANGERS) >= {"폭염", "건조"}


def test_a_warning_counts_from_when_it_is_in_force_until_it_is_lifted(store: str) -> None:
    place(store, "palace", PALACE)
    forecast(store)
    warn(store, "강풍", "warning", hours=20, lifted_at=ISSUE + timedelta(hours=40))
    scored(store)
    scores = {ahead: suitability(store, "palace", TODAY + timedelta(days=ahead))["score"] for ahead in range(3)}
    assert scores == {0: 96, 1: 0, 2: 96}, "from 01:00 tomorrow to 21:00"


def test_without_enough_of_the_forecast_there_is_no_score_and_never_a_0(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "beach", BEACH)
    place(store, "far", PALACE, GANGNEUNG)
    forecast(store, days={TOMORROW: {"sky": None}}, without={TODAY + timedelta(days=2): tuple(range(8, 19))})
    others(store, 4)
    found = scored(store)
    assert found.without == {NO_FORECAST: 1}
    unknown = suitability(store, "palace")
    assert (unknown["score"], unknown["level"], unknown["limiting"]) == (None, None, None)
    assert (unknown["reason_ko"], unknown["reason_en"]) == (
        "예보가 부족해 점수 없음",
        "No score: too little of the forecast is known",
    )
    assert suitability(store, "palace", TODAY + timedelta(days=2))["score"] is None
    assert suitability(store, "beach", activity="beach")["score"] is None
    assert query(store, "SELECT count(*) FROM insight.suitability WHERE content_id = 'far'") == [(0,)]


def test_a_missing_value_leaves_those_without_a_score_that_need_it(store: str) -> None:
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    place(store, "hill", HILL)
    place(store, "palace", PALACE)
    forecast(store, days={TOMORROW: {"humidity": None}})
    others(store, 1)
    scored(store)
    assert suitability(store, "museum")["score"] == 80
    assert suitability(store, "hill")["score"] is not None
    assert suitability(store, "palace")["score"] is None


def test_too_many_days_without_a_score_hold_an_issue_back_and_the_one_before_stands(store: str) -> None:
    place(store, "palace", PALACE)
    forecast(store)
    assert scored(store).verdict.passed
    later = ISSUE + timedelta(hours=3)
    forecast(store, issue=later, outlook={"temperature_max": None})
    held = scored(store, later)
    assert not held.verdict.passed
    assert query(store, "SELECT DISTINCT issued_at FROM insight.suitability_of_cells") == [(ISSUE,)]


def test_the_hours_of_daylight_and_opening_count(store: str) -> None:
    wet_morning = {"precipitation_mm": rain_from(6, 9, 5.0)}
    place(store, "always", PALACE)
    place(store, "afternoon", PALACE, opens_at=clock("12:00"), closes_at=clock("18:00"))
    place(store, "at night", PALACE, opens_at=clock("21:00"), closes_at=clock("02:00"))
    place(store, "camp", CAMP, kind="leisure_sports")
    forecast(store, days={TOMORROW: wet_morning})
    scored(store)
    found = {name: suitability(store, name) for name in ("always", "afternoon", "at night", "camp")}
    amounts = {name: row["precipitation_mm"] for name, row in found.items()}
    assert amounts == {"always": 15, "afternoon": 0, "at night": 0, "camp": 15}
    hours = {name: row["hours"] for name, row in found.items()}
    assert hours == {"always": 14, "afternoon": 6, "at night": 6, "camp": 24}, "sunrise is before 6, sunset after 19"
    assert found["always"]["reason_ko"].startswith("오전에 비 15 mm")


def test_of_today_only_the_hours_after_the_issue_count_and_an_evening_has_no_day_left(store: str) -> None:
    noon, evening = ISSUE.replace(hour=14), ISSUE.replace(hour=20)
    place(store, "palace", PALACE)
    for issue in (noon, evening):
        forecast(store, issue=issue)
        assert scored(store, issue).verdict.passed
    hours = query(store, f"SELECT issued_at, hours FROM insight.suitability WHERE day = '{TODAY}' ORDER BY 1")
    assert hours == [(noon, 5)]


def test_a_cell_that_was_not_asked_for_counts_by_what_was_said_of_it_last(store: str) -> None:
    place(store, "seoul", PALACE)
    place(store, "jeju", PALACE, JEJU)
    forecast(store, issue=ISSUE - timedelta(hours=9))
    forecast(store, JEJU)
    scored(store)
    old, new = suitability(store, "seoul"), suitability(store, "jeju")
    assert (old["said_at"], new["said_at"]) == (ISSUE - timedelta(hours=9), ISSUE)
    assert old["score"] == new["score"] == 96


def test_days_of_the_mid_term_forecast_are_the_mean_of_a_dry_day_and_of_wet_ones(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    forecast(store, outlook={"precipitation_probability": 60.0, "temperature_max": 27.0})
    scored(store)
    row = suitability(store, "palace", TODAY + timedelta(days=6))
    # September: usual humidity 66 %: effective temperature 24.7, so 40 + 20 + P + 10; P is 27.7 on wet days in the mean.
    wet = 3 * (0.44 * 9 + 0.13 * 8 + 0.08 * 5 + 0.05 * 2 - 0.17)
    assert row["source"] == "mid_term"
    assert row["score"] == pytest.approx(70 + 0.4 * 30 + 0.6 * wet, abs=0.06)
    assert (row["precipitation_mm"], row["precipitation_probability"], row["hours"]) == (None, 60, None)
    assert row["reason_ko"] == "비나 눈이 올 확률 60%"


def test_bad_air_costs_a_day_outdoors_a_part_and_unknown_air_nothing(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    place(store, "east", PALACE, GANGNEUNG)
    forecast(store)
    forecast(store, GANGNEUNG)
    for zone, region, day, grade in (
        ("서울", "11", TOMORROW, "very_bad"), ("영동", "51", TOMORROW, "good"), ("영서", "51", TOMORROW, "very_bad"),
    ):  # fmt: skip
        insert(
            store, "core.air_quality_forecasts", zone_name=zone, pollutant="pm25", day=day, issued_at=ISSUE, grade=grade,
            region_code=region, recorded_at=ISSUE, source_response_id=1,
        )  # fmt: skip
    for number, (name, grade) in enumerate((("가까운 곳", "bad"), ("먼 곳", "very_bad"))):
        insert(
            store, "core.air_stations_of_cells", nx=SEOUL[0], ny=SEOUL[1], place=number + 1, sido_name="서울",
            station_name=name, distance_km=number + 1, recorded_at=ISSUE, source_response_id=1,
        )  # fmt: skip
        insert(
            store, "core.air_quality", sido_name="서울", station_name=name, measured_at=ISSUE, pm10_grade=grade,
            recorded_at=ISSUE, source_response_id=1,
        )  # fmt: skip
    scored(store)
    today, tomorrow = suitability(store, "palace", TODAY), suitability(store, "palace")
    assert (today["air_grade"], tomorrow["air_grade"]) == ("bad", "very_bad")
    assert today["score"] == pytest.approx(96 * 0.7, abs=0.05)
    assert (tomorrow["score"], tomorrow["limiting"]) == (pytest.approx(96 * 0.3, abs=0.05), "air")
    assert (tomorrow["reason_ko"], tomorrow["reason_en"]) == (
        "대기질 매우 나쁨, 실내 추천",
        "Very bad air: better indoors",
    )
    assert suitability(store, "museum")["score"] == pytest.approx(80 * 0.8, abs=0.05)
    assert (suitability(store, "east")["air_grade"], suitability(store, "east")["score"]) == ("good", 96)
    assert suitability(store, "palace", TODAY + timedelta(days=2))["air_grade"] is None
    assert suitability(store, "palace", TODAY + timedelta(days=2))["score"] == 96


def test_what_it_feels_like_at_its_extremes_takes_its_share(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "museum", MUSEUM, kind="cultural_facilities")
    hot = {"temperature": 36.0, "feels_like": 38.2, "humidity": 70.0}
    forecast(store, days={TOMORROW: hot, TODAY + timedelta(days=2): {**hot, "feels_like": 35.0}})
    scored(store)
    assert suitability(store, "palace")["score"] == 0
    assert suitability(store, "palace")["reason_en"] == "Feels like 38 °C: not recommended"
    milder = suitability(store, "palace", TODAY + timedelta(days=2))
    assert milder["feels_like_loss"] == pytest.approx(milder["score"], abs=0.1)
    assert suitability(store, "museum")["score"] == pytest.approx(80 * 0.8, abs=0.05)


def test_an_event_is_recommended_on_its_days_alone_and_not_if_it_is_cancelled(store: str) -> None:
    for name, first, last, progress in (
        ("now", TODAY, TOMORROW, None), ("over", TODAY - timedelta(days=9), TODAY, None),
        ("later", TOMORROW + timedelta(days=1), TOMORROW + timedelta(days=3), None), ("off", TODAY, TOMORROW, "취소"),
        ("unknown", None, None, None),
    ):  # fmt: skip
        place(store, name, FESTIVAL, kind="festivals", event_start_date=first, event_end_date=last, progress=progress)
    forecast(store)
    scored(store)
    found = {name: suitability(store, name) for name in ("now", "over", "later", "off", "unknown")}
    assert {name: (row["score"], row["is_open"], row["reason_en"]) for name, row in found.items()} == {
        "now": (96, True, "Good weather"),
        "over": (0, False, "Over"),
        "later": (0, False, "Not yet on"),
        "off": (0, False, "Cancelled or put off"),
        "unknown": (96, None, "Good weather"),
    }
    assert found["over"]["weather_score"] == 96
    assert found["over"]["limiting"] == "closed"


def test_a_place_is_closed_on_its_days_of_rest_and_what_is_not_known_stays_unknown(store: str) -> None:
    chuseok = date(2026, 9, 25)
    late = ISSUE.replace(month=9, day=24)
    insert(store, "core.holidays", day=chuseok, name="추석", is_public=True, recorded_at=ISSUE, source_response_id=1)
    texts = {
        "all year": "연중무휴", "fridays": "매주 금요일", "fridays, moved": "매주 금요일 (단, 금요일이 공휴일인 경우 다음날 휴관)",
        "festivals": "설·추석 당일", "sometimes": "매월 둘째 화요일", "holidays": "매주 월요일 / 법정공휴일", "silent": None,
    }  # fmt: skip
    for name, text in texts.items():
        place(store, name, PALACE, rest_days=text)
    forecast(store, issue=late)
    scored(store, late)
    is_open = {name: suitability(store, name, chuseok)["is_open"] for name in texts}
    assert is_open == {
        "all year": True, "fridays": False, "fridays, moved": None, "festivals": False, "sometimes": None,
        "holidays": False, "silent": None,
    }  # fmt: skip
    closed = suitability(store, "fridays", chuseok)
    assert (closed["score"], closed["reason_ko"], closed["holiday"]) == (0, "쉬는 날", "추석")
    assert suitability(store, "silent", chuseok)["score"] == 96
    assert suitability(store, "fridays", chuseok + timedelta(days=1))["is_open"] is True


def test_a_class_that_is_not_known_or_not_rated_has_no_score_and_the_reason_is_told(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "ski", "LS010800", kind="leisure_sports")
    place(store, "strange", "ZZ990000")
    place(store, "without", None)
    forecast(store)
    found = scored(store)
    assert found.places == 4
    assert found.without == {
        "Skiing wants cold and snow, which no index here rates.": 1,
        "The class is not known.": 2,
    }
    assert query(store, "SELECT DISTINCT content_id FROM insight.suitability") == [("palace",)]


def test_what_one_can_do_follows_the_places(store: str) -> None:
    place(store, "palace", PALACE)
    place(store, "beach", BEACH)
    forecast(store)
    scored(store)
    with psycopg.connect(store) as connection:
        connection.execute("UPDATE core.attractions SET removed_at = now() WHERE content_id = 'palace'")
        connection.execute("UPDATE core.attractions SET class_code = %s WHERE content_id = 'beach'", (HILL,))
    scored(store)
    assert query(store, "SELECT content_id, activity FROM insight.activities_of_places") == [("beach", "hiking")]


def test_scoring_again_changes_nothing_and_an_issue_without_an_outlook_says_what_to_do(store: str) -> None:
    place(store, "beach", BEACH)
    place(store, "museum", MUSEUM, JEJU, kind="cultural_facilities")
    forecast(store)
    forecast(store, JEJU)
    scored(store)
    before = sorted(query(store, "SELECT * FROM insight.suitability_of_cells"), key=str)
    scored(store)
    assert sorted(query(store, "SELECT * FROM insight.suitability_of_cells"), key=str) == before
    with pytest.raises(NothingCollectedError, match="Publish core/daily_forecasts of this partition first"):
        scored(store, ISSUE + timedelta(days=3))


def test_how_sure_a_day_is_follows_the_errors_of_forecasts_made_as_far_ahead(store: str) -> None:
    place(store, "palace", PALACE)
    forecast(store)
    for ahead, error in ((0, 1.0), (1, 1.5), (7, 3.0)):
        insert(
            store, "insight.forecast_skill", day=TODAY - timedelta(days=1), region_code="all", element="temperature_max",
            source="short_term", lead_hours=24 * ahead, compared=10, bias=0, mean_absolute_error=error,
            root_mean_square_error=error, measured_at=ISSUE,
        )  # fmt: skip
    scored(store)
    sure = {ahead: suitability(store, "palace", TODAY + timedelta(days=ahead))["confidence"] for ahead in (0, 1, 2, 7)}
    assert sure == pytest.approx({0: 1.0, 1: 0.95, 2: None, 7: 0.68})


def test_an_issue_is_due_once_it_is_published_and_again_when_what_counts_has_changed(store: str) -> None:
    def wanted(minutes: int) -> list[Any]:
        with psycopg.connect(store) as connection:
            return due(connection, ISSUE + timedelta(minutes=minutes))

    def follow_up(minutes: int) -> None:
        recommended(store, minutes=minutes)
        publish_changes(store, ISSUE, clock=lambda: ISSUE + timedelta(minutes=minutes))

    assert wanted(15) == []
    forecast(store)
    assert wanted(15) == [], "there is no place to score"
    place(store, "palace", PALACE)
    assert wanted(15) == [ISSUE]
    follow_up(20)
    assert wanted(25) == []
    insert(
        store, "core.weather_warnings", zone_code="zone", phenomenon="호우", level="warning", zone_name="서울",
        status="in_force", announced_at=ISSUE, effective_at=ISSUE, last_told_at=ISSUE,
        recorded_at=ISSUE + timedelta(minutes=30), source_response_id=1,
    )  # fmt: skip
    assert wanted(35) == [ISSUE]
    follow_up(36)
    assert wanted(40) == []
