-- The best places of the next days, of the newest issue. A place that was removed since has no name any more.
SELECT listed.day, listed.kto_area_code AS area, listed.rank, place.name, listed.activity, listed.score,
    listed.reasons -> 'ko' ->> 0 AS reason_ko, coalesce(listed.reasons -> 'en' ->> 0, '') AS reason_en
FROM insight.recommendations AS listed JOIN serving.places AS place USING (content_id, content_type_id)
WHERE listed.kto_area_code = ANY(%(areas)s) AND listed.topic = 'all' AND listed.rank <= %(most_places)s
  AND listed.day >= %(today)s AND listed.day < %(today)s + %(days)s AND listed.issued_at = (
    SELECT max(issued_at) FROM insight.recommendations WHERE issued_at <= %(as_of)s AND issued_at > %(as_of)s - interval '36 hours'
)
ORDER BY listed.day, listed.kto_area_code, listed.rank
