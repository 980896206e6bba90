-- The quality of a day, %(day)s, beside that of %(days_before)s days before, which are %(days)s. The columns are those of
-- quality.trends. %(watched)s has as JSON, for each table, when a metric is worse (`trends.py`): in which direction, and from
-- which difference on.
WITH watched AS (
    SELECT *
    FROM jsonb_to_recordset(%(watched)s) AS declared (
        table_name text, kind text, columns text[], sign smallint, at_least double precision, share double precision,
        beyond double precision, rows_at_least double precision, grown_at_most double precision
    )
), pairs AS (
    SELECT
        today.table_name, today.region_code, today.metric, days_before, today.value,
        -- A reason for which nothing was rejected has no row of its own.
        coalesce(before.value, CASE WHEN rejected.value IS NOT NULL THEN 0 END) AS value_before
    FROM quality.statistics AS today
    CROSS JOIN unnest(%(days_before)s::int[]) AS days_before
    LEFT JOIN quality.statistics AS before
        ON before.day = %(day)s::date - days_before AND before.day = ANY(%(days)s)
        AND (before.table_name, before.region_code, before.metric) = (today.table_name, today.region_code, today.metric)
    LEFT JOIN quality.statistics AS rejected
        ON rejected.day = %(day)s::date - days_before AND rejected.day = ANY(%(days)s) AND today.metric LIKE 'rejected:%%'
        AND (rejected.table_name, rejected.region_code, rejected.metric) = (today.table_name, today.region_code, 'rejected')
    WHERE today.day = %(day)s
), compared AS (
    SELECT
        pairs.*, sign, beyond, rows_at_least, grown_at_most,
        -- Values are sums of floating-point numbers: a hair less than the least difference is the least difference.
        greatest(at_least, share * abs(value_before)) - 1e-9 AS least_difference
    FROM pairs
    LEFT JOIN watched ON watched.table_name = pairs.table_name AND kind = split_part(metric, ':', 1)
        AND (columns IS NULL OR split_part(metric, ':', 2) = ANY(columns))
    WHERE value_before IS NOT NULL
), looked_at AS MATERIALIZED (
    -- The day itself, and where it is lower or higher by enough the days since the one that it is compared with. A value is
    -- looked up by the whole key: a join would read it from every day that there is.
    SELECT
        compared.*, is_far, %(day)s::date - ago AS day,
        CASE WHEN ago = 0 THEN value ELSE (
            SELECT past.value FROM quality.statistics AS past
            WHERE past.day = %(day)s::date - ago AND past.table_name = compared.table_name
              AND past.region_code = compared.region_code AND past.metric = compared.metric
        ) END AS past_value,
        CASE WHEN is_far AND rows_at_least IS NOT NULL THEN (
            SELECT past.value FROM quality.statistics AS past
            WHERE past.day = %(day)s::date - ago AND past.table_name = compared.table_name
              AND past.region_code = compared.region_code AND past.metric = 'rows'
        ) END AS past_rows,
        CASE WHEN is_far AND grown_at_most IS NOT NULL THEN (
            SELECT past.value FROM quality.statistics AS past
            WHERE past.day = %(day)s::date - days_before AND past.table_name = compared.table_name
              AND past.region_code = compared.region_code AND past.metric = 'rows'
        ) END AS rows_before
    FROM compared
    CROSS JOIN LATERAL (SELECT coalesce(sign * (value - value_before) >= least_difference, FALSE) AS is_far) AS today
    CROSS JOIN LATERAL generate_series(0, CASE WHEN is_far THEN days_before - 1 ELSE 0 END) AS ago
), judged AS (
    SELECT
        looked_at.*,
        coalesce(
            is_far
            AND sign * (past_value - value_before) >= least_difference
            AND (beyond IS NULL OR past_value > beyond)
            AND (rows_at_least IS NULL OR abs(past_value - value_before) * past_rows + 1e-9 >= rows_at_least)
            AND coalesce(past_rows <= grown_at_most * rows_before, TRUE),
            FALSE
        ) AS is_worse
    FROM looked_at
    WHERE past_value IS NOT NULL
), in_a_row AS (
    SELECT judged.*, max(day) FILTER (WHERE NOT is_worse) OVER (
        PARTITION BY table_name, region_code, metric, days_before
    ) AS last_good_day
    FROM judged
)
SELECT
    %(day)s::date, table_name, region_code, metric, days_before, value, value_before, value - value_before,
    last_good_day IS NULL OR last_good_day < %(day)s,
    min(day) FILTER (WHERE last_good_day IS NULL OR day > last_good_day),
    %(compared_at)s::timestamptz
FROM in_a_row
-- What did not change in a region is not told, because nearly nothing does.
WHERE region_code = %(whole_table)s OR value <> value_before
GROUP BY table_name, region_code, metric, days_before, value, value_before, last_good_day
