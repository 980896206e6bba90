"""The one client: sends a declared operation, stores what comes back, and says what it means.

It knows nothing of items or of Dagster, and is given the function that stores responses. `admission.py` decides which
key may send, `rate_limiter.py` when, `retry_budget.py` how many retries there are, and `outcomes.py` what an answer
means. `sweep.py` reads whole lists page by page.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Self

import aiohttp
import tenacity

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.admission import LONGEST_REST, Admission, KeyLease
from weatherflick_assets.upstream.api_keys import ApiKey, KeyRing
from weatherflick_assets.upstream.bodies import read_body, unpacked
from weatherflick_assets.upstream.call_slots import CallSlots
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import (
    ClockSkewError,
    DownError,
    ExhaustedError,
    PermanentError,
    ProtocolError,
    RefusedKeyError,
    RefusedRequestError,
    ThrottledError,
    TransientError,
    UnreachableError,
    UpstreamError,
)
from weatherflick_assets.upstream.finishing import uncancelled
from weatherflick_assets.upstream.outcomes import Page, Reply, read_answer
from weatherflick_assets.upstream.proxies import proxy_for, variable_of
from weatherflick_assets.upstream.quota import AROUND_MIDNIGHT, MOST_SKEW
from weatherflick_assets.upstream.quota_ledger import QuotaLedger
from weatherflick_assets.upstream.rate_limiter import Permit, RateLimiter
from weatherflick_assets.upstream.requests import check_parameters, request_of
from weatherflick_assets.upstream.retry_budget import RetryBudget
from weatherflick_assets.upstream.server_clock import ServerClock
from weatherflick_assets.warehouse.response_store import ResponseRecord

USER_AGENT = "weatherflick-assets/0.1 (+https://github.com/weatherflick)"
"""Needed because the gateway refuses the default agents of HTTP libraries."""

FAILURES_OF_THE_UPSTREAM = 2
"""Further failures of the same call say more about what it asks for than about the upstream."""

SPURIOUS_ANSWERS = 2
"""The gateway sometimes gives these answers without reason. After this many, a call believes the next one."""

Keep = Callable[[ResponseRecord], Coroutine[Any, Any, int]]
"""Stores a response and returns its id; called before the answer is used."""


@dataclass(frozen=True)
class Answer:
    """A usable answer and the stored response it came in."""

    page: Page
    response_id: int
    fetched_at: datetime


@dataclass
class CallCount:
    """What a client has sent so far."""

    sent: int = 0
    retried: int = 0


class UpstreamClient:
    """Calls one provider's operations within quota and rate limit, with retries. Use it as a context manager.

    Args:
        access: the API, its address and its keys.
        keep: stores every response before it is used.
        dsn: the platform's database, in which all processes count calls and share slots.
        clock: decides about days and stamps responses; by default the database server's.
        retry_budget: that of the run; by default the client has one for itself.
    """

    def __init__(
        self,
        access: Access,
        keep: Keep,
        dsn: str,
        *,
        clock: Clock | None = None,
        retry_budget: RetryBudget | None = None,
    ) -> None:
        self._server_clock = ServerClock()
        self._skew: ClockSkewError | None = None
        clock = clock or self._server_clock
        provider = access.provider
        keys = KeyRing.of(provider.name, access.keys, parts=provider.key.parts)
        self.access = access
        self.provider = provider
        self.count = CallCount()
        self.concurrency = provider.rate_limit.in_flight * max(1, len(keys.keys))
        self._host = access.base_url.rstrip("/")
        self._proxy = proxy_for(self._host)
        self._keys = keys
        self._keep = keep
        self._clock = clock
        self._retry_budget = retry_budget or RetryBudget(clock)
        self._breaker = self._retry_budget.circuit_breaker(provider.name, concurrency=self.concurrency)
        self._ledger = QuotaLedger(dsn)
        self._slots = CallSlots(dsn)
        self._admission = Admission(keys, self._ledger, clock)
        self._limiters = {
            key.fingerprint: RateLimiter(self._host, key.fingerprint, provider.rate_limit, self._slots, clock)
            for key in keys.keys
        }
        shortest, longest = provider.back_off_seconds
        self._wait = tenacity.wait_random_exponential(multiplier=shortest, max=longest)
        self._judging = asyncio.Lock()
        self._good_requests: dict[ApiKey, _Request] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # Each of them is closed, even if another fails: above all, calls that were not sent must be given back.
        async with AsyncExitStack() as opened:
            await opened.enter_async_context(self._ledger)
            self._server_clock.set(await self._ledger.clock())
            await opened.enter_async_context(self._slots)
            await self._admission.open()
            opened.push_async_callback(self._admission.close)
            for limiter in self._limiters.values():
                opened.push_async_callback(limiter.close)
            self._session = await opened.enter_async_context(self._http_session())
            self._opened = opened.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._opened.aclose()

    def _http_session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                sock_connect=self.provider.connect_timeout_seconds, total=self.provider.read_timeout_seconds
            ),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"},
            connector=aiohttp.TCPConnector(limit=self.concurrency),
            auto_decompress=False,  # some answers say gzip and are none
        )

    async def call(self, operation: Operation, parameters: Mapping[str, str], *, needs_total: bool = True) -> Answer:
        """Send one call. Retry it while that may help, and use another key while one is refused or spent.

        `needs_total`: whether an answer is of no use if its total can't be read.

        Raises:
            PermanentError: the upstream will refuse the same call again, or a parameter is not declared. A
                RefusedRequestError is one: keys that work are refused for this request.
            TransientError: every attempt failed, or the run has no retries left; the last attempt's message.
            DownError, ExhaustedError, RefusedKeyError: nothing is sent before `resumes_at`.
            ClockSkewError: the upstream's clock is too far from the database's; nothing more is sent.
        """
        check_parameters(operation, parameters)
        # The quota is that of this client's provider, which can differ from the declared one.
        operation = replace(operation, provider=self.provider)
        retrying = tenacity.AsyncRetrying(
            retry=_Worthwhile(),
            wait=self._before_next,
            stop=self._is_enough,
            before_sleep=self._count_retry,
            reraise=True,
        )
        return await retrying(self._attempt, _Request(operation, parameters, needs_total), count(1))

    def _before_next(self, state: tenacity.RetryCallState) -> float:
        error = _error_of(state)
        if isinstance(error, ThrottledError):
            return 0.0  # the key rests, and another one may send
        asked = error.retry_after if isinstance(error, UpstreamError) else None
        return max(min(asked or 0.0, LONGEST_REST.total_seconds()), self._wait(state))

    def _is_enough(self, state: tenacity.RetryCallState) -> bool:
        return state.attempt_number >= self.provider.attempts or self._retry_budget.is_spent or self._breaker.is_open

    def _count_retry(self, state: tenacity.RetryCallState) -> None:
        self.count.retried += 1
        # Too many calls at once are not a failure of the upstream, and the rate limit is already lowered for them.
        if not isinstance(_error_of(state), ThrottledError):
            self._retry_budget.retry()

    async def _attempt(self, request: "_Request", failures: Iterator[int]) -> Answer:
        """One attempt. Changing from a refused or spent key to another does not count as an attempt."""
        refusing: dict[ApiKey, tuple[KeyLease, RefusedKeyError]] = {}
        while True:
            if self._skew is not None:
                raise self._skew
            self._breaker.check()
            lease = await self._admission.lease(request.operation, request.name, without=refusing)
            limiter = self._limiters[lease.key.fingerprint]
            permit, answer, error = await self._exchange(limiter, lease, request)
            if answer is not None:
                self._good_requests[lease.key] = request
                await self._answered(lease, refusing.values())
                return answer
            if error is None:
                continue  # the lease lapsed while the call waited for the rate limiter
            if isinstance(error, TransientError) and not isinstance(error, ThrottledError | ProtocolError):
                self._count_failure(error, failures)
                raise error
            self._breaker.answered()
            match error:
                case ExhaustedError():
                    await self._admission.spent(lease)
                case RefusedKeyError():
                    refusing[lease.key] = lease, error
                    await self._refused(lease, error)
                case ThrottledError():
                    self._admission.throttled(lease, error)
                    await limiter.slow_down(permit)
                    raise error
                case _:
                    raise error

    async def _answered(self, lease: KeyLease, refusing: Iterable[tuple[KeyLease, RefusedKeyError]]) -> None:
        self._breaker.answered()
        self._retry_budget.succeeded()
        self._admission.answered(lease)
        for refused, error in refusing:
            # It was not for the request, which another key may make.
            if not self._admission.works(refused.key):
                await self._admission.refuse(refused, error)

    async def _refused(self, lease: KeyLease, error: RefusedKeyError) -> None:
        async with self._judging:
            if await self._admission.refused(lease, error) and not await self._still_works(lease.key):
                await self._admission.refuse(lease, error)

    async def _still_works(self, key: ApiKey) -> bool:
        """Whether a request that was answered with the key before still is, now that two others were refused."""
        if key not in self._good_requests:
            return False
        request = self._good_requests[key]
        others = [other for other in self._keys.keys if other != key]
        try:
            lease = await self._admission.lease(request.operation, request.name, without=others)
        except (ExhaustedError, RefusedKeyError, RefusedRequestError):
            return False
        _, answer, _ = await self._exchange(self._limiters[key.fingerprint], lease, request)
        if answer is None:
            return False
        self._admission.answered(lease)
        return True

    def _count_failure(self, error: TransientError, failures: Iterator[int]) -> None:
        if next(failures) <= FAILURES_OF_THE_UPSTREAM:
            self._breaker.failed(error)

    async def _exchange(
        self, limiter: RateLimiter, lease: KeyLease, request: "_Request"
    ) -> tuple[Permit, Answer | None, UpstreamError | None]:
        """Send a call within the rate limit and keep the response. Neither answer nor error if the lease has lapsed."""
        operation, parameters, is_sent = request.operation, request.parameters, False
        try:
            async with limiter.permit() as permit:
                if not self._admission.is_current(lease):
                    return permit, None, None
                self._admission.sent(lease)
                is_sent = True
                started = time.monotonic()
                reply, error = await self._fetch(operation, parameters, lease.key)
                duration_ms = round((time.monotonic() - started) * 1000)
        finally:
            if not is_sent:
                self._admission.give_back(lease)
        page, error = (Page([], 0, ""), error) if error else _read(request, reply)
        fetched_at = self._clock()
        response = ResponseRecord(
            provider=self.provider.name,
            operation=operation.name,
            request_params={name: self._keys.redact(value.encode()).decode() for name, value in parameters.items()},
            http_status=reply.status or None,
            result_code=error.code if error else page.result_code,
            body=reply.body,
            api_key_id=lease.key.fingerprint,
            duration_ms=duration_ms,
            fetched_at=fetched_at,
            expires_at=fetched_at + operation.time_to_live,
        )
        # The call is paid for, so it is on record even if the caller is cancelled now.
        response_id = await uncancelled(self._keep(response))
        await self._check_clock(reply, started)
        return permit, None if error else Answer(page, response_id, fetched_at), error

    async def _check_clock(self, reply: Reply, started: float) -> None:
        """Before anything is concluded about days of quota: follow the upstream's clock, or stop if it is too far away."""

        def ahead() -> timedelta:
            # Keeping the answer may have taken a while, too.
            return self._server_clock.ahead_of(reply.headers, within=timedelta(seconds=time.monotonic() - started))

        if abs(ahead()) <= AROUND_MIDNIGHT:
            return
        self._server_clock.set(await self._ledger.clock())  # this machine may have slept
        skew = ahead()
        if abs(skew) > MOST_SKEW:
            of_seconds = timedelta(seconds=round(abs(skew).total_seconds()))
            self._skew = ClockSkewError(
                f"The database's clock is {of_seconds} {'ahead of' if skew > timedelta() else 'behind'} that of {self._host}; at "
                f"most {MOST_SKEW.seconds} s are tolerated, because days of quota would be mistaken. What was answered is kept, "
                "and nothing more is sent. Set the clock of the database's machine right, and run it again.",
                code="clock",
            )
            raise self._skew
        if abs(skew) > AROUND_MIDNIGHT:
            self._server_clock.set(self._server_clock() - skew)

    async def _fetch(
        self, operation: Operation, parameters: Mapping[str, str], key: ApiKey
    ) -> tuple[Reply, UpstreamError | None]:
        """Send a call. What came back, with keys redacted, and why it is not a whole answer; without any, status 0.

        The beginning of a body is not returned: it may end within an echoed key.
        """
        assert self._session is not None, "use the client as a context manager"
        self.count.sent += 1
        request = request_of(operation, parameters, key)
        maximum = operation.wire.maximum_body_bytes
        name = f"{operation.name} of {self.provider.name}"
        reply = Reply(0, {}, b"")
        try:
            async with self._session.request(
                operation.wire.method,
                f"{self._host}{operation.path}",
                params=request.query,
                headers=request.headers,
                data=request.body,
                proxy=self._proxy,
                allow_redirects=False,
                middlewares=(_sent_once(),),
            ) as response:
                headers = {header.lower(): self._without_keys(value) for header, value in response.headers.items()}
                reply = Reply(response.status, headers, b"")
                body = unpacked(await read_body(response.content, maximum), maximum)
                return Reply(response.status, headers, self._keys.redact(body)), None
        except ProtocolError as error:
            return reply, ProtocolError(f"{name}: {error}", code=error.code)
        # The library's texts can hold the whole address, key included, so only the kind of error is named.
        except aiohttp.ClientHttpProxyError as error:  # it is about the proxy, not about an answer
            kind = f"failed ({type(error).__name__}, HTTP {error.status})"
        except (aiohttp.ClientResponseError, aiohttp.ClientPayloadError, UnicodeError) as error:
            message = (
                f"{name}: what {self._host} sent is no complete HTTP answer ({type(error).__name__}). "
                "The host is up; it, or a proxy before it, broke the answer."
            )
            return reply, ProtocolError(message, code="protocol")
        except (aiohttp.ClientError, TimeoutError) as error:
            kind = "did not answer in time" if isinstance(error, TimeoutError) else f"failed ({type(error).__name__})"
        through = f" through the proxy of {variable_of(self._host)}" if self._proxy else ""
        message = (
            f"{name}: the connection to {self._host}{through} {kind}. "
            f"Check that the host is up and {self.provider.host.variable} is right."
        )
        return reply, UnreachableError(message, code="connection")

    def _without_keys(self, header: str) -> str:
        # Bytes that are not UTF-8 come as surrogates.
        return self._keys.redact(header.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")


def _sent_once() -> aiohttp.ClientMiddlewareType:
    """Lets one request through: if a kept connection has ended, the library resends a GET by itself, uncounted."""
    is_sent = False

    async def send(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        nonlocal is_sent
        if is_sent:
            raise aiohttp.ServerDisconnectedError
        is_sent = True
        return await handler(request)

    return send


@dataclass(frozen=True)
class _Request:
    """What is asked for, and whether its answer must have a total."""

    operation: Operation
    parameters: Mapping[str, str]
    needs_total: bool

    @property
    def name(self) -> str:
        """Stands for it."""
        asked = json.dumps([self.operation.name, sorted(self.parameters.items())])
        return hashlib.sha256(asked.encode()).hexdigest()[:16]


class _Worthwhile:
    """Whether the same call may succeed if it is sent again; one object for each call."""

    def __init__(self) -> None:
        self._spurious = 0

    def __call__(self, state: tenacity.RetryCallState) -> bool:
        error = _error_of(state)
        if isinstance(error, PermanentError) and error.may_be_spurious:
            self._spurious += 1
            return self._spurious <= SPURIOUS_ANSWERS
        return isinstance(error, TransientError) and not isinstance(error, DownError)


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _read(request: _Request, reply: Reply) -> tuple[Page, UpstreamError | None]:
    try:
        return read_answer(request.operation, reply, needs_total=request.needs_total), None
    except UpstreamError as error:
        return Page([], 0, error.code), error
