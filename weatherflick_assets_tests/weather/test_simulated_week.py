"""A week of weather with late, absent and partial issues and one call in five failing: what is known never falls behind.

The sandbox's clock stands where the test puts it: at every tick of the schedules. What must be published is worked out from
what the sandbox had published by then, not from what the platform collected.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from weatherflick_assets.weather.collect.answers import EMPTY_AT_FIRST
from weatherflick_assets.weather.issues import key_of, seam
from weatherflick_assets.weather.products import FORECASTS, OBSERVATIONS, PRODUCTS, CellProduct
from weatherflick_assets.weather.store.collections import MOST_ATTEMPTS, SELDOM
from weatherflick_assets_tests.sandbox.agencies import korea
from weatherflick_assets_tests.weather.collecting import rows
from weatherflick_assets_tests.weather.simulated import Simulation, simulation

START = korea(2026, 8, 24)
TROUBLES: dict[str, Any] = {
    "late_issues": 0.2,
    "lateness": 60,
    "absent_issues": 0.06,
    "partial_issues": 0.08,
    "fault_rate": 0.2,
}
GENERATIONS = ("json4xx", "xml200", "text")
HOUR = timedelta(hours=1)


def live_through(simulated: Simulation, days: int) -> None:
    """Follow the schedules, and look at the end of every hour."""
    looked_at = START
    for now in simulated.run(START, START + timedelta(days=days)):
        if now - looked_at < HOUR - timedelta(minutes=15):
            continue
        looked_at = now
        simulated.weather.served.sandbox.change(error_generation=GENERATIONS[now.hour % 3])
        for name in simulated.names:
            if name in PRODUCTS:
                check_newest(simulated, PRODUCTS[name], now)
        if FORECASTS.name in simulated.names:
            check_hours(simulated, now)
            check_extremes(simulated, now)


def check_newest(simulated: Simulation, product: CellProduct, now: datetime) -> None:
    """The newest published issue of every cell is the newest that the sandbox has given."""
    table, column = product.table.fullname, product.issue_column
    known = {
        (nx, ny): issue
        for nx, ny, issue in simulated.rows(f"SELECT nx, ny, max({column}) FROM {table} GROUP BY nx, ny")
    }
    asked_at = simulated.asked_at.get(product.name, START)
    recent = [*product.series.issues(max(START, now - timedelta(days=7)) - timedelta(minutes=1), now)]
    for cell in simulated.cells:
        given = [
            issue
            for issue in recent
            if simulated.was_there(product.operation.name, issue, cell, asked_at)
            and f"{cell[0]},{cell[1]}" not in simulated.unread.get((product.name, issue), ())
        ]
        if given:
            assert known.get(cell) is not None, (now, product.name, cell)
            assert known[cell] >= given[-1], (now, product.name, cell)
        assert cell not in known or simulated.was_there(product.operation.name, known[cell], cell, now)


def check_hours(simulated: Simulation, now: datetime) -> None:
    """From the hour to the horizon of its newest issue, no time of a cell is without a forecast."""
    newest = simulated.rows("SELECT nx, ny, max(issued_at), min(issued_at) FROM core.hourly_forecasts GROUP BY 1, 2")
    for nx, ny, last, first in newest:
        said = {
            valid_at
            for (valid_at,) in simulated.rows(
                "SELECT DISTINCT valid_at FROM core.hourly_forecasts WHERE nx = %s AND ny = %s AND valid_at >= %s",
                nx,
                ny,
                now - HOUR,
            )
        }
        hour = max(now.replace(minute=0), first + HOUR)
        while hour <= seam(last):
            assert hour in said, (now, (nx, ny), hour)
            hour += HOUR
        assert {*FORECASTS.valid_times(last)} - said <= {at for at in FORECASTS.valid_times(last) if at < now - HOUR}


def check_extremes(simulated: Simulation, now: datetime) -> None:
    """What was once said of today's lowest and highest temperature, the outlook says until the day is over."""
    today = now.date()
    lost = simulated.rows(
        """
        SELECT nx, ny, newest.issued_at FROM (
            SELECT DISTINCT ON (nx, ny) * FROM core.daily_forecasts WHERE day = %(day)s ORDER BY nx, ny, issued_at DESC
        ) AS newest JOIN (
            SELECT nx, ny, count(temperature_min) AS lowest, count(temperature_max) AS highest
            FROM core.hourly_forecasts WHERE (valid_at AT TIME ZONE 'Asia/Seoul')::date = %(day)s GROUP BY nx, ny
        ) AS said USING (nx, ny)
        WHERE (lowest > 0 AND temperature_min IS NULL) OR (highest > 0 AND temperature_max IS NULL)
        """.replace("%(day)s", f"'{today}'"),
    )
    assert not lost, (now, lost)
    days = simulated.rows(
        "SELECT nx, ny, array_agg(day ORDER BY day) FROM (SELECT nx, ny, day, issued_at, max(issued_at) OVER "
        "(PARTITION BY nx, ny) AS newest FROM core.daily_forecasts) AS said WHERE issued_at = newest GROUP BY nx, ny",
    )
    for nx, ny, outlook in days:
        assert [day - outlook[0] for day in outlook] == [timedelta(days=ahead) for ahead in range(len(outlook))], (
            nx,
            ny,
        )


