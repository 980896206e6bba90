"""What the backend reads of changes: each place's, from today on, once each, and none of a place that is closed."""

from datetime import date, datetime, timedelta

import psycopg

from weatherflick_assets.insight.changes.publish import publish_changes
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.settings import now
from weatherflick_assets_tests.insight.changes.test_publishing import RAIN, query
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, spot
from weatherflick_assets_tests.insight.recommendations.test_serving import issue, tomorrow
from weatherflick_assets_tests.insight.suitability.country import JEJU, SEOUL, forecast

_WEEKDAYS = "월화수목금토일"


def rain_comes(dsn: str, later: datetime, day: date) -> None:
    """Publish what the last issue but one and the last say: rain on a day in Seoul, which had not been said."""
    for at, weather, chance in ((later - timedelta(hours=3), {}, 10.0), (later, RAIN, 70.0)):
        forecast(dsn, issue=at, days={day: weather}, outlook={"precipitation_probability": chance})
        forecast(dsn, JEJU, issue=at)
        publish_suitability(dsn, at, clock=now)
        assert publish_changes(dsn, at, clock=now).verdict.passed


def test_places_have_the_changes_of_their_cells_and_activities(store: str) -> None:
    later, day = issue(), tomorrow()
    spot(store, "palace", PALACE)
    spot(store, "closed", PALACE, rest_days=f"매주 {_WEEKDAYS[day.weekday()]}요일")
    spot(store, "strange", "ZZ990000")
    spot(store, "elsewhere", PALACE, JEJU, "39")
    spot(store, "removed", PALACE)
    rain_comes(store, later, day)
    with psycopg.connect(store) as connection:
        connection.execute("UPDATE core.attractions SET removed_at = now() WHERE content_id = 'removed'")
    found = query(store, f"SELECT * FROM serving.forecast_changes WHERE day = '{day}' ORDER BY content_id, kind")
    assert [(row["content_id"], row["kind"], row["activity"]) for row in found] == [
        ("closed", "rain", None),
        ("palace", "rain", None),
        ("palace", "suitability", "sightseeing"),
        ("strange", "rain", None),
    ], "a closed place is not less suitable, and what one can do at a strange one is not known"
    rain, score = found[1:3]
    assert (rain["direction"], rain["from_value"], rain["to_value"]) == ("became", 10, 70)
    assert (rain["content_type_id"], rain["issued_at"], rain["compared_with"]) == (
        "12",
        later,
        later - timedelta(hours=3),
    )
    assert (score["direction"], score["from_level"], score["to_level"]) == ("down", "excellent", "poor")
    assert score["reason"].startswith("관광 매우 좋음에서 나쁨")
    assert 0 <= score["seconds_known"] < 3600
    ids = [row["id"] for row in found]
    assert len({*ids}) == len(ids)
    assert publish_changes(store, later, clock=now).verdict.passed
    again = query(store, f"SELECT id FROM serving.forecast_changes WHERE day = '{day}' ORDER BY content_id, kind")
    assert [row["id"] for row in again] == ids
    assert not query(store, f"SELECT FROM serving.forecast_changes WHERE day < '{now().date()}'")


def test_a_place_that_is_published_as_two_kinds_has_each_change_once_as_what_it_became_last(store: str) -> None:
    later, day = issue(), tomorrow()
    spot(store, "moved", PALACE, JEJU)
    spot(store, "moved", MUSEUM, kind="cultural_facilities", published_at=later)
    rain_comes(store, later, day)
    found = query(store, f"SELECT * FROM serving.forecast_changes WHERE day = '{day}' ORDER BY kind")
    assert [(row["content_type_id"], row["kind"]) for row in found] == [("14", "rain"), ("14", "suitability")]
    assert query(store, "SELECT content_type_id, nx, ny FROM core.located_places") == [
        {"content_type_id": "14", "nx": SEOUL[0], "ny": SEOUL[1]}
    ]
