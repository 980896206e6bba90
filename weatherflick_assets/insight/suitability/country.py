"""The country at a glance while its cells are scored: how its places do by activity and day, and how many have no score, and why."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date

import pandas as pd
import psycopg

from weatherflick_assets.insight.suitability.scoring import LEVELS
from weatherflick_assets.warehouse.loading import load_temporary

NO_FORECAST, TOO_LITTLE = "No forecast of the cell is published.", "Too little of the forecast of the cell is known."

_PLACES = """
SELECT count(*), count(*) FILTER (WHERE NOT is_forecast), count(*) FILTER (WHERE is_forecast AND NOT is_scored)
FROM (
    SELECT bool_or(found.is_scored IS NOT NULL) AS is_forecast, bool_or(coalesce(found.is_scored, FALSE)) AS is_scored
    FROM insight.activities_of_places AS place LEFT JOIN found_scores AS found USING (nx, ny, activity)
    GROUP BY place.content_id
) AS places
"""


@dataclass(frozen=True)
class OfCountry:
    """The places of the country on a day, for an activity: how many, their mean score, how many are good, how many unknown.

    That some are closed on the day does not count here: it is about the weather.
    """

    activity: str
    day: date
    places: int
    mean_score: float | None
    good: int
    unknown: int


@dataclass(frozen=True)
class Counted:
    """How many places have an activity, and how many of them have no score on any day, by the reason."""

    places: int
    without: Mapping[str, int]


class Tally:
    """What is counted of the rows of an issue, some cells at a time.

    Attributes:
        counted: the places, once they are being counted.
    """

    counted: Future[Counted]

    def __init__(self) -> None:
        self._sums: list[pd.DataFrame] = []
        self._cells: list[pd.DataFrame] = []

    def add(self, rows: pd.DataFrame) -> None:
        """Count the rows of some cells, which have all of each cell."""
        score, places = rows["score"], rows["places"]
        is_known = score.notna()
        counts = pd.DataFrame(
            {
                "activity": rows["activity"],
                "day": rows["day"],
                "places": places,
                "known": places.where(is_known, 0),
                "total": (places * score).fillna(0.0),
                "good": places.where(score >= LEVELS["good"], 0),
            }
        )
        self._sums.append(counts.groupby(["activity", "day"]).sum())
        cells = rows[["nx", "ny", "activity"]].assign(is_scored=is_known)
        self._cells.append(cells.groupby(["nx", "ny", "activity"], as_index=False).any())

    def country(self) -> Sequence[OfCountry]:
        """The places by activity and day."""
        sums = pd.concat(self._sums).groupby(level=["activity", "day"]).sum().reset_index()
        return [
            OfCountry(
                activity,
                date.fromisoformat(day),
                places,
                total / known if known else None,
                good,
                unknown=places - known,
            )
            for activity, day, places, known, total, good in zip(*(sums[name].tolist() for name in sums), strict=True)
        ]

    def count(self, cursor: psycopg.Cursor) -> Counted:
        """Count the places in the transaction in which they were noted."""
        load_temporary(
            cursor, "found_scores", "nx smallint, ny smallint, activity text, is_scored boolean", pd.concat(self._cells)
        )
        places, no_forecast, too_little = cursor.execute(_PLACES).fetchone() or (0, 0, 0)
        without = {NO_FORECAST: no_forecast, TOO_LITTLE: too_little}
        return Counted(places, {reason: count for reason, count in without.items() if count})
