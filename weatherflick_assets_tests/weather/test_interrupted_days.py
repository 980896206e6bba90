"""What days look like on which something else goes wrong: the upstream is down, the quota ends, an issue comes late.

Followed tick by tick; see `test_simulated_week.py`.
"""

from datetime import date, timedelta

from weatherflick_assets.weather.store.collections import MOST_ATTEMPTS
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.simulated import Simulation, simulation

DAY = korea(2026, 8, 24)
HOUR = timedelta(hours=1)


def published(simulated: Simulation) -> list[int]:
    """The hours of issue of the day whose hours are published for every cell."""
    found = rows(
        simulated.weather.dsn,
        "SELECT extract(hour FROM issued_at AT TIME ZONE 'Asia/Seoul')::int FROM core.hourly_forecasts "
        "WHERE issued_at >= %s GROUP BY issued_at HAVING count(DISTINCT (nx, ny)) = %s ORDER BY 1",
        DAY,
        len(simulated.cells),
    )
    return [hour for (hour,) in found]


def live(simulated: Simulation, since: int, until: int) -> None:
    for _ in simulated.run(DAY + since * HOUR, DAY + until * HOUR):
        pass


def test_after_hours_in_which_the_upstream_was_down_every_issue_is_made_up(database: str) -> None:
    with simulation(database, DAY, ("forecasts",)) as simulated:
        live(simulated, 0, 5)
        simulated.weather.served.sandbox.change(faults={"server_error": 1.0})
        live(simulated, 5, 12)
        assert published(simulated) == [2]
        simulated.weather.served.sandbox.change(faults={})
        live(simulated, 12, 14)
        assert published(simulated) == [2, 5, 8, 11]


def test_a_quota_that_ends_gives_up_no_issue(database: str) -> None:
    with simulation(database, DAY, ("forecasts",), daily_limits={"getVilageFcst": 10}) as simulated:
        live(simulated, 0, 13)
        assert published(simulated) == [2]
        assert rows(database, "SELECT count(*) FROM ops.issue_collections WHERE is_complete") == [(2,)]
        live(simulated, 24, 25)
        assert 23 in published(simulated)
        status = simulated.weather.served.sandbox.status()
    # The sandbox's limit is not the platform's: it is found out once a day.
    assert [entry["count"] for entry in status["violations"] if entry["kind"] == "over_quota"] <= [3, 3]


def test_an_issue_that_comes_after_a_later_one_gives_its_extremes_to_the_outlooks_of_the_day(database: str) -> None:
    late = {"getVilageFcst 202608241100": 200}
    with simulation(database, DAY, ("forecasts",), issues=late) as simulated:
        live(simulated, 0, 18)
    said = rows(
        database,
        "SELECT nx, ny, array_agg(temperature_max ORDER BY issued_at) FROM core.daily_forecasts "
        "WHERE day = %s AND issued_at BETWEEN %s AND %s GROUP BY 1, 2",
        date(2026, 8, 24),
        DAY + 8 * HOUR,
        DAY + 17 * HOUR,
    )
    of_eleven = {
        (nx, ny): highest
        for nx, ny, highest in rows(
            database,
            "SELECT nx, ny, temperature_max FROM core.hourly_forecasts WHERE valid_at = %s AND issued_at = %s",
            DAY + 15 * HOUR,
            DAY + 11 * HOUR,
        )
    }
    for nx, ny, (_, *later) in said:
        assert later == [of_eleven[nx, ny]] * 3
    assert any(of_eight != of_eleven[nx, ny] for nx, ny, (of_eight, *_) in said), "otherwise this shows nothing"


def test_of_a_partial_issue_every_cell_that_is_there_is_found(database: str) -> None:
    hours = (8, 11, 14)
    partial = {f"getVilageFcst 20260824{hour:02}00": "partial" for hour in hours}
    # By this seed, each has data about one cell of five.
    with simulation(database, DAY, ("forecasts",), issues=partial, seed=23) as simulated:
        live(simulated, 7, 16)
        given = {
            (hour, cell)
            for hour in hours
            for cell in simulated.cells
            if simulated.was_there("getVilageFcst", DAY + hour * HOUR, cell, DAY + 24 * HOUR)
        }
    found = rows(
        database,
        "SELECT DISTINCT extract(hour FROM issued_at AT TIME ZONE 'Asia/Seoul')::int, nx::int, ny::int "
        "FROM core.hourly_forecasts WHERE issued_at > %s",
        DAY + 7 * HOUR,
    )
    assert len(given) == len(hours)
    assert {(hour, (nx, ny)) for hour, nx, ny in found} == given
    # What is missing of them costs a few calls at each attempt.
    ((calls,),) = rows(
        database, "SELECT max(calls) FROM (SELECT count(*) AS calls FROM raw.calls GROUP BY partition_key) AS of_issue"
    )
    assert calls <= (1 + MOST_ATTEMPTS) * 5
