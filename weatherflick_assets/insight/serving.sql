-- What the WeatherFlick backend reads of what follows from published data: where to go on a day, by area and around any point.
--
-- Run as a whole, after the views that it is made of, whenever either text has changed (`warehouse/code_versions.py`); views.sql
-- drops what is made here. region_code is KTO's area code, as in the views of places. The newest issue counts, and days from today
-- on. Places that were removed since are in no view: each is looked up, because few are asked for at once.
--
-- The backend's travel_weather_scores has scores from 0 to 10 with two decimals in columns that hold 9.99 at most. So a score of this
-- platform, 0 to 100, is divided by 10, and 10 is written as 9.99.

CREATE SCHEMA IF NOT EXISTS serving;

CREATE VIEW serving.recommendations AS
SELECT
    md5(concat_ws('/', 'recommendations', listed.kto_area_code, listed.day, listed.topic, listed.rank))::uuid AS id,
    listed.kto_area_code AS region_code,
    listed.day,
    listed.topic,
    listed.rank::integer AS rank,
    listed.content_id,
    listed.content_type_id,
    listed.activity,
    listed.score::numeric::double precision AS score,
    listed.suitability::numeric::double precision AS suitability,
    listed.level AS recommendation_level,
    listed.reasons -> 'ko' ->> 0 AS reason,
    listed.reasons,
    listed.confidence::numeric::double precision AS confidence,
    listed.is_open,
    listed.issued_at,
    listed.made_at AS created_at
FROM insight.recommendations AS listed
WHERE listed.issued_at = (SELECT max(issued_at) FROM insight.recommendations)
  AND listed.day >= (now() AT TIME ZONE 'Asia/Seoul')::date
  AND (
      SELECT TRUE FROM insight.shown_places AS place
      WHERE (place.content_id, place.content_type_id) = (listed.content_id, listed.content_type_id)
  );

CREATE VIEW serving.place_suitability AS
SELECT
    scored.content_id,
    scored.day,
    scored.activity,
    scored.content_type_id,
    place.kto_area_code AS region_code,
    place.class_group AS sub_category_code,
    scored.class_code AS cat3,
    scored.score::numeric::double precision AS suitability,
    -- As in the lists: a quarter less for a place of which there is nothing to show.
    round((scored.score * (1 - 0.25 * (1 - place.appeal)))::numeric, 1)::double precision AS score,
    scored.level AS recommendation_level,
    scored.limiting,
    scored.reason_ko AS reason,
    scored.reason_en,
    scored.confidence::numeric::double precision AS confidence,
    scored.is_open,
    scored.holiday,
    scored.issued_at,
    scored.made_at AS created_at
FROM insight.newest_suitability AS scored
JOIN insight.appeal_of_places AS place USING (content_id)
WHERE scored.day >= (now() AT TIME ZONE 'Asia/Seoul')::date
  AND (
      SELECT TRUE FROM insight.shown_places AS shown
      WHERE (shown.content_id, shown.content_type_id) = (scored.content_id, scored.content_type_id)
  );

CREATE VIEW serving.travel_weather_scores AS
SELECT
    area.kto_area_code::bigint * 100000 + (area.day - date '2000-01-01') AS id,
    area.kto_area_code AS region_code,
    (
        SELECT shown.content_id FROM insight.shown_places AS shown
        WHERE (shown.content_id, shown.content_type_id) = (best.content_id, best.content_type_id)
    ) AS attraction_id,
    area.day AS date_period,
    -- What temperature, sky, rain and wind leave of 100 points, by HCI:Urban. In very bad weather it takes more than there is.
    least(9.99, greatest(0, round((100 - area.temperature_loss - area.sky_loss - area.rain_loss - area.wind_loss)::numeric / 10, 2)))
        ::numeric(3, 2) AS weather_score,
    -- HCI:Urban gives 40 points for the temperature and 30 for the rain.
    least(9.99, greatest(0, round((40 - area.temperature_loss)::numeric / 4, 2)))::numeric(3, 2) AS temperature_score,
    least(9.99, greatest(0, round((30 - area.rain_loss)::numeric / 3, 2)))::numeric(3, 2) AS precipitation_score,
    NULL::numeric(3, 2) AS humidity_score,
    least(9.99, round(area.score::numeric / 10, 2))::numeric(3, 2) AS overall_score,
    area.made_at AS created_at,
    area.made_at AS updated_at,
    CASE
        WHEN area.score >= 85 THEN 'excellent' WHEN area.score >= 70 THEN 'good' WHEN area.score >= 50 THEN 'fair'
        WHEN area.score > 0 THEN 'poor' ELSE 'not_recommended'
    END AS recommendation_level
