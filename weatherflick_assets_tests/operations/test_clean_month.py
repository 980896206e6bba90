"""A month of clean data raises no alarm: no rule, no check and no comparison of days says that anything is wrong.

The sandbox's world moves from day to day, and what the schedules would do is done at the times at which they would do it. Every
evening all checks are evaluated on the database as it is, and the next morning the day is measured and compared.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest

from weatherflick_assets.build import MEASURED, OPERATIONS
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.operations.upstream_answers import look_at_answers
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME, CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.quality.freshness import held_back_now, not_fresh
from weatherflick_assets.quality.statistics import measure
from weatherflick_assets.quality.trends import compare
from weatherflick_assets.quality.upstream_fields import known_drifts
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import KST
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.outbox import pending
from weatherflick_assets.weather.products import FORECASTS, NOWCASTS_OF_CELLS, OBSERVATIONS
from weatherflick_assets.weather.publish_air_forecasts import publish_air_forecasts
from weatherflick_assets.weather.publish_air_quality import publish_air_quality
from weatherflick_assets.weather.publish_lists import publish_air_stations, publish_holidays, publish_stations_of_cells
from weatherflick_assets.weather.publish_station_days import publish_station_days
from weatherflick_assets.weather.publish_warnings import publish_warnings
from weatherflick_assets.weather.sources import (
    AIR_FORECASTS,
    AIR_QUALITY,
    AIR_STATIONS,
    HOLIDAYS,
    STATION_DAYS,
    WARNINGS,
)
from weatherflick_assets_tests.places.collect.reading import read
from weatherflick_assets_tests.places.collect.test_country_lists import pets
from weatherflick_assets_tests.places.collecting import CLOCK, collect
from weatherflick_assets_tests.places.detailing import collect_region
from weatherflick_assets_tests.places.store.stock import execute, rows
from weatherflick_assets_tests.sandbox.agencies import agencies
from weatherflick_assets_tests.weather.collecting import Weather, stock
from weatherflick_assets_tests.weather.collecting_sources import Country

FIRST = date(2026, 8, 24)
WORLD_BEGINS = date(2026, 7, 3)
"""The day after day 0 of the world of the places: what changed on a day is read after midnight."""
JEJU = "50"
DAY = timedelta(days=1)
DETAIL_BY_NAME = {detail.name: detail for detail in DETAILS}

_FAILED = """
SELECT table_name, partition_key, judged_at, rule_id, severity, observed, examples FROM quality.rule_results
WHERE NOT passed AND severity IN ('blocking', 'warning') ORDER BY judged_at
"""

_JUDGED = "SELECT DISTINCT table_name FROM quality.verdicts WHERE row_count > 0"

CALLS_A_DAY = 60
"""Of each operation of details: all places of the small world are asked about within a few days."""

A_MONTH = [
    pytest.param(3, 0.1, id="three days"),
    pytest.param(8, 0.1, id="eight days", marks=pytest.mark.torture),  # the last one has one a week before
    pytest.param(30, 0.2, id="thirty days", marks=pytest.mark.torture),
]
"""Days, and the size of the world of the places."""


def korea(day: date, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=KST)


def days_from(first: date, count: int) -> Iterator[date]:
    return (first + DAY * number for number in range(count))


class Alarms:
    """What was said to be wrong, in words; a month of clean data leaves it empty."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.said: list[str] = []
        self.days = 0

    def evening(self, at: datetime) -> None:
        """Evaluate what the hourly and the daily check evaluate."""
        for table, parts in not_fresh(self.dsn, MEASURED, at).items():
            self.said += [f"{at} {table.table_name} {part.partition_key} is {part.state}" for part in parts]
        for table_name, held in held_back_now(self.dsn, MEASURED).items():
            self.said += [f"{at} {table_name} {each.partition_key} is held back: {each.rules}" for each in held]
        look_at_answers(self.dsn, [each for of in OPERATIONS.values() for each in of.values()], at)
        self.said += [f"{at} {shape}: {drift}" for shape, drifts in known_drifts(self.dsn).items() for drift in drifts]

    def morning(self, day: date) -> None:
        """Measure and compare a day that is over."""
        clock = lambda: korea(day + DAY, 6)  # noqa: E731
        assert measure(self.dsn, day, MEASURED, clock=clock).verdicts
        self.said += [f"{day} got worse: {worse}" for worse in compare(self.dsn, day, MEASURED, clock=clock).worse]
        self.days += 1

    def found(self) -> list[str]:
        """All that was said, and every rule that failed."""
        return [*self.said, *(str(list(row.values())) for row in rows(self.dsn, _FAILED))]


@contextmanager
def time_of_places(sandbox_of: Catalogue) -> Iterator[RunningSandbox]:
    """A sandbox of places whose clock is that of the collector, which stands where the test puts it."""
    before = CLOCK.time
    try:
        with RunningSandbox(catalogue=sandbox_of, clock=lambda: CLOCK.time, behaviour=Behaviour()) as sandbox:
            yield sandbox
    finally:
        CLOCK.time = before


def catalogue(scale: float) -> Catalogue:
    """The places of Jeju in a synthetic Korea, those that say so only by their address among them."""
    whole = synthetic_korea(scale=scale)
    names = [*whole.columns]
    kept = [whole.row(position, names) for position in range(len(whole))]
    return Catalogue.from_rows(
        row
        for row in kept
        if row["lDongRegnCd"] == JEJU or (not row["lDongRegnCd"] and row["addr1"].startswith("제주"))
    )


