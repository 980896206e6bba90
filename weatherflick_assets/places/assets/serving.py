"""`serving/*`: the views and functions the backend asks, with lineage to the assets they show, all taken from `serving.sql`.

They are never materialized. They always show the published data, so they have no status.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.places.flows import PUBLISHING

_SERVING = Path(__file__).parents[1] / "serving.sql"
_PUBLISHED = frozenset(asset for assets in PUBLISHING.values() for asset in assets)


def serving_lineage() -> Mapping[str, Sequence[str]]:
    """Maps each view, and each function that reads, to the assets it reads, including views."""
    text, *_comments = _SERVING.read_text(encoding="utf-8").split("\nCOMMENT ON ", 1)
    _, *parts = re.split(r"^CREATE (?:VIEW|FUNCTION) serving\.(\w+)", text, flags=re.MULTILINE)
    read = {
        name: {f"{schema}/{source}" for schema, source in re.findall(r"\b(core|serving)\.(\w+)", query)}
        for name, query in zip(parts[::2], parts[1::2], strict=True)
    }
    known = _PUBLISHED | {f"serving/{name}" for name, sources in read.items() if sources}
    return {name: sorted(sources & known) for name, sources in read.items() if sources}


def serving_assets() -> Sequence[dg.AssetSpec]:
    """One external asset per view and function."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["serving", name]),
            deps=list(map(dg.AssetKey.from_user_string, sources)),
            group_name="serving",
            owners=OWNERS,
            kinds={"postgres", "view"},
            tags={"layer": "serving"},
            description=f"serving.{name}, which the backend asks. It shows what is published, at any time.",
            metadata={"dagster/table_name": f"serving.{name}"},
        )
        for name, sources in serving_lineage().items()
    ]
