"""What the assets that call an API share: how Dagster shows and retries them, and their client."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.tags import RETRIES_TAG
from weatherflick_assets.orchestration.upstream import UpstreamResource
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.presentation import for_terminal

if TYPE_CHECKING:
    from weatherflick_assets.upstream.client import UpstreamClient
    from weatherflick_assets.upstream.declarations import Provider
    from weatherflick_assets.warehouse.response_store import ResponseStore

WARNING = "warning"
"""Metadata of a materialization: a sentence about what was made all the same."""

# The client has retried already; one more try a little later helps if a host was just recovering.
_RETRY = Retries(max_retries=1, delay=10, jitter=dg.Jitter.PLUS_MINUS)


def collected_assets(
    provider: "Provider", *specs: dg.AssetSpec, **options: Any
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """Decorator of a step that calls the API of `provider`, whose pool limits how many steps do at once; see `step`."""
    return step(
        *specs,
        group=f"raw_{provider.name}",
        kinds={"python", "postgres"},
        tags={"provider": provider.name},
        pool=provider.pool,
        retry_policy=_RETRY,
        **options,
    )


def warned(context: dg.AssetExecutionContext, warning: str) -> dict[str, str]:
    """Log a warning, and return it as metadata, which summaries show; nothing if it is blank."""
    if not warning:
        return {}
    context.log.warning("%s", for_terminal(warning))
    return {WARNING: warning}


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
            try:
                yield client, responses
            finally:
                if client.count.retried:
                    _note_retries(context, client.count.retried)


def _note_retries(context: dg.AssetExecutionContext, retried: int) -> None:
    import sqlalchemy.exc
    from dagster_postgres.utils import DagsterPostgresException

    run_id = context.run.run_id
    with suppress(sqlalchemy.exc.SQLAlchemyError, DagsterPostgresException):  # what ends the run is told already
        run = context.instance.get_run_by_id(run_id)
        before = int(run.tags.get(RETRIES_TAG, "0")) if run else 0
        context.instance.add_run_tags(run_id, {RETRIES_TAG: str(before + retried)})
