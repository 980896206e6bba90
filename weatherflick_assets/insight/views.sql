-- What is known of the skill of forecasts over several days, made of insight.forecast_skill, and the scores of places.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`). Days count as much as they have pairs. Lately is
-- the newest day that was measured and the 29 before it. What serving.sql makes of these views goes with them.

DROP FUNCTION IF EXISTS serving.recommendations_near;
DROP VIEW IF EXISTS serving.forecast_changes, insight.changes_of_places, insight.recommendation_skill_lately;
DROP VIEW IF EXISTS serving.travel_weather_scores, serving.recommendations, serving.place_suitability;
DROP VIEW IF EXISTS insight.shown_places, insight.newest_suitability, insight.suitability, insight.expected_errors, insight.skill_lately;
DROP VIEW IF EXISTS insight.public_holidays;
DROP FUNCTION IF EXISTS insight.skill_of_days, insight.verification_of_days, insight.is_open;

CREATE FUNCTION insight.skill_of_days(first_day date, last_day date)
RETURNS TABLE (
    region_code text, element text, source text, lead_hours smallint, days bigint, compared bigint, bias double precision,
    mean_absolute_error double precision, root_mean_square_error double precision, hits bigint, misses bigint,
    false_alarms bigint, brier_score double precision
)
LANGUAGE sql STABLE ROWS 700
AS $$
SELECT
    region_code, element, source, lead_hours, count(*), sum(compared),
    sum(bias::double precision * compared) / sum(compared),
    sum(mean_absolute_error::double precision * compared) / sum(compared),
    sqrt(sum(root_mean_square_error::double precision ^ 2 * compared) / sum(compared)),
    sum(hits), sum(misses), sum(false_alarms),
    sum(brier_score::double precision * compared) / sum(compared)
FROM insight.forecast_skill
WHERE day BETWEEN first_day AND last_day
GROUP BY region_code, element, source, lead_hours
$$;
COMMENT ON FUNCTION insight.skill_of_days IS
    'How well the weather of some days had been forecast, by region, element, source and how far ahead it was said.';

CREATE VIEW insight.skill_lately AS
SELECT
    newest.day - 29 AS first_day,
    newest.day AS last_day,
    skill.*,
    hits / nullif(hits + misses, 0)::double precision AS hit_rate,
    false_alarms / nullif(hits + false_alarms, 0)::double precision AS false_alarm_ratio
FROM (SELECT max(day) AS day FROM insight.forecast_skill) AS newest
CROSS JOIN LATERAL insight.skill_of_days(newest.day - 29, newest.day) AS skill;
COMMENT ON VIEW insight.skill_lately IS
    'How well the weather of the last 30 days had been forecast, by region, element, source and how far ahead it was said.';
COMMENT ON COLUMN insight.skill_lately.days IS 'days of which something was compared';
COMMENT ON COLUMN insight.skill_lately.hit_rate IS 'share of the wet hours that had been said; null if none was wet';
COMMENT ON COLUMN insight.skill_lately.false_alarm_ratio IS
    'share of the hours said to be wet that were not; null if none was said';

CREATE VIEW insight.expected_errors AS
SELECT
    element,
    lead_hours,
    sum(compared)::bigint AS compared,
    sum(bias * compared) / sum(compared) AS bias,
    sum(mean_absolute_error * compared) / sum(compared) AS mean_absolute_error,
    sqrt(sum(root_mean_square_error ^ 2 * compared) / sum(compared)) AS root_mean_square_error
FROM insight.skill_lately
WHERE region_code = 'all'
GROUP BY element, lead_hours;
COMMENT ON VIEW insight.expected_errors IS
    'How far off a forecast is to be expected, by element and how far ahead it is said: the country''s errors of the last 30 days.';

CREATE VIEW insight.public_holidays AS
SELECT
    day,
    string_agg(name, ', ' ORDER BY name) AS names,
    array_remove(ARRAY[
        'public', CASE WHEN bool_or(name LIKE '설날%') THEN 'seollal' END, CASE WHEN bool_or(name LIKE '추석%') THEN 'chuseok' END
    ], NULL) AS kinds
FROM core.holidays WHERE is_public GROUP BY day;
COMMENT ON VIEW insight.public_holidays IS 'The public holidays by day, with what texts about days of rest call them.';

-- Whether a place is open on a day, from what insight.activities_of_places has of it and what holiday the day is; null: not known.
CREATE FUNCTION insight.is_open(
    day date, holidays text[], closed_weekdays smallint, closed_holidays text[], rest_day_shifts boolean,
    is_open_otherwise boolean, first_day date, last_day date, event_problem text
) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$
SELECT CASE
    WHEN event_problem IS NOT NULL OR day < first_day OR day > last_day THEN FALSE
    WHEN closed_holidays && holidays OR 'new_year' = ANY (closed_holidays) AND to_char(day, 'MMDD') = '0101' THEN FALSE
    -- A holiday on the day of rest may open it, and move the rest to the day after.
    WHEN closed_weekdays & (1 << extract(isodow FROM day)::integer - 1) <> 0
        THEN CASE WHEN rest_day_shifts AND holidays IS NOT NULL THEN NULL ELSE FALSE END
    WHEN first_day IS NOT NULL THEN TRUE
    WHEN is_open_otherwise AND NOT rest_day_shifts THEN TRUE
END
$$;
COMMENT ON FUNCTION insight.is_open IS 'whether a place is open on a day; null where that is not known';

CREATE VIEW insight.suitability AS
SELECT
    place.content_id,
    place.activity,
    scored.day,
    scored.issued_at,
    place.content_type_id,
    place.region_code,
    place.class_code,
    place.nx,
    place.ny,
    place.open_hours,
    CASE WHEN opened.is_open IS FALSE THEN 0 ELSE scored.score END AS score,
    CASE WHEN opened.is_open IS FALSE THEN 'not_recommended' ELSE scored.level END AS level,
    CASE WHEN opened.is_open IS FALSE THEN 'closed' ELSE scored.limiting END AS limiting,
    CASE WHEN opened.is_open IS FALSE THEN opened.closed_ko ELSE scored.reason_ko END AS reason_ko,
    CASE WHEN opened.is_open IS FALSE THEN opened.closed_en ELSE scored.reason_en END AS reason_en,
    scored.confidence,
    opened.is_open,
    holiday.names AS holiday,
    scored.score AS weather_score,
    scored.temperature_loss,
    scored.sky_loss,
    scored.rain_loss,
    scored.wind_loss,
    scored.feels_like_loss,
    scored.air_loss,
    scored.warning_loss,
    scored.source,
    scored.said_at,
    scored.hours,
    scored.temperature_max,
    scored.humidity,
    scored.cloud_cover,
    scored.precipitation_mm,
    scored.precipitation_probability,
    scored.wind_speed,
    scored.feels_like_min,
    scored.feels_like_max,
    scored.air_grade,
    scored.warning,
    scored.made_at
FROM insight.suitability_of_cells AS scored
JOIN (
    SELECT *, open_hours AS hours_of_cell FROM insight.activities_of_places
    UNION ALL
    SELECT *, 'any' FROM insight.activities_of_places
) AS place
    ON (place.nx, place.ny, place.activity, place.hours_of_cell) = (scored.nx, scored.ny, scored.activity, scored.open_hours)
LEFT JOIN insight.public_holidays AS holiday ON holiday.day = scored.day
CROSS JOIN LATERAL (
    SELECT
        insight.is_open(
            scored.day, holiday.kinds, place.closed_weekdays, place.closed_holidays, place.rest_day_shifts,
            place.is_open_otherwise, place.first_day, place.last_day, place.event_problem
        ) AS is_open,
        CASE
            WHEN place.event_problem IS NOT NULL THEN '행사 취소 또는 연기'
            WHEN scored.day < place.first_day THEN '아직 열리지 않음'
            WHEN scored.day > place.last_day THEN '끝난 행사'
            ELSE '쉬는 날'
        END AS closed_ko,
        CASE
            WHEN place.event_problem IS NOT NULL THEN 'Cancelled or put off'
            WHEN scored.day < place.first_day THEN 'Not yet on'
            WHEN scored.day > place.last_day THEN 'Over'
            ELSE 'Closed on this day'
        END AS closed_en
) AS opened;
COMMENT ON VIEW insight.suitability IS
    'How suitable each day is for what one can do at each published place, by the issue at which it was worked out; 0 where it is closed.';
COMMENT ON COLUMN insight.suitability.score IS 'how suitable, 0 to 100; 0 where the place is known to be closed; null where too little is known';
COMMENT ON COLUMN insight.suitability.limiting IS 'closed, or what costs most: temperature, sky, rain, wind, feels_like, air, warning';
COMMENT ON COLUMN insight.suitability.is_open IS 'whether it is open on the day; null where that is not known';
COMMENT ON COLUMN insight.suitability.holiday IS 'the public holiday that the day is; null if it is none';
COMMENT ON COLUMN insight.suitability.weather_score IS 'the score by the weather alone, whether or not the place is open';

CREATE VIEW insight.newest_suitability AS
SELECT * FROM insight.suitability WHERE issued_at = (SELECT max(issued_at) FROM insight.suitability_of_cells);
COMMENT ON VIEW insight.newest_suitability IS 'The suitability by the newest issue that was scored.';

-- Which places are published now, whatever was published when an issue was scored. The kind is a constant of each table, so that to
-- look for one place reads one index.
CREATE VIEW insight.shown_places AS
SELECT content_id, '12'::text AS content_type_id FROM core.attractions WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '14' FROM core.cultural_facilities WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '15' FROM core.festivals WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '25' FROM core.travel_courses WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '28' FROM core.leisure_sports WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '32' FROM core.accommodations WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '38' FROM core.shopping WHERE removed_at IS NULL
UNION ALL
SELECT content_id, '39' FROM core.restaurants WHERE removed_at IS NULL;
COMMENT ON VIEW insight.shown_places IS 'The places that are published now, with their kind.';

CREATE VIEW insight.changes_of_places AS
SELECT place.content_id, place.content_type_id, change.*
FROM insight.forecast_changes AS change
JOIN (
    -- The weather changes for all that one can do, at all hours.
    SELECT content_id, content_type_id, nx, ny, 'any' AS activity, 'any' AS open_hours FROM core.located_places
    UNION ALL
    SELECT content_id, content_type_id, nx, ny, activity, hours_of_cell
    FROM insight.activities_of_places CROSS JOIN unnest(ARRAY[open_hours, 'any']) AS hours_of_cell
) AS place USING (nx, ny, activity, open_hours);
COMMENT ON VIEW insight.changes_of_places IS
    'What each issue of the forecast changed of a day for each place, once each, whether it is open on the day or not.';

CREATE FUNCTION insight.verification_of_days(first_day date, last_day date)
RETURNS TABLE (
    kto_area_code text, activity text, days_ahead smallint, days bigint, compared bigint, said double precision,
    came double precision, mean_absolute_error double precision, hit_rate double precision, false_alarm_ratio double precision,
    persistence_compared bigint, persistence_error double precision, persistence_hit_rate double precision,
    persistence_false_alarm_ratio double precision, climatology_compared bigint, climatology_error double precision,
    climatology_hit_rate double precision, climatology_false_alarm_ratio double precision, recommended bigint,
    rightly double precision, methods bigint
)
LANGUAGE sql STABLE ROWS 2000
AS $$
SELECT
    kto_area_code, activity, days_ahead, count(*), sum(compared),
    sum(said::double precision * compared) / sum(compared),
    sum(came::double precision * compared) / sum(compared),
    sum(mean_absolute_error::double precision * compared) / sum(compared),
    sum(hits) / nullif(sum(hits + misses), 0)::double precision,
    sum(false_alarms) / nullif(sum(hits + false_alarms), 0)::double precision,
    sum(persistence_compared),
    sum(persistence_error::double precision * persistence_compared) / nullif(sum(persistence_compared), 0),
    sum(persistence_hits) / nullif(sum(persistence_hits + persistence_misses), 0)::double precision,
    sum(persistence_false_alarms) / nullif(sum(persistence_hits + persistence_false_alarms), 0)::double precision,
    sum(climatology_compared),
    sum(climatology_error::double precision * climatology_compared) / nullif(sum(climatology_compared), 0),
    sum(climatology_hits) / nullif(sum(climatology_hits + climatology_misses), 0)::double precision,
    sum(climatology_false_alarms) / nullif(sum(climatology_hits + climatology_false_alarms), 0)::double precision,
    sum(recommended),
    sum(recommended_rightly) / nullif(sum(recommended), 0)::double precision,
    count(DISTINCT method)
FROM insight.recommendation_verification
WHERE day BETWEEN first_day AND last_day
GROUP BY kto_area_code, activity, days_ahead
$$;
COMMENT ON FUNCTION insight.verification_of_days IS
    'How right it was what had been said and recommended of some days, by area, activity and days ahead.';

CREATE VIEW insight.recommendation_skill_lately AS
SELECT newest.day - 29 AS first_day, newest.day AS last_day, verified.*
FROM (SELECT max(day) AS day FROM insight.recommendation_verification) AS newest
CROSS JOIN LATERAL insight.verification_of_days(newest.day - 29, newest.day) AS verified;
COMMENT ON VIEW insight.recommendation_skill_lately IS
    'How right it was what had been said and recommended of the last 30 days, by area, activity and days ahead.';
COMMENT ON COLUMN insight.recommendation_skill_lately.days IS 'days of which something was compared';
COMMENT ON COLUMN insight.recommendation_skill_lately.hit_rate IS 'share of the good days that had been said; null if none was good';
COMMENT ON COLUMN insight.recommendation_skill_lately.false_alarm_ratio IS
    'share of the days said to be good that were not; null if none was said';
COMMENT ON COLUMN insight.recommendation_skill_lately.rightly IS
    'share of the places in lists whose day was fair at least; null if none was recommended';
COMMENT ON COLUMN insight.recommendation_skill_lately.methods IS
    'versions of the code that scored what came; with more than one, days are not quite comparable';
