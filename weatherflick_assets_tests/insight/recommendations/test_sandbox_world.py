"""In the sandbox's world, with its weather: lists move indoors where rain is forecast, and stay outdoors where it is not."""

from datetime import datetime, timedelta

from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.publish import publish_suitability
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, SHRINE, spot
from weatherflick_assets_tests.weather.collecting import rows, weather

CITIES = {"1": (60, 127), "6": (98, 76), "32": (92, 131), "39": (52, 38), "4": (89, 90)}
"""Cells of 서울, 부산, 강릉, 제주 and 대구, by their area."""

ISSUE = datetime(2026, 7, 13, 5, tzinfo=KST)

_DAYS = """
SELECT kto_area_code, day, area.rain_loss, area.score AS sights, list.indoors, list.first
FROM insight.suitability_of_areas AS area
JOIN (
    SELECT kto_area_code, day, avg((activity = 'indoor')::integer)::float8 AS indoors,
        max(activity) FILTER (WHERE rank = 1) AS first
    FROM insight.recommendations WHERE topic = 'all' GROUP BY kto_area_code, day
) AS list USING (kto_area_code, day)
WHERE area.activity = 'sightseeing'
"""


def test_rain_moves_the_list_of_an_area_indoors(store: str) -> None:
    for area, cell in CITIES.items():
        for number in range(3):
            spot(store, f"palace {area} {number}", PALACE, cell, area)
            spot(store, f"shrine {area} {number}", SHRINE, cell, area)
            spot(store, f"museum {area} {number}", MUSEUM, cell, area, kind="cultural_facilities")
    with weather(store, ISSUE + timedelta(minutes=20)) as at:
        at.collect(ISSUE)
        assert at.publish(ISSUE).verdict.passed
        assert at.publish_days(ISSUE).verdict.passed
    for publish in (publish_suitability, publish_recommendations):
        assert publish(store, ISSUE, clock=lambda: ISSUE + timedelta(minutes=25)).verdict.passed
    days = rows(store, _DAYS)
    wet = [row for row in days if row[2] >= 25 and row[3] < 50]
    dry = [row for row in days if row[2] == 0 and row[3] > 80]
    assert wet, "the rainy season has a day on which rain leaves a sight next to nothing"
    assert dry
    assert [(indoors, first) for *_, indoors, first in wet] == [(1, "indoor")] * len(wet)
    assert {first for *_, first in dry} == {"sightseeing"}
    assert max(indoors for *_, indoors, _ in dry) < 0.5
