-- The scores of the region's tables in the 30 days up to the end of the week.
SELECT day, table_name, region_code, metric, value FROM quality.statistics
WHERE region_code = %(region)s AND metric = 'score' AND day < %(monday)s::date AND day >= %(first)s::date - 23
ORDER BY table_name, day
