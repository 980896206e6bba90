-- The rows of insight.suitability_of_areas: the mean of the places of each area, by activity and day, by the weather alone.
INSERT INTO insight.suitability_of_areas (
    issued_at, kto_area_code, activity, day, places, good, score, temperature_loss, sky_loss, rain_loss, wind_loss, feels_like_loss,
    air_loss, warning_loss, made_at
)
SELECT
    %(issue)s, of_cell.kto_area_code, activity, day, sum(places), coalesce(sum(places) FILTER (WHERE score >= 70), 0),
    sum(places * score) / sum(places), sum(places * temperature_loss) / sum(places), sum(places * sky_loss) / sum(places),
    sum(places * rain_loss) / sum(places), sum(places * wind_loss) / sum(places),
    sum(places * feels_like_loss) / sum(places), sum(places * air_loss) / sum(places), sum(places * warning_loss) / sum(places),
    %(made_at)s
FROM insight.suitability_of_cells
JOIN (
    SELECT kto_area_code, nx, ny, activity, hours_of_cell AS open_hours, count(*) AS places
    FROM insight.activities_of_places
    JOIN insight.appeal_of_places USING (content_id)
    CROSS JOIN unnest(ARRAY[open_hours, 'any']) AS hours_of_cell
    GROUP BY kto_area_code, nx, ny, activity, hours_of_cell
) AS of_cell USING (nx, ny, activity, open_hours)
WHERE issued_at = %(issue)s AND score IS NOT NULL
GROUP BY of_cell.kto_area_code, activity, day
