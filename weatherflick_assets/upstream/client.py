"""The one client: sends a declared operation, stores what comes back, and says what it means.

It knows nothing of tables or of Dagster: where responses are kept is given to it. What an answer means stands in
`outcomes.py`; reading a whole list page by page in `sweep.py`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp
import tenacity

from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.api_keys import ApiKey, KeyRing
from weatherflick_assets.upstream.declarations import Operation, Provider
from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    TransientError,
    UnreachableError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Page, Reply, read_answer

USER_AGENT = "weatherflick-assets/0.1 (+https://github.com/weatherflick)"
"""The gateway refuses the default agents of HTTP libraries."""

MAXIMUM_BODY_BYTES = 32 * 1024 * 1024
"""No documented answer comes near it; reading stops there."""


@dataclass(frozen=True)
class ReceivedResponse:
    """One answer as it came, before anything is made of it.

    Attributes:
        parameters: as sent, without the key.
        api_key_id: fingerprint of the key used.
        duration_ms: from sending to having read the body.
    """

    operation: Operation
    parameters: Mapping[str, str]
    http_status: int
    result_code: str | None
    body: bytes
    api_key_id: str
    duration_ms: int
    fetched_at: datetime


Keep = Callable[[ReceivedResponse], Awaitable[int]]
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
    """Calls one provider's operations with bounded concurrency, time-outs and retries. Use it as a context manager.

    Args:
        provider: who is called.
        base_url: scheme and host, e.g. `https://apis.data.go.kr`.
        keys: the keys to take turns with.
        keep: where every response goes first.
        clock: the time that responses are stamped with.
        back_off_seconds: first and longest wait between attempts; the actual one is drawn below it (full jitter).
    """

    def __init__(
        self,
        provider: Provider,
        *,
        base_url: str,
        keys: KeyRing,
        keep: Keep,
        clock: Clock,
        back_off_seconds: tuple[float, float] = (0.5, 20),
    ) -> None:
        self.provider = provider
        self.count = CallCount()
        self._url = base_url.rstrip("/") + provider.path
        self._keys = keys
        self._keep = keep
        self._clock = clock
        self._back_off = back_off_seconds
        self._in_flight = asyncio.Semaphore(provider.calls_in_flight)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                sock_connect=self.provider.connect_timeout_seconds, total=self.provider.read_timeout_seconds
            ),
            headers={"User-Agent": USER_AGENT, "Accept": "application/json"},
            connector=aiohttp.TCPConnector(limit=self.provider.calls_in_flight),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(self, operation: Operation, parameters: Mapping[str, str]) -> Answer:
        """Send one call, again while the trouble is transient, with another key while one is refused.

        Raises:
            PermanentError: the upstream will refuse the same call again, or a parameter is not declared.
            TransientError: every attempt failed; the message is that of the last.
            ExhaustedError: the day's calls are spent with every key.
            RefusedKeyError: no configured key is accepted.
        """
        check_parameters(operation, parameters)
        while True:
            key = self._keys.next()
            try:
                return await self._attempt(operation, parameters, key)
            except (RefusedKeyError, ExhaustedError) as error:
                # The fault of the key, not of the call: it costs none of the call's attempts.
                self._keys.take_out(key, error)

    async def _attempt(self, operation: Operation, parameters: Mapping[str, str], key: ApiKey) -> Answer:
        retrying = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception_type(TransientError),
            wait=tenacity.wait_random_exponential(multiplier=self._back_off[0], max=self._back_off[1]),
            stop=tenacity.stop_after_attempt(self.provider.attempts),
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                if attempt.retry_state.attempt_number > 1:
                    self.count.retried += 1
                return await self._send(operation, parameters, key)
        raise AssertionError  # tenacity returns or raises

    async def _send(self, operation: Operation, parameters: Mapping[str, str], key: ApiKey) -> Answer:
        async with self._in_flight:
            started = time.monotonic()
            status, received = await self._fetch(operation, parameters, key)
            duration_ms = round((time.monotonic() - started) * 1000)
        # Before anything is made of it: an echoed key would get into messages and items otherwise.
        body = self._keys.redact(received)
        page, error = _read(operation, status, body)
        fetched_at = self._clock()
        response_id = await self._keep(
            ReceivedResponse(
                operation=operation,
                parameters=parameters,
                http_status=status,
                result_code=error.code if error else page.result_code,
                body=body,
                api_key_id=key.fingerprint,
                duration_ms=duration_ms,
                fetched_at=fetched_at,
            )
        )
        if error:
            raise error
        return Answer(page, response_id, fetched_at)

    async def _fetch(self, operation: Operation, parameters: Mapping[str, str], key: ApiKey) -> tuple[int, bytes]:
        assert self._session is not None, "use the client as a context manager"
        query = {
            self.provider.key_parameter: key.secret.get_secret_value(),
            **self.provider.common_parameters,
            **parameters,
        }
        self.count.sent += 1
        try:
            async with self._session.get(
                f"{self._url}/{operation.name}", params=query, allow_redirects=False
            ) as response:
                return response.status, await self._read_body(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            # The library's texts hold the whole address, key included: only the kind of trouble is told.
            kind = "did not answer in time" if isinstance(error, TimeoutError) else f"failed ({type(error).__name__})"
        message = (
            f"{operation.name} of {self.provider.name}: the connection to {self._host()} {kind}. "
            "Check that the host is up and DATA_GO_KR_BASE_URL is right."
        )
        raise UnreachableError(message, code="connection")

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > MAXIMUM_BODY_BYTES:
                message = f"{self.provider.name} sent more than {MAXIMUM_BODY_BYTES:,} bytes; reading stopped."
                raise TransientError(message, code="too_large")
        return bytes(body)

    def _host(self) -> str:
        return self._url.removesuffix(self.provider.path)


def check_parameters(operation: Operation, parameters: Mapping[str, str]) -> None:
    """Refuse a call that the upstream is sure to refuse, before it costs anything.

    Raises:
        PermanentError: a parameter is unknown, a required one is missing, or one lacks the one it depends on.
    """
    unknown = sorted(set(parameters) - operation.parameters)
    missing = sorted(set(operation.required) - set(parameters))
    alone = sorted(
        f"{name} needs {' and '.join(needed)}"
        for name, needed in operation.depends.items()
        if name in parameters and not set(needed) <= set(parameters)
    )
    problems = [
        *(f"{name} is not one of its parameters" for name in unknown),
        *(f"{name} is required" for name in missing),
        *alone,
    ]
    if problems:
        known = ", ".join(sorted(operation.parameters))
        message = f"{operation.name} of {operation.provider.name}: {'; '.join(problems)}. It knows {known}."
        raise PermanentError(message, code="parameters")


def _read(operation: Operation, status: int, body: bytes) -> tuple[Page, None] | tuple[Page, UpstreamError]:
    try:
        return read_answer(operation, Reply(status, {}, body)), None
    except UpstreamError as error:
        return Page([], 0, error.code), error
