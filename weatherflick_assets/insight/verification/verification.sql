-- What had been said and recommended of the day %(day)s beside what came, by the issues %(issues)s, the day's own first.
-- The columns are those of insight.recommendation_verification. A good day has %(good)s points or more.
--
-- What was said is compared without what the air and warnings cost. What came is in insight.observed_suitability, and so is what
-- came on the day of an issue. The climatology of an area is the mean of at least %(fewest_days)s days of the month that were over when
-- the issue was said. Sums of reals as decimal numbers are exact, in whatever order they are added.
WITH issues AS (
    SELECT issued_at, (number - 1)::smallint AS days_ahead, %(day)s::date - (number - 1)::integer AS issue_day
    FROM unnest(%(issues)s::timestamptz[]) WITH ORDINALITY AS issue (issued_at, number)
), places AS (
    SELECT content_id, kto_area_code, nx, ny, activity, open_hours
    FROM insight.activities_of_places JOIN insight.appeal_of_places USING (content_id)
), seen AS (
    SELECT kto_area_code, nx, ny, activity, open_hours, score::numeric AS came, count(*) AS places
    FROM places JOIN insight.observed_suitability USING (nx, ny, activity, open_hours)
    WHERE day = %(day)s
    GROUP BY kto_area_code, nx, ny, activity, open_hours, score
), climate AS (
    SELECT past.kto_area_code, past.activity, issues.days_ahead, avg(past.came) AS usual
    FROM issues JOIN (
        SELECT DISTINCT ON (day, kto_area_code, activity) day, kto_area_code, activity, came::numeric AS came
        FROM insight.recommendation_verification
        WHERE extract(month FROM day) = extract(month FROM %(day)s::date) AND day < %(day)s
        ORDER BY day, kto_area_code, activity, days_ahead
    ) AS past ON past.day < issues.issue_day
    GROUP BY past.kto_area_code, past.activity, issues.days_ahead
    HAVING count(*) >= %(fewest_days)s
), pairs AS (
    SELECT
        seen.kto_area_code, seen.activity, issues.days_ahead, seen.places, seen.came,
        said.score::numeric + said.air_loss::numeric + said.warning_loss::numeric AS said,
        before.score::numeric AS persistence,
        climate.usual AS climatology
    FROM issues
    JOIN insight.suitability_of_cells AS said ON said.issued_at = issues.issued_at AND said.day = %(day)s
    JOIN seen
        ON (seen.nx, seen.ny, seen.activity) = (said.nx, said.ny, said.activity) AND said.open_hours IN (seen.open_hours, 'any')
    LEFT JOIN insight.observed_suitability AS before
        ON (before.day, before.nx, before.ny, before.activity, before.open_hours)
         = (issues.issue_day, seen.nx, seen.ny, seen.activity, seen.open_hours) AND issues.days_ahead > 0
    LEFT JOIN climate
        ON (climate.kto_area_code, climate.activity, climate.days_ahead) = (seen.kto_area_code, seen.activity, issues.days_ahead)
    WHERE said.issued_at = ANY(%(issues)s) AND said.score IS NOT NULL
), listed AS (
    SELECT kto_area_code, activity, days_ahead, count(*) AS recommended, count(*) FILTER (WHERE score >= %(fair)s) AS rightly
    FROM (
        SELECT DISTINCT content_id, activity, issued_at FROM insight.recommendations
        WHERE issued_at = ANY(%(issues)s) AND day = %(day)s
    ) AS chosen
    JOIN issues USING (issued_at)
    JOIN places USING (content_id, activity)
    JOIN insight.observed_suitability AS came USING (nx, ny, activity, open_hours)
    WHERE came.day = %(day)s
    GROUP BY kto_area_code, activity, days_ahead
), compared AS (
    SELECT
        coalesce(kto_area_code, %(whole)s) AS kto_area_code, coalesce(activity, %(whole)s) AS activity, days_ahead,
        sum(places) AS compared,
        sum(places * said) / sum(places) AS said,
        sum(places * came) / sum(places) AS came,
        sum(places * abs(said - came)) / sum(places) AS mean_absolute_error,
        coalesce(sum(places) FILTER (WHERE said >= %(good)s AND came >= %(good)s), 0) AS hits,
        coalesce(sum(places) FILTER (WHERE said < %(good)s AND came >= %(good)s), 0) AS misses,
        coalesce(sum(places) FILTER (WHERE said >= %(good)s AND came < %(good)s), 0) AS false_alarms,
        coalesce(sum(places) FILTER (WHERE persistence IS NOT NULL), 0) AS persistence_compared,
        sum(places * abs(persistence - came)) / sum(places) FILTER (WHERE persistence IS NOT NULL) AS persistence_error,
        coalesce(sum(places) FILTER (WHERE persistence >= %(good)s AND came >= %(good)s), 0) AS persistence_hits,
        coalesce(sum(places) FILTER (WHERE persistence < %(good)s AND came >= %(good)s), 0) AS persistence_misses,
        coalesce(sum(places) FILTER (WHERE persistence >= %(good)s AND came < %(good)s), 0) AS persistence_false_alarms,
        coalesce(sum(places) FILTER (WHERE climatology IS NOT NULL), 0) AS climatology_compared,
        sum(places * abs(climatology - came)) / sum(places) FILTER (WHERE climatology IS NOT NULL) AS climatology_error,
        coalesce(sum(places) FILTER (WHERE climatology >= %(good)s AND came >= %(good)s), 0) AS climatology_hits,
        coalesce(sum(places) FILTER (WHERE climatology < %(good)s AND came >= %(good)s), 0) AS climatology_misses,
        coalesce(sum(places) FILTER (WHERE climatology >= %(good)s AND came < %(good)s), 0) AS climatology_false_alarms
    FROM pairs
    GROUP BY GROUPING SETS ((days_ahead), (activity, days_ahead), (kto_area_code, activity, days_ahead))
), chosen AS (
    SELECT
        coalesce(kto_area_code, %(whole)s) AS kto_area_code, coalesce(activity, %(whole)s) AS activity, days_ahead,
        sum(recommended) AS recommended, sum(rightly) AS rightly
    FROM listed
    GROUP BY GROUPING SETS ((days_ahead), (activity, days_ahead), (kto_area_code, activity, days_ahead))
)
SELECT
    %(day)s::date, compared.*, coalesce(chosen.recommended, 0), coalesce(chosen.rightly, 0), %(method)s, %(verified_at)s::timestamptz
FROM compared LEFT JOIN chosen USING (kto_area_code, activity, days_ahead)
