-- The days that are ahead in the cell of the region's seat, each as it was said last.
SELECT DISTINCT ON (day) day, temperature_min, temperature_max, precipitation_probability, precipitation_mm, sky
FROM core.daily_forecasts
WHERE (nx, ny) = (%(nx)s, %(ny)s) AND issued_at <= %(as_of)s AND issued_at > %(as_of)s - interval '36 hours'
  AND day >= %(today)s
ORDER BY day, issued_at DESC
