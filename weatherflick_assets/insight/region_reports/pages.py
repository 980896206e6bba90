"""Writes the pages of a week: one for each region, and one that leads to them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from weatherflick_assets import pages
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.insight.region_reports import pictures
from weatherflick_assets.insight.region_reports.evidence import Evidence, Month, Suited, gather
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.korea.regions import REGIONS, Region
from weatherflick_assets.presentation import for_terminal, percent
from weatherflick_assets.settings import KST, korean_time
from weatherflick_assets.upstream.access import without_secrets
from weatherflick_assets.warehouse.connections import connect

_FOLDER = "insight/region_reports"

INDEX = "index.html"
"""The page that leads to the others."""

MOST_MONTHS = 3
"""Months that are called best."""


class UnwritablePagesError(PlatformError):
    """The pages can't be written to where they are kept."""


@dataclass(frozen=True)
class Written:
    """A page that was written: its file, its region, its best day for sightseeing, and how many places are new."""

    path: Path
    region: Region
    best: Suited | None
    added: int

    @property
    def file(self) -> str:
        """The name of the file."""
        return self.path.name


def report(dsn: str, state_folder: Path, first: date, now: datetime) -> list[Written]:
    """Write the pages of a week.

    Args:
        dsn: the platform's database.
        state_folder: in which reports are kept.
        first: the Monday of the week.
        now: the time.

    Raises:
        UnwritablePagesError: the folder can't be written. Pages that were written before stay.
    """
    with connect(dsn) as connection:
        evidence = [gather(connection, region, first, now) for region in REGIONS]
    folder = folder_in(state_folder, first)
    try:
        return write(folder, first, evidence, without_secrets)
    except OSError as error:
        raise UnwritablePagesError(
            f"The pages of the week can't be written to {folder} ({error.strerror}). Make room or the folder writable, and ask again."
        ) from None


def folder_in(state_folder: Path, first: date) -> Path:
    """Where the pages of a week are kept."""
    return state_folder / "reports" / "regions" / first.isoformat()


def rendered(found: Evidence) -> str:
    """The page of a region."""
    drawn = {
        "ahead": pictures.ahead(found.ahead),
        "suited": pictures.suited(found.suited),
        "scores": pictures.scores(found.figures),
        "past": pictures.past(found.past),
        "months": pictures.months(found.months),
    }
    month = found.as_of.astimezone(KST).month
    following = month % 12 + 1
    normal = sorted(_with_normal(found.months), key=lambda each: (each.month - month) % 12)
    return pages.rendered(
        f"{_FOLDER}/region.html.jinja",
        _FILTERS,
        it=found,
        pictures=drawn,
        best=best_days(found.suited),
        korean={name: activity.korean for name, activity in ACTIVITIES.items()},
        changed=[kind for kind in found.kinds if kind.added or kind.changed or kind.removed],
        is_past_known=any(day.places or day.said_max is not None or day.came_max is not None for day in found.past),
        years=max((month.years for month in found.months), default=0),
        best_months=best_months(found.months),
        now_and_next=[each for each in normal if each.activity == "sightseeing" and each.month in (month, following)],
    )


def index(first: date, written: Sequence[Written]) -> str:
    """The page that leads to those of the regions."""
    return pages.rendered(f"{_FOLDER}/index.html.jinja", _FILTERS, first=first, pages=written)


def best_days(found: Sequence[Suited]) -> list[Suited]:
    """The best day of each activity, the earliest of equals, in the order of activities."""
    best: dict[str, Suited] = {}
    for each in sorted(found, key=lambda one: (-one.score, one.day)):
        best.setdefault(each.activity, each)
    return [best[activity] for activity in ACTIVITIES if activity in best]


def best_months(months: Sequence[Month]) -> Mapping[str, Sequence[Month]]:
    """The best months of each activity, in the order of activities; an activity of which no month has a normal is left out."""
    ranked = sorted(_with_normal(months), key=lambda each: each.rank or 0)
    best = {activity: [each for each in ranked if each.activity == activity][:MOST_MONTHS] for activity in ACTIVITIES}
    return {activity: of_activity for activity, of_activity in best.items() if of_activity}


def write(folder: Path, first: date, evidence: Sequence[Evidence], clean: Callable[[str], str]) -> list[Written]:
    """Write the pages of a week, and delete those of weeks that are too old.

    Args:
        folder: of the week.
        first: its Monday.
        evidence: of each region.
        clean: what no file may hold is taken out of a page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = [
        Written(
            pages.write(folder / f"{found.region.region_code}.html", clean(rendered(found))),
            found.region,
            next((each for each in best_days(found.suited) if each.activity == "sightseeing"), None),
            sum(kind.added for kind in found.kinds),
        )
        for found in evidence
    ]
    pages.write(folder / INDEX, clean(index(first, written)))
    pages.drop_old(folder.parent, first)
    return written


def _with_normal(months: Sequence[Month]) -> list[Month]:
    return [each for each in months if each.good_share is not None]


def _number(value: float | None, unit: str, digits: int = 0) -> str:
    return "–" if value is None else f"{value:z.{digits}f} {unit}".strip()


_FILTERS: Mapping[str, Callable[..., object]] = {
    "month": lambda month: f"{date(2001, month, 1):%B}",
    "percent": lambda share: percent(share, 0),
    "date": lambda day: f"{day:%a} {day.day} {day:%b}",
    "kst": korean_time,
    "number": _number,
    "spoken": pictures.spoken,
    "visible": for_terminal,
}
