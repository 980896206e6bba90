-- How well the weather of one day, %(day)s, had been forecast: what was observed in each cell from %(start)s to %(end)s beside
-- what had been said of the same cell and hour %(lead_hours)s hours before, and the day's least and greatest temperature
-- beside what the issues %(daily_issues)s had said of the day. The columns are those of insight.forecast_skill.
-- regions_of_cells, a temporary table, has the region of each cell; null where there is none.
-- A real becomes the decimal number that it shows: sums of these are exact, in whatever order they are added.
WITH seen AS (
    SELECT nx, ny, observed_at, temperature, humidity, wind_speed, precipitation_mm
    FROM core.weather_observations
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
), said AS (
    SELECT
        nx, ny, valid_at, (extract(epoch FROM valid_at - issued_at) / 3600)::smallint AS lead_hours,
        temperature, humidity, wind_speed, precipitation_mm, precipitation_probability
    FROM core.hourly_forecasts
    WHERE valid_at >= %(start)s AND valid_at < %(end)s AND issued_at >= %(first_issue)s AND issued_at < %(end)s
      AND extract(epoch FROM valid_at - issued_at) / 3600 = ANY(%(lead_hours)s)
), extremes AS (
    SELECT nx, ny, min(temperature) AS least, max(temperature) AS greatest
    FROM seen GROUP BY nx, ny HAVING count(temperature) >= %(fewest_hours)s
), pairs AS (
    SELECT nx, ny, element, 'short_term' AS source, lead_hours, forecast, came
    FROM seen JOIN said USING (nx, ny)
    CROSS JOIN LATERAL (
        VALUES
            ('temperature', said.temperature, seen.temperature),
            ('humidity', said.humidity, seen.humidity),
            ('wind_speed', said.wind_speed, seen.wind_speed),
            ('precipitation', said.precipitation_mm, seen.precipitation_mm),
            (
                'precipitation_probability', said.precipitation_probability,
                CASE WHEN seen.precipitation_mm >= %(wet_mm)s THEN 100 WHEN seen.precipitation_mm IS NOT NULL THEN 0 END
            )
    ) AS pair (element, forecast, came)
    WHERE said.valid_at = seen.observed_at
    UNION ALL
    SELECT
        nx, ny, element, source, (24 * (said.day - (said.issued_at AT TIME ZONE 'Asia/Seoul')::date))::smallint,
        forecast, came
    FROM core.daily_forecasts AS said JOIN extremes USING (nx, ny)
    CROSS JOIN LATERAL (
        VALUES
            ('temperature_min', said.temperature_min, extremes.least),
            ('temperature_max', said.temperature_max, extremes.greatest)
    ) AS pair (element, forecast, came)
    WHERE said.day = %(day)s AND said.issued_at = ANY(%(daily_issues)s)
), differences AS (
    SELECT
        region_code, element, source, lead_hours, forecast::numeric - came::numeric AS difference,
        forecast >= %(wet_mm)s AS is_said, came >= %(wet_mm)s AS is_seen
    FROM pairs JOIN regions_of_cells USING (nx, ny)
    WHERE forecast IS NOT NULL AND came IS NOT NULL
)
SELECT
    %(day)s::date,
    CASE WHEN grouping(region_code) = 1 THEN %(whole_country)s ELSE region_code END,
    element,
    source,
    lead_hours,
    count(*),
    avg(difference),
    avg(abs(difference)),
    sqrt(avg(difference * difference)),
    CASE WHEN element = 'precipitation' THEN count(*) FILTER (WHERE is_said AND is_seen) END,
    CASE WHEN element = 'precipitation' THEN count(*) FILTER (WHERE NOT is_said AND is_seen) END,
    CASE WHEN element = 'precipitation' THEN count(*) FILTER (WHERE is_said AND NOT is_seen) END,
    CASE WHEN element = 'precipitation_probability' THEN avg(difference * difference) / 10000 END,
    %(measured_at)s::timestamptz
FROM differences
GROUP BY GROUPING SETS ((element, source, lead_hours), (region_code, element, source, lead_hours))
HAVING grouping(region_code) = 1 OR region_code IS NOT NULL
