"""An upstream client with everything it needs: keys, quota ledger, rate limiter, and a store for every answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.client import Controls, UpstreamClient
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets.upstream.retry_budget import RetryBudget
from weatherflick_assets.warehouse.response_store import ResponseStore


@asynccontextmanager
async def calling(
    access: Access, responses: ResponseStore, dsn: str, *, clock: Clock, retry_budget: RetryBudget | None = None
) -> AsyncIterator[UpstreamClient]:
    """A client that stores its answers in `responses` (open) and counts its calls in the database `dsn`.

    The retry budget is that of the run; by default the client has one for itself.
    """
    provider = access.provider
    async with QuotaLedger(dsn) as ledger, CallSlots(dsn) as slots:
        client = UpstreamClient(
            provider,
            base_url=access.base_url,
            keys=KeyRing.of(provider.name, access.keys, parts=provider.key.parts),
            keep=responses.keep,
            controls=Controls(ledger, slots, retry_budget or RetryBudget(clock)),
            clock=clock,
        )
        async with client:
            yield client
