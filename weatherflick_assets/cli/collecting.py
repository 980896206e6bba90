"""`weatherflick collect`: launches the runs of one catalogue collection, a region each, and sums them up.

Many regions are shared out to two processes. A collection that was broken off (`resumption.py`) is gone on with.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from weatherflick_assets.cli.resumption import Collection, Plan, current_collection, hold
from weatherflick_assets.cli.runs import RunResult, Summary, launching
from weatherflick_assets.cli.second_process import Order, second_process
from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.assets.details import detail_key
from weatherflick_assets.places.assets.listings import listing_key
from weatherflick_assets.places.assets.places import places_key
from weatherflick_assets.places.content_types import ContentType
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.jobs import collect_places_job
from weatherflick_assets.settings import now

_ENOUGH_FOR_TWO = 6
"""Regions from which on a second process is worth its start, which takes as long as two of them, and 500 MB."""


def collect(
    regions: Iterable[str],
    content_types: Sequence[ContentType],
    *,
    anew: bool,
    begin: Callable[[Collection], None],
    before: Callable[[str], None],
    after: Callable[[RunResult], None],
) -> Summary:
    """Run the collection for `regions` in order; stops early only when the others would fail for the same reason.

    Args:
        regions: partition keys.
        content_types: the kinds of places to list and publish.
        anew: whether to ask for everything again although the same collection was broken off lately.
        begin: told of the collection, new or gone on with, before its first run.
        before: told of each region before its run.
        after: told of each region's result.
    """
    codes = {kind.content_type_id for kind in content_types}
    selection = [
        *(key for kind in content_types for key in (listing_key(kind), places_key(kind))),
        *(detail_key(detail) for detail in DETAILS if codes.intersection(detail.content_type_ids)),
    ]
    plan = Plan(tuple(regions), tuple(kind.name for kind in content_types))
    started = time.monotonic()
    with launching() as launcher:
        collection = Collection.new(plan) if anew else current_collection(launcher.instance, plan, now())
        if not hold(launcher.held, collection.collection_id):  # another process is at it
            collection = Collection.new(plan)
            hold(launcher.held, collection.collection_id)
        begin(collection)

        def order(region_code: str) -> Order:
            return Order(collect_places_job.name, region_code, selection, collection.tags)

        def here(region_code: str) -> RunResult:
            return launcher.run(**vars(order(region_code))).result

        left = _Regions(collection.left, before, after)
        if len(collection.left) < _ENOUGH_FOR_TWO:
            left.run_all(here)
        else:
            with ThreadPoolExecutor(max_workers=1) as waiting, second_process() as second:
                if collection.left[0] == UNASSIGNED:  # its places may belong to any region
                    left.run_next(here)
                there = waiting.submit(
                    left.run_all, lambda region_code: second.run(order(region_code)), lambda: second.is_there
                )
                left.run_all(here)
                there.result()
    return Summary.of(left.results, time.monotonic() - started, untried=len(left.untried))


class _Regions:
    """Regions to run, taken one by one by whoever is free, until the others would fail for the same reason."""

    def __init__(self, left: Sequence[str], before: Callable[[str], None], after: Callable[[RunResult], None]) -> None:
        self._order = list(left)
        self.untried = deque(left)
        self._results: dict[str, RunResult] = {}
        self._before, self._after = before, after
        self._is_hopeless = False
        self._one_at_a_time = threading.Lock()

    @property
    def results(self) -> list[RunResult]:
        """What the runs came to, in the order of the regions."""
        return [self._results[region_code] for region_code in self._order if region_code in self._results]

    def run_next(self, run: Callable[[str], RunResult]) -> bool:
        """Run the next region; whether there was one to run."""
        with self._one_at_a_time:
            if self._is_hopeless or not self.untried:
                return False
            region_code = self.untried.popleft()
            self._before(region_code)
        result = run(region_code)
        with self._one_at_a_time:
            self._results[region_code] = result
            self._is_hopeless |= result.is_hopeless
            self._after(result)
        return True

    def run_all(self, run: Callable[[str], RunResult], is_there: Callable[[], bool] = lambda: True) -> None:
        """Run what is left, a region after the other, as long as who runs them is there."""
        while is_there() and self.run_next(run):
            pass
