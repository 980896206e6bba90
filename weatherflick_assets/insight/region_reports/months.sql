-- What the months are like.
SELECT activity, month, years, rank, good_share, reason_ko, reason_en FROM insight.climate_normals
WHERE region_code = %(region)s ORDER BY activity, month
