"""What the assets that call an API share: how Dagster shows and retries them, and their client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.tags import OWNERS
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource

if TYPE_CHECKING:
    from weatherflick_assets.upstream.client import UpstreamClient
    from weatherflick_assets.upstream.declarations import Provider
    from weatherflick_assets.warehouse.response_store import ResponseStore

# The client has retried already; one more try a little later helps if a host was just recovering.
_RETRY = dg.RetryPolicy(max_retries=1, delay=10, jitter=dg.Jitter.PLUS_MINUS)


def collected_assets(
    provider: "Provider", *specs: dg.AssetSpec, name: str | None = None, **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of a step that calls an API; `options` are those of `dagster.multi_asset`.

    Args:
        provider: whose API it calls. Its pool limits how many steps call it at once.
        specs: the assets it makes, each with what is its own. If there are several, any of them can be selected.
        name: the step's name; by default that of the asset.
        options: e.g. its partitions.
    """
    return dg.multi_asset(
        name=name or specs[0].key.to_python_identifier(),
        specs=[
            spec.merge_attributes(
                owners=OWNERS, kinds={"python", "postgres"}, tags={"layer": "raw", "provider": provider.name}
            ).replace_attributes(group_name=f"raw_{provider.name}")
            for spec in specs
        ],
        can_subset=len(specs) > 1,
        pool=provider.pool,
        retry_policy=_RETRY,
        **options,
    )


@asynccontextmanager
async def asking(
    provider: "Provider", context: dg.AssetExecutionContext, upstream: UpstreamResource, warehouse: WarehouseResource
) -> AsyncIterator[tuple["UpstreamClient", "ResponseStore"]]:
    """A client of `provider`, and the raw layer that keeps its responses.

    Raises:
        dagster.Failure: in place of the platform's own errors.
    """
    with as_failures():
        async with (
            warehouse.responses(context) as responses,
            upstream.client(provider, responses, warehouse.dsn) as client,
        ):
            yield client, responses
