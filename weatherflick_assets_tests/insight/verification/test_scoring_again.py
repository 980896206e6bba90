"""A change of the method is compared on a copy: the last two weeks are scored again, beside what was there."""

from datetime import timedelta

import psycopg

from tools.score_again import score_again
from weatherflick_assets_tests.insight.recommendations.recommending import PALACE, spot
from weatherflick_assets_tests.insight.suitability.country import TODAY
from weatherflick_assets_tests.insight.verification.coming import WET, came, midnight, said, verified


def test_the_last_two_weeks_are_scored_again_beside_what_another_method_had_found(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store, 1)
    said(store, 15)
    came(store, **WET)
    verified(store)
    with psycopg.connect(store) as connection:  # as if another method had been in use
        connection.execute("UPDATE insight.suitability_of_cells SET score = 50")
        connection.execute("UPDATE insight.recommendation_verification SET mean_absolute_error = 3, method = 'other'")
    before, after = score_again(store, clock=lambda: midnight(TODAY) + timedelta(days=1, hours=2))
    assert [*before] == [*after] == [1], "what was said fifteen days ago can't be scored again"
    assert (before[1]["method"], before[1]["error"], before[1]["places"]) == ("other", 3, 1)
    assert after[1]["error"] == 49
    assert after[1]["method"] != "other"
