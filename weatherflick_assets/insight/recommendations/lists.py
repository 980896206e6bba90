"""The lists of a day: from the scores of places to the places in each list. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.insight.recommendations import ranking
from weatherflick_assets.insight.recommendations.ranking import Candidates, Floats, Integers
from weatherflick_assets.insight.recommendations.topics import TOPICS
from weatherflick_assets.insight.suitability.activities import ACTIVITIES


@dataclass(frozen=True)
class Places:
    """The places that can be recommended, in the order of their ids; codes are numbers in the order of what they stand for."""

    content_id: NDArray[np.object_]
    content_type_id: NDArray[np.object_]
    area: Integers
    areas: NDArray[np.object_]
    group: Integers
    klass: Integers
    appeal: Floats

    def __len__(self) -> int:
        return len(self.content_id)


@dataclass(frozen=True)
class Scores:
    """The scores of a day that are fair at least: the numbers of place and activity, and the suitability."""

    place: Integers
    activity: Integers
    suitability: Floats


class Listed(NamedTuple):
    """A place in a list."""

    kto_area_code: str
    day: str
    topic: str
    rank: int
    content_id: str
    activity: str
    worth: float


def lists_of(day: date, places: Places, scores: Scores) -> Iterator[Listed]:
    """The places in the lists of a day, by topic, area and rank."""
    of_place = scores.place
    worth = ranking.worth(scores.suitability, places.appeal[of_place]).round(1)
    candidates = Candidates(
        place=of_place,
        area=places.area[of_place],
        group=places.group[of_place],
        klass=places.klass[of_place],
        worth=worth,
        chance=ranking.chances(places.content_id, day)[of_place],
    )
    kind, names = places.content_type_id[of_place], list(ACTIVITIES)
    for topic in TOPICS.values():
        activities = [number for number, name in enumerate(names) if name in topic.activities]
        within = np.isin(scores.activity, activities) & np.isin(kind, list(topic.content_type_ids))
        found = np.flatnonzero(within)
        rows, ranks = ranking.listed(candidates.of(found), topic.most)
        for row, rank in zip(found[rows].tolist(), ranks.tolist(), strict=True):
            place = of_place[row]
            yield Listed(
                places.areas[places.area[place]],
                day.isoformat(),
                topic.name,
                rank,
                places.content_id[place],
                names[scores.activity[row]],
                worth[row],
            )
