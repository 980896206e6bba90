-- The mean score of places by activity and day, of the newest issue.
SELECT activity, day, sum(score::double precision * places) / sum(places) AS score, sum(places)::integer AS places
FROM insight.suitability_of_areas
WHERE kto_area_code = ANY(%(areas)s) AND day >= %(today)s AND issued_at = (
    SELECT max(issued_at) FROM insight.suitability_of_areas WHERE issued_at <= %(as_of)s AND issued_at > %(as_of)s - interval '36 hours'
)
GROUP BY activity, day ORDER BY activity, day