def check_history(simulated: Simulation, product: CellProduct, days: int) -> None:
    """Every issue that the sandbox gave is there as it was given, with all its times."""
    end = START + timedelta(days=days)
    valid = "valid_at" if product is not OBSERVATIONS else "observed_at"
    found = {
        (issue, nx, ny): times
        for issue, nx, ny, times in rows(
            simulated.weather.dsn,
            f"SELECT {product.issue_column}, nx, ny, array_agg({valid} ORDER BY {valid}) FROM {product.table.fullname} "
            "GROUP BY 1, 2, 3",
        )
    }
    given = {
        (issue, *cell)
        for issue in product.series.issues(START, end - 3 * HOUR)
        for cell in simulated.cells
        if simulated.was_there(product.operation.name, issue, cell, issue + product.series.kept)
    }
    assert given - found.keys() == set()
    for (issue, _, _), times in found.items():
        assert times == product.valid_times(issue)


def check_calls(simulated: Simulation, product: CellProduct, days: int) -> None:
    """An issue that never appears costs a number of calls, and is then left alone; no answer is asked for twice."""
    at_once = simulated.weather.access.provider.rate_limit.in_flight
    attempts = MOST_ATTEMPTS + product.series.kept // SELDOM
    attempts_of_a_call = simulated.weather.access.provider.attempts
    asked = dict(
        rows(
            simulated.weather.dsn,
            "SELECT partition_key, count(*) FROM raw.calls WHERE operation = %s GROUP BY 1",
            product.operation.name,
        )
    )
    end = START + timedelta(days=days)
    for issue in simulated.absent(product.series, product.operation.name, START, end):
        assert asked.get(key_of(issue), 0) <= attempts * (EMPTY_AT_FIRST + at_once) * attempts_of_a_call
    repeated = rows(
        simulated.weather.dsn,
        "SELECT request_params FROM raw.calls WHERE operation = %s AND http_status = 200 AND result_code = '00' "
        "GROUP BY request_params, body_sha256 HAVING count(*) > 1",
        product.operation.name,
    )
    assert repeated == []


def check_quota(simulated: Simulation) -> None:
    """The sandbox never had to refuse a call, and every call that it counted is in the ledger."""
    assert simulated.weather.served.sandbox.status()["violations"] == []
    served = {
        (entry["operation"], entry["day"]): entry["answered"] + entry["refused"] + sum(entry["faults"].values())
        for entry in simulated.weather.served.sandbox.status()["calls"]
    }
    ledger = {
        (operation, day.isoformat()): (used, limit)
        for operation, day, used, limit in rows(
            simulated.weather.dsn, "SELECT operation, day, used, daily_limit FROM ops.api_calls_daily"
        )
    }
    for counter, calls in served.items():
        assert ledger[counter][0] >= calls
    assert all(used <= limit for used, limit in ledger.values())


def check_ages(simulated: Simulation) -> None:
    """The data of every verdict are as old as its issue."""
    judged = rows(simulated.weather.dsn, "SELECT table_name, partition_key, data_as_of FROM quality.verdicts")
    assert judged
    assert {name for name, key, at in judged if at is None or key_of(at) != key} == set()


@pytest.mark.slow
@pytest.mark.torture
def test_a_week_of_forecasts_with_late_absent_and_partial_issues_and_one_call_in_five_failing(database: str) -> None:
    with simulation(database, START, ("forecasts",), **TROUBLES) as simulated:
        live_through(simulated, days=7)
        assert simulated.held_back == []
        check_history(simulated, FORECASTS, days=7)
        check_calls(simulated, FORECASTS, days=7)
        check_quota(simulated)
        check_ages(simulated)


@pytest.mark.torture
def test_a_week_of_every_series(database: str) -> None:
    with simulation(database, START, ("forecasts", "midterm", "nowcasts", "observations"), **TROUBLES) as simulated:
        live_through(simulated, days=7)
        # A mid-term issue without the sky of half of its regions does not pass.
        assert {asset_key for asset_key, _ in simulated.held_back} <= {"core/midterm_forecasts"}
        for product in PRODUCTS.values():
            check_history(simulated, product, days=7)
            check_calls(simulated, product, days=7)
        check_quota(simulated)
