"""What the backend reads of changes: each place's, from today on, once each, and none of a place that is closed."""

from datetime import timedelta

import psycopg

from weatherflick_assets.insight.changes.publish import publish_changes
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.settings import now
from weatherflick_assets_tests.insight.changes.test_publishing import RAIN, query
from weatherflick_assets_tests.insight.recommendations.recommending import PALACE, spot
from weatherflick_assets_tests.insight.recommendations.test_serving import issue, tomorrow
from weatherflick_assets_tests.insight.suitability.country import JEJU, forecast

_WEEKDAYS = "월화수목금토일"


def test_places_have_the_changes_of_their_cells_and_activities(store: str) -> None:
    later, day = issue(), tomorrow()
    spot(store, "palace", PALACE)
    spot(store, "closed", PALACE, rest_days=f"매주 {_WEEKDAYS[day.weekday()]}요일")
    spot(store, "strange", "ZZ990000")
    spot(store, "elsewhere", PALACE, JEJU, "39")
    spot(store, "removed", PALACE)
    for at, weather, chance in ((later - timedelta(hours=3), {}, 10.0), (later, RAIN, 70.0)):
        forecast(store, issue=at, days={day: weather}, outlook={"precipitation_probability": chance})
        forecast(store, JEJU, issue=at)
        publish_suitability(store, at, clock=now)
        assert publish_changes(store, at, clock=now).verdict.passed
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
