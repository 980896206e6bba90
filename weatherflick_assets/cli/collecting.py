"""`weatherflick collect`: launches the runs of one catalogue collection, a region each, and sums them up.

A collection that was broken off (`resumption.py`) is gone on with.
"""

import time
from collections.abc import Callable, Iterable, Sequence

from weatherflick_assets.assets.core.place_details import detail_key
from weatherflick_assets.assets.core.places import places_key
from weatherflick_assets.assets.raw.place_listings import listing_key
from weatherflick_assets.cli.resumption import Collection, Plan, current_collection, hold
from weatherflick_assets.cli.runs import RunResult, Summary, launching
from weatherflick_assets.content_types import ContentType
from weatherflick_assets.detail_tables import DETAILS
from weatherflick_assets.jobs import collect_places_job
from weatherflick_assets.settings import now


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
    results: list[RunResult] = []
    with launching() as launcher:
        collection = Collection.new(plan) if anew else current_collection(launcher.instance, plan, now())
        if not hold(launcher.held, collection.collection_id):  # another process is at it
            collection = Collection.new(plan)
            hold(launcher.held, collection.collection_id)
        begin(collection)
        for region_code in collection.left:
            before(region_code)
            result, _ = launcher.run(collect_places_job.name, region_code, selection=selection, tags=collection.tags)
            results.append(result)
            after(result)
            if result.is_hopeless:
                break
    return Summary.of(results, time.monotonic() - started, untried=len(collection.left) - len(results))
