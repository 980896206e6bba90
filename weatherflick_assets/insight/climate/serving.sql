-- What the WeatherFlick backend reads of the climate: when to go. Run as a whole whenever its text has changed
-- (`warehouse/code_versions.py`).

CREATE SCHEMA IF NOT EXISTS serving;

DROP VIEW IF EXISTS serving.when_to_go;

CREATE VIEW serving.when_to_go AS
SELECT
    area.kto_area_code AS region_code,
    normal.month::integer AS month,
    normal.activity,
    normal.rank::integer AS rank,
    round(normal.score::numeric, 1)::double precision AS score,
    normal.level AS recommendation_level,
    round(normal.good_share::numeric, 3)::double precision AS good_share,
    normal.limiting,
    normal.reason_ko AS reason,
    normal.reason_en,
    normal.years::integer AS years,
    round(normal.temperature_max::numeric, 1)::double precision AS temperature_max,
    round(normal.temperature_min::numeric, 1)::double precision AS temperature_min,
    round(normal.precipitation_mm::numeric, 1)::double precision AS precipitation_mm,
    round(normal.rain_days::numeric, 1)::double precision AS rain_days,
    round(normal.sunshine_hours::numeric, 1)::double precision AS sunshine_hours,
    normal.made_at AS updated_at
FROM insight.climate_normals AS normal
JOIN (
    SELECT region_code, unnest(kto_area_codes) AS kto_area_code FROM core.regions
) AS area USING (region_code)
WHERE normal.score IS NOT NULL;

COMMENT ON VIEW serving.when_to_go IS
    'What each month is like for each activity in an area, from ten years of observations or more; nothing where fewer are known.';

DO $$
DECLARE said record;
BEGIN
    FOR said IN
        SELECT * FROM (VALUES
            ('region_code', 'KTO area, to be compared with regions'),
            ('month', 'month, 1 to 12'),
            ('activity', 'what to do there: sightseeing, beach, hiking, indoor, …'),
            ('rank', 'place of the month among those of the activity in the area; 1: the best'),
            ('score', 'mean score of its days, 0 to 100'),
            ('recommendation_level', 'excellent, good, fair or poor, by that score'),
            ('good_share', 'share of its days with 70 points or more, 0 to 1'),
            ('limiting', 'what costs most: temperature, sky, rain, wind, feels_like; null if nothing does'),
            ('reason', 'why, in Korean'),
            ('reason_en', 'why, in English'),
            ('years', 'years that were observed'),
            ('temperature_max', 'mean of the highest temperatures of its days, °C'),
            ('temperature_min', 'mean of the lowest temperatures of its days, °C'),
            ('precipitation_mm', 'what falls in the month, mm'),
            ('rain_days', 'days with 0.1 mm or more'),
            ('sunshine_hours', 'hours of sunshine in the month; null where none of its stations measures it'),
            ('updated_at', 'when it was worked out')
        ) AS meanings (name, meaning)
    LOOP
        EXECUTE format('COMMENT ON COLUMN serving.when_to_go.%I IS %L', said.name, said.meaning);
    END LOOP;
END $$;
