"""Which places a call selects, and in which order.

Here: the query as a value, its evaluation against a catalogue, and a bounded cache of recent results, so that all pages
of one list cost one evaluation.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.operations import Operation
from weatherflick_assets.sandbox.parameters import Parameters

# Upstream computes distances on a flat Korea. These two constants reproduce every recorded `dist` to the last digit.
METRES_PER_DEGREE_OF_LATITUDE = 111_000.0
METRES_PER_DEGREE_OF_LONGITUDE = 88_900.0
REMEMBERED_POSITIONS = 20_000_000  # at most 12 bytes each: about a quarter of a gigabyte

_FIELDS = {
    "contentTypeId": "contenttypeid",
    "lDongRegnCd": "lDongRegnCd",
    "lDongSignguCd": "lDongSignguCd",
    "lclsSystm1": "lclsSystm1",
    "lclsSystm2": "lclsSystm2",
    "lclsSystm3": "lclsSystm3",
    "areaCode": "areacode",
    "sigunguCode": "sigungucode",
    "cat1": "cat1",
    "cat2": "cat2",
    "cat3": "cat3",
    "showflag": "showflag",
    "oldContentid": "oldContentid",
}
_WITH_IMAGE = {"O": "A", "Q": "C", "R": "D", "S": "E"}


@dataclass(frozen=True)
class Query:
    """What a call selects: exact values, then special filters, then the order.

    Attributes:
        values: Pairs of column and exact value.
        modified, keyword: Leading digits of `modifiedtime`, a substring of the title; empty for any.
        running: First and last day (`YYYYMMDD`) of a period in which an event takes place; empty for any.
        circle: Longitude and latitude in degrees and radius in metres, or None.
        order: `A` title, `C` modified, `D` created (both newest first), `E` distance.
        with_image, shows_hidden: Whether only rows with an image are selected, and whether hidden ones are.
    """

    values: tuple[tuple[str, str], ...]
    modified: str
    keyword: str
    running: tuple[str, str]
    circle: tuple[float, float, float] | None
    order: str
    with_image: bool
    shows_hidden: bool

    @classmethod
    def from_parameters(cls, operation: Operation, parameters: Parameters) -> "Query":
        """The query of a validated call."""
        circle = None
        if "radius" in operation.required:
            longitude, latitude, radius = (float(parameters.get(name)) for name in ("mapX", "mapY", "radius"))
            circle = longitude, latitude, radius
        values = [(field, parameters.get(name)) for name, field in _FIELDS.items() if parameters.get(name)]
        if operation.content_type:
            values.append(("contenttypeid", operation.content_type))
        arrange = parameters.get("arrange") or ("E" if circle else "A")
        return cls(
            values=tuple(values),
            modified=parameters.get("modifiedtime"),
            keyword=parameters.get("keyword"),
            running=(parameters.get("eventStartDate"), parameters.get("eventEndDate")),
            circle=circle,
            order=_WITH_IMAGE.get(arrange, arrange),
            with_image=arrange in _WITH_IMAGE,
            shows_hidden=operation.shows_hidden,
        )


@dataclass(frozen=True)
class Selection:
    """The positions of the selected rows in order, and for a circle their distances in metres."""

    positions: NDArray[np.int32]
    distances: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.positions)

    def page(self, number: int, rows: int) -> slice:
        """The slice of the selection that is page `number` (from 1) with `rows` rows per page."""
        return slice((number - 1) * rows, number * rows)


class Selector:
    """Evaluates queries against one catalogue and caches recent results."""

    def __init__(self, catalogue: Catalogue, *, remembered: int = REMEMBERED_POSITIONS) -> None:
        """Evaluate against `catalogue`; cache results of at most `remembered` positions in total."""
        self._catalogue = catalogue
        self._limit = remembered
        self._results: OrderedDict[Query, Selection] = OrderedDict()

    def select(self, query: Query) -> Selection:
        """The rows that a query selects."""
        if query not in self._results:
            self._results[query] = self._evaluate(query)
            while len(self._results) > 1 and sum(map(_cost, self._results.values())) > self._limit:
                self._results.popitem(last=False)
        self._results.move_to_end(query)
        return self._results[query]

    def _evaluate(self, query: Query) -> Selection:
        places = self._catalogue
        wanted = np.ones(len(places), dtype=np.bool_) if query.shows_hidden else places.shown.copy()
        for field, value in query.values:
            wanted &= places.equal(field, value)
        if query.with_image:
            wanted &= places.illustrated
        if query.modified:
            missing = 14 - len(query.modified)
            modified = places.times("modifiedtime")
            wanted &= (modified >= int(query.modified + "0" * missing)) & (
                modified <= int(query.modified + "9" * missing)
            )
        if query.keyword:
            titles = places.column("title")
            named = [position for position in np.flatnonzero(wanted).tolist() if query.keyword in str(titles[position])]
            wanted = np.zeros(len(places), dtype=np.bool_)
            wanted[named] = True
        first, last = query.running
        if first:
            wanted &= places.times("eventenddate", digits=8) >= int(first)
        if last:
            wanted &= places.times("eventstartdate", digits=8) <= int(last)
        if query.circle is None:
            order = self._orders[query.order]()
            return Selection(order[wanted[order]])
        return self._within(query.circle, query.order, wanted)

    def _within(self, circle: tuple[float, float, float], order_by: str, wanted: NDArray[np.bool_]) -> Selection:
        longitude, latitude, radius = circle
        distances = _distances(longitude, latitude, self._catalogue)
        wanted = wanted & (distances <= radius)  # never true for NaN
        if order_by == "E":
            positions = np.flatnonzero(wanted).astype(np.int32)
            positions = positions[np.lexsort((self._catalogue.identifiers[positions], distances[positions]))]
        else:
            order = self._orders[order_by]()
            positions = order[wanted[order]]
        return Selection(positions, distances[positions])

    @cached_property
    def _orders(self) -> dict[str, Callable[[], NDArray[np.int32]]]:
        return {"A": lambda: self._by_title, "C": lambda: self._by_modified, "D": lambda: self._by_created}

    @cached_property
    def _by_title(self) -> NDArray[np.int32]:
        titles = [str(title) for title in self._catalogue.column("title")]
        by_identifier = np.argsort(self._catalogue.identifiers, kind="stable").tolist()
        return np.array(sorted(by_identifier, key=titles.__getitem__), dtype=np.int32)

    @cached_property
    def _by_modified(self) -> NDArray[np.int32]:
        return np.lexsort((self._catalogue.identifiers, -self._catalogue.times("modifiedtime"))).astype(np.int32)

    @cached_property
    def _by_created(self) -> NDArray[np.int32]:
        return np.lexsort((self._catalogue.identifiers, -self._catalogue.times("createdtime"))).astype(np.int32)


def _cost(selection: Selection) -> int:
    """The cost of caching a selection, in positions. Even an empty selection takes some memory."""
    return len(selection) + 1_000


def _distances(longitude: float, latitude: float, places: Catalogue) -> NDArray[np.float64]:
    """Distances in metres from a point to every place, computed like upstream; NaN for a place without coordinates."""
    north = (places.latitudes - latitude) * METRES_PER_DEGREE_OF_LATITUDE
    east = (places.longitudes - longitude) * METRES_PER_DEGREE_OF_LONGITUDE
    return np.sqrt(north**2 + east**2)
