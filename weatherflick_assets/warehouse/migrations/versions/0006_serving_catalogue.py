"""Serving views of the whole catalogue, with the names and columns the WeatherFlick backend reads; columns that codes gained.

Beside what 0002 decided (region_code is KTO's area code, `unassigned` has a row): category codes are those of KTO's
classification (lclsSystm), whose names stand in category_codes; details that were not collected yet are null, and so is
what no upstream says. Places that were removed are in no view, nor is anything about them. Districts are regions of level 2
below their area; they carry no tour_api_area_code, so that an area code still finds one region.

A view is the list of its columns, in the backend's order: most mean the same in all views and are written once, in
`_COMMON`; what a view has of its own, or another way, stands with it.
"""

from collections.abc import Mapping

from alembic import op
from alembic.script import ScriptDirectory

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CODES = """
ALTER TABLE core.codes
    ADD COLUMN content_type_id text,
    ADD COLUMN source_response_id bigint,
    ADD COLUMN updated_at timestamptz,
    ADD COLUMN withdrawn_at timestamptz;
COMMENT ON COLUMN core.codes.content_type_id IS 'kind of place that a class belongs to, by the official map';
COMMENT ON COLUMN core.codes.source_response_id IS 'the response it came in; null: declared';
COMMENT ON COLUMN core.codes.updated_at IS 'when its name or place in the tree last changed; null: declared';
COMMENT ON COLUMN core.codes.withdrawn_at IS
    'when the upstream no longer listed it; it stays, because places may carry it still';
ALTER TABLE core.kto_areas ADD COLUMN sigungu_codes text[];
UPDATE core.kto_areas SET sigungu_codes = '{}';
ALTER TABLE core.kto_areas ALTER COLUMN sigungu_codes SET NOT NULL;
COMMENT ON COLUMN core.kto_areas.sigungu_codes IS
    'districts of the region that the area consists of; none: all that no other area names'
"""

_KINDS = (
    "attractions",
    "cultural_facilities",
    "festivals",
    "travel_courses",
    "leisure_sports",
    "accommodations",
    "shopping",
    "restaurants",
)

_REGION_CODE = "coalesce(place.kto_area_code, 'unassigned')"

_LEGACY_TIME = "to_char(place.{} AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS')"
_DISTRICT = "left(place.region_code, 2) || right(place.sigungu_code, 3)"
_WHOLE_ADDRESS = "concat_ws(' ', place.address, place.address_detail)"
_CLASS_NAME = "coalesce(class.name, class_group.name)"

# The backend's raw_data_id is a UUID; the response's number is written into one. Other ids that it knows are made of keys.
_RAW_DATA_ID = "lpad(to_hex({}.source_response_id), 32, '0')::uuid"
_ID = "md5({})::uuid"

_COMMON = {
    "content_id": "place.content_id",
    "content_type_id": "place.content_type_id",
    "region_code": _REGION_CODE,
    "tour_api_area_code": "place.kto_area_code",
    "sigungu_code": _DISTRICT,
    "raw_data_id": _RAW_DATA_ID.format("place"),
    "category_code": "place.class_division_code",
    "sub_category_code": "place.class_group_code",
    "address": "place.address",
    "detail_address": "place.address_detail",
    "zipcode": "place.zip_code",
    "latitude": "place.latitude::numeric(10, 8)",
    "longitude": "place.longitude::numeric(11, 8)",
    "tel": "coalesce(place.phone, place.enquiry_phone)",
    "homepage": "coalesce(place.homepage_url, place.homepage)",
    "overview": "place.overview",
    "first_image": "place.image_url",
    "first_image_small": "place.thumbnail_url",
    "booktour": "'N'::text",
    "createdtime": _LEGACY_TIME.format("created_at"),
    "modifiedtime": _LEGACY_TIME.format("modified_at"),
    "telname": "NULL::text",
    "faxno": "NULL::text",
    "mlevel": "place.map_level",
    "detail_intro_info": "intro.items -> 0",
    "detail_additional_info": "information.items",
    "data_quality_score": "(place.completeness * 100)::numeric(5, 2)",
    "processing_status": "'processed'::text",
    "created_at": "place.published_at",
    "updated_at": "place.updated_at",
    "last_sync_at": "place.updated_at",
    "operating_hours": "place.opening_hours",
    "opening_hours": "place.opening_hours",
    "rest_date": "place.rest_days",
    "admission_fee": "place.admission_fee",
    "parking_info": "place.parking",
    "parking": "place.parking",
    "reservation_info": "place.reservations",
    "credit_card": "place.credit_cards",
    "cat1": "place.class_division_code",
    "cat2": "place.class_group_code",
    "cat3": "place.class_code",
}
"""What a column of this name is made of, unless its view says otherwise."""

