-- What is known of the skill of forecasts lately, made of insight.forecast_skill.
--
-- Run as a whole whenever its text has changed (`warehouse/code_versions.py`). Lately is the newest day that was measured and
-- the 29 before it. Days count as much as they have pairs.

DROP VIEW IF EXISTS insight.expected_errors, insight.skill_lately;

CREATE VIEW insight.skill_lately AS
SELECT
    region_code, element, source, lead_hours,
    min(day) AS first_day,
    max(day) AS last_day,
    sum(compared) AS compared,
    (sum(bias::numeric * compared) / sum(compared))::double precision AS bias,
    (sum(mean_absolute_error::numeric * compared) / sum(compared))::double precision AS mean_absolute_error,
    sqrt(sum(root_mean_square_error::numeric ^ 2 * compared) / sum(compared))::double precision AS root_mean_square_error,
    (sum(hits) / nullif(sum(hits + misses), 0)::numeric)::double precision AS hit_rate,
    (sum(false_alarms) / nullif(sum(hits + false_alarms), 0)::numeric)::double precision AS false_alarm_ratio,
    (sum(brier_score::numeric * compared) / sum(compared))::double precision AS brier_score
FROM insight.forecast_skill
WHERE day > (SELECT max(day) FROM insight.forecast_skill) - 30
GROUP BY region_code, element, source, lead_hours;
COMMENT ON VIEW insight.skill_lately IS
    'How well the weather of the last 30 days had been forecast, by region, element, source and how far ahead it was said.';
COMMENT ON COLUMN insight.skill_lately.hit_rate IS 'share of the wet hours that had been said; null if none was wet';
COMMENT ON COLUMN insight.skill_lately.false_alarm_ratio IS
    'share of the hours said to be wet that were not; null if none was said';

CREATE VIEW insight.expected_errors AS
SELECT
    element, lead_hours,
    sum(compared) AS compared,
    sum(bias * compared) / sum(compared) AS bias,
    sum(mean_absolute_error * compared) / sum(compared) AS mean_absolute_error,
    sqrt(sum(root_mean_square_error ^ 2 * compared) / sum(compared)) AS root_mean_square_error
FROM insight.skill_lately
WHERE region_code = 'all'
GROUP BY element, lead_hours;
COMMENT ON VIEW insight.expected_errors IS
    'How far off a forecast is to be expected, by element and how far ahead it is said: the country''s errors of the last 30 days.';
