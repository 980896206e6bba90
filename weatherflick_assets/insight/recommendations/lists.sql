-- The rows of insight.recommendations: the places in the temporary table chosen_places, with what is known of them on the day.
SELECT
    scored.issued_at, chosen.kto_area_code, chosen.day, chosen.topic, chosen.rank, chosen.content_id, scored.content_type_id,
    scored.region_code, scored.class_code, chosen.activity, chosen.worth, scored.score, scored.level, place.appeal, scored.confidence,
    scored.is_open,
    jsonb_build_object(
        'ko', array_remove(ARRAY[
            scored.reason_ko,
            CASE WHEN scored.is_open THEN CASE scored.content_type_id WHEN '15' THEN '행사 기간' ELSE '여는 날' END END,
            '공휴일: ' || scored.holiday
        ], NULL),
        'en', array_remove(ARRAY[
            scored.reason_en,
            CASE WHEN scored.is_open THEN CASE scored.content_type_id WHEN '15' THEN 'Takes place' ELSE 'Open on this day' END END,
            'Public holiday: ' || scored.holiday
        ], NULL)
    ),
    %(made_at)s
FROM chosen_places AS chosen
JOIN insight.suitability AS scored USING (content_id, activity, day)
JOIN insight.appeal_of_places AS place USING (content_id)
WHERE scored.issued_at = %(issue)s
