-- What is known of the skill of forecasts over several days, made of insight.forecast_skill.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`). Days count as much as they have pairs. Lately is
-- the newest day that was measured and the 29 before it.

DROP VIEW IF EXISTS insight.expected_errors, insight.skill_lately;
DROP FUNCTION IF EXISTS insight.skill_of_days;

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
