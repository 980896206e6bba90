"""What the report of a week says about a region, read from what is published and judged.

A report is about a week from Monday to Sunday and the days that follow it. So it can be made again later, as long as what it shows is
kept: what is ahead is what was said last before the Monday after the week was over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from typing import Any, TypeVar

import psycopg
from psycopg.rows import class_row

from weatherflick_assets.korea.regions import Region
from weatherflick_assets.quality.report import Figure
from weatherflick_assets.settings import KST, bounds

A_WEEK = timedelta(days=7)

MOST_NAMES, MOST_PLACES = 12, 5
"""Names of new places, and places that are recommended for a day, that are shown at most."""

DAYS_AHEAD = 3
"""Days of which places are shown."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Ahead:
    """A day that is ahead at the seat of the region, as it was said last."""

    day: date
    temperature_min: float | None
    temperature_max: float | None
    precipitation_probability: float | None
    precipitation_mm: float | None
    sky: str | None


@dataclass(frozen=True)
class Suited:
    """The mean score of the region's places for an activity on a day."""

    activity: str
    day: date
    score: float
    places: int


@dataclass(frozen=True)
class Listed:
    """A place that is recommended for a day that is ahead; `area` tells the areas of a region with two apart."""

    day: date
    area: str
    rank: int
    name: str
    activity: str
    score: float
    reason_ko: str
    reason_en: str


@dataclass(frozen=True)
class Kind:
    """How many places of a kind are new, changed or gone since the week before, and how many there are."""

    kind: str
    places: int
    added: int
    changed: int
    removed: int
    names: Sequence[str]


@dataclass(frozen=True)
class Past:
    """A day of the week: what was recommended and said at 05:00 of it, and what came at the seat of the region."""

    day: date
    places: int
    mean_score: float | None
    best: str | None
    said_max: float | None
    came_max: float | None
    said_mm: float | None
    came_mm: float | None
    hours: int


@dataclass(frozen=True)
class Month:
    """A month for an activity; `good_share` is null where it has no normal."""

    activity: str
    month: int
    years: int
    rank: int | None
    good_share: float | None
    reason_ko: str
    reason_en: str


@dataclass(frozen=True)
class Evidence:
    """All that a page shows.

    Attributes:
        region: the region.
        first: the Monday of the week.
        as_of: until when what is ahead was said.
    """

    region: Region
    first: date
    as_of: datetime
    ahead: Sequence[Ahead]
    suited: Sequence[Suited]
    listed: Sequence[Listed]
    kinds: Sequence[Kind]
    figures: Sequence[Figure]
    past: Sequence[Past]
    months: Sequence[Month]

    @property
    def last(self) -> date:
        """The Sunday of the week."""
        return self.first + A_WEEK - timedelta(days=1)


def gather(connection: psycopg.Connection, region: Region, first: date, now: datetime) -> Evidence:
    """What there is to say about a region.

    Args:
        connection: to the platform's database.
        region: the region.
        first: the Monday of the week.
        now: the time.
    """
    monday, tuesday = bounds(first + A_WEEK)
    as_of = min(tuesday, now)
    given = {
        "region": region.region_code,
        "areas": list(region.kto_area_codes),
        "nx": region.kma_nx,
        "ny": region.kma_ny,
        "first": first,
        "start": bounds(first)[0],
        "monday": monday,
        "as_of": as_of,
        "today": as_of.astimezone(KST).date(),
        "days": DAYS_AHEAD,
        "most_places": MOST_PLACES,
        "most_names": MOST_NAMES,
    }

    def read(name: str, kind: type[Row]) -> list[Row]:
        return _rows(connection, name, kind, given)

    return Evidence(
        region,
        first,
        as_of,
        ahead=read("ahead", Ahead),
        suited=read("suited", Suited),
        listed=read("listed", Listed),
        kinds=read("kinds", Kind),
        figures=read("figures", Figure),
        past=read("past", Past),
        months=read("months", Month),
    )


def due(connection: psycopg.Connection, now: datetime) -> list[date]:
    """The Monday of the week that is over, if anything was published before."""
    (is_anything,) = connection.execute("SELECT EXISTS (SELECT FROM quality.verdicts WHERE published)").fetchone() or (
        False,
    )
    return [monday_of(now) - A_WEEK] if is_anything else []


def monday_of(at: datetime) -> date:
    """The Monday of the week in Korea that a time is in."""
    day = at.astimezone(KST).date()
    return day - timedelta(days=day.weekday())


def _rows(connection: psycopg.Connection, name: str, kind: type[Row], given: dict[str, Any]) -> list[Row]:
    query = files("weatherflick_assets.insight.region_reports").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    with connection.cursor(row_factory=class_row(kind)) as reading:
        return reading.execute(query.encode(), given).fetchall()
