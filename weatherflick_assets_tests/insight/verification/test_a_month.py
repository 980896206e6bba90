"""A month in the sandbox's world: recommendations follow the weather, and how right they were is found day by day."""

from datetime import date, timedelta

import numpy as np
import pytest

from weatherflick_assets.insight.recommendations.publish import publish_recommendations
from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.sandbox.kma.short_term import GridForecasts
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets_tests.insight.recommendations.recommending import MUSEUM, PALACE, spot
from weatherflick_assets_tests.insight.verification.coming import found, midnight, verified
from weatherflick_assets_tests.insight.verification.test_sandbox_world import CELLS, let_come, let_say
from weatherflick_assets_tests.places.store.stock import rows

FIRST = date(2026, 6, 15)
"""The rainy season begins."""

LEADS = (0, 1, 3)
DAYS = [FIRST + timedelta(days=number) for number in range(30)]

_OUTDOORS = """
SELECT kto_area_code AS area, count(*) FILTER (WHERE activity <> 'indoor')::float8 / count(*) AS outdoors
FROM insight.recommendations WHERE (issued_at, day, topic) = (%s, %s, 'all') GROUP BY kto_area_code
"""
_SIGHTS = """
SELECT area.kto_area_code AS area, area.score FROM insight.suitability_of_areas AS area
WHERE (issued_at, day, activity) = (%s, %s, 'sightseeing')
"""


def lists_of(dsn: str, day: date) -> list[tuple[float, float]]:
    """For each area on the day of an issue: the score of its sights, and the share of its list that is outdoors."""
    given = midnight(day) + timedelta(hours=5), day
    outdoors = {row["area"]: row["outdoors"] for row in rows(dsn, _OUTDOORS, *given)}
    return [(row["score"], outdoors.get(row["area"], 0.0)) for row in rows(dsn, _SIGHTS, *given)]


@pytest.mark.torture
@pytest.mark.slow
def test_recommendations_follow_the_weather_and_are_the_better_the_nearer_the_day(store: str) -> None:
    world = GridForecasts(Sky(7))
    for area, (nx, ny) in enumerate(CELLS, 1):  # an area each
        for number in range(3):
            spot(store, f"palace {area} {number}", PALACE, (nx, ny), str(area))
            spot(store, f"museum {area} {number}", MUSEUM, (nx, ny), str(area))
    lists: list[tuple[float, float]] = []
    for day in DAYS:
        issue = midnight(day) + timedelta(hours=5)
        let_say(store, world, issue)
        assert publish_recommendations(store, issue, clock=lambda at=issue: at + timedelta(minutes=21)).verdict.passed
        lists += lists_of(store, day)
        let_come(store, world, day)
        verified(store, day)
    assert len(lists) == len(CELLS) * len(DAYS)

    wet = [outdoors for score, outdoors in lists if score < LEVELS["fair"]]
    fine = [outdoors for score, outdoors in lists if score >= LEVELS["good"]]
    assert wet, "it rained"
    assert fine, "it was fine"
    assert set(wet) == {0.0}, "no palace is recommended in the rain"
    assert min(fine) >= 0.5

    by_day = [found(store, day=day) for day in DAYS[max(LEADS) :]]
    error = {lead: np.mean([of_day[lead]["mean_absolute_error"] for of_day in by_day]) for lead in LEADS}
    same_as_today = np.mean([of_day[1]["persistence_error"] for of_day in by_day])
    assert 0 < error[0] <= error[1] < error[3], error
    assert error[1] < same_as_today, (error, same_as_today)
    listed, right = (sum(of_day[0][name] for of_day in by_day) for name in ("recommended", "recommended_rightly"))
    assert right > 0.9 * listed > 0, (right, listed)
