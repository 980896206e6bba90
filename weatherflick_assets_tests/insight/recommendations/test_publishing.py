"""Lists of an issue: the best of each area, varied, indoors if it rains, and nothing of which too little is known."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest

from weatherflick_assets.insight.changes.publish import publish_changes
from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.recommendations.topics import TOPICS
from weatherflick_assets.insight.suitability.due import due
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets_tests.insight.recommendations.recommending import (
    BEACH,
    FESTIVAL,
    HILL,
    JEJUS_AREA,
    MUSEUM,
    PALACE,
    SHRINE,
    ids,
    recommended,
    rows,
    spot,
)
from weatherflick_assets_tests.insight.suitability.country import (
    GANGNEUNG,
    ISSUE,
    JEJU,
    SEOUL,
    TODAY,
    TOMORROW,
    forecast,
    scored,
    warn,
)

RAIN = {"precipitation_mm": 3.0, "sky": "overcast"}


def query(dsn: str, text: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(text).fetchall()  # type: ignore[arg-type]


def town(dsn: str, of_each: int = 4) -> None:
    """Sights outdoors and indoors."""
    for number in range(of_each):
        spot(dsn, f"palace {number}", PALACE)
        spot(dsn, f"shrine {number}", SHRINE)
        spot(dsn, f"museum {number}", MUSEUM, kind="cultural_facilities")


def test_a_fine_day_is_recommended_outdoors_and_rain_moves_the_list_indoors(store: str) -> None:
    town(store)
    forecast(store, days={TOMORROW: RAIN})
    found = recommended(store)
    assert found.verdict.passed, found.verdict.summary()
    fine, wet = rows(store, day=TODAY + timedelta(days=2)), rows(store)
    assert [row["activity"] for row in fine] == ["sightseeing"] * 8 + ["indoor"] * 4
    assert [row["activity"] for row in wet] == ["indoor"] * 4, "a palace in the rain is not even fair"
    assert {row["content_id"][:6] for row in wet} == {"museum"}
    assert (fine[0]["suitability"], fine[0]["level"], fine[0]["score"]) == (96, "excellent", 96)
    assert fine[0]["reasons"] == {"ko": ["날씨 좋음"], "en": ["Good weather"]}
    assert wet[0]["reasons"]["ko"][0].endswith("mm")
    of_tomorrow = next(day for day in found.days if day.day == TOMORROW)
    assert (of_tomorrow.places, of_tomorrow.indoors) == (4, 1)


def test_the_alternative_if_it_rains_is_there_on_a_fine_day_too(store: str) -> None:
    town(store)
    forecast(store)
    recommended(store)
    assert {row["activity"] for row in rows(store, "indoor")} == {"indoor"}
    assert len(rows(store, "indoor")) == 4


def test_every_topic_has_its_list_and_one_does_not_travel_for_a_meal_or_a_bed(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "beach", BEACH)
    spot(store, "diner", "FD010100", kind="restaurants")
    spot(store, "festival", FESTIVAL, kind="festivals", event_start_date=TODAY, event_end_date=TOMORROW)
    forecast(store)
    recommended(store)
    assert sorted(ids(store)) == ["beach", "festival", "palace"]
    assert ids(store, "restaurants") == ["diner"]
    assert ids(store, "indoor") == []
    assert ids(store, "festivals") == ids(store, "outdoor_event") == ["festival"]
    assert ids(store, "beach") == ["beach"]
    assert {topic for (topic,) in query(store, "SELECT DISTINCT topic FROM insight.recommendations")} <= set(TOPICS)
    (festival,) = rows(store, "festivals")
    assert festival["is_open"] is True
    assert festival["reasons"]["ko"] == ["날씨 좋음", "행사 기간"]


def test_ten_places_of_a_list_are_of_three_classes(store: str) -> None:
    for number in range(20):
        spot(store, f"palace {number}", PALACE)
    spot(store, "hill", HILL, image_url=None, completeness=0)
    spot(store, "shrine", SHRINE, image_url=None, completeness=0)
    forecast(store)
    recommended(store)
    listed = rows(store)
    assert len(listed) == 20
    assert len({row["class_code"] for row in listed[:10]}) == 3


def test_what_can_be_shown_of_a_place_counts_and_what_is_not_known_does_not(store: str) -> None:
    spot(store, "shown", PALACE, detail_completeness=1)
    spot(store, "not yet asked for", SHRINE)
    spot(store, "without words", HILL, detail_completeness=0)
    spot(store, "without picture", MUSEUM, kind="cultural_facilities", image_url=None, completeness=0.4)
    forecast(store)
    recommended(store)
    appeal = dict(query(store, "SELECT content_id, appeal FROM insight.appeal_of_places"))  # type: ignore[arg-type]
    assert appeal == pytest.approx(
        {"shown": 1, "not yet asked for": 1, "without words": 0.75, "without picture": 0.4 / 3}, abs=1e-4
    )
    known = query(store, "SELECT DISTINCT popularity FROM insight.appeal_of_places")
    assert known == [(None,)], "nobody says how many go to a place, which is not the same as nobody goes"
    listed = {row["content_id"]: row for row in rows(store)}
    museum = listed["without picture"]
    assert museum["suitability"] == 80
    assert museum["score"] == pytest.approx(80 * (1 - 0.25 * (1 - 0.4 / 3)), abs=0.06)
    assert listed["shown"]["score"] == listed["not yet asked for"]["score"] == 96


def test_what_is_closed_over_gated_or_not_known_is_not_recommended(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "closed", PALACE, rest_days="매주 목요일")
    spot(store, "over", FESTIVAL, kind="festivals", event_start_date=TODAY, event_end_date=TODAY)
    spot(store, "off", FESTIVAL, kind="festivals", event_start_date=TODAY, event_end_date=TOMORROW, progress="취소")
    spot(store, "nowhere", PALACE, GANGNEUNG, area="32")
    spot(store, "strange", "ZZ990000")
    spot(store, "without an area", PALACE, area=None)
    forecast(store)
    warn(store, "호우", "warning")
    recommended(store)
    assert TOMORROW.isoweekday() == 4
    assert ids(store) == ["palace"]
    assert ids(store, day=TODAY) == [], "a 경보 leaves nothing"
    assert ids(store, area="32") == []
    assert query(store, "SELECT DISTINCT kto_area_code FROM insight.recommendations") == [("1",)]


def test_each_area_has_lists_of_its_own_weather(store: str) -> None:
    town(store, 1)
    spot(store, "palace of the south", PALACE, JEJU, JEJUS_AREA)
    forecast(store, days={TOMORROW: RAIN})
    forecast(store, JEJU)
    recommended(store)
    assert ids(store) == ["museum 0"]
    assert ids(store, area=JEJUS_AREA) == ["palace of the south"]
    of_areas = query(
        store,
        "SELECT kto_area_code, places, good, score, rain_loss FROM insight.suitability_of_areas "
        f"WHERE activity = 'sightseeing' AND day = '{TOMORROW}' ORDER BY 1",
    )
    assert [(area, places, good) for area, places, good, *_ in of_areas] == [("1", 2, 0), (JEJUS_AREA, 1, 1)]
    assert (of_areas[1][3], of_areas[1][4]) == (96, 0)
    assert of_areas[0][3] < 50
    assert of_areas[0][4] > 30


def test_a_country_in_which_nothing_is_fair_has_no_lists_and_that_is_no_fault(store: str) -> None:
    spot(store, "palace", PALACE)
    warm = {"temperature": 40.0, "feels_like": 41.0}
    forecast(store, days={TODAY + timedelta(days=ahead): warm for ahead in range(6)}, outlook={"temperature_max": 45.0})
    found = recommended(store)
    assert found.verdict.passed
    assert (found.lists, found.rows) == (0, 0)


def test_recommending_again_changes_nothing_and_follows_the_places(store: str) -> None:
    town(store)
    forecast(store)
    recommended(store)
    read = "SELECT * FROM insight.recommendations ORDER BY kto_area_code, day, topic, rank"
    before = query(store, read)
    recommended(store)
    assert query(store, read) == before
    with psycopg.connect(store) as connection:
        connection.execute("UPDATE core.attractions SET removed_at = now()")
    recommended(store)
    assert {row["content_id"][:6] for row in rows(store)} == {"museum"}
    assert query(store, "SELECT count(*) FROM insight.appeal_of_places") == [(4,)]


def test_lists_that_break_a_rule_are_held_back_and_those_before_stand(store: str) -> None:
    town(store)
    forecast(store)
    recommended(store)
    before = ids(store)
    spot(store, "boastful", PALACE, completeness=40)
    held = recommended(store)
    assert not held.verdict.passed
    assert ids(store) == before


def test_an_issue_that_was_not_scored_says_what_to_do(store: str) -> None:
    spot(store, "palace", PALACE)
    with pytest.raises(NothingCollectedError, match="Make insight/suitability of this partition first"):
        publish_recommendations(store, ISSUE, clock=lambda: ISSUE)


def test_an_issue_that_was_scored_and_has_no_lists_or_was_not_compared_is_due_again(store: str) -> None:
    def wanted(minutes: int) -> list[Any]:
        with psycopg.connect(store) as connection:
            return due(connection, ISSUE + timedelta(minutes=minutes))

    spot(store, "palace", PALACE)
    forecast(store)
    scored(store, minutes=20)
    assert wanted(25) == [ISSUE]
    recommended(store, minutes=26)
    assert wanted(30) == [ISSUE]
    publish_changes(store, ISSUE, clock=lambda: ISSUE + timedelta(minutes=31))
    assert wanted(35) == []


def test_a_place_that_offers_two_things_stands_in_a_list_with_the_better_one(store: str) -> None:
    spot(store, "beach", BEACH, SEOUL)
    forecast(store, days={TOMORROW: {"temperature": 31.0, "feels_like": 32.0}})
    recommended(store)
    (row,) = rows(store)
    best = query(
        store,
        f"SELECT activity FROM insight.suitability WHERE day = '{TOMORROW}' ORDER BY score DESC LIMIT 1",
    )
    assert [(row["activity"],)] == best
    assert {ids(store, activity)[0] for activity in ("beach", "sightseeing")} == {"beach"}


def test_a_place_that_is_published_as_two_kinds_is_what_it_became_last(store: str) -> None:
    """KTO moved it, and the list of its former kind was not collected since."""
    forecast(store)
    spot(store, "moved", PALACE, title="former")
    spot(store, "moved", MUSEUM, kind="cultural_facilities", title="now", published_at=ISSUE + timedelta(minutes=1))
    assert recommended(store).verdict.passed
    assert [(row["content_id"], row["content_type_id"], row["activity"]) for row in rows(store)] == [
        ("moved", "14", "indoor")
    ]
