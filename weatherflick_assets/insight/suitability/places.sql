-- What one can do at every published place: those of the temporary table published_places, joined with what activities_of_classes and
-- closed_days, temporary too, say of their classes and texts. The columns are those of insight.activities_of_places.
CREATE TEMPORARY TABLE found_activities ON COMMIT DROP AS
SELECT
    place.content_id, class.activity, place.content_type_id, place.region_code, place.class_code, cell.nx, cell.ny,
    -- Rounded out to three hours, the steps of the later part of a forecast: so places share what is worked out.
    CASE WHEN place.opens_at IS NULL OR place.closes_at IS NULL THEN 'unknown' ELSE
        to_char(3 * floor(extract(epoch FROM place.opens_at) / 10800), 'FM00') || '-'
        || to_char(3 * ceil(extract(epoch FROM place.closes_at) / 10800)::integer % 24, 'FM00')
    END AS open_hours,
    coalesce(closed.weekdays, 0)::smallint AS closed_weekdays,
    coalesce(closed.holidays, ARRAY[]::text[]) AS closed_holidays,
    coalesce(closed.shifts, FALSE) AS rest_day_shifts,
    coalesce(closed.is_whole, FALSE) AS is_open_otherwise,
    place.first_day, place.last_day,
    CASE WHEN place.event_problem ~ '취소|연기' THEN place.event_problem END AS event_problem
FROM published_places AS place
JOIN activities_of_classes AS class USING (class_code)
JOIN core.located_places AS cell USING (content_id)
LEFT JOIN closed_days AS closed USING (rest_days)
