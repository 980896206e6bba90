"""`serving/*`: the views and functions the backend asks, with lineage to the assets they show, taken from a domain's SQL file.

They are never materialized. They always show the published data, so they have no status.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import dagster as dg

from weatherflick_assets.orchestration.tags import OWNERS


def serving_lineage(published: Collection[str], *files: Path) -> Mapping[str, Sequence[str]]:
    """Maps each view of `serving`, and each function that reads, to the assets it reads, including views of `serving`.

    Other views and functions that the files make are no assets: what they read is read through them.

    Args:
        published: the keys of the published assets, e.g. `core/attractions`.
        files: create the views and functions.
    """
    text = "\n".join(file.read_text(encoding="utf-8").split("\nDO $$", 1)[0] for file in files)
    _, *parts = re.split(r"^CREATE (?:VIEW|FUNCTION) (\w+\.\w+)", text, flags=re.MULTILINE)
    read = {
        name.replace(".", "/"): {
            f"{schema}/{source}"
            for schema, source in re.findall(r"\b(core|insight|serving)\.(\w+)", _without_comments(query))
        }
        for name, query in zip(parts[::2], parts[1::2], strict=True)
    }

    def assets_of(name: str, above: frozenset[str] = frozenset()) -> set[str]:
        return {
            asset
            for source in read[name] - above - {name}
            for asset in (
                [source]
                if source in published or (source.startswith("serving/") and read.get(source))
                else assets_of(source, above | {name})
                if source in read
                else []
            )
        }

    return {
        name.removeprefix("serving/"): sorted(assets_of(name))
        for name, sources in read.items()
        if name.startswith("serving/") and sources
    }


def serving_assets(published: Collection[str], *files: Path) -> Sequence[dg.AssetSpec]:
    """One external asset per view and function of `serving` that files make; see `serving_lineage`."""
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
        for name, sources in serving_lineage(published, *files).items()
    ]


def _without_comments(query: str) -> str:
    return re.sub(r"^(?:--|COMMENT ON).*$", "", query, flags=re.MULTILINE)