def publish_places(dsn: str) -> int:
    """Publish what the outbox names, as its sensor does."""
    with connect(dsn) as connection:
        found = pending(connection)
    for entry in found:
        name = entry.asset_key.removeprefix("core/")
        publisher = Publisher(dsn, CLOCK, only_noted=not entry.is_whole)
        if name in DETAIL_BY_NAME:
            publisher.details(DETAIL_BY_NAME[name], entry.partition_key)
        else:
            publisher.places(CONTENT_TYPE_BY_NAME[name], entry.partition_key)
    return len(found)


_REGIONS = "SELECT region_code FROM core.place_regions UNION SELECT partition_key FROM quality.verdicts ORDER BY 1"


def regions_with_places(dsn: str) -> list[str]:
    """Jeju, and the regions in which new places have appeared since the world began, also for a while."""
    return [*dict.fromkeys((UNASSIGNED, JEJU, *(row["region_code"] for row in rows(dsn, _REGIONS))))]


def list_places(url: str, dsn: str, day: date) -> None:
    """List the regions that have places, and from the second week on the others, too: what is said of them gets too old."""
    others = REGION_CODES if day > WORLD_BEGINS + 7 * DAY else ()
    for region in dict.fromkeys((*regions_with_places(dsn), *others)):
        for kind in CONTENT_TYPES:
            collect(url, dsn, region, kind)
        publish_region(dsn, region)


def publish_region(dsn: str, region: str) -> None:
    """Publish every table of a region, as the run that lists it does."""
    for kind in CONTENT_TYPES:
        Publisher(dsn, CLOCK).places(kind, region)
    for detail in DETAILS:
        Publisher(dsn, CLOCK).details(detail, region)


@pytest.mark.slow
@pytest.mark.parametrize(("days", "scale"), A_MONTH)
def test_clean_places_raise_no_alarm(database: str, days: int, scale: float) -> None:
    alarms, published, told = Alarms(database), 0, 0
    with time_of_places(catalogue(scale)) as sandbox:
        for day in days_from(WORLD_BEGINS, days):
            CLOCK.time = korea(day, 0, 5)
            if day > WORLD_BEGINS:
                sandbox.advance()
                read(sandbox.url, database)
                published += publish_places(database)
            if day == WORLD_BEGINS or day.weekday() == 6:
                CLOCK.time = korea(day, 2)
                list_places(sandbox.url, database, day)
            CLOCK.time = korea(day, 9)
            pets(sandbox.url, database)
            told += collect_region(sandbox.url, database, JEJU, limit=CALLS_A_DAY).calls
            published += publish_places(database)
            alarms.evening(korea(day, 23, 50))
            alarms.morning(day)
    assert alarms.found() == []
    assert (alarms.days, published > 0, told > 0) == (days, True, True)
    detailed = {row["table_name"] for row in rows(database, _JUDGED)}
    assert detailed >= {f"core.{name}" for name in (*CONTENT_TYPE_BY_NAME, *DETAIL_BY_NAME)}


def weather_of(at: Weather, day: date) -> None:
    """Some issues of a day, the last ones among them."""
    for product, issue in (
        (FORECASTS, korea(day, 20)),
        (NOWCASTS_OF_CELLS, korea(day, 22, 30)),
        (OBSERVATIONS, korea(day, 23)),
        (FORECASTS, korea(day, 23)),
    ):
        at.at(issue + timedelta(minutes=20))
        at.collect(issue, product)
        at.publish(issue, product)
        if product is FORECASTS:
            at.publish_days(issue)
    at.at(korea(day, 18, 30)).collect_midterm(korea(day, 18))
    at.publish_midterm(korea(day, 18))


def sources_of(at: Country, day: date) -> None:
    """The air, warnings and stations of a day, and on Mondays the lists."""
    if day.weekday() == 0:
        for source, publish in ((HOLIDAYS, publish_holidays), (AIR_STATIONS, publish_air_stations)):
            at.at(korea(day, 4)).collect(source)
            at.publish(publish)
        at.publish(publish_stations_of_cells)
    for source, publish, issue, asked in (
        (STATION_DAYS, publish_station_days, korea(day - DAY), korea(day, 13)),
        (AIR_QUALITY, publish_air_quality, korea(day, 23), korea(day, 23, 30)),
        (AIR_FORECASTS, publish_air_forecasts, korea(day, 23), korea(day, 23, 30)),
    ):
        at.at(asked).collect(source, issue)
        at.publish(publish, issue)
    at.at(korea(day, 23, 40)).collect(WARNINGS)
    at.publish(publish_warnings)


@pytest.mark.slow
@pytest.mark.parametrize("days", [pytest.param(8, id="eight days"), pytest.param(30, id="thirty days")])
@pytest.mark.torture
def test_clean_weather_raises_no_alarm(database: str, days: int) -> None:
    execute(database, "DELETE FROM core.kto_areas")  # weather is wanted for their seats, too
    stock(database, {(60, 127): 1, (98, 76): 1, (52, 38): 1})
    alarms = Alarms(database)
    with agencies(korea(FIRST)) as served:
        for day in days_from(FIRST, days):  # a Monday
            weather_of(Weather(served, database), day)
            sources_of(Country(served, database), day)
            alarms.evening(korea(day, 23, 50))
            alarms.morning(day)
    assert alarms.found() == []
    assert alarms.days == days
