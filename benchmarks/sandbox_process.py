"""The sandbox as a process. It prints its URL and serves until its standard input ends.

Usage: python -m benchmarks.sandbox_process SCALE REGION BEHAVIOUR

If REGION is not empty, that region lists all shown places, each at an address, postal code and point of the region: a
place moved by its code alone would contradict its region, which hardly any real one does. BEHAVIOUR is a JSON object of
sandbox settings.
"""

import json
import sys
from collections.abc import Iterator
from itertools import cycle

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.server import RunningSandbox

_LOCATION = ("lDongRegnCd", "lDongSignguCd", "areacode", "sigungucode", "addr1", "addr2", "zipcode")
_STEPS = 100
_STEP = 0.0001
"""Degrees, some ten metres. Places are moved aside by up to a hundred such steps, since few places share a point."""


def catalogue(scale: float, region_code: str) -> Catalogue:
    """The synthetic Korea, or one whose shown places are all in one region."""
    korea = synthetic_korea(scale=scale)
    if not region_code:
        return korea
    keys = OPERATIONS["areaBasedSyncList2"].keys
    rows = [korea.row(position, keys) for position in korea.shown.nonzero()[0].tolist()]
    return Catalogue.from_rows(_moved(rows, region_code))


def _moved(rows: list[dict[str, str]], region_code: str) -> Iterator[dict[str, str]]:
    """The rows at the locations of those that are in the region, in turn."""
    located = [row for row in rows if row["lDongRegnCd"] == region_code]
    for number, (row, there) in enumerate(zip(rows, cycle(located), strict=False)):
        aside = number % _STEPS * _STEP
        point = {key: f"{float(there[key]) + aside:.10f}" for key in ("mapx", "mapy") if there[key]}
        yield row | {key: there[key] for key in _LOCATION} | point


if __name__ == "__main__":
    served = catalogue(float(sys.argv[1]), sys.argv[2])
    with RunningSandbox(catalogue=served, behaviour=Behaviour(**json.loads(sys.argv[3]))) as sandbox:
        print(sandbox.url, flush=True)
        sys.stdin.read()
