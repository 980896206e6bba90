-- The days of the outlook at a short-term issue, %(issue)s, that it does not reach: those of the newest mid-term issue that
-- has them, of the point that stands for each cell (points_of_cells, a temporary table).
WITH said AS (
    SELECT DISTINCT ON (point_id, day) *
    FROM core.midterm_forecasts
    WHERE issued_at <= %(issue)s AND issued_at >= %(remembered_from)s AND day >= %(first_day)s
    ORDER BY point_id, day, issued_at DESC
)
SELECT
    cell.nx, cell.ny, said.day, %(issue)s::timestamptz, 'mid_term', said.issued_at,
    said.temperature_min, said.temperature_max, said.precipitation_probability, NULL::real, NULL::smallint, NULL::real,
    said.precipitation_type, said.sky, NULL::real, NULL::real, NULL::real, NULL::real, 0,
    said.recorded_at, said.source_response_id
FROM points_of_cells AS cell JOIN said USING (point_id)
