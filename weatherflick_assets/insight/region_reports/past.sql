-- Day by day of the week: what the lists of 05:00 said, what was forecast at 05:00 of the seat's cell, and what was observed there.
-- Of a day of which fewer than 20 hours were observed, nothing is said to have come.
WITH days AS (
    SELECT %(first)s::date + number AS day FROM generate_series(0, 6) AS number
), issues AS (
    SELECT day, (day + time '05:00') AT TIME ZONE 'Asia/Seoul' AS issued_at FROM days
), recommended AS (
    SELECT listed.day, count(*)::integer AS places, avg(listed.suitability) AS mean_score,
        (array_agg(place.name ORDER BY listed.rank, listed.kto_area_code) FILTER (WHERE place.name IS NOT NULL))[1] AS best
    FROM issues JOIN insight.recommendations AS listed USING (issued_at, day)
    LEFT JOIN serving.places AS place USING (content_id, content_type_id)
    WHERE listed.kto_area_code = ANY(%(areas)s) AND listed.topic = 'all'
    GROUP BY listed.day
), said AS (
    SELECT issues.day, said.temperature_max, said.precipitation_mm
    FROM issues JOIN core.daily_forecasts AS said USING (issued_at, day)
    WHERE (said.nx, said.ny) = (%(nx)s, %(ny)s)
), came AS (
    SELECT (observed_at AT TIME ZONE 'Asia/Seoul')::date AS day, count(temperature)::integer AS hours,
        max(temperature) AS temperature_max, sum(precipitation_mm) AS precipitation_mm
    FROM core.weather_observations
    WHERE (nx, ny) = (%(nx)s, %(ny)s) AND observed_at >= %(start)s AND observed_at < %(monday)s
    GROUP BY 1
)
SELECT day, coalesce(recommended.places, 0) AS places, recommended.mean_score, recommended.best,
    said.temperature_max AS said_max, CASE WHEN came.hours >= 20 THEN came.temperature_max END AS came_max,
    said.precipitation_mm AS said_mm, CASE WHEN came.hours >= 20 THEN came.precipitation_mm END AS came_mm,
    coalesce(came.hours, 0) AS hours
FROM days LEFT JOIN recommended USING (day) LEFT JOIN said USING (day) LEFT JOIN came USING (day)
ORDER BY day
