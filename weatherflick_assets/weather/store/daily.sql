-- The outlook by day at a short-term issue: %(issue)s. Days are Korean.
-- TMN and TMX are what the KMA says, never the least and greatest of the hours. Those of today are in the early issues
-- only, so that a later one keeps what an issue before it said of the same day.
WITH hours AS (
    SELECT *, (valid_at AT TIME ZONE 'Asia/Seoul')::date AS day, extract(hour FROM valid_at AT TIME ZONE 'Asia/Seoul') AS hour
    FROM core.hourly_forecasts WHERE issued_at = %(issue)s
), days AS (
    SELECT
        nx, ny, day,
        max(temperature_min) AS temperature_min,
        max(temperature_max) AS temperature_max,
        max(precipitation_probability) AS precipitation_probability,
        CASE WHEN bool_and(precipitation_mm IS NOT NULL) THEN sum(precipitation_mm) END AS precipitation_mm,
        max(precipitation_level) AS precipitation_level,
        CASE WHEN bool_and(snow_cm IS NOT NULL) THEN sum(snow_cm) END AS snow_cm,
        coalesce(
            mode() WITHIN GROUP (ORDER BY precipitation_type) FILTER (WHERE precipitation_type <> 'none'),
            max(precipitation_type)
        ) AS precipitation_type,
        mode() WITHIN GROUP (ORDER BY sky) FILTER (WHERE hour BETWEEN 6 AND 18) AS sky,
        avg(humidity) AS humidity_mean,
        max(wind_speed) AS wind_speed_max,
        min(feels_like) AS feels_like_min,
        max(feels_like) AS feels_like_max,
        count(*) AS hours,
        max(recorded_at) AS recorded_at,
        min(source_response_id) AS source_response_id
    FROM hours
    GROUP BY nx, ny, day
    -- The last day is a single midnight.
    HAVING count(*) >= %(fewest_hours)s OR day = %(today)s
), before AS (
    SELECT
        nx, ny, day,
        (array_agg(temperature_min ORDER BY issued_at DESC) FILTER (WHERE temperature_min IS NOT NULL))[1] AS temperature_min,
        (array_agg(temperature_max ORDER BY issued_at DESC) FILTER (WHERE temperature_max IS NOT NULL))[1] AS temperature_max
    FROM core.daily_forecasts
    WHERE issued_at < %(issue)s AND issued_at >= %(remembered_from)s AND source = 'short_term' AND day = %(today)s
    GROUP BY nx, ny, day
)
SELECT
    days.nx, days.ny, days.day, %(issue)s::timestamptz, 'short_term', %(issue)s::timestamptz,
    coalesce(days.temperature_min, before.temperature_min),
    coalesce(days.temperature_max, before.temperature_max),
    days.precipitation_probability, days.precipitation_mm, days.precipitation_level, days.snow_cm, days.precipitation_type,
    days.sky, round(days.humidity_mean), days.wind_speed_max, days.feels_like_min, days.feels_like_max, days.hours,
    days.recorded_at, days.source_response_id
FROM days LEFT JOIN before USING (nx, ny, day)
