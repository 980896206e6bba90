"""The serving views have the columns that consumers declare, in their order and of their types."""

import re
from collections.abc import Iterator

import pytest

from weatherflick_assets_tests.places.store.stock import execute, rows
from weatherflick_assets_tests.recorded import REFERENCE

OF_WHAT_FOLLOWS = {"recommendations", "place_suitability", "travel_weather_scores", "forecast_changes", "when_to_go"}
OF_OTHERS = re.compile(f"^weather|forecasts$|^({'|'.join(OF_WHAT_FOLLOWS)})$")

COLUMNS = {
    "tourist_attractions": (
        "content_id region_code tour_api_area_code raw_data_id attraction_name category_code category_name address zipcode "
        "latitude longitude homepage description image_url booktour createdtime modifiedtime telname faxno mlevel "
        "detail_intro_info detail_additional_info data_quality_score processing_status created_at updated_at last_sync_at"
    ),
    "cultural_facilities": (
        "content_id region_code tour_api_area_code raw_data_id facility_name facility_type category_code sub_category_code "
        "address detail_address zipcode latitude longitude tel homepage admission_fee operating_hours parking_info rest_date "
        "use_season use_time overview first_image first_image_small booktour createdtime modifiedtime telname faxno mlevel "
        "detail_intro_info detail_additional_info data_quality_score processing_status created_at updated_at last_sync_at"
    ),
    "festivals_events": (
        "content_id region_code tour_api_area_code raw_data_id event_name category_code sub_category_code event_start_date "
        "event_end_date event_place address detail_address zipcode latitude longitude tel homepage event_program sponsor "
        "organizer play_time age_limit cost_info discount_info description overview first_image first_image_small booktour "
        "createdtime modifiedtime telname faxno mlevel detail_intro_info detail_additional_info data_quality_score "
        "processing_status created_at updated_at last_sync_at"
    ),
    "travel_courses": (
        "content_id region_code course_name course_theme required_time difficulty_level schedule course_distance "
        "category_code sub_category_code address detail_address zipcode tel telname faxno homepage overview first_image "
        "first_image_small latitude longitude data_quality_score processing_status raw_data_id created_at updated_at "
        "last_sync_at mlevel detail_intro_info detail_additional_info booktour createdtime modifiedtime sigungu_code "
        "place_id"
    ),
    "leisure_sports": (
        "content_id region_code facility_name category_code sub_category_code raw_data_id sports_type reservation_info "
        "admission_fee parking_info rental_info capacity operating_hours address detail_address zipcode latitude longitude "
        "tel homepage overview first_image first_image_small data_quality_score processing_status created_at updated_at "
        "last_sync_at booktour createdtime modifiedtime telname faxno mlevel detail_intro_info detail_additional_info "
        "sigungu_code"
    ),
    "accommodations": (
        "content_id region_code raw_data_id accommodation_name accommodation_type address tel latitude longitude "
        "category_code sub_category_code parking created_at"
    ),
    "shopping": (
        "content_id region_code tour_api_area_code raw_data_id shop_name shop_type category_code sub_category_code address "
        "detail_address zipcode latitude longitude tel homepage opening_hours rest_date parking_info credit_card "
        "pet_allowed baby_carriage sale_item fair_day overview first_image first_image_small booktour createdtime "
        "modifiedtime telname faxno mlevel detail_intro_info detail_additional_info data_quality_score processing_status "
        "created_at updated_at last_sync_at"
    ),
    "restaurants": (
        "content_id region_code tour_api_area_code raw_data_id restaurant_name category_code sub_category_code address "
        "detail_address zipcode latitude longitude tel homepage cuisine_type specialty_dish operating_hours rest_date "
        "reservation_info credit_card smoking parking room_available children_friendly takeout delivery overview "
        "first_image first_image_small data_quality_score processing_status created_at updated_at last_sync_at"
    ),
    "pet_tour_info": (
        "id content_id raw_data_id content_type_id title address latitude longitude area_code sigungu_code tel homepage "
        "overview first_image first_image2 cat1 cat2 cat3 pet_acpt_abl pet_info data_quality_score processing_status "
        "last_sync_at created_at updated_at"
    ),
    "regions": (
        "region_code region_name parent_region_code latitude longitude region_level created_at updated_at is_active grid_x "
        "grid_y region_name_full region_name_en region_id center_latitude center_longitude administrative_code "
        "api_mappings coordinate_info tour_api_area_code"
    ),
    "category_codes": (
        "category_code category_name content_type_id parent_category_code category_level created_at updated_at"
    ),
    "content_images": (
        "id content_id content_type_id img_name origin_img_url small_image_url serial_num cpyrht_div_cd img_size img_width "
        "img_height raw_data_id data_quality_score processing_status last_sync_at created_at updated_at"
    ),
    "content_detail_info": (
        "id content_id content_type_id info_name info_text serial_num raw_data_id created_at updated_at"
    ),
}
"""As the backend declares its tables; the last two, which it does not declare, as they stood in the former database."""

