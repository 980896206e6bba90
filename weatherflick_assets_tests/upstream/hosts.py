"""What the tests of the upstream client share: small hosts of their own, envelopes, and a client that can't wait."""

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

import orjson
from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME
from weatherflick_assets.settings import Clock, now
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.declarations import Operation, Provider, Quota
from weatherflick_assets.warehouse.response_store import ResponseRecord
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

KEY = "aB3/x+Yz9Qk7LmN0pR5sT==%"
"""Every character that can go wrong on the way, and not a form that could be taken for percent-encoding."""

LIST = OPERATION_BY_NAME["areaBasedSyncList2"]
QUOTA_SPENT = (
    "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>"
    "<returnAuthMsg>LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR</returnAuthMsg>"
    "<returnReasonCode>22</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def envelope(items: list[dict[str, object]], total: int | None = None) -> bytes:
    """A page as KTO writes it."""
    listed = {"item": items} if items else ""
    body = {"items": listed, "numOfRows": len(items), "pageNo": 1, "totalCount": len(items) if total is None else total}
    return orjson.dumps({"response": {"header": {"resultCode": "0000", "resultMsg": "OK"}, "body": body}})


def gateway_error(code: str, name: str = "SOME_ERROR", message: str = "알림") -> bytes:
    """An error of the gateway as it writes them since August 2026."""
    fields = {"errMsg": name, "returnAuthMsg": message, "returnReasonCode": code}
    return orjson.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}})


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A real server on a free port that answers every path with `handler`; gives its URL."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@contextmanager
def serving_beside(handler: Handler) -> Iterator[str]:
    """The same in a thread of its own, for what needs the main one, such as commands."""
    address: Future[str] = Future()
    is_over = threading.Event()

    async def serve() -> None:
        async with serving(handler) as url:
            address.set_result(url)
            await asyncio.to_thread(is_over.wait)

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, serve())
        try:
            yield address.result(PATIENCE_SECONDS)
        finally:
            is_over.set()


def always(body: bytes, *, status: int = 200) -> Handler:
    """A handler with one answer."""

    async def handle(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    return handle


def unsteady(rows: Iterable[Mapping[str, object]], kind: str) -> Handler:
    """A handler that lists rows by kind, and counts one more of one kind with every answer."""
    totals = itertools.count(2)

    async def handle(request: web.Request) -> web.Response:
        asked = request.query["contentTypeId"]
        listed = [dict(row) for row in rows if row["contenttypeid"] == asked]
        return web.Response(body=envelope(listed, total=next(totals) if asked == kind else None))

    return handle


@dataclass
class Script:
    """A handler that gives its answers one after the other, the last one for ever, and remembers the requests."""

    answers: list[tuple[int, bytes]]
    requests: list[web.Request] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        status, body = self.answers[min(len(self.requests), len(self.answers)) - 1]
        return web.Response(status=status, body=body)


@dataclass
class Kept:
    """A `keep` that remembers; ids count from 1."""

    responses: list[ResponseRecord] = field(default_factory=list)

    async def __call__(self, response: ResponseRecord) -> int:
        self.responses.append(response)
        return len(self.responses)


PATIENT_KTO = replace(
    KTO, quota=Quota(1_000_000), rate_limit=replace(KTO.rate_limit, per_second=1e6), back_off_seconds=(0.0, 0.0)
)
"""KTO without a quota that tests could spend, and without waiting."""

DATABASE: ContextVar[str] = ContextVar("DATABASE")
"""The dsn of the database that clients of a test count in; a fixture of this folder sets it."""


def client_of(
    url: str, kept: Kept, *, keys: Iterable[str] = (KEY,), provider: Provider = PATIENT_KTO, clock: Clock = now
) -> UpstreamClient:
    """A client that counts in the database of the test."""
    return UpstreamClient(Access(provider, url, [*map(SecretStr, keys)]), kept, DATABASE.get(), clock=clock)


def paged_by(rows: int) -> Operation:
    """The list operation with small pages."""
    return replace(LIST, rows_per_page=rows, provider=PATIENT_KTO)
