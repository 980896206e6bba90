"""What the WeatherFlick backend asks, as its ORM sends it, of views filled the whole way from the upstream: it gets rows."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.measured import MEASURED
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.backend import JEJU, QUERIES, asked
from weatherflick_assets_tests.places.collect.test_codes import collect as collect_codes
from weatherflick_assets_tests.places.collect.test_codes import publish as publish_codes
from weatherflick_assets_tests.places.collect.test_country_lists import festivals, pets
from weatherflick_assets_tests.places.collecting import CLOCK, collect, publish
from weatherflick_assets_tests.places.detailing import collect_region
from weatherflick_assets_tests.places.store.stock import rows

pytestmark = pytest.mark.slow

GWANGJU, JEONNAM = "5", "38"


@pytest.fixture(scope="module")
def served(template_database: Template) -> Iterator[str]:
    """A twentieth of Jeju, Gwangju and Jeonnam, collected and published with all that is said about it."""
    regions = ("unassigned", "12", "50")
    with template_database.clone() as url:
        dsn = dsn_of(url)
        with RunningSandbox(SandboxOptions(scale=0.05)) as sandbox:
            for region in regions:
                for kind in CONTENT_TYPES:
                    collect(sandbox.url, dsn, region, kind)
            collect_codes(sandbox.url, dsn)
            festivals(sandbox.url, dsn)
            pets(sandbox.url, dsn)
            collect_region(sandbox.url, dsn, "50")
        publish_codes(dsn)
        for region in regions:
            for kind in CONTENT_TYPES:
                assert publish(dsn, region, kind).published is not None, (kind.name, region)
            for detail in DETAILS:
                assert Publisher(dsn, CLOCK).details(detail, region).published is not None, (detail.name, region)
        yield dsn


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_what_the_backend_asks_is_answered(served: str, query: str) -> None:
    with psycopg.connect(served) as connection:
        found = connection.execute(query, asked(connection)).fetchall()  # type: ignore[arg-type]
    assert found


def one(dsn: str, query: str) -> dict[str, Any]:
    (row,) = rows(dsn, query)
    return row


NEVER_NULL = {
    "tourist_attractions": "content_id region_code attraction_name",
    "cultural_facilities": "content_id region_code facility_name",
    "festivals_events": "content_id region_code event_name",
    "travel_courses": "content_id region_code course_name",
    "leisure_sports": "content_id region_code facility_name",
    "accommodations": "content_id region_code accommodation_name accommodation_type address",
    "shopping": "content_id region_code shop_name",
    "restaurants": "content_id region_code restaurant_name",
    "pet_tour_info": "id content_id",
    "regions": "region_code region_name",
    "category_codes": "category_code category_name",
    "content_images": "id content_id",
    "content_detail_info": "id content_id",
}


@pytest.mark.parametrize("view", NEVER_NULL)
def test_what_the_backend_declares_as_never_null_is_never_null_and_keys_are_unique(served: str, view: str) -> None:
    key, *_ = columns = NEVER_NULL[view].split()
    nulls = ", ".join(f"count(*) - count({column}) AS {column}" for column in columns)
    found = one(served, f"SELECT count(*), count(DISTINCT {key}) AS different, {nulls} FROM serving.{view}")
    assert found["count"] == found["different"] > 0
    assert {column: found[column] for column in columns} == dict.fromkeys(columns, 0)


PLACE_VIEWS = dict(zip((kind.name for kind in CONTENT_TYPES), list(NEVER_NULL)[:8], strict=True))
"""By the name of their kind of place."""


@pytest.mark.parametrize("kind", CONTENT_TYPES, ids=lambda kind: kind.name)
def test_every_place_that_is_published_is_in_its_view_and_in_the_view_of_all(served: str, kind: ContentType) -> None:
    published = one(served, f"SELECT count(*) FROM core.{kind.name} WHERE removed_at IS NULL")
    assert one(served, f"SELECT count(*) FROM serving.{PLACE_VIEWS[kind.name]}") == published
    of_all = rows(served, "SELECT count(*) FROM serving.places WHERE content_type_id = %s", kind.content_type_id)
    assert of_all == [published]


def test_both_ways_of_asking_by_region_find_the_same_places(served: str) -> None:
    for area in (JEJU, GWANGJU, JEONNAM):
        by_code = rows(served, "SELECT content_id FROM serving.restaurants WHERE region_code = %s", area)
        joined = rows(
            served,
            "SELECT place.content_id FROM serving.restaurants AS place JOIN serving.regions USING (region_code) "
            "WHERE regions.tour_api_area_code = %s",
            area,
        )
        assert by_code
        assert sorted(row["content_id"] for row in by_code) == sorted(row["content_id"] for row in joined)


@pytest.mark.parametrize("view", PLACE_VIEWS.values())
def test_every_place_joins_exactly_one_region(served: str, view: str) -> None:
    places = one(served, f"SELECT count(*) FROM serving.{view}")
    joined = one(served, f"SELECT count(*) FROM serving.{view} JOIN serving.regions USING (region_code)")
    assert places == joined


def test_districts_of_places_are_regions_below_their_area(served: str) -> None:
    found = rows(
        served,
        "SELECT place.region_code, district.parent_region_code FROM serving.places AS place "
        "JOIN serving.regions AS district ON district.region_code = place.sigungu_code",
    )
    assert len(found) > 100
    assert all(row["region_code"] == row["parent_region_code"] for row in found)


def test_details_reach_the_columns_the_backend_reads(served: str) -> None:
    filled = one(
        served,
        """
        SELECT count(description) AS descriptions, count(homepage) AS homepages, count(detail_intro_info) AS intros,
               count(detail_additional_info) AS texts
        FROM serving.tourist_attractions WHERE region_code = '39'
        """,
    )
    assert all(count > 0 for count in filled.values()), filled
    for view, columns in {
        "cultural_facilities": "operating_hours rest_date parking_info facility_type use_time",
        "restaurants": "specialty_dish operating_hours credit_card parking cuisine_type children_friendly takeout",
        "leisure_sports": "operating_hours sports_type",
        "shopping": "opening_hours sale_item shop_type",
        "travel_courses": "course_distance required_time schedule detail_intro_info",
        "accommodations": "parking tel",
        "festivals_events": "event_start_date event_end_date event_place sponsor",
    }.items():
        counts = ", ".join(f"count({column}) AS {column}" for column in columns.split())
        assert 0 not in one(served, f"SELECT {counts} FROM serving.{view} WHERE region_code = '39'").values(), view


def test_the_intro_is_the_item_as_received_and_the_information_all_of_them(served: str) -> None:
    course = one(
        served,
        "SELECT * FROM serving.travel_courses WHERE jsonb_array_length(detail_additional_info) > 1 LIMIT 1",
    )
    assert course["detail_intro_info"]["contentid"] == course["content_id"] == course["place_id"]
    assert {stop["contentid"] for stop in course["detail_additional_info"]} == {course["content_id"]}
    assert course["course_distance"] == course["detail_intro_info"]["distance"]


def test_a_class_that_the_official_table_lacks_has_no_name_and_costs_no_place(served: str) -> None:
    with psycopg.connect(served) as connection:
        connection.execute("UPDATE core.accommodations SET class_group_code = 'AC99', class_code = 'AC990100'")
        kinds = connection.execute("SELECT DISTINCT accommodation_type FROM serving.accommodations").fetchall()
        names = connection.execute("SELECT FROM serving.category_codes WHERE category_code = 'AC990100'").fetchall()
        connection.rollback()
    assert (kinds, names) == ([("미상",)], [])


def test_what_is_removed_is_in_no_view_nor_is_anything_said_about_it(served: str) -> None:
    names = ("places", "pet_tour_info", "content_images", "content_detail_info")
    views = [sql.Identifier("serving", name) for name in names]
    with psycopg.connect(served) as connection:
        place = connection.execute(
            "SELECT content_id FROM serving.pet_tour_info JOIN serving.content_images USING (content_id) LIMIT 1"
        ).fetchone()
        for kind in CONTENT_TYPES:
            table = sql.Identifier("core", kind.name)
            connection.execute(sql.SQL("UPDATE {} SET removed_at = now() WHERE content_id = %s").format(table), place)
        shown = [
            connection.execute(sql.SQL("SELECT FROM {} WHERE content_id = %s").format(view), place).rowcount
            for view in views
        ]
        connection.rollback()
    assert place is not None
    assert shown == [0, 0, 0, 0]


def test_rules_for_pets_are_told_in_lines_with_what_they_are_about(served: str) -> None:
    found = rows(served, "SELECT pet_acpt_abl, pet_info FROM serving.pet_tour_info WHERE pet_info IS NOT NULL")
    assert found
    assert any("동반 시 필요사항: " in row["pet_info"] for row in found)
    assert all(row["pet_info"].strip() for row in found)


def test_the_statistics_of_the_day_agree_with_what_is_in_the_tables(served: str) -> None:
    tables = [table for table in MEASURED if table.by_region]
    today = CLOCK().astimezone(KST).date()
    assert set(measure(served, today, MEASURED, clock=CLOCK).tables) == {table.table_name for table in MEASURED}
    found = {
        (row["table_name"], row["region_code"], row["metric"]): row["value"]
        for row in rows(served, "SELECT * FROM quality.statistics WHERE day = %s", today)
    }
    for table in tables:
        shown = "removed_at IS NULL" if table.duplicate_rules else "TRUE"
        columns = ", ".join(f"count({column}) AS {column}" for column in table.required)
        counted = rows(
            served,
            f"SELECT coalesce(region_code, 'all') AS region, count(*) AS rows, {columns} FROM {table.table_name} WHERE {shown} "
            "GROUP BY ROLLUP (region_code)",
        )
        assert len(counted) > 1, table.table_name
        for row in counted:
            of = (table.table_name, row["region"])
            assert found[(*of, "rows")] == row["rows"], of
            for column in table.required:
                assert found[(*of, f"filled:{column}")] == pytest.approx(row[column] / row["rows"]), (of, column)
        regions = {row["region"] for row in counted}
        empty = {region for name, region, metric in found if name == table.table_name and metric == "rows"} - regions
        assert all(found[table.table_name, region, "rows"] == 0 for region in empty)
        assert not [
            metric
            for name, region, metric in found
            if name == table.table_name and region in empty and "filled" in metric
        ]
    (codes,) = rows(
        served, "SELECT count(*) FROM core.codes WHERE source_response_id IS NOT NULL AND withdrawn_at IS NULL"
    )
    assert found["core.codes", "all", "rows"] == codes["count"]
