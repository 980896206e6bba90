"""What the backend reads of recommendations: today's lists, scores in its own scale, and the best places around a point."""

from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from sqlalchemy import make_url

from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import reader_dsn
from weatherflick_assets.weather.issues import FORECASTS
from weatherflick_assets_tests.databases import addresses_of
from weatherflick_assets_tests.insight.recommendations.recommending import (
    FESTIVAL,
    HILL,
    MUSEUM,
    PALACE,
    SHRINE,
    spot,
)
from weatherflick_assets_tests.insight.suitability.country import FINE, forecast

CITY = (37.5665, 126.978)


def issue() -> datetime:
    """The newest one: views show what is ahead of now."""
    return FORECASTS.readable(now())[0]


def tomorrow() -> date:
    return issue().astimezone(KST).date() + timedelta(days=1)


def served(dsn: str, **days: Any) -> None:
    """Publish the newest issue with a fine tomorrow, but for what differs, its scores and its lists."""
    forecast(dsn, issue=issue(), days={tomorrow(): {**FINE, **days}})
    publish_suitability(dsn, issue(), clock=now)
    assert publish_recommendations(dsn, issue(), clock=now).verdict.passed


def query(dsn: str, text: str, *values: object) -> list[dict[str, Any]]:
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(text, values).fetchall()  # type: ignore[arg-type]


def near(dsn: str, kilometres: float, most: int = 20, *more: object) -> list[dict[str, Any]]:
    arguments = (*CITY, 1000 * kilometres, most, tomorrow(), *more)
    holders = ", ".join(["%s"] * len(arguments))
    return query(dsn, f"SELECT * FROM serving.recommendations_near({holders}) ORDER BY rank", *arguments)


def city(dsn: str, of_each: int = 4) -> None:
    """Sights along a road to the north, a kilometre apart."""
    for number in range(of_each):
        for step, (name, code) in enumerate((("palace", PALACE), ("shrine", SHRINE), ("hill", HILL))):
            spot(
                dsn, f"{name} {number}", code, title=f"{name} {number}", longitude=CITY[1],
                latitude=CITY[0] + (3 * number + step) / 111.195,
            )  # fmt: skip


def test_the_lists_of_the_newest_issue_are_served_from_today_on_without_removed_places(store: str) -> None:
    city(store)
    served(store)
    listed = query(
        store,
        "SELECT * FROM serving.recommendations WHERE region_code = '1' AND day = %s AND topic = 'all' ORDER BY rank",
        tomorrow(),
    )
    assert [row["rank"] for row in listed] == list(range(1, 13))
    assert listed[0]["recommendation_level"] in {"excellent", "good"}
    assert listed[0]["reason"] == "날씨 좋음"
    assert listed[0]["issued_at"] == issue()
    assert (
        min(query(store, "SELECT day FROM serving.recommendations"), key=lambda row: row["day"])["day"]
        >= now().astimezone(KST).date()
    )
    with psycopg.connect(store) as connection:
        connection.execute(
            "UPDATE core.attractions SET removed_at = now() WHERE content_id = %s", (listed[0]["content_id"],)
        )
    left = query(
        store, "SELECT rank FROM serving.recommendations WHERE day = %s AND topic = 'all' ORDER BY 1", tomorrow()
    )
    assert [row["rank"] for row in left] == list(range(2, 13))


def test_scores_have_the_columns_and_the_scale_of_the_backend(store: str) -> None:
    city(store)
    served(store, temperature=21.0, feels_like=21.0)
    found = query(store, "SELECT * FROM serving.travel_weather_scores WHERE date_period = %s", tomorrow())
    assert [*found[0]] == [
        "id", "region_code", "attraction_id", "date_period", "weather_score", "temperature_score", "precipitation_score",
        "humidity_score", "overall_score", "created_at", "updated_at", "recommendation_level",
    ]  # fmt: skip
    kinds = {
        row["column_name"]: (row["data_type"], row["numeric_precision"], row["numeric_scale"])
        for row in query(store, "SELECT * FROM information_schema.columns WHERE table_name = 'travel_weather_scores'")
    }
    assert {kinds[name] for name in found[0] if name.endswith("_score")} == {("numeric", 3, 2)}
    (row,) = found
    assert row["region_code"] == "1"
    # 21 °C at 60 %: effective 19.2, which HCI rates 7 of 10; a clear sky, no rain, little wind: all of their points.
    assert [float(row[name]) for name in ("weather_score", "temperature_score", "precipitation_score")] == [
        8.8,
        7,
        9.99,
    ]
    assert (row["humidity_score"], float(row["overall_score"]), row["recommendation_level"]) == (None, 8.8, "excellent")
    (best,) = query(
        store,
        "SELECT content_id FROM serving.recommendations WHERE day = %s AND topic = 'attractions' AND rank = 1",
        tomorrow(),
    )
    assert row["attraction_id"] == best["content_id"]


