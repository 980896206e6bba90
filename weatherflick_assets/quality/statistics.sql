-- The quality of every measured table and region at the end of one day: from %(start)s to %(end)s.
-- The columns are those of quality.statistics; %(measured)s has the declarations (`measured.py`) as JSON.
--
-- Sums are of exact numbers, so that the order of verdicts changes nothing. What is not known stays null and gets no row.
WITH measured AS (
    SELECT *
    FROM jsonb_to_recordset(%(measured)s) AS declared (
        table_name text, is_state boolean, by_region boolean, required text[], duplicate_rules text[], stale_hours numeric
    )
), judged AS (
    -- State is what was judged last, however long ago. Of a table of times, a day has what was judged within it.
    SELECT
        table_name, partition_key, judged_at, verdict_id, published, row_count, score, rejected_count, data_as_of, is_state, by_region
    FROM measured JOIN quality.verdicts AS verdict USING (table_name)
    WHERE judged_at < %(end)s AND (is_state OR judged_at >= %(start)s)
), last AS (
    SELECT DISTINCT ON (table_name, partition_key) *
    FROM judged ORDER BY table_name, partition_key, judged_at DESC, verdict_id DESC
), standing AS (
    -- What was published and holds. An issue that was published on an earlier day already is not one of this day.
    SELECT DISTINCT ON (table_name, partition_key) *
    FROM judged
    WHERE published AND (is_state OR NOT EXISTS (
        SELECT FROM quality.verdicts AS earlier
        WHERE earlier.table_name = judged.table_name AND earlier.partition_key = judged.partition_key
          AND earlier.judged_at < %(start)s AND earlier.published
    ))
    ORDER BY table_name, partition_key, judged_at DESC, verdict_id DESC
), newest AS (
    -- Of a table of times, how far its data reach; it keeps its age on days without any.
    SELECT table_name, max(data_as_of) AS data_as_of
    FROM measured JOIN quality.verdicts USING (table_name)
    WHERE NOT is_state AND published AND judged_at < %(end)s
    GROUP BY table_name
), parts AS (
    SELECT
        last.table_name,
        CASE WHEN last.by_region THEN last.partition_key END AS region_code,
        standing.verdict_id,
        last.verdict_id AS last_verdict_id,
        standing.row_count::numeric AS row_count,
        standing.score::numeric AS score,
        standing.rejected_count,
        CASE WHEN last.is_state THEN standing.data_as_of END AS data_as_of,
        NOT last.published AS is_held_back,
        (
            extract(epoch FROM %(end)s - CASE WHEN last.is_state THEN standing.data_as_of ELSE newest.data_as_of END) / 3600
        ) > stale_hours AS is_stale,
        required,
        duplicate_rules
    FROM last
    JOIN measured ON measured.table_name = last.table_name
    LEFT JOIN standing
        ON standing.table_name = last.table_name AND standing.partition_key IS NOT DISTINCT FROM last.partition_key
    LEFT JOIN newest ON newest.table_name = last.table_name
), of_rules AS (
    SELECT
        verdict_id,
        count(*) FILTER (WHERE NOT passed AND severity = 'warning') AS warnings,
        count(*) FILTER (WHERE NOT passed AND severity = 'note') AS notes,
        sum(unexpected_count) FILTER (WHERE rule_id = ANY(duplicate_rules)) AS duplicates
    FROM parts JOIN quality.rule_results USING (verdict_id)
    GROUP BY verdict_id
), of_columns AS (
    SELECT verdict_id, sum(profile.row_count) AS values_required, sum(null_count) AS values_missing
    FROM parts JOIN quality.column_profiles AS profile USING (verdict_id)
    WHERE column_name = ANY(required)
    GROUP BY verdict_id
), scored AS (
    SELECT
        parts.*,
        warnings,
        duplicates,
        CASE WHEN row_count > 0 AND values_required > 0 THEN greatest(
            0,
            100
            - least(%(most_missing)s, 100.0 * values_missing / values_required)
            - least(%(most_duplicates)s, coalesce(100 * duplicates / row_count, 0))
            - %(critical)s * (
                SELECT count(*) FROM quality.rule_results AS failed
                WHERE failed.verdict_id = last_verdict_id AND NOT passed AND severity = 'blocking'
            )
            - %(high)s * coalesce(is_stale, FALSE)::int
            - %(medium)s * coalesce(warnings, 0)
            - %(low)s * coalesce(notes, 0)
        ) END AS previous_score
    FROM parts LEFT JOIN of_rules USING (verdict_id) LEFT JOIN of_columns USING (verdict_id)
), counted AS (
    SELECT * FROM scored
    UNION ALL
    -- A table of times that has ever been published counts from nothing.
    SELECT
        table_name, NULL, NULL, NULL, 0, NULL, NULL, data_as_of, FALSE, NULL, required, duplicate_rules, NULL, NULL, NULL
    FROM newest JOIN measured USING (table_name)
), figures AS (
    SELECT
        table_name,
        CASE WHEN grouping(region_code) = 1 THEN %(whole_table)s ELSE region_code END AS region_code,
        sum(row_count) AS rows,
        CASE WHEN grouping(region_code) = 1 AND sum(row_count) IS NOT NULL THEN count(verdict_id) END AS partitions,
        sum(duplicates) AS duplicates,
        CASE WHEN bool_and(rejected_count IS NOT NULL) FILTER (WHERE verdict_id IS NOT NULL) THEN sum(rejected_count) END AS rejected,
        -- The oldest part of what is known.
        extract(epoch FROM %(end)s - min(data_as_of)) / 3600 AS age_hours,
        sum(score * row_count) / nullif(sum(row_count) FILTER (WHERE score IS NOT NULL), 0) AS score,
        sum(previous_score * row_count) / nullif(sum(row_count) FILTER (WHERE previous_score IS NOT NULL), 0) AS previous_score,
        count(*) FILTER (WHERE is_held_back) AS held_back,
        CASE WHEN count(verdict_id) > 0 THEN coalesce(sum(warnings), 0) END AS warnings
    FROM counted
    GROUP BY GROUPING SETS ((table_name), (table_name, region_code))
    HAVING grouping(region_code) = 1 OR region_code IS NOT NULL
), all_figures AS (
    SELECT table_name, region_code, metric, value
    FROM figures
    CROSS JOIN LATERAL (
        VALUES
            ('rows', rows), ('partitions', partitions), ('duplicates', duplicates), ('rejected', rejected),
            ('age_hours', age_hours), ('score', score), ('previous_score', previous_score), ('held_back', held_back),
            ('warnings', warnings)
    ) AS figure (metric, value)
    UNION ALL
    SELECT
        table_name, CASE WHEN grouping(region_code) = 1 THEN %(whole_table)s ELSE region_code END,
        'filled:' || column_name, 1 - sum(null_count)::numeric / sum(profile.row_count)
    FROM parts JOIN quality.column_profiles AS profile USING (verdict_id)
    WHERE profile.row_count > 0
    GROUP BY GROUPING SETS ((table_name, column_name), (table_name, column_name, region_code))
    HAVING grouping(region_code) = 1 OR region_code IS NOT NULL
    UNION ALL
    SELECT
        table_name, figures.region_code, 'rejected:' || reason, sum(rejection.rejected_count)
    FROM parts
    JOIN quality.rejections AS rejection USING (verdict_id)
    JOIN figures USING (table_name)
    WHERE figures.rejected IS NOT NULL AND figures.region_code IN (%(whole_table)s, parts.region_code)
    GROUP BY table_name, figures.region_code, reason
)
SELECT %(day)s::date, table_name, region_code, metric, value, %(measured_at)s::timestamptz
FROM all_figures
WHERE value IS NOT NULL
