"""An upstream client with everything it needs: keys, quota ledger, rate limiter, and a store for every answer.

Client and warehouse are combined here. `access.py` decides which host and keys are used.
"""

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
    """A client that stores its answers in `responses` and counts its calls in the database.

    Args:
        access: the API, its address and its keys.
        responses: the raw layer, open.
        dsn: the platform's database, which counts the calls.
        clock: the time that decides which day a call counts towards.
        retry_budget: the retries that the run has left; by default the client has a budget for itself.
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