_DECLARED_BY = dict.fromkeys(COLUMNS, "back") | {"content_images": "live", "content_detail_info": "live"}

# What a reader takes for the same as what the consumers wrote: text of any length, and smaller whole numbers.
_TYPES = {
    "v": {"text"}, "TEXT": {"text"}, "CHAR": {"text"}, "UUID": {"uuid"}, "JSONB": {"jsonb"}, "DATE": {"date"},
    "float": {"double precision"}, "DECIMAL": {"numeric"}, "num": {"numeric"}, "bool": {"boolean"},
    "int": {"integer", "smallint"}, "tstz": {"timestamp with time zone"}, "ts": {"timestamp with time zone"},
}  # fmt: skip


def columns_of(dsn: str, view: str) -> dict[str, str]:
    """Name and type of each column, in order."""
    found = rows(
        dsn,
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'serving' AND table_name = %s ORDER BY ordinal_position",
        view,
    )
    return {row["column_name"]: row["data_type"] for row in found}


def declared(view: str) -> list[tuple[str, str]]:
    """Name and type of each column, as the reference says that the consumers declare them."""
    path = REFERENCE / "previous_system.md"
    if not path.exists():
        pytest.skip(f"the reference {path} is not here, so nothing was compared with it")
    appendix = path.read_text(encoding="utf-8").partition("## Appendix")[2]
    section = appendix.partition(f"#### {view}\n")[2].partition("####")[0]
    (line,) = re.findall(rf"^- \*\*{_DECLARED_BY[view]}\*\*: (.*)$", section, re.MULTILINE)
    columns = [column.split(" ") for column in line.split("; ") if not column.startswith(("INDEX", "UNIQUE"))]
    return [(name, re.split(r"[0-9(]", kind)[0]) for name, kind, *_ in columns]


def test_there_is_a_view_for_every_declared_table_and_one_for_all_places(prepared_database: str) -> None:
    views = rows(prepared_database, "SELECT table_name FROM information_schema.views WHERE table_schema = 'serving'")
    of_places = {view["table_name"] for view in views if not OF_OTHERS.search(view["table_name"])}
    assert of_places == {*COLUMNS, "places"}


@pytest.mark.parametrize("view", COLUMNS)
def test_a_serving_view_has_the_columns_the_backend_reads(prepared_database: str, view: str) -> None:
    assert list(columns_of(prepared_database, view)) == COLUMNS[view].split()


@pytest.mark.parametrize("view", COLUMNS)
def test_the_columns_are_those_of_the_declarations_and_of_their_types(prepared_database: str, view: str) -> None:
    expected = declared(view)
    found = columns_of(prepared_database, view)
    assert list(found) == [name for name, _ in expected]
    for name, kind in expected:
        assert found[name] in _TYPES[kind], (name, kind, found[name])


READ_BY_THE_VIEWS = """
SELECT DISTINCT view.relname AS view, schema.nspname || '.' || read.relname AS read
FROM pg_rewrite AS rule JOIN pg_class AS view ON view.oid = rule.ev_class
JOIN pg_depend AS dependency ON dependency.classid = 'pg_rewrite'::regclass AND dependency.objid = rule.oid
JOIN pg_class AS read ON dependency.refclassid = 'pg_class'::regclass AND read.oid = dependency.refobjid
JOIN pg_namespace AS schema ON schema.oid = read.relnamespace
WHERE view.relnamespace = 'serving'::regnamespace AND read.oid <> view.oid
"""


def test_no_view_reads_anything_that_was_not_judged(prepared_database: str) -> None:
    found = rows(prepared_database, READ_BY_THE_VIEWS)
    assert {row["view"] for row in found} > {*COLUMNS, "places"}
    schemas = {(row["view"] in OF_WHAT_FOLLOWS, row["read"].partition(".")[0]) for row in found}
    assert schemas == {(False, "core"), (False, "serving"), (False, "ops"), (True, "core"), (True, "insight")}
    followed = {row["read"] for row in found if row["view"] in OF_WHAT_FOLLOWS and row["read"].startswith("core.")}
    assert followed == {"core.regions"}, "which areas a region has"
    assert {row["read"] for row in found if row["read"].startswith("ops.")} == {"ops.deployment"}


def test_every_former_area_is_a_region_the_backend_can_join(prepared_database: str) -> None:
    regions = {row["region_code"]: row for row in rows(prepared_database, "SELECT * FROM serving.regions")}
    active = {code for code, row in regions.items() if row["is_active"]}
    assert active == {str(code) for code in (*range(1, 9), *range(31, 40))}
    assert set(regions) == active | {"unassigned"}
    for code in active:
        row = regions[code]
        assert row["tour_api_area_code"] == code
        assert row["api_mappings"]["tour_api"]["area_code"] == code
        assert row["region_name"]
        assert 33 < row["latitude"] < 39
    # The map the backend expects, with its own two errors not repeated.
    assert {row["administrative_code"]: code for code, row in regions.items() if code in active} == {
        "11": "1", "26": "6", "27": "4", "28": "2", "29": "5", "30": "3", "31": "7", "36": "8", "41": "31", "51": "32",
        "43": "33", "44": "34", "47": "35", "48": "36", "52": "37", "46": "38", "50": "39",
    }  # fmt: skip


