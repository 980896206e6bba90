"""A client of an upstream API with everything it has to obey: keys, ledger, turns, and a raw layer that keeps every answer.

Here client and warehouse are put together; which host and which keys, Dagster's resource or the command line says.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.api_keys import KeyRing
from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.client import Controls, Keep, ReceivedResponse, UpstreamClient
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets.upstream.retry_budget import Patience
from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore


@asynccontextmanager
async def calling(
    access: Access, responses: ResponseStore, dsn: str, *, clock: Clock, patience: Patience | None = None
) -> AsyncIterator[UpstreamClient]:
    """A client whose answers `responses` keeps and whose calls are counted in the database.

    Args:
        access: who is called, where, with which keys.
        responses: the raw layer, open.
        dsn: the platform's database, which counts the calls.
        clock: the time that decides about days.
        patience: what the run has left of retries; by default the client is a run of its own.
    """
    async with QuotaLedger(dsn) as ledger, CallSlots(dsn) as slots:
        client = UpstreamClient(
            access.provider,
            base_url=access.base_url,
            keys=KeyRing.of(access.provider.name, access.keys),
            keep=keep_in(responses),
            controls=Controls(ledger, slots, patience or Patience(clock)),
            clock=clock,
        )
        async with client:
            yield client


def keep_in(responses: ResponseStore) -> Keep:
    """The client's `keep`, storing in the raw layer with the operation's time to live."""

    async def keep(response: ReceivedResponse) -> int:
        return await responses.keep(
            ResponseRecord(
                provider=response.operation.provider.name,
                operation=response.operation.name,
                request_params=dict(response.parameters),
                http_status=response.http_status,
                result_code=response.result_code,
                body=response.body,
                api_key_id=response.api_key_id,
                duration_ms=response.duration_ms,
                fetched_at=response.fetched_at,
                expires_at=response.fetched_at + response.operation.time_to_live,
            )
        )

    return keep
