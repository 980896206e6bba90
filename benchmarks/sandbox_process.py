"""The sandbox as a process. It prints its URL and serves until its standard input ends.

Usage: python -m benchmarks.sandbox_process SCALE REGION BEHAVIOUR

If REGION is not empty, that region lists all shown places. BEHAVIOUR is a JSON object of sandbox settings.
"""

import json
import sys

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.server import RunningSandbox


def catalogue(scale: float, region_code: str) -> Catalogue:
    """The synthetic Korea, or one whose shown places are all in one region."""
    korea = synthetic_korea(scale=scale)
    if not region_code:
        return korea
    keys = OPERATIONS["areaBasedSyncList2"].keys
    rows = (korea.row(position, keys) for position in korea.shown.nonzero()[0].tolist())
    return Catalogue.from_rows(row | {"lDongRegnCd": region_code} for row in rows)


if __name__ == "__main__":
    served = catalogue(float(sys.argv[1]), sys.argv[2])
    with RunningSandbox(catalogue=served, behaviour=Behaviour(**json.loads(sys.argv[3]))) as sandbox:
        print(sandbox.url, flush=True)
        sys.stdin.read()