_AS_FLOAT = {
    "latitude": "place.latitude",
    "longitude": "place.longitude",
    "data_quality_score": "(place.completeness * 100)::double precision",
}
"""Where the backend declares floats."""

# Each joins at most one row by a primary key, so the planner leaves out what a query does not ask for.
_JOINS = """
LEFT JOIN core.codes AS division ON division.code_space = 'class' AND division.code = place.class_division_code
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = place.class_group_code
LEFT JOIN core.codes AS class ON class.code_space = 'class' AND class.code = place.class_code
LEFT JOIN raw.place_details AS intro ON intro.content_id = place.content_id AND intro.operation = 'detailIntro2'
LEFT JOIN raw.place_details AS information
    ON information.content_id = place.content_id AND information.operation = 'detailInfo2'
"""


def _columns(names: str, own: Mapping[str, str]) -> str:
    return ",\n    ".join(f"{own.get(name) or _COMMON[name]} AS {name}" for name in names.split())


def _of_places(table: str, names: str, own: Mapping[str, str]) -> str:
    return f"""
SELECT
    {_columns(names, own)}
FROM core.{table} AS place
{_JOINS}
WHERE place.removed_at IS NULL
"""


_PLACE_VIEWS = {
    "tourist_attractions": _of_places(
        "attractions",
        """
        content_id region_code tour_api_area_code raw_data_id attraction_name category_code category_name address zipcode
        latitude longitude homepage description image_url booktour createdtime modifiedtime telname faxno mlevel
        detail_intro_info detail_additional_info data_quality_score processing_status created_at updated_at last_sync_at
        """,
        {
            "attraction_name": "place.title",
            "category_name": "division.name",
            "address": _WHOLE_ADDRESS,
            "description": "place.overview",
            "image_url": "place.image_url",
        },
    ),
    "cultural_facilities": _of_places(
        "cultural_facilities",
        """
        content_id region_code tour_api_area_code raw_data_id facility_name facility_type category_code sub_category_code
        address detail_address zipcode latitude longitude tel homepage admission_fee operating_hours parking_info rest_date
        use_season use_time overview first_image first_image_small booktour createdtime modifiedtime telname faxno mlevel
        detail_intro_info detail_additional_info data_quality_score processing_status created_at updated_at last_sync_at
        """,
        {
            "facility_name": "place.title",
            "facility_type": _CLASS_NAME,
            "use_season": "NULL::text",
            "use_time": "place.opening_hours",
        },
    ),
    "festivals_events": _of_places(
        "festivals",
        """
        content_id region_code tour_api_area_code raw_data_id event_name category_code sub_category_code event_start_date
        event_end_date event_place address detail_address zipcode latitude longitude tel homepage event_program sponsor
        organizer play_time age_limit cost_info discount_info description overview first_image first_image_small booktour
        createdtime modifiedtime telname faxno mlevel detail_intro_info detail_additional_info data_quality_score
        processing_status created_at updated_at last_sync_at
        """,
        {
            "event_name": "place.title",
            "event_start_date": "place.event_start_date",
            "event_end_date": "place.event_end_date",
            "event_place": "place.event_place",
            "tel": "coalesce(place.phone, place.sponsor_phone)",
            "homepage": "coalesce(place.event_homepage_url, place.homepage_url, place.homepage)",
            "event_program": "place.program",
            "sponsor": "place.sponsor",
            "organizer": "place.organizer",
            "play_time": "place.event_hours",
            "age_limit": "place.age_limit",
            "cost_info": "place.admission_fee",
            "discount_info": "place.discounts",
            "description": "place.overview",
        },
    ),
    "travel_courses": _of_places(
        "travel_courses",
        """
        content_id region_code course_name course_theme required_time difficulty_level schedule course_distance
        category_code sub_category_code address detail_address zipcode tel telname faxno homepage overview first_image
        first_image_small latitude longitude data_quality_score processing_status raw_data_id created_at updated_at
        last_sync_at mlevel detail_intro_info detail_additional_info booktour createdtime modifiedtime sigungu_code place_id
        """,
        {
            **_AS_FLOAT,
            "course_name": "place.title",
            "course_theme": "place.theme",
            "required_time": "place.duration",
            "difficulty_level": "NULL::text",
            "schedule": "place.schedule",
            "course_distance": "place.distance",
            "place_id": "place.content_id",
        },
    ),
    "leisure_sports": _of_places(
        "leisure_sports",
        """
        content_id region_code facility_name category_code sub_category_code raw_data_id sports_type reservation_info
        admission_fee parking_info rental_info capacity operating_hours address detail_address zipcode latitude longitude
        tel homepage overview first_image first_image_small data_quality_score processing_status created_at updated_at
        last_sync_at booktour createdtime modifiedtime telname faxno mlevel detail_intro_info detail_additional_info
        sigungu_code
        """,
        {
            "facility_name": "place.title",
            "sports_type": _CLASS_NAME,
            "rental_info": "NULL::text",
            "capacity": "place.capacity",
        },
    ),
    "accommodations": _of_places(
        "accommodations",
        """
        content_id region_code raw_data_id accommodation_name accommodation_type address tel latitude longitude
        category_code sub_category_code parking created_at
        """,
        {
            **_AS_FLOAT,
            "accommodation_name": "place.title",
            "accommodation_type": "coalesce(class_group.name, '미상')",
            "address": _WHOLE_ADDRESS,
        },
    ),
    "shopping": _of_places(
        "shopping",
        """
        content_id region_code tour_api_area_code raw_data_id shop_name shop_type category_code sub_category_code address
        detail_address zipcode latitude longitude tel homepage opening_hours rest_date parking_info credit_card pet_allowed
        baby_carriage sale_item fair_day overview first_image first_image_small booktour createdtime modifiedtime telname
        faxno mlevel detail_intro_info detail_additional_info data_quality_score processing_status created_at updated_at
        last_sync_at
        """,
        {
            "shop_name": "place.title",
            "shop_type": _CLASS_NAME,
            "pet_allowed": "place.pets",
            "baby_carriage": "place.baby_carriages",
            "sale_item": "place.sale_items",
            "fair_day": "place.market_days",
        },
    ),
    "restaurants": _of_places(
        "restaurants",
        """
        content_id region_code tour_api_area_code raw_data_id restaurant_name category_code sub_category_code address
        detail_address zipcode latitude longitude tel homepage cuisine_type specialty_dish operating_hours rest_date
        reservation_info credit_card smoking parking room_available children_friendly takeout delivery overview first_image
        first_image_small data_quality_score processing_status created_at updated_at last_sync_at
        """,
        {
            **_AS_FLOAT,
            "restaurant_name": "place.title",
            "cuisine_type": _CLASS_NAME,
            "specialty_dish": "coalesce(place.signature_dish, place.menu)",
            "smoking": "place.smoking",
            "room_available": "NULL::text",
            "children_friendly": "CASE place.has_kids_facility WHEN true THEN '있음' WHEN false THEN '없음' END",
            "takeout": "place.takeout",
            "delivery": "NULL::text",
        },
    ),
}

