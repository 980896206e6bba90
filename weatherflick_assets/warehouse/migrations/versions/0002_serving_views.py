"""Serving views: tourist_attractions, restaurants and regions, with the columns the WeatherFlick backend reads.

The backend asks by region in two ways, comparing region_code with KTO's area code and joining regions, so region_code is
that area code here. A place of no known region has `unassigned`, which regions has a (closed) row for. What list items do
not say (opening hours, menus, overviews) is null until details are collected.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The backend's raw_data_id is a UUID; the response's number is written into one.
_RAW_DATA_ID = "lpad(to_hex(place.source_response_id), 32, '0')::uuid"
_LEGACY_TIME = "to_char(place.{} AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS')"
_CREATED_TIME = _LEGACY_TIME.format("created_at")
_MODIFIED_TIME = _LEGACY_TIME.format("modified_at")

_TOURIST_ATTRACTIONS = f"""
CREATE VIEW serving.tourist_attractions AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    {_RAW_DATA_ID} AS raw_data_id,
    place.title AS attraction_name,
    place.class_division_code AS category_code,
    division.name AS category_name,
    concat_ws(' ', place.address, place.address_detail) AS address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    NULL::text AS homepage,
    NULL::text AS description,
    place.image_url,
    'N'::text AS booktour,
    {_CREATED_TIME} AS createdtime,
    {_MODIFIED_TIME} AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    NULL::jsonb AS detail_intro_info,
    NULL::jsonb AS detail_additional_info,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.attractions AS place
LEFT JOIN core.codes AS division ON division.code_space = 'class' AND division.code = place.class_division_code
WHERE place.removed_at IS NULL
"""

_RESTAURANTS = f"""
CREATE VIEW serving.restaurants AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    {_RAW_DATA_ID} AS raw_data_id,
    place.title AS restaurant_name,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    place.latitude,
    place.longitude,
    place.phone AS tel,
    NULL::text AS homepage,
    NULL::text AS cuisine_type,
    NULL::text AS specialty_dish,
    NULL::text AS operating_hours,
    NULL::text AS rest_date,
    NULL::text AS reservation_info,
    NULL::text AS credit_card,
    NULL::text AS smoking,
    NULL::text AS parking,
    NULL::text AS room_available,
    NULL::text AS children_friendly,
    NULL::text AS takeout,
    NULL::text AS delivery,
    NULL::text AS overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    (place.completeness * 100)::double precision AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.restaurants AS place
WHERE place.removed_at IS NULL
"""

_REGIONS = """
CREATE VIEW serving.regions AS
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
"""


def upgrade() -> None:
    op.execute(_TOURIST_ATTRACTIONS)
    op.execute(_RESTAURANTS)
    op.execute(_REGIONS)


def downgrade() -> None:
    op.execute("DROP VIEW serving.tourist_attractions, serving.restaurants, serving.regions")
