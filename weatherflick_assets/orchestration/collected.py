"""What the assets that call an API share: how Dagster shows and retries them, and their client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg
from sqlalchemy import Table

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.samples import last_response_id, responses_metadata
from weatherflick_assets.orchestration.schemas import table_metadata
from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource

if TYPE_CHECKING:
    from weatherflick_assets.upstream.client import UpstreamClient
    from weatherflick_assets.upstream.declarations import Provider
    from weatherflick_assets.warehouse.response_store import ResponseStore

# The client has retried already; one more try a little later helps if a host was just recovering.
_RETRY = dg.RetryPolicy(max_retries=1, delay=10, jitter=dg.Jitter.PLUS_MINUS)


def collected_asset(
    provider: "Provider",
    key: dg.AssetKey,
    *,
    table: Table,
    description: str,
    operation: str | None = None,
    **options: Any,
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of an asset that calls an API; `options` are those of `dagster.asset`.

    Args:
        provider: whose API it calls. Its pool limits how many steps call it at once.
        key: the asset's key.
        table: the table it fills.
        description: shown to people.
        operation: the operation it calls, if there is only one.
        options: e.g. its partitions.
    """
    return dg.asset(
        key=key,
        group_name=f"raw_{provider.name}",
        owners=OWNERS,
        kinds={"python", "postgres"},
        pool=provider.pool,
        retry_policy=_RETRY,
        description=description,
        metadata=table_metadata(table),
        tags={"layer": "raw", "provider": provider.name, **({"operation": operation} if operation else {})},
        **options,
    )


@asynccontextmanager
async def asking(
    provider: "Provider", context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> AsyncIterator[tuple["UpstreamClient", "ResponseStore"]]:
    """A client of `provider`, and the raw layer that keeps its responses. The asset shows which responses these are.

    Raises:
        dagster.Failure: in place of the platform's own errors.
    """
    with as_failures():
        before = last_response_id(warehouse.dsn)
        async with (
            warehouse.responses(context) as responses,
            upstream.client(provider, responses, warehouse.dsn) as client,
        ):
            yield client, responses
        context.add_asset_metadata(responses_metadata(warehouse.dsn, context.run.run_id, before))