_OF_EVERY_KIND = """
    content_id content_type_id region_code tour_api_area_code sigungu_code raw_data_id category_code sub_category_code cat3
    address zipcode latitude longitude homepage overview first_image first_image_small data_quality_score created_at
    updated_at
"""

_PLACES = "UNION ALL".join(
    f"""
SELECT
    place.content_id AS id,
    place.title AS name,
    place.image_url,
    {_columns(_OF_EVERY_KIND, {"address": _WHOLE_ADDRESS})},
    {"place.sponsor_phone" if table == "festivals" else "place.enquiry_phone"} AS enquiry_phone,
    place.phone
FROM core.{table} AS place
WHERE place.removed_at IS NULL
"""
    for table in _KINDS
)
"""What all kinds have in common, in one relation, for consumers that ask for places of any kind."""

_PET_TOUR_INFO = f"""
SELECT
    {_ID.format("'pet_tour_info/' || policy.content_id")} AS id,
    place.content_id,
    {_RAW_DATA_ID.format("policy")} AS raw_data_id,
    place.content_type_id,
    place.name AS title,
    place.address,
    place.latitude,
    place.longitude,
    place.region_code AS area_code,
    place.sigungu_code,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    place.homepage,
    place.overview,
    place.first_image,
    place.first_image_small AS first_image2,
    place.category_code AS cat1,
    place.sub_category_code AS cat2,
    place.cat3,
    policy.scope AS pet_acpt_abl,
    nullif(concat_ws(
        E'\\n',
        '동반 가능 동물: ' || policy.animals,
        '동반 시 필요사항: ' || policy.requirements,
        '관련 구비 시설: ' || policy.facilities,
        '비치 품목: ' || policy.provided_items,
        '대여 품목: ' || policy.rental_items,
        '구매 가능 품목: ' || policy.sale_items,
        '사고 대비사항: ' || policy.accident_precautions,
        policy.other_information
    ), '') AS pet_info,
    place.data_quality_score,
    'processed'::text AS processing_status,
    policy.updated_at AS last_sync_at,
    policy.updated_at AS created_at,
    policy.updated_at
FROM core.pet_policies AS policy
JOIN serving.places AS place ON place.content_id = policy.content_id
"""

