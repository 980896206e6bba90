-- What holds now of warnings and of the air.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`). Everything is made of core alone. Functions name
-- a search path, so that the planner does not take them apart.

DROP FUNCTION IF EXISTS core.air_quality_of_cell, core.warnings_of_cell;
DROP VIEW IF EXISTS core.newest_air_quality, core.warnings_in_force;

CREATE VIEW core.warnings_in_force AS
SELECT
    zone_code, zone_name, zone.region_code, phenomenon, level, announced_at, effective_at, previous_level, lifted_at,
    last_told_at, recorded_at, source_response_id
FROM core.weather_warnings JOIN core.warning_zones AS zone USING (zone_code)
-- A warning that nobody has told for three days has expired, also if nothing was published since.
WHERE level <> 'preliminary' AND effective_at <= now() AND (lifted_at IS NULL OR lifted_at > now())
  AND last_told_at > now() - interval '3 days';
COMMENT ON VIEW core.warnings_in_force IS 'The warnings that are in force now, zone by zone.';

CREATE FUNCTION core.warnings_of_cell(cell_x smallint, cell_y smallint)
RETURNS SETOF core.warnings_in_force
LANGUAGE sql STABLE ROWS 1 SET search_path = ''
AS $$
SELECT warned.* FROM core.warning_zones_of_cells AS zone JOIN core.warnings_in_force AS warned USING (zone_code)
WHERE zone.nx = cell_x AND zone.ny = cell_y ORDER BY zone.place, warned.phenomenon
$$;
COMMENT ON FUNCTION core.warnings_of_cell IS 'The warnings that are in force now in the zones of a cell; that of its centre first.';

CREATE VIEW core.newest_air_quality AS
SELECT DISTINCT ON (sido_name, station_name) *
FROM core.air_quality WHERE measured_at > now() - interval '3 hours'
ORDER BY sido_name, station_name, measured_at DESC;
COMMENT ON VIEW core.newest_air_quality IS 'What every station measured last, in the last three hours.';

CREATE FUNCTION core.air_quality_of_cell(cell_x smallint, cell_y smallint)
RETURNS TABLE (
    pollutant text, value real, grade text, measured_at timestamptz, sido_name text, station_name text, distance_km real,
    recorded_at timestamptz, source_response_id bigint
)
LANGUAGE sql STABLE ROWS 7 SET search_path = ''
AS $$
SELECT DISTINCT ON (told.pollutant)
    told.pollutant, told.value, told.grade, air.measured_at, near.sido_name, near.station_name, near.distance_km,
    air.recorded_at, air.source_response_id
FROM core.air_stations_of_cells AS near
JOIN core.newest_air_quality AS air USING (sido_name, station_name)
CROSS JOIN LATERAL (
    VALUES
        ('so2_ppm', air.so2_ppm, NULL), ('co_ppm', air.co_ppm, NULL), ('o3_ppm', air.o3_ppm, NULL),
        ('no2_ppm', air.no2_ppm, NULL), ('pm10_ugm3', air.pm10_ugm3, air.pm10_grade),
        ('pm25_ugm3', air.pm25_ugm3, air.pm25_grade),
        ('air_quality_index', air.air_quality_index, air.air_quality_grade)
) AS told (pollutant, value, grade)
WHERE near.nx = cell_x AND near.ny = cell_y AND told.value IS NOT NULL
ORDER BY told.pollutant, air.measured_at DESC, near.place
$$;
COMMENT ON FUNCTION core.air_quality_of_cell IS
    'The air of a cell now: of each pollutant the newest value, of the nearest station that has one, with its distance.';
