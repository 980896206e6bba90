"""What was said of a day beside what came: figures by hand, peers, what is not known, and what stands when it is done again."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from weatherflick_assets.insight.code_versions import code_versions
from weatherflick_assets.insight.verification.verify import FEWEST_DAYS, due
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets_tests.insight.recommendations.recommending import JEJUS_AREA, MUSEUM, PALACE, SEOULS_AREA, spot
from weatherflick_assets_tests.insight.suitability.country import JEJU, SEOUL, TODAY, insert, warn
from weatherflick_assets_tests.insight.verification.coming import WET, came, found, midnight, said, verified
from weatherflick_assets_tests.places.store.stock import execute, rows

YESTERDAY = TODAY - timedelta(days=1)


def score(dsn: str, activity: str = "sightseeing", day: date = TODAY) -> float:
    """The score of the weather that came in Seoul."""
    query = "SELECT score FROM insight.observed_suitability WHERE (day, nx, ny, activity) = (%s, %s, %s, %s)"
    ((value,),) = [tuple(row.values()) for row in rows(dsn, query, day, *SEOUL, activity)]
    return value


def test_a_day_that_came_as_it_was_said_has_no_error(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities")
    for ahead in (0, 1, 3):
        said(store, ahead)
    came(store)
    made = verified(store)
    assert made.observed == 1
    assert score(store) == 96
    by_lead = found(store)
    assert {ahead: (row["compared"], row["said"], row["came"], row["mean_absolute_error"]) for ahead, row in by_lead.items()} == {
        0: (1, 96, 96, 0), 1: (1, 96, 96, 0), 3: (1, 96, 96, 0),
    }  # fmt: skip
    assert {(row["hits"], row["misses"], row["false_alarms"]) for row in by_lead.values()} == {(1, 0, 0)}
    assert {(row["recommended"], row["recommended_rightly"]) for row in by_lead.values()} == {(1, 1)}
    assert {row["method"] for row in by_lead.values()} == {code_versions()["insight/suitability"]}
    everything = found(store, activity="all")
    assert (everything[1]["compared"], everything[1]["recommended"]) == (2, 2)
    assert [one.activity for one in made.country] == ["all"] * 3 + ["indoor"] * 3 + ["sightseeing"] * 3


def test_rain_that_was_not_said_is_a_false_alarm_of_a_good_day_and_one_that_was_said_and_stayed_away_a_miss(
    store: str,
) -> None:
    for number in range(2):
        spot(store, f"palace {number}", PALACE)
    spot(store, "palace of the south", PALACE, JEJU, JEJUS_AREA)
    said(store, 1, cells={SEOUL: {}, JEJU: {}})
    said(store, 0, cells={SEOUL: WET, JEJU: WET})
    came(store, **WET)
    came(store, cell=JEJU)
    verified(store)
    wet = score(store)
    assert wet < 50
    seoul, jeju, country = (found(store, area) for area in (SEOULS_AREA, JEJUS_AREA, "all"))
    assert (seoul[1]["hits"], seoul[1]["misses"], seoul[1]["false_alarms"]) == (0, 0, 2)
    assert (seoul[1]["said"], seoul[1]["came"]) == (96, pytest.approx(wet))
    assert seoul[1]["mean_absolute_error"] == pytest.approx(96 - wet, abs=0.01)
    assert (seoul[1]["recommended"], seoul[1]["recommended_rightly"]) == (2, 0)
    assert (seoul[0]["hits"], seoul[0]["misses"], seoul[0]["false_alarms"], seoul[0]["recommended"]) == (0, 0, 0, 0)
    assert (jeju[1]["hits"], jeju[0]["misses"]) == (1, 1)
    assert (country[1]["compared"], country[1]["hits"], country[1]["false_alarms"]) == (3, 1, 2)
    assert country[1]["mean_absolute_error"] == pytest.approx(2 * (96 - wet) / 3, abs=0.01)


def test_same_as_today_says_what_came_on_the_day_of_the_issue(store: str) -> None:
    spot(store, "palace", PALACE)
    for ahead in (0, 1, 2):
        said(store, ahead)
    for day, weather in ((TODAY, {}), (YESTERDAY, WET)):
        came(store, day, **weather)
        verified(store, day)
    verified(store)
    wet = score(store, day=YESTERDAY)
    by_lead = found(store)
    assert [by_lead[ahead]["persistence_compared"] for ahead in (0, 1, 2)] == [0, 1, 0]
    assert by_lead[1]["persistence_error"] == pytest.approx(96 - wet, abs=0.01)
    assert (by_lead[1]["persistence_hits"], by_lead[1]["persistence_misses"]) == (0, 1)
    assert by_lead[0]["persistence_error"] is None, "the day of the issue is the day itself"
    assert by_lead[2]["persistence_error"] is None, "nothing was observed on that day"


def climate(dsn: str, days: int, score_of_all: float = 60.0, last: date = YESTERDAY) -> None:
    """Days that were verified before, each with this score."""
    for number in range(days):
        usual = dict.fromkeys(
            ("hits", "misses", "false_alarms", "persistence_compared", "persistence_hits", "persistence_misses",
             "persistence_false_alarms", "climatology_compared", "climatology_hits", "climatology_misses",
             "climatology_false_alarms", "recommended", "recommended_rightly", "mean_absolute_error"), 0,
        )  # fmt: skip
        insert(
            dsn, "insight.recommendation_verification", day=last - timedelta(days=number), kto_area_code=SEOULS_AREA,
            activity="sightseeing", days_ahead=1, compared=1, said=50, came=score_of_all, method="", verified_at=midnight(TODAY),
            **usual,
        )  # fmt: skip


@pytest.mark.parametrize(("days", "error"), [(FEWEST_DAYS - 1, None), (FEWEST_DAYS, 36)])
def test_what_is_usual_is_known_from_ten_days_of_the_month_on(store: str, days: int, error: float | None) -> None:
    spot(store, "palace", PALACE)
    said(store, 0)
    said(store, 3)
    came(store)
    climate(store, days)
    verified(store)
    by_lead = found(store)
    assert by_lead[0]["climatology_error"] == error
    assert (by_lead[0]["climatology_compared"], by_lead[0]["climatology_misses"]) == ((1, 1) if error else (0, 0))
    assert by_lead[3]["climatology_error"] is None, "three days before, fewer of them were over"


def test_without_the_sky_nothing_is_known_outdoors_and_without_hours_nothing_at_all(store: str) -> None:
    spot(store, "palace", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities")
    spot(store, "palace of the south", PALACE, JEJU, JEJUS_AREA)
    said(store, 1, cells={SEOUL: {}, JEJU: {}})
    came(store, sky=None)
    came(store, cell=JEJU, without=range(8, 15))
    made = verified(store)
    assert found(store) == {}
    assert found(store, activity="indoor")[1]["mean_absolute_error"] == 0
    assert made.observed == 1


def test_some_missing_hours_cost_nothing(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store, 1)
    came(store, without=(9, 15))
    verified(store)
    assert found(store)[1]["mean_absolute_error"] == 0


def test_a_warning_and_the_air_are_left_out_on_both_sides(store: str) -> None:
    spot(store, "palace", PALACE)
    warn(store, "호우", "advisory")
    said(store, 0)
    came(store)
    verified(store)
    row = found(store)[0]
    (scored,) = rows(
        store,
        "SELECT score, warning_loss FROM insight.suitability_of_cells WHERE day = %s AND activity = 'sightseeing'",
        TODAY,
    )
    assert scored["score"] < 50 < scored["warning_loss"]
    assert (row["said"], row["came"]) == (96, 96)


def test_places_by_opening_hours_are_compared_with_the_outlook_of_all(store: str) -> None:
    spot(store, "always", PALACE)
    spot(store, "museum", MUSEUM, kind="cultural_facilities", opens_at="09:00", closes_at="18:00")
    said(store, 7)
    came(store)
    verified(store)
    assert found(store, activity="indoor")[7]["compared"] == 1
    assert found(store)[7]["compared"] == 1


def test_verifying_again_changes_nothing_and_what_is_lost_replaces_nothing(store: str) -> None:
    spot(store, "palace", PALACE)
    for ahead in (0, 1):
        said(store, ahead)
    came(store, temperature=30.0)
    verified(store)
    everything = "SELECT * FROM insight.recommendation_verification ORDER BY kto_area_code, activity, days_ahead"
    before = rows(store, everything)
    verified(store)
    assert rows(store, everything) == before
    execute(store, "DELETE FROM core.nowcasts")
    with pytest.raises(NothingCollectedError, match="What was found of the day before stands"):
        verified(store)
    assert rows(store, everything) == before
    assert score(store) == pytest.approx(before[0]["came"])


def test_a_day_of_which_nothing_came_has_no_rows(store: str) -> None:
    spot(store, "palace", PALACE)
    said(store, 0)
    made = verified(store)
    assert (made.observed, made.rows, made.country) == (0, 0, [])


def test_the_last_two_days_are_due_and_those_that_were_observed_and_never_verified(store: str) -> None:
    spot(store, "palace", PALACE)
    days = [TODAY - timedelta(days=ago) for ago in range(6)]
    for day in (days[3], days[4]):
        said(store, 0, day=day)
        came(store, day)
    verified(store, days[4])
    with psycopg.connect(store) as connection:
        assert due(connection, midnight(TODAY) + timedelta(hours=2)) == [days[1], days[2], days[3]]


def test_thirty_days_are_summed_up_by_the_places_that_each_has(store: str) -> None:
    spot(store, "palace", PALACE)
    days: list[tuple[date, dict[str, Any]]] = [(YESTERDAY, WET), (TODAY, {})]
    for day, weather in days:
        said(store, 1, day=day)
        came(store, day, **weather)
        verified(store, day)
        spot(store, f"another {day}", PALACE)
    (lately,) = rows(
        store,
        "SELECT * FROM insight.recommendation_skill_lately WHERE (kto_area_code, activity, days_ahead) = ('all', 'sightseeing', 1)",
    )
    wet = score(store, day=YESTERDAY)
    assert (lately["days"], lately["compared"], lately["methods"]) == (2, 3, 1)
    assert lately["mean_absolute_error"] == pytest.approx((96 - wet) / 3, abs=0.01)
    assert (lately["hit_rate"], lately["false_alarm_ratio"]) == (1, pytest.approx(1 / 3))
    assert (lately["recommended"], lately["rightly"]) == (3, pytest.approx(2 / 3))
    assert lately["persistence_error"] == pytest.approx(96 - wet, abs=0.01)