FROM insight.suitability_of_areas AS area
LEFT JOIN insight.recommendations AS best
    ON (best.issued_at, best.kto_area_code, best.day, best.topic, best.rank)
     = (area.issued_at, area.kto_area_code, area.day, 'attractions', 1)
WHERE area.activity = 'sightseeing' AND area.day >= (now() AT TIME ZONE 'Asia/Seoul')::date
  AND area.issued_at = (SELECT max(issued_at) FROM insight.suitability_of_areas);

-- A place that is closed on a day isn't more or less suitable then, whatever the weather. A forecast speaks of ten days ahead, so
-- that partitions from before that need not be looked into.
CREATE VIEW serving.forecast_changes AS
SELECT
    md5(concat_ws('/', 'forecast_changes', change.content_id, change.issued_at AT TIME ZONE 'UTC', change.day, change.kind,
        change.activity))::uuid AS id,
    change.content_id,
    change.content_type_id,
    change.day,
    change.kind,
    nullif(change.activity, 'any') AS activity,
    change.direction,
    change.from_value::numeric::double precision AS from_value,
    change.to_value::numeric::double precision AS to_value,
    change.from_level,
    change.to_level,
    change.reason_ko AS reason,
    change.reason_en,
    change.issued_at,
    change.compared_with,
    change.known_at,
    floor(extract(epoch FROM now() - change.known_at))::bigint AS seconds_known
FROM insight.changes_of_places AS change
WHERE change.day >= (now() AT TIME ZONE 'Asia/Seoul')::date
  AND change.issued_at > now() - interval '11 days'
  AND (
      SELECT TRUE FROM insight.shown_places AS shown
      WHERE (shown.content_id, shown.content_type_id) = (change.content_id, change.content_type_id)
  )
  AND NOT EXISTS (
      SELECT FROM insight.activities_of_places AS place LEFT JOIN insight.public_holidays AS holiday ON holiday.day = change.day
      WHERE (place.content_id, place.activity) = (change.content_id, change.activity)
        AND NOT insight.is_open(
            change.day, holiday.kinds, place.closed_weekdays, place.closed_holidays, place.rest_day_shifts,
            place.is_open_otherwise, place.first_day, place.last_day, place.event_problem
        )
  );