_EMPTY = "TRUNCATE core.attractions"
_PLACES = """
INSERT INTO core.attractions (
    content_id, content_type_id, title, region_code, region_source, kto_area_code, address, class_division_code,
    class_group_code, class_code, completeness, source_response_id, published_at, updated_at, latitude, longitude, overview,
    detail_intro_info, detail_additional_info
)
SELECT number::text, '12', 'place ' || number || chr(44032 + mod(number, 2000)), '50', 'code', (mod(number, 39) + 1)::text, 'address ' || number, 'NA', 'NA01',
       'NA010100', 1, number, now(), now(), 33 + mod(number, 97) / 20.0, 126 + mod(number, 89) / 30.0, repeat('overview ', 100),
       jsonb_build_object('text', repeat('intro ', 150)), jsonb_build_array(jsonb_build_object('text', repeat('info ', 150)))
FROM generate_series(1, 12000) AS number
"""

QUICK = {
    "equality with the area code": "SELECT * FROM serving.tourist_attractions WHERE region_code = '39' LIMIT 500",
    "a join with regions": (
        "SELECT place.* FROM serving.tourist_attractions AS place JOIN serving.regions AS region USING (region_code) "
        "WHERE region.tour_api_area_code = '39' LIMIT 500"
    ),
    "one place": "SELECT * FROM serving.tourist_attractions WHERE content_id = '7'",
    "one place of any kind": "SELECT * FROM serving.places WHERE content_id = '7'",
    "pets of an area": "SELECT * FROM serving.pet_tour_info WHERE area_code = '39'",
    "images of a place": "SELECT * FROM serving.content_images WHERE content_id = '7'",
    "texts of a place": "SELECT * FROM serving.content_detail_info WHERE content_id = '7'",
    "nearest of any kind": "SELECT * FROM serving.places_near(33.5, 126.5, NULL, 20)",
    "nearest of a kind": "SELECT * FROM serving.places_near(33.5, 126.5, 5000, 20, '{12}')",
    "named": "SELECT * FROM serving.places_named('7가', 20)",
    "newest of a region": "SELECT * FROM serving.places WHERE region_code = '39' ORDER BY created_at DESC LIMIT 20",
    "newest attractions of a region": (
        "SELECT * FROM serving.tourist_attractions WHERE region_code = '39' ORDER BY created_at DESC LIMIT 20"
    ),
}


@pytest.mark.parametrize("query", QUICK.values(), ids=QUICK)
def test_what_is_asked_most_reads_no_large_table_from_end_to_end(stocked: str, query: str) -> None:
    plan = "\n".join(row["QUERY PLAN"] for row in rows(stocked, f"EXPLAIN {query}"))
    assert "Seq Scan on attractions" not in plan


@pytest.mark.parametrize("order", ["location <-> point(126.5, 33.5)", "created_at DESC"])
def test_the_first_of_all_places_in_an_order_are_read_from_the_indexes_without_sorting(
    stocked: str, order: str
) -> None:
    first = f"SELECT name FROM serving.places WHERE region_code = '39' ORDER BY {order} LIMIT 20"
    plan = "\n".join(row["QUERY PLAN"] for row in rows(stocked, f"EXPLAIN {first}"))
    assert "Merge Append" in plan
    assert "using attractions_" in plan


def test_a_query_about_one_kind_reads_no_table_of_another(stocked: str) -> None:
    restaurants = "SELECT * FROM serving.places WHERE content_type_id = '39'"
    plan = "\n".join(row["QUERY PLAN"] for row in rows(stocked, f"EXPLAIN {restaurants}"))
    assert "on restaurants" in plan
    assert "on attractions" not in plan


def test_what_is_not_asked_for_is_not_joined(stocked: str) -> None:
    search = "SELECT content_id, attraction_name, address FROM serving.tourist_attractions WHERE attraction_name ILIKE '%%1%%'"
    plan = "\n".join(row["QUERY PLAN"] for row in rows(stocked, f"EXPLAIN {search}"))
    assert "codes" not in plan


@pytest.fixture(scope="module")
def stocked(prepared_database: str) -> Iterator[str]:
    """A database with 12,000 attractions and their details, as the planner knows them."""
    for statement in (_EMPTY, _PLACES, "ANALYZE"):
        execute(prepared_database, statement)
    yield prepared_database
    execute(prepared_database, _EMPTY)