_CONTENT_IMAGES = f"""
SELECT
    {_ID.format("'content_images/' || image.content_id || '/' || image.position")} AS id,
    image.content_id,
    image.content_type_id,
    image.caption AS img_name,
    image.image_url AS origin_img_url,
    image.thumbnail_url AS small_image_url,
    image.position AS serial_num,
    image.licence AS cpyrht_div_cd,
    NULL::text AS img_size,
    NULL::integer AS img_width,
    NULL::integer AS img_height,
    {_RAW_DATA_ID.format("image")} AS raw_data_id,
    NULL::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    image.updated_at AS last_sync_at,
    image.updated_at AS created_at,
    image.updated_at
FROM core.place_images AS image
WHERE EXISTS (SELECT FROM serving.places AS place WHERE place.content_id = image.content_id)
"""

_CONTENT_DETAIL_INFO = f"""
SELECT
    {_ID.format("'content_detail_info/' || detail.content_id || '/' || detail.position")} AS id,
    detail.content_id,
    detail.content_type_id,
    detail.name AS info_name,
    detail.text AS info_text,
    detail.position AS serial_num,
    {_RAW_DATA_ID.format("detail")} AS raw_data_id,
    detail.updated_at AS created_at,
    detail.updated_at
FROM (
    SELECT content_id, position, content_type_id, name, text, source_response_id, updated_at FROM core.place_infos
    UNION ALL
    SELECT content_id, position, content_type_id, name, description, source_response_id, updated_at FROM core.course_stops
    UNION ALL
    SELECT content_id, position, content_type_id, title, description, source_response_id, updated_at FROM core.rooms
) AS detail
WHERE EXISTS (SELECT FROM serving.places AS place WHERE place.content_id = detail.content_id)
"""