def test_a_perfect_day_is_the_greatest_number_that_the_column_holds(store: str) -> None:
    city(store)
    served(store, temperature=28.0, feels_like=28.0, humidity=50.0)
    (row,) = query(store, "SELECT * FROM serving.travel_weather_scores WHERE date_period = %s", tomorrow())
    assert float(row["temperature_score"]) == 9.99
    assert float(row["overall_score"]) == 9.99


def test_a_day_of_storm_and_flood_leaves_nothing_and_never_less(store: str) -> None:
    city(store)
    served(store, precipitation_mm=20.0, precipitation_probability=100.0, precipitation_type="rain", wind_speed=22.0)
    (row,) = query(store, "SELECT * FROM serving.travel_weather_scores WHERE date_period = %s", tomorrow())
    assert float(row["precipitation_score"]) == 0
    assert float(row["weather_score"]) >= 0
    assert float(row["temperature_score"]) >= 0


def test_a_place_that_is_published_as_two_kinds_is_served_once(store: str) -> None:
    spot(store, "moved", MUSEUM, kind="cultural_facilities", latitude=CITY[0], longitude=CITY[1])
    spot(store, "moved", PALACE, latitude=CITY[0], longitude=CITY[1], published_at=now())
    served(store)
    assert [(row["content_id"], row["content_type_id"]) for row in near(store, 2.5)] == [("moved", "12")]
    listed = query(store, "SELECT content_id FROM serving.recommendations WHERE day = %s AND topic = 'all'", tomorrow())
    assert [row["content_id"] for row in listed] == ["moved"]


def test_the_best_near_a_point_are_within_the_distance_and_in_the_order_of_lists(store: str) -> None:
    city(store)
    served(store)
    found = near(store, 2.5)
    assert {row["content_id"] for row in found} == {"palace 0", "shrine 0", "hill 0"}
    assert all(row["distance_m"] <= 2500 for row in found)
    assert near(store, 2.5, 1) == found[:1]
    whole = near(store, 1000)
    lists = query(store, "SELECT * FROM serving.recommendations WHERE day = %s AND topic = 'all'", tomorrow())
    assert {row["content_id"]: row["score"] for row in whole} == {row["content_id"]: row["score"] for row in lists}
    assert [row["score"] for row in whole] == [row["score"] for row in sorted(lists, key=lambda row: row["rank"])]


def test_near_a_point_ten_places_are_of_three_classes_and_what_is_closed_is_left_out(store: str) -> None:
    for number in range(20):
        spot(store, f"palace {number}", PALACE, latitude=CITY[0] + number / 1e5, longitude=CITY[1])
    for name, code, kind in (("museum", MUSEUM, "cultural_facilities"), ("shrine", SHRINE, "attractions")):
        spot(store, name, code, kind=kind, latitude=CITY[0] + 0.01, longitude=CITY[1], image_url=None)
    spot(
        store, "over", FESTIVAL, kind="festivals", latitude=CITY[0], longitude=CITY[1],
        event_start_date=date(2020, 1, 1), event_end_date=date(2020, 1, 2),
    )  # fmt: skip
    served(store)
    found = near(store, 50, 10)
    assert {row["content_id"][:6] for row in found} == {"palace", "museum", "shrine"}
    assert "over" not in {row["content_id"] for row in near(store, 50, 100)}
    assert {row["activity"] for row in near(store, 50, 10, ["14"])} == {"indoor"}
    assert near(store, 50, 10, ["12", "14"], ["golf"]) == []


def test_near_a_point_where_nothing_is_there_is_nothing(store: str) -> None:
    city(store)
    served(store)
    assert query(store, "SELECT * FROM serving.recommendations_near(0, 0, 20000, 10)") == []


def test_the_backends_role_may_read_all_of_it(store: str) -> None:
    city(store)
    served(store)
    with closing(connect(reader_dsn(addresses_of(make_url(store))), autocommit=True)) as reader:
        for text in (
            "SELECT count(*) FROM serving.recommendations",
            "SELECT count(*) FROM serving.place_suitability",
            "SELECT count(*) FROM serving.travel_weather_scores",
            f"SELECT count(*) FROM serving.recommendations_near({CITY[0]}, {CITY[1]}, 20000, 10, '{tomorrow()}')",
        ):
            assert (reader.execute(text).fetchone() or (0,))[0] > 0, text  # type: ignore[arg-type]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("SELECT count(*) FROM insight.recommendations")
