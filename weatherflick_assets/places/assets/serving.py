"""`serving/*`: the views the backend reads, with lineage to the assets they show, both taken from `serving.sql`.

A view is never materialized. It always shows the published data, so it has no status.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.places.flows import PUBLISHING

_VIEWS = Path(__file__).parents[1] / "serving.sql"
_PUBLISHED = frozenset(asset for assets in PUBLISHING.values() for asset in assets)


def serving_lineage() -> Mapping[str, Sequence[str]]:
    """Maps each view to the assets it reads, including other views."""
    _, *views = re.split(r"^CREATE VIEW serving\.(\w+)", _VIEWS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    queries = dict(zip(views[::2], views[1::2], strict=True))
    known = _PUBLISHED | {f"serving/{view}" for view in queries}
    return {
        view: sorted({f"{schema}/{name}" for schema, name in re.findall(r"\b(core|serving)\.(\w+)", query)} & known)
        for view, query in queries.items()
    }


def serving_assets() -> Sequence[dg.AssetSpec]:
    """One external asset per view."""
    return [
        dg.AssetSpec(
            dg.AssetKey(["serving", view]),
            deps=list(map(dg.AssetKey.from_user_string, sources)),
            group_name="serving",
            owners=OWNERS,
            kinds={"postgres", "view"},
            tags={"layer": "serving"},
            description=f"The view serving.{view} that the backend reads. It shows what is published, at any time.",
            metadata={"dagster/table_name": f"serving.{view}"},
        )
        for view, sources in serving_lineage().items()
    ]