_REGIONS = """
SELECT
    area.kto_area_code AS region_code,
    area.name AS region_name,
    NULL::text AS parent_region_code,
    area.latitude,
    area.longitude,
    1 AS region_level,
    deployment.created_at,
    deployment.created_at AS updated_at,
    true AS is_active,
    area.grid_x::integer AS grid_x,
    area.grid_y::integer AS grid_y,
    area.full_name AS region_name_full,
    area.english_name AS region_name_en,
    area.region_code AS region_id,
    area.latitude AS center_latitude,
    area.longitude AS center_longitude,
    area.administrative_code,
    jsonb_build_object(
        'tour_api', jsonb_build_object('area_code', area.kto_area_code, 'ldong_region_code', area.region_code),
        'kma', jsonb_build_object('region_code', area.administrative_code, 'nx', area.grid_x, 'ny', area.grid_y)
    ) AS api_mappings,
    jsonb_build_object('latitude', area.latitude, 'longitude', area.longitude) AS coordinate_info,
    area.kto_area_code AS tour_api_area_code
FROM core.kto_areas AS area CROSS JOIN ops.deployment AS deployment
UNION ALL
SELECT
    'unassigned', '미지정', NULL, NULL, NULL, 0, deployment.created_at, deployment.created_at, false, NULL, NULL,
    '지역 미지정', 'Unassigned', NULL, NULL, NULL, NULL, '{}'::jsonb, '{}'::jsonb, NULL
FROM ops.deployment AS deployment
UNION ALL
SELECT
    district.code, district.name, area.kto_area_code, NULL, NULL, 2, district.updated_at, district.updated_at,
    district.withdrawn_at IS NULL, NULL, NULL,
    -- Sejong has no districts: its one code stands at both levels.
    CASE district.code WHEN region.region_code THEN region.name ELSE concat_ws(' ', region.name, district.name) END,
    NULL, district.code, NULL, NULL, district.code,
    jsonb_build_object(
        'tour_api', jsonb_build_object(
            'area_code', area.kto_area_code, 'ldong_region_code', region.region_code,
            'ldong_sigungu_code', right(district.code, 3)
        )
    ),
    '{}'::jsonb, NULL
FROM core.codes AS district
JOIN core.regions AS region ON region.region_code = district.parent_code
-- The area that names the district, else the one that names none.
CROSS JOIN LATERAL (
    SELECT kto_area_code FROM core.kto_areas AS area
    WHERE area.region_code = region.region_code
      AND (area.sigungu_codes = '{}' OR right(district.code, 3) = ANY (area.sigungu_codes))
    ORDER BY area.sigungu_codes = '{}'
    LIMIT 1
) AS area
WHERE district.code_space = 'sigungu'
"""

_CATEGORY_CODES = """
SELECT
    class.code AS category_code,
    class.name AS category_name,
    class.content_type_id,
    class.parent_code AS parent_category_code,
    class.level::integer AS category_level,
    coalesce(class.updated_at, deployment.created_at) AS created_at,
    coalesce(class.updated_at, deployment.created_at) AS updated_at
FROM core.codes AS class CROSS JOIN ops.deployment AS deployment
WHERE class.code_space = 'class'
"""


_VIEWS = {
    **_PLACE_VIEWS,
    "places": _PLACES,
    "pet_tour_info": _PET_TOUR_INFO,
    "content_images": _CONTENT_IMAGES,
    "content_detail_info": _CONTENT_DETAIL_INFO,
    "regions": _REGIONS,
    "category_codes": _CATEGORY_CODES,
}
"""What each view shows, in an order in which each finds what it is made of."""


def upgrade() -> None:
    op.execute(_CODES)
    for kind in _KINDS:
        # The backend compares region_code, which is this expression.
        op.execute(f"CREATE INDEX {kind}_serving_region_idx ON core.{kind} ((coalesce(kto_area_code, 'unassigned')))")
    for view, query in _VIEWS.items():
        op.execute(f"CREATE OR REPLACE VIEW serving.{view} AS {query}")


def downgrade() -> None:
    op.execute(f"DROP VIEW {', '.join(f'serving.{view}' for view in _VIEWS)}")
    for kind in _KINDS:
        op.execute(f"DROP INDEX core.{kind}_serving_region_idx")
    op.execute("DELETE FROM core.codes WHERE source_response_id IS NOT NULL")
    for column in ("content_type_id", "source_response_id", "updated_at", "withdrawn_at"):
        op.execute(f"ALTER TABLE core.codes DROP COLUMN {column}")
    op.execute("ALTER TABLE core.kto_areas DROP COLUMN sigungu_codes")
    # The views of before, as they were first made.
    script = ScriptDirectory.from_config(op.get_context().config)  # type: ignore[arg-type]
    first = script.get_revision("0002")
    assert first is not None
    first.module.upgrade()
