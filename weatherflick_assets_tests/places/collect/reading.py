"""What the tests of the change feed share: reading changes as the asset does, and the world to compare the result with."""

import asyncio
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from weatherflick_assets.places.collect.changes import Changes, read_changes
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.item_stage import ItemStage
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore
from weatherflick_assets_tests.places.collecting import CLOCK, EAGER_KTO
from weatherflick_assets_tests.places.store.stock import payload_of, rows
from weatherflick_assets_tests.sandbox.calling import everything

KEPT = ("content_type_id", "region_code", "region_source", "sigungu_code", "is_visible", "payload")


class KilledError(Exception):
    """What a test breaks a reading off with."""


class FragileResponses(ResponseStore):
    """A raw layer that breaks off right after it has kept so many responses."""

    def __init__(self, dsn: str, *, responses: int) -> None:
        super().__init__(dsn, run_id="run", partition_key=None)
        self.left = responses

    async def keep(self, record: ResponseRecord) -> int:
        response_id = await super().keep(record)
        self.left -= 1
        if not self.left:
            raise KilledError
        return response_id


class FragileStage(ItemStage):
    """Staged items whose transaction breaks off at its end: before it is committed, or right after."""

    def __init__(self, dsn: str, *, committed: bool) -> None:
        super().__init__(dsn, run_id="run")
        self.committed = committed

    async def commit(self) -> None:
        if self.committed:
            await super().commit()
        raise KilledError


def read(
    url: str,
    dsn: str,
    *,
    resumed_from: datetime | None = None,
    responses: ResponseStore | None = None,
    stage: ItemStage | None = None,
) -> Changes:
    """Read the changes from the server at `url`."""

    async def run() -> Changes:
        access = Access(EAGER_KTO, url, (SecretStr("sandbox"),))
        async with (
            responses or ResponseStore(dsn, run_id="run", partition_key=None) as kept,
            stage or ItemStage(dsn, run_id="run") as staged,
            UpstreamClient(access, kept.keep, dsn, clock=CLOCK) as client,
        ):
            return await read_changes(client, kept, staged, clock=CLOCK, resumed_from=resumed_from)

    return asyncio.run(run())


def known(dsn: str) -> dict[str, dict[str, Any]]:
    """What the platform holds as listed, by id."""
    listed = "raw.place_items JOIN core.place_regions USING (content_id)"
    found = rows(dsn, f"SELECT content_id, {', '.join(KEPT)} FROM {listed} WHERE absent_since IS NULL")
    return {row["content_id"]: {name: row[name] for name in KEPT} for row in found}


def world(sandbox: RunningSandbox) -> dict[str, dict[str, Any]]:
    """What the sandbox lists, read from scratch, in the same form."""
    served = everything(sandbox, "areaBasedSyncList2")
    frame = listed_items(served, 0).set_index("content_id")[list(KEPT)]
    held = {identity: dict(row) for identity, row in frame.astype(object).where(frame.notna(), None).iterrows()}
    return {str(identity): {**row, "payload": payload_of(row)} for identity, row in held.items()}


def noted(dsn: str) -> set[tuple[str, str]]:
    """The kinds and regions whose places the outbox has since it was last looked at."""
    found = rows(dsn, "DELETE FROM ops.pending_publications RETURNING asset_key, partition_key")
    kinds = {f"core/{kind.name}": kind.content_type_id for kind in CONTENT_TYPES}
    return {(kinds[row["asset_key"]], row["partition_key"]) for row in found if row["asset_key"] in kinds}


def shown_in(places: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """The visible places of each kind and region."""
    shown: dict[tuple[str, str], dict[str, Any]] = {}
    for identity, row in places.items():
        if row["is_visible"]:
            shown.setdefault((row["content_type_id"], row["region_code"]), {})[identity] = row
    return shown


def differing(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """The kinds and regions whose visible places are not the same."""
    former, present = shown_in(before), shown_in(after)
    return {
        partition for partition in former.keys() | present.keys() if former.get(partition) != present.get(partition)
    }
