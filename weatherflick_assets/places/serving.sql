-- What the WeatherFlick backend reads of places: views with the names and columns of its own tables, in their order, and
-- functions that find the nearest places and those with a name.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`): the views are dropped and created. They read
-- core alone, so nothing is shown that was not judged. A view that is no longer created stays in the list of those that are
-- dropped; views of other domains stand in files of their own.
--
-- region_code is KTO's area code, because the backend compares it with that and joins regions on it; places of no known
-- region have `unassigned`, which regions has a closed row for. Category codes are those of KTO's classification
-- (lclsSystm), whose names stand in category_codes. What was not collected yet is null, and so is what no upstream says.
-- Places that were removed are in no view, nor is anything about them. Districts are regions of level 2 below their area;
-- they have no tour_api_area_code, so that an area code finds one region. The backend's raw_data_id is a UUID: the number of
-- the response is written into one; other ids that it knows are made of keys. Joins find at most one row by a primary key, so
-- the planner leaves out those that a query does not ask for.
--
-- Attractions and restaurants are searched by words: a narrow index (`_words_idx`) holds what is compared. It is read alone
-- if a query asks for nothing else of the place, so the whole row of a restaurant is joined to it by its key.

CREATE SCHEMA IF NOT EXISTS serving;

DROP VIEW IF EXISTS
    serving.content_detail_info, serving.content_images, serving.pet_tour_info, serving.places,
    serving.tourist_attractions, serving.cultural_facilities, serving.festivals_events, serving.travel_courses,
    serving.leisure_sports, serving.accommodations, serving.shopping, serving.restaurants,
    serving.regions, serving.category_codes;
DROP FUNCTION IF EXISTS serving.places_named, serving.places_near, serving.distance_m;

CREATE VIEW serving.tourist_attractions AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS attraction_name,
    place.class_division_code AS category_code,
    division.name AS category_name,
    -- As concat_ws, which takes longer for every place that is searched.
    CASE WHEN place.address_detail IS NULL THEN coalesce(place.address, '') WHEN place.address IS NULL THEN place.address_detail
    ELSE place.address || ' ' || place.address_detail END AS address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.overview AS description,
    place.image_url,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.attractions AS place
LEFT JOIN core.codes AS division ON division.code_space = 'class' AND division.code = place.class_division_code
WHERE place.removed_at IS NULL;

CREATE VIEW serving.cultural_facilities AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS facility_name,
    coalesce(class.name, class_group.name) AS facility_type,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.admission_fee,
    place.opening_hours AS operating_hours,
    place.parking AS parking_info,
    place.rest_days AS rest_date,
    NULL::text AS use_season,
    place.opening_hours AS use_time,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.cultural_facilities AS place
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = place.class_group_code
LEFT JOIN core.codes AS class ON class.code_space = 'class' AND class.code = place.class_code
WHERE place.removed_at IS NULL;

CREATE VIEW serving.festivals_events AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS event_name,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.event_start_date,
    place.event_end_date,
    place.event_place,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.phone, place.sponsor_phone) AS tel,
    coalesce(place.event_homepage_url, place.homepage_url, place.homepage) AS homepage,
    place.program AS event_program,
    place.sponsor,
    place.organizer,
    place.event_hours AS play_time,
    place.age_limit,
    place.admission_fee AS cost_info,
    place.discounts AS discount_info,
    place.overview AS description,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.festivals AS place
WHERE place.removed_at IS NULL;

CREATE VIEW serving.travel_courses AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.title AS course_name,
    place.theme AS course_theme,
    place.duration AS required_time,
    NULL::text AS difficulty_level,
    place.schedule,
    place.distance AS course_distance,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    NULL::text AS telname,
    NULL::text AS faxno,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    place.latitude,
    place.longitude,
    (place.completeness * 100)::double precision AS data_quality_score,
    'processed'::text AS processing_status,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    left(place.region_code, 2) || right(place.sigungu_code, 3) AS sigungu_code,
    place.content_id AS place_id
FROM core.travel_courses AS place
WHERE place.removed_at IS NULL;

CREATE VIEW serving.leisure_sports AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.title AS facility_name,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    coalesce(class.name, class_group.name) AS sports_type,
    place.reservations AS reservation_info,
    place.admission_fee,
    place.parking AS parking_info,
    NULL::text AS rental_info,
    place.capacity,
    place.opening_hours AS operating_hours,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    left(place.region_code, 2) || right(place.sigungu_code, 3) AS sigungu_code
FROM core.leisure_sports AS place
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = place.class_group_code
LEFT JOIN core.codes AS class ON class.code_space = 'class' AND class.code = place.class_code
WHERE place.removed_at IS NULL;

CREATE VIEW serving.accommodations AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS accommodation_name,
    coalesce(class_group.name, '미상') AS accommodation_type,
    concat_ws(' ', place.address, place.address_detail) AS address,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    place.latitude,
    place.longitude,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.parking,
    place.published_at AS created_at
FROM core.accommodations AS place
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = place.class_group_code
WHERE place.removed_at IS NULL;

CREATE VIEW serving.shopping AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS shop_name,
    coalesce(class.name, class_group.name) AS shop_type,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.address,
    place.address_detail AS detail_address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.phone, place.enquiry_phone) AS tel,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.opening_hours,
    place.rest_days AS rest_date,
    place.parking AS parking_info,
    place.credit_cards AS credit_card,
    place.pets AS pet_allowed,
    place.baby_carriages AS baby_carriage,
    place.sale_items AS sale_item,
    place.market_days AS fair_day,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    'N'::text AS booktour,
    to_char(place.created_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS createdtime,
    to_char(place.modified_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDDHH24MISS') AS modifiedtime,
    NULL::text AS telname,
    NULL::text AS faxno,
    place.map_level AS mlevel,
    place.detail_intro_info,
    place.detail_additional_info,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    place.updated_at,
    place.updated_at AS last_sync_at
FROM core.shopping AS place
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = place.class_group_code
LEFT JOIN core.codes AS class ON class.code_space = 'class' AND class.code = place.class_code
WHERE place.removed_at IS NULL;

CREATE VIEW serving.restaurants AS
SELECT
    place.content_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    lpad(to_hex(whole.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.title AS restaurant_name,
    place.class_division_code AS category_code,
    whole.class_group_code AS sub_category_code,
    place.address,
    place.address_detail AS detail_address,
    whole.zip_code AS zipcode,
    whole.latitude,
    whole.longitude,
    coalesce(whole.phone, whole.enquiry_phone) AS tel,
    coalesce(whole.homepage_url, whole.homepage) AS homepage,
    coalesce(class.name, class_group.name) AS cuisine_type,
    coalesce(whole.signature_dish, whole.menu) AS specialty_dish,
    whole.opening_hours AS operating_hours,
    whole.rest_days AS rest_date,
    whole.reservations AS reservation_info,
    whole.credit_cards AS credit_card,
    whole.smoking,
    whole.parking,
    NULL::text AS room_available,
    CASE whole.has_kids_facility WHEN true THEN '있음' WHEN false THEN '없음' END AS children_friendly,
    whole.takeout,
    NULL::text AS delivery,
    whole.overview,
    whole.image_url AS first_image,
    whole.thumbnail_url AS first_image_small,
    (whole.completeness * 100)::double precision AS data_quality_score,
    'processed'::text AS processing_status,
    place.published_at AS created_at,
    whole.updated_at,
    whole.updated_at AS last_sync_at
FROM core.restaurants AS place
LEFT JOIN core.restaurants AS whole ON whole.content_id = place.content_id
LEFT JOIN core.codes AS class_group ON class_group.code_space = 'class' AND class_group.code = whole.class_group_code
LEFT JOIN core.codes AS class ON class.code_space = 'class' AND class.code = whole.class_code
WHERE place.removed_at IS NULL;

-- The eight tables are united before anything is selected from them, so that the planner sees eight indexes in one order:
-- the nearest and the newest are then found without reading the rest. It does not if the parts have a WHERE of their own.
-- The kind is a constant of each table, so that a query about one kind reads no other.
CREATE VIEW serving.places AS
SELECT
    place.content_id AS id,
    place.title AS name,
    place.image_url,
    place.content_id,
    place.content_type_id,
    coalesce(place.kto_area_code, 'unassigned') AS region_code,
    place.kto_area_code AS tour_api_area_code,
    left(place.region_code, 2) || right(place.sigungu_code, 3) AS sigungu_code,
    lpad(to_hex(place.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.class_division_code AS category_code,
    place.class_group_code AS sub_category_code,
    place.class_code AS cat3,
    concat_ws(' ', place.address, place.address_detail) AS address,
    place.zip_code AS zipcode,
    place.latitude::numeric(10, 8) AS latitude,
    place.longitude::numeric(11, 8) AS longitude,
    coalesce(place.homepage_url, place.homepage) AS homepage,
    place.overview,
    place.image_url AS first_image,
    place.thumbnail_url AS first_image_small,
    (place.completeness * 100)::numeric(5, 2) AS data_quality_score,
    place.published_at AS created_at,
    place.updated_at,
    place.enquiry_phone,
    place.phone,
    -- Indexed; see places_near.
    point(place.longitude, place.latitude) AS location
FROM (
    SELECT
        content_id, '12'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.attractions
    UNION ALL
    SELECT
        content_id, '14'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.cultural_facilities
    UNION ALL
    SELECT
        content_id, '15'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, sponsor_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.festivals
    UNION ALL
    SELECT
        content_id, '25'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.travel_courses
    UNION ALL
    SELECT
        content_id, '28'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.leisure_sports
    UNION ALL
    SELECT
        content_id, '32'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.accommodations
    UNION ALL
    SELECT
        content_id, '38'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.shopping
    UNION ALL
    SELECT
        content_id, '39'::text AS content_type_id, title, region_code, kto_area_code, sigungu_code,
        class_division_code, class_group_code, class_code, address, address_detail, zip_code, latitude, longitude, phone, enquiry_phone,
        homepage, homepage_url, overview, image_url, thumbnail_url, completeness, source_response_id, published_at,
        updated_at, removed_at
    FROM core.restaurants
) AS place
WHERE place.removed_at IS NULL;

-- The distance over the ground, on a sphere of the earth's mean radius.
CREATE FUNCTION serving.distance_m(
    latitude double precision, longitude double precision, other_latitude double precision, other_longitude double precision
) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT 2 * 6371008.8 * asin(sqrt(least(1,
    power(sind((other_latitude - latitude) / 2), 2)
    + cosd(latitude) * cosd(other_latitude) * power(sind((other_longitude - longitude) / 2), 2)
)))
$$;

-- The places within a radius of a point, at most so many, nearest first; null for the radius: however far; null for the
-- kinds: of any kind. The order is that of the exact distance.
--
-- The index orders by degrees, which is not that order, because a degree of longitude is shorter than one of latitude. But
-- as many places as are asked for, nearest in degrees, bound the distance of the farthest place of the answer, so that
-- the answer is within a box of that reach.
CREATE FUNCTION serving.places_near(
    latitude double precision, longitude double precision, radius_m double precision, most integer,
    content_type_ids text[] DEFAULT NULL
) RETURNS TABLE (content_id text, content_type_id text, distance_m double precision)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20 AS $$
WITH near_in_degrees AS (
    SELECT serving.distance_m($1, $2, place.location[1], place.location[0]) AS distance_m
    FROM serving.places AS place
    WHERE $5 IS NULL OR place.content_type_id = ANY ($5)
    ORDER BY place.location <-> point($2, $1)
    LIMIT $4
), reach AS (
    -- A centimetre wider, because of rounding.
    SELECT (0.01 + least($3, CASE WHEN count(distance_m) = $4 THEN max(distance_m) END)) / 6371008.8 AS radians
    FROM near_in_degrees
), half AS (
    SELECT
        coalesce(degrees(radians), 180) AS latitude,
        -- Around a pole every longitude is near.
        CASE WHEN abs($1) + degrees(radians) < 90 THEN degrees(asin(least(1, sin(radians) / cosd($1)))) ELSE 360 END
            AS longitude
    FROM reach
), box AS (
    SELECT
        CASE WHEN abs($2) + longitude > 180 THEN box(point(-180, $1 - latitude), point(180, $1 + latitude))
        ELSE box(point($2 - longitude, $1 - latitude), point($2 + longitude, $1 + latitude)) END AS area
    FROM half
)
SELECT place.content_id, place.content_type_id, found.distance_m
FROM serving.places AS place
CROSS JOIN LATERAL (SELECT serving.distance_m($1, $2, place.location[1], place.location[0])) AS found (distance_m)
WHERE place.location <@ (SELECT area FROM box) AND ($5 IS NULL OR place.content_type_id = ANY ($5))
  AND ($3 IS NULL OR found.distance_m <= $3)
ORDER BY found.distance_m, place.content_id
LIMIT $4
$$;

-- The places whose name contains a text, in any case, at most so many; names that begin with it come first, shorter ones
-- before longer ones. The index is on the characters of a name: a Korean word of two syllables is rare enough, and an
-- index on three characters would not find it.
CREATE FUNCTION serving.places_named(words text, most integer)
RETURNS TABLE (content_id text, content_type_id text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20 AS $$
SELECT place.content_id, place.content_type_id, place.name
FROM serving.places AS place
WHERE string_to_array(lower(place.name), NULL) @> string_to_array(lower($1), NULL) AND strpos(lower(place.name), lower($1)) > 0
ORDER BY strpos(lower(place.name), lower($1)) > 1, length(place.name), place.content_id
LIMIT $2
$$;

CREATE VIEW serving.pet_tour_info AS
SELECT
    md5('pet_tour_info/' || policy.content_id)::uuid AS id,
    place.content_id,
    lpad(to_hex(policy.source_response_id), 32, '0')::uuid AS raw_data_id,
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
        E'\n',
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
    place.created_at,
    policy.updated_at
FROM core.pet_policies AS policy
JOIN serving.places AS place ON place.content_id = policy.content_id;

CREATE VIEW serving.content_images AS
SELECT
    md5('content_images/' || image.content_id || '/' || image.position)::uuid AS id,
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
    lpad(to_hex(image.source_response_id), 32, '0')::uuid AS raw_data_id,
    NULL::numeric(5, 2) AS data_quality_score,
    'processed'::text AS processing_status,
    image.updated_at AS last_sync_at,
    place.created_at,
    image.updated_at
FROM core.place_images AS image
JOIN serving.places AS place ON place.content_id = image.content_id;

CREATE VIEW serving.content_detail_info AS
SELECT
    md5('content_detail_info/' || detail.content_id || '/' || detail.position)::uuid AS id,
    detail.content_id,
    detail.content_type_id,
    detail.name AS info_name,
    detail.text AS info_text,
    detail.position AS serial_num,
    lpad(to_hex(detail.source_response_id), 32, '0')::uuid AS raw_data_id,
    place.created_at,
    detail.updated_at
FROM (
    SELECT content_id, position, content_type_id, name, text, source_response_id, updated_at FROM core.place_infos
    UNION ALL
    SELECT content_id, position, content_type_id, name, description, source_response_id, updated_at FROM core.course_stops
    UNION ALL
    SELECT content_id, position, content_type_id, title, description, source_response_id, updated_at FROM core.rooms
) AS detail
JOIN serving.places AS place ON place.content_id = detail.content_id;

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
UNION ALL
SELECT
    district.code, district.name, area.kto_area_code, NULL, NULL, 2, deployment.created_at, district.updated_at,
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
CROSS JOIN ops.deployment AS deployment
JOIN core.regions AS region ON region.region_code = district.parent_code
-- The area that names the district, else the one that names none.
CROSS JOIN LATERAL (
    SELECT kto_area_code FROM core.kto_areas AS area
    WHERE area.region_code = region.region_code
      AND (area.sigungu_codes = '{}' OR right(district.code, 3) = ANY (area.sigungu_codes))
    ORDER BY area.sigungu_codes = '{}'
    LIMIT 1
) AS area
WHERE district.code_space = 'sigungu';

CREATE VIEW serving.category_codes AS
SELECT
    class.code AS category_code,
    class.name AS category_name,
    class.content_type_id,
    class.parent_code AS parent_category_code,
    class.level::integer AS category_level,
    deployment.created_at,
    coalesce(class.updated_at, deployment.created_at) AS updated_at
FROM core.codes AS class CROSS JOIN ops.deployment AS deployment
WHERE class.code_space = 'class';

-- What the views and their columns mean: docs/serving.md is made from these comments. A name means the same in every view;
-- where it needs more words in one of them, `view.column` has them.
COMMENT ON FUNCTION serving.distance_m IS 'the distance of two points over the ground, in metres';
COMMENT ON FUNCTION serving.places_near IS
    'the nearest places within a radius in metres, by exact distance; a null radius means however far, kinds may be left out';
COMMENT ON FUNCTION serving.places_named IS
    'places whose name contains a text in any case; names that begin with it first, shorter ones before longer ones';

DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT * FROM (VALUES
            ('tourist_attractions', 'Attractions (content type 12) that are shown.'),
            ('cultural_facilities', 'Museums, theatres and other cultural facilities (14) that are shown.'),
            ('festivals_events', 'Festivals and events (15) that are shown, past ones among them.'),
            ('travel_courses', 'Travel courses (25) that are shown; their stops are rows of content_detail_info.'),
            ('leisure_sports', 'Places for leisure sports (28) that are shown.'),
            ('accommodations', 'Places to stay (32) that are shown; their rooms are rows of content_detail_info.'),
            ('shopping', 'Shops and markets (38) that are shown.'),
            ('restaurants', 'Restaurants (39) that are shown.'),
            ('places', 'All eight kinds of places that are shown, with what they have in common.'),
            ('pet_tour_info', 'Rules for pets at places that are shown; one row for each place that has any.'),
            ('content_images', 'Pictures of places that are shown, in their order.'),
            ('content_detail_info', 'Further texts, stops of courses and rooms of places that are shown, in their order.'),
            ('regions', 'KTO areas (level 1), their districts (level 2), and a closed row for places of no known region.'),
            ('category_codes', 'Classes of places by KTO''s classification (lclsSystm), three levels.')
        ) AS view (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON VIEW serving.%I IS %L', said.name, said.meaning);
    END LOOP;
    FOR said IN
        WITH meanings (name, meaning) AS (VALUES
            ('accommodation_name', 'name of the place'),
            ('accommodation_type', 'kind of place to stay, the name of its class group; 미상 where unknown'),
            ('address', 'road address; with its second line where there is no detail_address'),
            ('administrative_code', 'code of the administrative region, ten digits; of a district its five'),
            ('admission_fee', 'fees, as received'),
            ('age_limit', 'who may attend, as received'),
            ('api_mappings', 'codes by which KTO and the weather service know the region'),
            ('area_code', 'KTO area of the place'),
            ('attraction_name', 'name of the place'),
            ('baby_carriage', 'whether baby carriages are lent, as received'),
            ('booktour', 'N: the upstream no longer says'),
            ('capacity', 'how many people it holds, as received'),
            ('cat1', 'class division of the place (lclsSystm1)'),
            ('cat2', 'class group of the place (lclsSystm2)'),
            ('cat3', 'class of the place (lclsSystm3)'),
            ('category_code', 'class division (lclsSystm1); its name is in category_codes'),
            ('category_codes.category_code', 'code of the class'),
            ('category_level', '1 division, 2 group, 3 class'),
            ('category_name', 'name of the class'),
            ('center_latitude', 'latitude of the region''s centre, degrees'),
            ('center_longitude', 'longitude of the region''s centre, degrees'),
            ('children_friendly', '있음 or 없음, whether there is a playroom; null where unknown'),
            ('content_id', 'KTO''s id of the place (contentid)'),
            ('content_type_id', 'kind of place: 12, 14, 15, 25, 28, 32, 38 or 39'),
            ('coordinate_info', 'latitude and longitude of the region''s centre'),
            ('cost_info', 'fees, as received'),
            ('course_distance', 'length of the course, as received'),
            ('course_name', 'name of the course'),
            ('course_theme', 'theme of the course'),
            ('cpyrht_div_cd', 'licence of the picture: Type1 or Type3'),
            ('created_at', 'when the platform first published what the row is about: the place, or the codes it came with'),
            ('createdtime', 'when KTO created the place, Korean time, YYYYMMDDHHMMSS'),
            ('credit_card', 'whether cards are taken, as received'),
            ('cuisine_type', 'class of the restaurant, or its group'),
            ('data_quality_score', 'share of the descriptive columns that are filled, 0 to 100'),
            ('content_images.data_quality_score', 'null: pictures have none'),
            ('delivery', 'null: no upstream says'),
            ('description', 'text about the place'),
            ('detail_additional_info', 'items of detailInfo2, as received'),
            ('detail_address', 'second line of the address'),
            ('detail_intro_info', 'item of detailIntro2, as received'),
            ('difficulty_level', 'null: no upstream says'),
            ('discount_info', 'discounts, as received'),
            ('enquiry_phone', 'telephone for enquiries'),
            ('event_end_date', 'last day'),
            ('event_name', 'name of the event'),
            ('event_place', 'where it takes place'),
            ('event_program', 'programme, as received'),
            ('event_start_date', 'first day'),
            ('facility_name', 'name of the place'),
            ('facility_type', 'class of the place, or its group'),
            ('fair_day', 'days on which the market is held, as received'),
            ('faxno', 'null: no upstream says'),
            ('first_image', 'address of the picture'),
            ('first_image2', 'address of the small picture'),
            ('first_image_small', 'address of the small picture'),
            ('grid_x', 'column of the weather service''s grid'),
            ('grid_y', 'row of the weather service''s grid'),
            ('homepage', 'address of the homepage; where none can be read, the text as received'),
            ('id', 'id made of the row''s key; it stays the same'),
            ('places.id', 'content_id'),
            ('image_url', 'address of the picture'),
            ('img_height', 'null: no upstream says'),
            ('img_name', 'caption'),
            ('img_size', 'null: no upstream says'),
            ('img_width', 'null: no upstream says'),
            ('info_name', 'heading; of a stop or a room its name'),
            ('info_text', 'text'),
            ('is_active', 'whether the code is in use'),
            ('last_sync_at', 'as updated_at'),
            ('latitude', 'latitude, degrees (WGS 84); null where it is not in Korea'),
            ('location', 'longitude and latitude as an indexed point'),
            ('longitude', 'longitude, degrees (WGS 84); null where it is not in Korea'),
            ('mlevel', 'zoom of the map that KTO suggests'),
            ('modifiedtime', 'when KTO last changed the place, Korean time, YYYYMMDDHHMMSS'),
            ('name', 'name of the place'),
            ('opening_hours', 'opening hours, as received'),
            ('operating_hours', 'opening hours, as received'),
            ('organizer', 'who organises it'),
            ('origin_img_url', 'address of the picture'),
            ('overview', 'text about the place'),
            ('parent_category_code', 'code one level up'),
            ('parent_region_code', 'of a district its area; null for an area'),
            ('parking', 'parking, as received'),
            ('parking_info', 'parking, as received'),
            ('pet_acpt_abl', 'where pets are allowed'),
            ('pet_allowed', 'whether pets are allowed, as received'),
            ('pet_info', 'rules for pets, a line for each'),
            ('phone', 'telephone of the list'),
            ('place_id', 'content_id'),
            ('play_time', 'hours of the event, as received'),
            ('processing_status', 'processed: every row was judged'),
            ('raw_data_id', 'number of the response in raw.responses, written as a UUID'),
            ('region_code', 'KTO area, to be compared with regions; unassigned where no region is known'),
            ('regions.region_code', 'KTO area, or the five digits of a district; unassigned'),
            ('region_id', 'current region (lDongRegnCd), or the five digits of a district'),
            ('region_level', '1 area, 2 district, 0 no known region'),
            ('region_name', 'short name'),
            ('region_name_en', 'English name'),
            ('region_name_full', 'full name'),
            ('rental_info', 'null: no upstream says'),
            ('required_time', 'how long the course takes, as received'),
            ('reservation_info', 'reservations, as received'),
            ('rest_date', 'days on which it is closed, as received'),
            ('restaurant_name', 'name of the place'),
            ('room_available', 'null: no upstream says'),
            ('sale_item', 'what is sold, as received'),
            ('schedule', 'schedule of the course, as received'),
            ('serial_num', 'place in the order, from 1'),
            ('shop_name', 'name of the place'),
            ('shop_type', 'class of the shop, or its group'),
            ('sigungu_code', 'district, five digits, as region_code of a district'),
            ('small_image_url', 'address of the small picture'),
            ('smoking', 'smoking, as received'),
            ('specialty_dish', 'signature dish, or the menu, as received'),
            ('sponsor', 'who pays for it'),
            ('sports_type', 'class of the place, or its group'),
            ('sub_category_code', 'class group (lclsSystm2); its name is in category_codes'),
            ('takeout', 'whether food is sold to take away, as received'),
            ('tel', 'telephone'),
            ('telname', 'null: no upstream says'),
            ('title', 'name of the place'),
            ('tour_api_area_code', 'KTO area; null where no region is known, and of districts'),
            ('updated_at', 'when a value of the row last changed'),
            ('use_season', 'null: no upstream says'),
            ('use_time', 'opening hours, as received'),
            ('zipcode', 'post code')
        )
        SELECT view.relname AS name, col.attname AS column_name, meaning
        FROM pg_class AS view JOIN pg_attribute AS col ON col.attrelid = view.oid
        CROSS JOIN LATERAL (
            SELECT meaning FROM meanings WHERE name IN (format('%s.%s', view.relname, col.attname), col.attname::text)
            ORDER BY length(name) DESC LIMIT 1
        ) AS said
        WHERE view.relnamespace = 'serving'::regnamespace AND view.relkind = 'v' AND col.attnum > 0
          -- Other domains say what their views mean themselves.
          AND col_description(view.oid, col.attnum) IS NULL
    LOOP
        EXECUTE format('COMMENT ON COLUMN serving.%I.%I IS %L', said.name, said.column_name, said.meaning);
    END LOOP;
END
$$;
