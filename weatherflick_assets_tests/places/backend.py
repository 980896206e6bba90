"""What the WeatherFlick backend asks of the serving views, as its ORM sends it, for tests and for the benchmark."""

from collections.abc import Mapping

import psycopg

JEJU = "39"
"""As KTO's area code."""

_PLACE = """
SELECT content_id FROM serving.tourist_attractions
WHERE content_id IN (SELECT content_id FROM serving.content_images)
  AND content_id IN (SELECT content_id FROM serving.content_detail_info)
LIMIT 1
"""


def asked(connection: psycopg.Connection) -> Mapping[str, object]:
    """Values of the queries' parameters: Jeju, the middle of its city, and an attraction with images and texts."""
    row = connection.execute(_PLACE).fetchone()
    assert row is not None
    return {
        "area": JEJU, "limit": 200, "offset": 0, "word": "%제주%", "name": "제주", "latitude": 33.4996,
        "longitude": 126.5312, "place": row[0],
    }  # fmt: skip


_BY_REGION = """
SELECT {columns} FROM serving.{view} AS place
JOIN serving.regions ON place.region_code = regions.region_code
WHERE regions.tour_api_area_code = %(area)s ORDER BY place.content_id LIMIT %(limit)s OFFSET %(offset)s
"""
_BY_AREA_CODE = "SELECT {columns} FROM serving.{view} AS place WHERE place.region_code = %(area)s LIMIT %(limit)s"

QUERIES: Mapping[str, str] = {
    "attractions: search": (
        "SELECT content_id, attraction_name, address FROM serving.tourist_attractions "
        "WHERE attraction_name ILIKE %(word)s OR address ILIKE %(word)s LIMIT 50"
    ),
    "attractions: newest of a region": (
        "SELECT * FROM serving.tourist_attractions WHERE region_code = %(area)s ORDER BY created_at DESC LIMIT 20"
    ),
    "attractions: by region": _BY_REGION.format(
        view="tourist_attractions",
        columns="content_id, attraction_name, category_name, address, place.latitude, place.longitude, description, "
        "image_url, place.created_at",
    ),
    "attractions: where pets may come": (
        "SELECT content_id, attraction_name FROM serving.tourist_attractions WHERE content_id IN "
        "(SELECT content_id FROM serving.pet_tour_info WHERE area_code = %(area)s) LIMIT %(limit)s"
    ),
    "attractions: detail": (
        "SELECT content_id, attraction_name, category_name, category_code, address, latitude, longitude, description, "
        "image_url, homepage, created_at, updated_at FROM serving.tourist_attractions WHERE content_id = %(place)s"
    ),
    "local info: attractions": (
        "SELECT place.content_id, place.zipcode, place.data_quality_score, place.processing_status, place.last_sync_at "
        "FROM serving.tourist_attractions AS place JOIN serving.regions USING (region_code) "
        "WHERE regions.tour_api_area_code = %(area)s AND place.category_code = 'NA' ORDER BY 1 LIMIT 200 OFFSET 0"
    ),
    "local info: restaurants by words": (
        "SELECT * FROM serving.restaurants WHERE address ILIKE %(word)s AND category_code = 'FD' "
        "AND restaurant_name ILIKE '%%' LIMIT 100"
    ),
    "local info: restaurants by region": _BY_REGION.format(view="restaurants", columns="place.*"),
    "local info: accommodations": _BY_REGION.format(
        view="accommodations",
        columns="accommodation_name, accommodation_type, address, tel, place.latitude, place.longitude, parking, category_code",
    ),
    "custom travel: attractions": (
        "SELECT place.*, code.category_name AS tag FROM serving.tourist_attractions AS place "
        "LEFT JOIN serving.category_codes AS code ON code.category_code = place.category_code "
        "WHERE place.region_code = %(area)s LIMIT 500"
    ),
    "custom travel: culture": _BY_AREA_CODE.format(
        view="cultural_facilities", columns="content_id, facility_name, first_image, left(overview, 100), category_code"
    ),
    "custom travel: restaurants": _BY_AREA_CODE.format(
        view="restaurants",
        columns="content_id, restaurant_name, cuisine_type, first_image, address, latitude, longitude",
    ),
    "custom travel: shopping": _BY_AREA_CODE.format(
        view="shopping", columns="content_id, shop_name, first_image, address, latitude, longitude"
    ),
    "custom travel: stays": _BY_AREA_CODE.format(
        view="accommodations", columns="content_id, accommodation_name, accommodation_type, address"
    ),
    "custom travel: pets": (
        "SELECT content_id, title, pet_acpt_abl, pet_info FROM serving.pet_tour_info WHERE area_code = %(area)s"
    ),
    "advanced travel: places of any kind": (
        "SELECT id, name, image_url FROM serving.places WHERE region_code = %(area)s LIMIT %(limit)s"
    ),
    "places: newest of a region": (
        "SELECT * FROM serving.places WHERE region_code = %(area)s ORDER BY created_at DESC LIMIT 20"
    ),
    "places: nearest": (
        "SELECT place.*, distance_m FROM serving.places_near(%(latitude)s, %(longitude)s, NULL, 20) "
        "JOIN serving.places AS place USING (content_id) ORDER BY distance_m"
    ),
    "places: named": "SELECT * FROM serving.places_named(%(name)s, 20)",
    "restaurants: nearest": (
        "SELECT place.*, distance_m FROM serving.places_near(%(latitude)s, %(longitude)s, 20000, 20, '{39}') "
        "JOIN serving.restaurants AS place USING (content_id) ORDER BY distance_m"
    ),
    "leisure sports: search": "SELECT * FROM serving.leisure_sports WHERE facility_name ILIKE '%%' LIMIT 50",
    "leisure sports: by region": _BY_REGION.format(view="leisure_sports", columns="place.*"),
    "travel courses: page": _BY_AREA_CODE.format(
        view="travel_courses",
        columns="course_name, course_theme, required_time, difficulty_level, schedule, course_distance, address, latitude, "
        "longitude, first_image, overview, detail_intro_info, place_id",
    ),
    "categories: of a kind": (
        "SELECT category_code, category_name FROM serving.category_codes WHERE content_type_id = '12' ORDER BY 1"
    ),
    "categories: of a level": "SELECT * FROM serving.category_codes WHERE category_level = 2",
    "categories: below one": "SELECT * FROM serving.category_codes WHERE parent_category_code = 'NA01'",
    "categories: one": "SELECT * FROM serving.category_codes WHERE category_code = 'NA'",
    "regions: of a level": "SELECT * FROM serving.regions WHERE is_active AND region_level = 1",
    "regions: below one": "SELECT * FROM serving.regions WHERE parent_region_code = %(area)s",
    "regions: by area code": "SELECT * FROM serving.regions WHERE tour_api_area_code = %(area)s",
    "regions: nearest cell": (
        "SELECT * FROM serving.regions WHERE is_active AND grid_x IS NOT NULL AND grid_y IS NOT NULL "
        "ORDER BY power(grid_x - 53, 2) + power(grid_y - 38, 2) LIMIT 1"
    ),
    "festivals: that go on": (
        "SELECT * FROM serving.festivals_events WHERE event_end_date >= '2026-06-01' ORDER BY event_start_date"
    ),
    "images of a place": (
        "SELECT origin_img_url, small_image_url, img_name FROM serving.content_images WHERE content_id = "
        "%(place)s ORDER BY serial_num"
    ),
    "texts of a place": (
        "SELECT info_name, info_text FROM serving.content_detail_info WHERE content_id = %(place)s ORDER BY serial_num"
    ),
}
