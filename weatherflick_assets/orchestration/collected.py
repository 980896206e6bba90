"""What the assets that ask KorService2 have in common: how Dagster shows and retries them, and the client they ask with."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.places.kto import KTO

if TYPE_CHECKING:
    from weatherflick_assets.places.store.raw import RawStore
    from weatherflick_assets.upstream.client import UpstreamClient

# The client has retried already; once more a little later helps where a host was just coming back.
_RETRY = dg.RetryPolicy(max_retries=1, delay=10, jitter=dg.Jitter.PLUS_MINUS)


def kto_asset(
    key: dg.AssetKey, *, table: Table, description: str, operation: str | None = None, **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of an asset that asks KorService2; `options` are those of `dagster.asset`.

    Args:
        key: of the asset.
        table: what it fills.
        description: for people.
        operation: the one operation it asks, where it is one.
        options: e.g. its partitions.
    """
    return dg.asset(
        key=key,
        group_name="raw_kto",
        owners=OWNERS,
        kinds={"python", "postgres"},
        pool=KTO.pool,
        retry_policy=_RETRY,
        description=description,
        metadata=table_metadata(table),
        tags={"provider": KTO.name, **({"operation": operation} if operation else {})},
        **options,
    )


@asynccontextmanager
async def asking(
    context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> AsyncIterator[tuple["UpstreamClient", "RawStore"]]:
    """The client, and the raw layer that keeps its responses.

    Raises:
        dagster.Failure: in place of the platform's own errors.
    """
    with as_failures():
        async with (
            warehouse.raw_store(context) as store,
            upstream.client(KTO, store, warehouse.dsn) as client,
        ):
            yield client, store
