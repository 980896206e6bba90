"""What was said beside what came: figures known by arithmetic, laws, what is replaced, and a world that is harder to foresee later."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import product
from math import sqrt
from typing import Any

import pandas as pd
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.insight.forecast_skill import FEWEST_HOURS, Measured, due, measure
from weatherflick_assets.insight.tables import WHOLE_COUNTRY
from weatherflick_assets.sandbox.kma.short_term import GridForecasts
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets.warehouse.partitioned import keep_in_order
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.products import FORECASTS
from weatherflick_assets.weather.storage import LEAD_HOURS, STORAGE
from weatherflick_assets.weather.tables import HOURLY_FORECASTS, WEATHER_OBSERVATIONS
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer, forecast_rows, nowcast_rows
from weatherflick_assets_tests.insight.weather_rows import (
    DAY,
    FAR_AT_SEA,
    JEJU,
    SEOUL,
    Cell,
    Row,
    at,
    said,
    said_of_day,
    seen,
    write,
)
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.warehouse.stored import empty

NOW = at(25)


def measured(dsn: str, day: date = DAY, now: datetime = NOW) -> Measured:
    return measure(dsn, day, clock=lambda: now)


def skill(dsn: str, element: str, region: str = WHOLE_COUNTRY, day: date = DAY) -> dict[int, Mapping[str, Any]]:
    """What is measured of an element, by lead time."""
    query = "SELECT * FROM insight.forecast_skill WHERE (element, region_code, day) = (%s, %s, %s)"
    return {row["lead_hours"]: row for row in rows(dsn, query, element, region, day)}


def everything(dsn: str, *without: str) -> list[tuple[Any, ...]]:
    found = rows(dsn, "SELECT * FROM insight.forecast_skill")
    return sorted(tuple(value for name, value in row.items() if name not in without) for row in found)


def errors(found: Mapping[str, Any]) -> tuple[float, float, float]:
    return found["bias"], found["mean_absolute_error"], found["root_mean_square_error"]


def test_errors_are_those_of_the_pairs_by_region_and_of_the_country(store: str) -> None:
    write(store, [
        seen(SEOUL, at(14), temperature=20), said(SEOUL, at(14), 24, temperature=21),
        seen(SEOUL, at(17), temperature=25), said(SEOUL, at(17), 24, temperature=22),
        seen(JEJU, at(14), temperature=22), said(JEJU, at(14), 24, temperature=26),
        said(SEOUL, at(14), 48, temperature=17.5),
    ])  # fmt: skip
    found = measured(store)
    assert (found.cells, found.compared) == (2, 4)
    seoul, jeju, country = (skill(store, "temperature", region) for region in ("11", "50", WHOLE_COUNTRY))
    assert {lead: row["compared"] for lead, row in seoul.items()} == {24: 2, 48: 1}
    assert errors(seoul[24]) == pytest.approx((-1, 2, sqrt(5)))
    assert errors(seoul[48]) == pytest.approx((-2.5, 2.5, 2.5))
    assert errors(jeju[24]) == pytest.approx((4, 4, 4))
    assert errors(country[24]) == pytest.approx((2 / 3, 8 / 3, sqrt(26 / 3)))
    assert {row["source"] for row in country.values()} == {"short_term"}
    assert [one.compared for one in found.country] == [3, 1]


def test_each_element_is_measured_by_itself_and_a_missing_value_costs_itself_alone(store: str) -> None:
    write(store, [
        seen(SEOUL, at(14), temperature=20, humidity=60, wind_speed=2),
        said(SEOUL, at(14), 6, humidity=75, wind_speed=5, temperature=None),
        seen(SEOUL, at(17), temperature=20, humidity=None, wind_speed=2),
        said(SEOUL, at(17), 6, humidity=75, wind_speed=1, temperature=20),
    ])  # fmt: skip
    measured(store)
    assert skill(store, "temperature")[6]["compared"] == 1
    assert errors(skill(store, "humidity")[6]) == (15, 15, 15)
    assert errors(skill(store, "wind_speed")[6]) == pytest.approx((1, 2, sqrt(5)))
    assert skill(store, "precipitation") == {}


def test_precipitation_is_measured_in_amounts_as_an_event_and_as_a_probability(store: str) -> None:
    hours = [  # observed mm, said mm, said %
        (0.0, 0.0, 0), (0.0, 2.0, 60), (1.0, 0.5, 90), (3.0, 0.0, 30), (0.1, 0.1, 50), (0.0, 0.0, 20),
        (5.0, None, 100), (None, 1.0, 70),
    ]  # fmt: skip
    cells = [(60, 120 + number) for number in range(len(hours))]
    write(
        store,
        [
            row
            for cell, (observed, amount, chance) in zip(cells, hours, strict=True)
            for row in (
                seen(cell, at(14), precipitation_mm=observed),
                said(cell, at(14), 24, precipitation_mm=amount, precipitation_probability=chance),
            )
        ],
    )
    measured(store)
    amounts, chances = skill(store, "precipitation")[24], skill(store, "precipitation_probability")[24]
    assert (amounts["compared"], amounts["hits"], amounts["misses"], amounts["false_alarms"]) == (6, 2, 1, 1)
    assert errors(amounts) == pytest.approx((-1.5 / 6, 5.5 / 6, sqrt(13.25 / 6)))
    assert amounts["brier_score"] is None
    squares = [0, 0.36, 0.01, 0.49, 0.25, 0.04, 0]
    assert chances["compared"] == len(squares)
    assert chances["brier_score"] == pytest.approx(sum(squares) / len(squares))
    assert chances["bias"] == pytest.approx((350 - 400) / 7)
    assert chances["hits"] is None


def test_extremes_of_a_day_are_measured_by_days_ahead_where_enough_of_the_day_was_observed(store: str) -> None:
    hours = [seen(SEOUL, at(hour), temperature=10 + hour) for hour in range(FEWEST_HOURS)]
    too_few = [seen(JEJU, at(hour), temperature=10) for hour in range(FEWEST_HOURS - 1)]
    unread = [seen(JEJU, at(hour), temperature=None) for hour in range(FEWEST_HOURS, 24)]
    write(store, [
        *hours, *too_few, *unread, seen(SEOUL, at(24), temperature=-40),
        said_of_day(SEOUL, 0, temperature_min=11, temperature_max=30),
        said_of_day(SEOUL, 1, temperature_min=8, temperature_max=None),
        said_of_day(SEOUL, 1, hour=8, temperature_min=-30),
        said_of_day(SEOUL, 7, "mid_term", temperature_min=15, temperature_max=20),
        said_of_day(JEJU, 1, temperature_min=0, temperature_max=0),
    ])  # fmt: skip
    measured(store)
    lowest, highest = skill(store, "temperature_min"), skill(store, "temperature_max")
    assert {lead: (row["source"], row["compared"], row["bias"]) for lead, row in lowest.items()} == {
        0: ("short_term", 1, 1), 24: ("short_term", 1, -2), 168: ("mid_term", 1, 5),
    }  # fmt: skip
    assert {lead: row["bias"] for lead, row in highest.items()} == {0: 1, 168: -9}


def test_a_cell_far_from_any_region_counts_for_the_country_alone(store: str) -> None:
    write(store, [seen(FAR_AT_SEA, at(14), wind_speed=8), said(FAR_AT_SEA, at(14), 6, wind_speed=9)])
    assert measured(store).rows == 1
    assert skill(store, "wind_speed")[6]["bias"] == 1


def test_other_lead_times_and_the_days_beside_are_not_compared(store: str) -> None:
    others = [said(SEOUL, at(14), lead, temperature=0) for lead in (3, 5, 7, 23, 25, 96)]
    beside = [said(SEOUL, at(hour), 24, temperature=0) for hour in (-1, 24)]
    write(store, [seen(SEOUL, at(hour), temperature=20) for hour in (-1, 14, 24)] + others + beside)
    assert measured(store) == Measured(1, 0, [], [])


def test_a_day_with_nothing_to_compare_has_no_rows_and_loses_what_it_had(store: str) -> None:
    write(store, [seen(SEOUL, at(14), temperature=20), said(SEOUL, at(14), 24, temperature=21)])
    assert measured(store).rows == 2
    with psycopg.connect(store) as connection:
        connection.execute("DELETE FROM core.hourly_forecasts")
    assert measured(store) == Measured(1, 0, [], [])
    assert everything(store) == []


def test_measuring_a_day_again_replaces_it_and_leaves_the_others(store: str) -> None:
    for day in (DAY - timedelta(days=1), DAY):
        write(
            store,
            [seen(SEOUL, at(14, day), temperature=20), said(SEOUL, at(14, day), 24, temperature=21)],
        )
        measured(store, day)
    before = everything(store)
    measured(store)
    assert everything(store) == before
    write(store, [seen(JEJU, at(14), temperature=20), said(JEJU, at(14), 24, temperature=25)])
    measured(store)
    assert errors(skill(store, "temperature")[24]) == pytest.approx((3, 3, sqrt(13)))
    assert skill(store, "temperature", day=DAY - timedelta(days=1))[24]["bias"] == 1


def test_a_day_measured_again_after_forecasts_were_thinned_has_the_same_figures(store: str) -> None:
    hours = [seen(SEOUL, at(hour), temperature=hour) for hour in range(24)]
    before = [
        said(SEOUL, at(hour), lead, temperature=hour + lead / 10)
        for hour, lead in product(range(24), range(1, 72))
        if (hour - lead) % 24 % 3 == 2
    ]
    days = [said_of_day(SEOUL, ahead, hour=hour, temperature_min=ahead) for ahead in (1, 2) for hour in (2, 5, 8)]
    write(store, [*hours, *before, *days])
    measured(store)
    figures = everything(store, "measured_at")
    assert {lead: row["compared"] for lead, row in skill(store, "temperature").items()} == {6: 8, 24: 8, 48: 8}
    keep_in_order(store, STORAGE, at(0) + timedelta(days=20))
    with psycopg.connect(store) as connection:
        (left,) = connection.execute("SELECT count(*) FROM core.hourly_forecasts").fetchone() or (0,)
    assert left == 3 * 8 < len(before)
    measured(store, now=at(0) + timedelta(days=20))
    assert everything(store, "measured_at") == figures


def test_which_hours_of_a_day_have_a_forecast_of_each_lead_time() -> None:
    hours: dict[int, set[int]] = {lead: set() for lead in LEAD_HOURS}
    for issue in FORECASTS.series.issues(at(0), at(24)):
        for time in FORECASTS.valid_times(issue):
            if (lead := (time - issue) / timedelta(hours=1)) in hours:
                hours[int(lead)].add(time.hour)
    every_third = {2, 5, 8, 11, 14, 17, 20, 23}
    assert hours == {6: every_third, 24: every_third, 48: every_third, 72: {17, 20, 23}, 120: set()}


NUMBERS = st.floats(-40, 40, width=16).map(lambda value: round(value, 1)) | st.none()
PAIRS = st.lists(st.tuples(st.sampled_from([6, 24, 48, 72]), NUMBERS, NUMBERS), min_size=1, max_size=12)


def rows_of(pairs: Sequence[tuple[int, float | None, float | None]], cells: Sequence[Cell]) -> Iterator[Row]:
    for cell, (lead, observed, forecast) in zip(cells, pairs, strict=True):
        yield seen(cell, at(20), temperature=observed)
        yield said(cell, at(20), lead, temperature=forecast)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=PAIRS, data=st.data())
def test_errors_are_in_order_and_do_not_depend_on_which_cell_had_them(
    store: str, pairs: list[tuple[int, float | None, float | None]], data: st.DataObject
) -> None:
    cells = [(60, 110 + number) for number in range(len(pairs))]
    empty(store)
    write(store, rows_of(pairs, cells))
    measured(store)
    country = skill(store, "temperature")
    for row in country.values():
        assert abs(row["bias"]) <= row["mean_absolute_error"] <= row["root_mean_square_error"]
    assert sum(row["compared"] for row in country.values()) == sum(None not in pair for pair in pairs)
    figures = everything(store)
    measured(store)
    assert everything(store) == figures
    empty(store)
    write(store, rows_of(pairs, data.draw(st.permutations(cells))))
    measured(store)
    assert skill(store, "temperature") == country


def test_the_last_two_days_are_due_and_those_that_were_observed_and_never_measured(store: str) -> None:
    days = [DAY - timedelta(days=ago) for ago in range(20)]
    for day in (days[4], days[5], days[19]):
        write(store, [seen(SEOUL, at(14, day), temperature=20), said(SEOUL, at(14, day), 24, temperature=21)])
    measured(store, days[5])
    with psycopg.connect(store) as connection:
        assert due(connection, at(1, days[0])) == [days[1], days[2], days[4]]


def test_skill_lately_weighs_days_by_their_pairs(store: str) -> None:
    long_ago = DAY - timedelta(days=30)
    for day, forecasts in ((long_ago, [90]), (DAY - timedelta(days=29), [23]), (DAY, [19, 18, 17])):
        for number, forecast in enumerate(forecasts):
            cell = (60, 120 + number)
            write(store, [
                seen(cell, at(14, day), temperature=20, precipitation_mm=number),
                said(cell, at(14, day), 24, temperature=forecast, precipitation_mm=1, precipitation_probability=50),
            ])  # fmt: skip
        measured(store, day)
    lately = rows(store, "SELECT * FROM insight.skill_lately WHERE region_code = 'all'")
    expected = rows(store, "SELECT * FROM insight.expected_errors")
    found = {row["element"]: row for row in lately}
    assert (found["temperature"]["days"], found["temperature"]["compared"]) == (2, 4)
    assert errors(found["temperature"]) == pytest.approx(((3 - 1 - 2 - 3) / 4, 9 / 4, sqrt(23 / 4)))
    assert (found["precipitation"]["hit_rate"], found["precipitation"]["false_alarm_ratio"]) == (1, 0.5)
    assert found["precipitation_probability"]["brier_score"] == pytest.approx(0.25)
    assert found["temperature"]["hit_rate"] is None
    assert {(row["element"], row["lead_hours"]): errors(row) for row in expected} == {
        (element, 24): pytest.approx(errors(row)) for element, row in found.items()
    }


LEADS = (6, 24, 48, 72)
EVENINGS = range(0, 30, 3)
"""Days of which one tells little of the next."""


@pytest.fixture
def foreseen(store: str) -> str:
    """Evenings of a month in twelve cells of the sandbox's world: what came, and what was said of it."""
    world = GridForecasts(Sky(7))
    cells = [(nx, ny) for nx in (58, 70, 84, 96) for ny in (84, 106, 126)]
    evenings = [at(hour, DAY + timedelta(days=day)) for day in EVENINGS for hour in (17, 23)]
    for evening in evenings:
        answers = [CellAnswer(*cell, 1, world.nowcast(evening, *cell)) for cell in cells]
        observed = nowcast_rows(evening, answers).rows.rename(columns={"issued_at": "observed_at"})
        publish(store, observed, evening, "observed_at")
    for issue in sorted({evening - timedelta(hours=lead) for evening in evenings for lead in LEADS}):
        wanted = {f"{issue + timedelta(hours=lead):%Y%m%d%H00}" for lead in LEADS}
        answers = [
            CellAnswer(
                *cell,
                1,
                [item for item in world.short_term(issue, *cell) if item["fcstDate"] + item["fcstTime"] in wanted],
            )
            for cell in cells
        ]
        publish(store, forecast_rows(issue, answers).rows, issue, "issued_at")
    return store


def publish(dsn: str, made: pd.DataFrame, issue: datetime, column: str) -> None:
    table = WEATHER_OBSERVATIONS if column == "observed_at" else HOURLY_FORECASTS
    with Replacement(dsn, table, "", "", {column: issue}) as replacement:
        replacement.stage(made.assign(recorded_at=issue))
        replacement.publish(lambda _: None)


def test_the_further_ahead_the_weather_of_the_sandbox_was_said_the_worse(foreseen: str) -> None:
    for day in EVENINGS:
        assert measured(foreseen, DAY + timedelta(days=day)).compared
    expected = rows(foreseen, "SELECT * FROM insight.expected_errors ORDER BY lead_hours")
    for element in ("temperature", "wind_speed", "humidity"):
        by_lead = [row["mean_absolute_error"] for row in expected if row["element"] == element]
        assert len(by_lead) == len(LEADS)
        assert by_lead == sorted(by_lead), element
    chances = [row["root_mean_square_error"] for row in expected if row["element"] == "precipitation_probability"]
    assert chances[0] < chances[-1]
