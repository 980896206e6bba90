-- What is known of the weather now: a view of the newest forecasts, and the views that the backend reads, by region and by
-- place.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`). Everything is made of core alone.
--
-- region_code is KTO's area code, as in the views of places. A region's weather is that of the cell in which its seat of
-- government lies; a place's weather is that of its own cell. The platform has no pressure, visibility, ultraviolet index or
-- gusts: these columns of the backend are null. Times are aware; days are Korean. Values are cast by way of numeric, because a
-- real that is cast directly shows digits that nobody wrote.
--
-- Rows of one cell are found by functions, because a condition on a joined cell does not reach into DISTINCT ON. They name a
-- search path, so that the planner does not take them apart.

CREATE SCHEMA IF NOT EXISTS serving;

DROP VIEW IF EXISTS
    serving.weather_current, serving.weather_forecast, serving.weather_forecasts, serving.place_forecasts,
    serving.place_daily_forecasts;
DROP FUNCTION IF EXISTS core.forecasts_of_cell, core.days_of_cell, core.weather_in_words;
DROP VIEW IF EXISTS core.newest_forecasts, core.newest_daily_forecasts;

-- A forecast reaches less than six days, so that what is valid now or later was said in the last six days: other partitions
-- are not read.
CREATE VIEW core.newest_forecasts AS
SELECT DISTINCT ON (nx, ny, valid_at) *
FROM (
    SELECT
        nx, ny, valid_at, issued_at, 'short_term' AS source, temperature, feels_like, humidity, precipitation_probability,
        sky, precipitation_type, precipitation_mm, precipitation_mm_min, precipitation_mm_max, precipitation_level,
        snow_cm, snow_level, wind_speed, wind_direction, wave_height_m, NULL::real AS lightning_ka, recorded_at,
        source_response_id
    FROM core.hourly_forecasts
    WHERE issued_at > now() - interval '6 days' AND valid_at >= date_trunc('hour', now())
    UNION ALL
    SELECT
        nx, ny, valid_at, issued_at, 'nowcast', temperature, feels_like, humidity, precipitation_probability,
        sky, precipitation_type, precipitation_mm, precipitation_mm_min, precipitation_mm_max, NULL,
        NULL, NULL, wind_speed, wind_direction, NULL, lightning_ka, recorded_at, source_response_id
    FROM core.nowcasts
    WHERE issued_at > now() - interval '7 hours' AND valid_at >= date_trunc('hour', now())
) AS said
ORDER BY nx, ny, valid_at, issued_at DESC;
COMMENT ON VIEW core.newest_forecasts IS
    'What was said last of every cell and hour from now on, by the short-term forecast or the nowcast. A row of a nowcast has no snow and no waves: hourly_forecasts has them.';

CREATE VIEW core.newest_daily_forecasts AS
SELECT DISTINCT ON (nx, ny, day) *
FROM core.daily_forecasts
WHERE issued_at > now() - interval '11 days' AND day >= (now() AT TIME ZONE 'Asia/Seoul')::date
ORDER BY nx, ny, day, issued_at DESC;
COMMENT ON VIEW core.newest_daily_forecasts IS 'What was said last of every cell and day from today on.';

CREATE FUNCTION core.forecasts_of_cell(cell_x smallint, cell_y smallint)
RETURNS SETOF core.newest_forecasts
LANGUAGE sql STABLE ROWS 80 SET search_path = ''
AS $$ SELECT * FROM core.newest_forecasts WHERE nx = cell_x AND ny = cell_y $$;
COMMENT ON FUNCTION core.forecasts_of_cell IS 'What was said last of a cell, hour by hour from now on.';

CREATE FUNCTION core.days_of_cell(cell_x smallint, cell_y smallint)
RETURNS SETOF core.newest_daily_forecasts
LANGUAGE sql STABLE ROWS 11 SET search_path = ''
AS $$ SELECT * FROM core.newest_daily_forecasts WHERE nx = cell_x AND ny = cell_y $$;
COMMENT ON FUNCTION core.days_of_cell IS 'What was said last of a cell, day by day from today on.';

CREATE FUNCTION core.weather_in_words(sky text, precipitation_type text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE precipitation_type
    WHEN 'rain' THEN '비' WHEN 'rain_and_snow' THEN '비/눈' WHEN 'snow' THEN '눈' WHEN 'shower' THEN '소나기'
    WHEN 'raindrops' THEN '빗방울' WHEN 'raindrops_and_flurries' THEN '빗방울눈날림' WHEN 'flurries' THEN '눈날림'
    ELSE CASE sky WHEN 'clear' THEN '맑음' WHEN 'mostly_cloudy' THEN '구름많음' WHEN 'overcast' THEN '흐림' END
END
$$;
COMMENT ON FUNCTION core.weather_in_words IS 'Sky and precipitation in the KMA''s words.';

CREATE VIEW serving.weather_current AS
SELECT
    area.kto_area_code::integer AS id,
    area.kto_area_code AS region_code,
    area.name AS region_name,
    (seen.observed_at AT TIME ZONE 'Asia/Seoul')::date AS weather_date,
    extract(year FROM seen.observed_at AT TIME ZONE 'Asia/Seoul')::integer AS year,
    extract(month FROM seen.observed_at AT TIME ZONE 'Asia/Seoul')::integer AS month,
    extract(day FROM seen.observed_at AT TIME ZONE 'Asia/Seoul')::integer AS day,
    today.mean::numeric::double precision AS avg_temp,
    outlook.temperature_max::numeric::double precision AS max_temp,
    outlook.temperature_min::numeric::double precision AS min_temp,
    seen.humidity::numeric::double precision AS humidity,
    seen.precipitation_mm::numeric::double precision AS precipitation,
    seen.wind_speed::numeric::double precision AS wind_speed,
    core.weather_in_words(soon.sky, seen.precipitation_type) AS weather_condition,
    NULL::double precision AS visibility,
    NULL::double precision AS uv_index,
    lpad(to_hex(seen.source_response_id), 32, '0')::uuid::text AS raw_data_id,
    seen.recorded_at AS created_at,
    seen.temperature::numeric::double precision AS temperature,
    seen.feels_like::numeric::double precision AS feels_like,
    NULL::double precision AS pressure,
    seen.wind_direction::numeric::double precision AS wind_direction,
    concat_ws(
        ', ', core.weather_in_words(soon.sky, seen.precipitation_type), round(seen.temperature::numeric, 1)::text || ' °C',
        '체감 ' || round(seen.feels_like::numeric, 1)::text || ' °C'
        ) AS weather_description,
    seen.observed_at,
    seen.recorded_at AS updated_at
FROM core.kto_areas AS area
CROSS JOIN LATERAL (
    SELECT * FROM core.weather_observations AS observed
    WHERE observed.nx = area.grid_x AND observed.ny = area.grid_y AND observed.observed_at > now() - interval '1 day'
    ORDER BY observed.observed_at DESC LIMIT 1
) AS seen
LEFT JOIN LATERAL (
    SELECT avg(temperature) AS mean FROM core.weather_observations AS observed
    WHERE observed.nx = area.grid_x AND observed.ny = area.grid_y
      AND observed.observed_at > now() - interval '1 day'
      AND observed.observed_at >= date_trunc('day', seen.observed_at AT TIME ZONE 'Asia/Seoul') AT TIME ZONE 'Asia/Seoul'
) AS today ON TRUE
LEFT JOIN LATERAL (
    SELECT sky FROM core.forecasts_of_cell(area.grid_x, area.grid_y) ORDER BY valid_at LIMIT 1
) AS soon ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM core.days_of_cell(area.grid_x, area.grid_y) AS said
    WHERE said.day = (seen.observed_at AT TIME ZONE 'Asia/Seoul')::date
) AS outlook ON TRUE;

CREATE VIEW serving.weather_forecast AS
SELECT
    (area.kto_area_code || to_char(said.day, 'YYMMDD'))::integer AS id,
    area.kto_area_code AS region_code,
    area.name AS region_name,
    said.day AS forecast_date,
    said.source AS forecast_type,
    said.temperature_min::numeric::double precision AS min_temp,
    said.temperature_max::numeric::double precision AS max_temp,
    said.precipitation_probability::numeric::double precision AS precipitation_prob,
    core.weather_in_words(said.sky, said.precipitation_type) AS weather_condition,
    said.said_at AS forecast_issued_at,
    lpad(to_hex(said.source_response_id), 32, '0')::uuid::text AS raw_data_id,
    said.recorded_at AS created_at,
    NULL::text AS forecast_time,
    ((said.temperature_min + said.temperature_max) / 2)::numeric::double precision AS temperature,
    said.feels_like_max::numeric::double precision AS feels_like,
    said.humidity_mean::numeric::double precision AS humidity,
    said.precipitation_probability::numeric::double precision AS precipitation_probability,
    said.precipitation_mm::numeric::double precision AS precipitation_amount,
    said.wind_speed_max::numeric::double precision AS wind_speed,
    NULL::text AS wind_direction,
    core.weather_in_words(said.sky, said.precipitation_type) AS weather_description,
    NULL::double precision AS uv_index,
    NULL::double precision AS visibility
FROM core.kto_areas AS area CROSS JOIN LATERAL core.days_of_cell(area.grid_x, area.grid_y) AS said;

CREATE VIEW serving.weather_forecasts AS
SELECT
    md5(concat_ws(' ', area.kto_area_code, extract(epoch FROM said.valid_at)))::uuid AS forecast_id,
    area.kto_area_code AS region_code,
    said.valid_at AS forecast_datetime,
    said.temperature::numeric::double precision AS temperature,
    said.feels_like::numeric::double precision AS feels_like,
    core.weather_in_words(said.sky, said.precipitation_type) AS weather_condition,
    coalesce(nullif(said.precipitation_type, 'none'), said.sky) AS weather_icon,
    said.precipitation_type,
    said.precipitation_probability::integer AS precipitation_probability,
    said.precipitation_mm::numeric::double precision AS precipitation_amount,
    said.wind_speed::numeric::double precision AS wind_speed,
    said.wind_direction::integer AS wind_direction,
    NULL::double precision AS wind_gust,
    said.humidity::integer AS humidity,
    NULL::double precision AS pressure,
    NULL::double precision AS visibility,
    NULL::integer AS cloud_coverage,
    said.recorded_at AS created_at,
    said.nx,
    said.ny,
    (said.valid_at AT TIME ZONE 'Asia/Seoul')::date AS forecast_date,
    said.source AS forecast_type,
    said.sky AS sky_condition,
    said.precipitation_probability::integer AS precipitation_prob,
    said.precipitation_mm::numeric::double precision AS precipitation,
    to_char(said.issued_at AT TIME ZONE 'Asia/Seoul', 'YYYYMMDD') AS base_date,
    to_char(said.issued_at AT TIME ZONE 'Asia/Seoul', 'HH24MI') AS base_time,
    said.issued_at AS forecast_issued_at,
    lpad(to_hex(said.source_response_id), 32, '0')::uuid AS raw_data_id,
    said.recorded_at AS last_sync_at
FROM core.kto_areas AS area CROSS JOIN LATERAL core.forecasts_of_cell(area.grid_x, area.grid_y) AS said;

CREATE VIEW serving.place_forecasts AS
SELECT
    place.content_id,
    place.is_of_the_area,
    said.*
FROM core.located_places AS place CROSS JOIN LATERAL core.forecasts_of_cell(place.nx, place.ny) AS said;

CREATE VIEW serving.place_daily_forecasts AS
SELECT
    place.content_id,
    place.is_of_the_area,
    said.*
FROM core.located_places AS place CROSS JOIN LATERAL core.days_of_cell(place.nx, place.ny) AS said;

DO $$
DECLARE said record;
BEGIN
    FOR said IN
        SELECT * FROM (VALUES
            ('weather_current', 'The weather of every region in the last hour that was observed, at its seat of government.'),
            ('weather_forecast', 'The outlook of every region, day by day from today on, at its seat of government.'),
            ('weather_forecasts', 'The forecast of every region, hour by hour from now on, at its seat of government.'),
            ('place_forecasts', 'The forecast of every published place, hour by hour from now on, of its own cell.'),
            ('place_daily_forecasts', 'The outlook of every published place, day by day from today on, of its own cell.')
        ) AS view (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON VIEW serving.%I IS %L', said.name, said.meaning);
    END LOOP;
    -- What is not named here means what it means in the tables that the views are made of.
    FOR said IN
        WITH meanings (name, meaning) AS (VALUES
            ('avg_temp', 'mean of the hours of today that were observed, °C'),
            ('base_date', 'day of issue, Korean time, YYYYMMDD'),
            ('base_time', 'time of issue, Korean time, HHMM'),
            ('cloud_coverage', 'null: the forecast has classes, see sky_condition'),
            ('content_id', 'id of the place'),
            ('created_at', 'when it was known here'),
            ('day', 'the day in Korea'),
            ('weather_current.day', 'day of the month'),
            ('feels_like', 'feels-like temperature (체감온도), °C'),
            ('weather_forecast.feels_like', 'highest feels-like temperature of the day, °C; null of mid-term days'),
            ('forecast_date', 'the day in Korea'),
            ('forecast_datetime', 'the hour that is forecast'),
            ('forecast_id', 'id made of the row''s key; it stays the same'),
            ('forecast_issued_at', 'when it was said'),
            ('forecast_time', 'null: a row is about a day'),
            ('forecast_type', 'who says it: short_term, nowcast, or mid_term'),
            ('humidity', 'relative humidity, %'),
            ('weather_forecast.humidity', 'mean relative humidity of the day, %; null of mid-term days'),
            ('id', 'id made of the row''s key; it stays the same'),
            ('is_of_the_area', 'whether the place has no position, and the forecast is that of the seat of its area'),
            ('last_sync_at', 'as created_at'),
            ('max_temp', 'highest temperature of the day, °C'),
            ('min_temp', 'lowest temperature of the day, °C'),
            ('month', 'month'),
            ('nx', 'column of the KMA forecast grid'),
            ('ny', 'row of the KMA forecast grid'),
            ('observed_at', 'the hour that was observed'),
            ('precipitation', 'precipitation of the hour, mm'),
            ('precipitation_amount', 'precipitation, mm: the best value; null where only a level is given'),
            ('precipitation_prob', 'as precipitation_probability'),
            ('precipitation_probability', 'chance of precipitation, %; of a day the greatest'),
            ('pressure', 'null: not collected'),
            ('raw_data_id', 'number of the response that it was made from, written as a UUID'),
            ('region_code', 'KTO area, to be compared with regions'),
            ('region_name', 'name of the area'),
            ('sky_condition', 'clear, mostly_cloudy or overcast'),
            ('source', 'who says it: short_term, nowcast, or mid_term'),
            ('temperature', 'air temperature, °C'),
            ('weather_forecast.temperature', 'middle of lowest and highest temperature of the day, °C'),
            ('updated_at', 'as created_at'),
            ('uv_index', 'null: not collected'),
            ('visibility', 'null: not collected'),
            ('weather_condition', 'sky or precipitation in the KMA''s words, e.g. 구름많음'),
            ('weather_date', 'the day in Korea that was observed'),
            ('weather_description', 'condition and temperatures in words'),
            ('weather_forecast.weather_description', 'as weather_condition'),
            ('weather_icon', 'precipitation type, or sky where there is none'),
            ('wind_direction', 'where the wind comes from, degrees'),
            ('weather_forecast.wind_direction', 'null: it changes during a day'),
            ('wind_gust', 'null: not collected'),
            ('wind_speed', 'wind speed, m/s'),
            ('weather_forecast.wind_speed', 'greatest wind speed of the day, m/s; null of mid-term days'),
            ('year', 'year')
        )
        SELECT view.relname AS name, col.attname AS column_name, coalesce(named.meaning, made_of.meaning) AS meaning
        FROM pg_class AS view JOIN pg_attribute AS col ON col.attrelid = view.oid
        LEFT JOIN LATERAL (
            SELECT meaning FROM meanings WHERE name IN (format('%s.%s', view.relname, col.attname), col.attname::text)
            ORDER BY length(name) DESC LIMIT 1
        ) AS named ON TRUE
        LEFT JOIN LATERAL (
            SELECT col_description(source.attrelid, source.attnum) AS meaning FROM pg_attribute AS source
            WHERE source.attname = col.attname AND source.attrelid = ANY (
                ARRAY['core.hourly_forecasts', 'core.nowcasts', 'core.daily_forecasts']::regclass[]
            )
            ORDER BY (source.attrelid = 'core.daily_forecasts'::regclass) <> (view.relname = 'place_daily_forecasts') LIMIT 1
        ) AS made_of ON TRUE
        WHERE view.relnamespace = 'serving'::regnamespace AND col.attnum > 0 AND view.relname IN (
            'weather_current', 'weather_forecast', 'weather_forecasts', 'place_forecasts', 'place_daily_forecasts'
        )
    LOOP
        EXECUTE format('COMMENT ON COLUMN serving.%I.%I IS %L', said.name, said.column_name, said.meaning);
    END LOOP;
END
$$;