-- The best places near a point on a day, in the order of lists: of each four places of a group of classes the first four come before
-- the next four of any group, and in these of each class the first two before the next two. The nearest 100 are looked at.
--
-- It runs with the rights of its owner, so that its reader need not read what it reads, and is planned once for each connection.
CREATE FUNCTION serving.recommendations_near(
    latitude double precision, longitude double precision, radius_m double precision, most integer, on_day date DEFAULT NULL,
    content_type_ids text[] DEFAULT '{12,14,15,25,28,38}', activities text[] DEFAULT NULL
) RETURNS TABLE (
    rank bigint, content_id text, content_type_id text, distance_m double precision, day date, activity text, score double precision,
    suitability double precision, recommendation_level text, reason text, reason_en text, is_open boolean, issued_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE ROWS 20 SET search_path = ''
AS $$
WITH candidates AS (
    SELECT near.distance_m, place.class_group, best.*
    FROM serving.places_near($1, $2, $3, 100, $6) AS near
    JOIN insight.appeal_of_places AS place USING (content_id)
    CROSS JOIN LATERAL (
        SELECT
            scored.content_id, scored.content_type_id, scored.class_code, scored.day, scored.activity,
            scored.score::numeric::double precision AS suitability,
            round((scored.score * (1 - 0.25 * (1 - place.appeal)))::numeric, 1)::double precision AS score,
            scored.level, scored.reason_ko, scored.reason_en, scored.is_open, scored.issued_at
        FROM insight.newest_suitability AS scored
        WHERE (scored.content_id, scored.content_type_id) = (near.content_id, near.content_type_id) AND scored.day = coalesce($5, (now() AT TIME ZONE 'Asia/Seoul')::date)
          AND scored.score >= 50 AND ($7 IS NULL OR scored.activity = ANY ($7))
        ORDER BY scored.score DESC, scored.activity LIMIT 1
    ) AS best
), by_class AS (
    SELECT *, (row_number() OVER (PARTITION BY class_code ORDER BY score DESC, distance_m, content_id) - 1) / 2 AS turn_of_class
    FROM candidates
), by_group AS (
    SELECT *, (
        row_number() OVER (PARTITION BY class_group ORDER BY turn_of_class, score DESC, distance_m, content_id) - 1
    ) / 4 AS turn_of_group
    FROM by_class
)
SELECT
    row_number() OVER (ORDER BY turn_of_group, score DESC, distance_m, content_id), content_id, content_type_id, distance_m, day,
    activity, score, suitability, level, reason_ko, reason_en, is_open, issued_at
FROM by_group ORDER BY 1 LIMIT $4
$$;

COMMENT ON FUNCTION serving.recommendations_near IS
    'the best places on a day (today without it) among the 100 nearest within a radius in metres, with variety; a null radius means however far; kinds that one goes to for their own sake unless others are named, and any activity';

DO $$
DECLARE said record;
BEGIN
    FOR said IN
        SELECT * FROM (VALUES
            ('recommendations', 'The best places of each area for each day from today on, by what is asked for.'),
            ('place_suitability', 'How suitable each day from today on is for what one can do at every published place.'),
            ('forecast_changes', 'What changed of the forecast of a day for every published place; each change once, told of a day, a kind and an activity once in 24 hours at most.'),
            ('travel_weather_scores', 'How suitable each day from today on is for sightseeing in each area, from 0 to 9.99.')
        ) AS view (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON VIEW serving.%I IS %L', said.name, said.meaning);
    END LOOP;
    FOR said IN
        WITH meanings (name, meaning) AS (VALUES
            ('activity', 'what to do there: sightseeing, beach, hiking, indoor, …; null where it is about the weather'),
            ('attraction_id', 'the attraction that is recommended first on the day; null if none is'),
            ('cat3', 'class of the place (lclsSystm3)'),
            ('compared_with', 'the issue of the forecast that said what had been said'),
            ('confidence', 'how sure the day''s temperature is, 0 to 1; null before it is measured'),
            ('content_id', 'id of the place'),
            ('content_type_id', 'kind of place: 12, 14, 15, 25, 28, 32, 38 or 39'),
            ('created_at', 'when it was worked out'),
            ('date_period', 'the day in Korea'),
            ('day', 'the day in Korea'),
            ('direction', 'became or no_longer where a limit is crossed; else up or down'),
            ('from_level', 'of suitability: the level that had been said; null of the weather'),
            ('from_value', 'what had been said: °C, %, m/s, or a score from 0 to 100'),
            ('holiday', 'the public holiday that the day is; null if it is none'),
            ('humidity_score', 'null: the index counts humidity with the temperature'),
            ('id', 'id made of the row''s key; it stays the same'),
            ('is_open', 'whether the place is open on the day; null where that is not known'),
            ('issued_at', 'the issue of the forecast that it follows from'),
            ('kind', 'what changed: temperature_max, temperature_min, rain (30 %), heat (35 °C), cold (-10 °C), wind (20 m/s), suitability (its level)'),
            ('known_at', 'when the change was found; to read what is new, read from a few minutes before the last time on, and leave out every id that is known'),
            ('limiting', 'closed, or what costs most: temperature, sky, rain, wind, feels_like, air, warning'),
            ('overall_score', 'mean score of the area''s sights, 0 to 9.99: the weather, what it feels like, the air and warnings'),
            ('precipitation_score', 'what the rain leaves of its points, 0 to 9.99'),
            ('rank', 'place in the list, from 1; that of a place which was removed since is missing'),
            ('reason', 'why, or what changed, in Korean'),
            ('reason_en', 'the same in English'),
            ('reasons', 'all reasons, in Korean (ko) and English (en)'),
            ('recommendation_level', 'excellent, good, fair, poor or not_recommended'),
            ('region_code', 'KTO area, to be compared with regions'),
            ('score', 'what the list is ordered by, 0 to 100: the suitability, less a share for what can''t be shown'),
            ('seconds_known', 'how long it has been known, in seconds'),
            ('sub_category_code', 'group of its class (lclsSystm2)'),
            ('suitability', 'how suitable the day is for the activity there, 0 to 100'),
            ('temperature_score', 'what the temperature leaves of its points, 0 to 9.99'),
            ('to_level', 'of suitability: the level now; null of the weather'),
            ('to_value', 'what is said now, as from_value'),
            ('topic', 'what is asked for: all, indoor (if it rains), another activity, or a kind of places'),
            ('updated_at', 'as created_at'),
            ('weather_score', 'what temperature, sky, rain and wind leave, 0 to 9.99')
        )
        SELECT view.relname AS view, attname AS name, meaning
        FROM pg_class AS view JOIN pg_attribute ON attrelid = view.oid AND attnum > 0 JOIN meanings ON name = attname
        WHERE view.relnamespace = 'serving'::regnamespace
          AND view.relname IN ('recommendations', 'place_suitability', 'travel_weather_scores', 'forecast_changes')
    LOOP
        EXECUTE format('COMMENT ON COLUMN serving.%I.%I IS %L', said.view, said.name, said.meaning);
    END LOOP;
END $$;
