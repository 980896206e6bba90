"""The sandbox as a web server: an application, a way to run it until it is told to stop, and one for tests.

Here: HTTP, starting and stopping. Not here: what is answered (`service.py`), who is refused (`gateway.py`), which places
exist (`catalogue.py`, `korea/`). The server keeps no log of its calls: their addresses contain keys.
"""

import asyncio
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from aiohttp import web

from weatherflick_assets.sandbox.call_counts import CallCounts, Outcome
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.envelopes import JSON, XML, parameter_error
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.gateway import Answer, Call, Gateway
from weatherflick_assets.sandbox.korea.country import LARGEST_SCALE, SMALLEST_SCALE, synthetic_korea
from weatherflick_assets.sandbox.operations import OPERATIONS, SERVICE_PATH
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.service import KorService

KOREA = ZoneInfo("Asia/Seoul")
STATUS_PATH = "/_sandbox/status"
_STOP_WITHIN_S = 1.0

Clock = Callable[[], datetime]


def korean_time() -> datetime:
    """The present, in Korea."""
    return datetime.now(KOREA)


class Sandbox:
    """The stand-in host: one gateway, one service and the counts of calls.

    The clock is any callable that returns an aware time.
    """

    def __init__(self, options: SandboxOptions, catalogue: Catalogue, clock: Clock) -> None:
        """Stand in for upstream with the keys of `options` and the places of `catalogue`."""
        self._catalogue = catalogue
        self._clock = clock
        self._gateway = Gateway(options.keys)
        self._service = KorService(catalogue)
        self._counts = CallCounts()

    async def respond(self, request: web.Request) -> web.Response:
        """Answer a call to any upstream path."""
        # The raw path: aiohttp's own decoding would hide how often a key was encoded.
        path, _, query = request.raw_path.partition("?")
        parameters = Parameters.from_query(query)
        name = path.removeprefix(SERVICE_PATH) if path.startswith(SERVICE_PATH) else ""
        call = Call(
            operation=name if name in OPERATIONS else "",
            key=parameters.key,
            form=JSON if parameters.wants_json else XML,
            headers=request.headers,
        )
        now = self._clock().astimezone(KOREA)
        answer, outcome = self._answer(call, parameters, now)
        if call.operation:
            self._counts.add(call.key, call.operation, now.date(), outcome)
        return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type})

    def _answer(self, call: Call, parameters: Parameters, now: datetime) -> tuple[Answer, Outcome]:
        if refusal := self._gateway.answer(call):
            return refusal, "refused"
        try:
            body = self._service.answer(OPERATIONS[call.operation], parameters)
        except ParameterError as error:
            return Answer(200, call.form.content_type, parameter_error(call.form, error, at=now)), "refused"
        return Answer(200, call.form.content_type, body), "answered"

    def status(self) -> dict[str, Any]:
        """What is served and what was called, as the status page shows it."""
        rows, shown = len(self._catalogue), int(self._catalogue.shown.sum())
        return {
            "sandbox": True,
            "catalogue": {"rows": rows, "shown": shown, "hidden": rows - shown, "source": self._catalogue.source},
            "calls": self._counts.report(),
        }

    async def respond_status(self, _request: web.Request) -> web.Response:
        """Answer the status page."""
        return web.json_response(self.status())


SANDBOX = web.AppKey("sandbox", Sandbox)


def load_catalogue(options: SandboxOptions) -> Catalogue:
    """The catalogue `options` ask for.

    Raises:
        SandboxError: The file cannot be read, or the scale is out of range.
    """
    if options.catalogue is not None:
        return Catalogue.from_file(options.catalogue)
    if not SMALLEST_SCALE <= options.scale <= LARGEST_SCALE:
        raise SandboxError(
            f"The scale {options.scale} is out of range; give one from {SMALLEST_SCALE} to {LARGEST_SCALE}."
        )
    return synthetic_korea(scale=options.scale, seed=options.seed)


def create_application(
    options: SandboxOptions, catalogue: Catalogue | None = None, *, clock: Clock = korean_time
) -> web.Application:
    """The sandbox as an aiohttp application, serving `catalogue` or else what `options` ask for.

    Raises:
        SandboxError: The catalogue cannot be loaded.
    """
    sandbox = Sandbox(options, load_catalogue(options) if catalogue is None else catalogue, clock)
    application = web.Application()
    application[SANDBOX] = sandbox
    application.router.add_get(STATUS_PATH, sandbox.respond_status)
    application.router.add_get("/{path:.*}", sandbox.respond)
    return application


def serve(options: SandboxOptions, *, announce: Callable[[str], None]) -> None:
    """Run a sandbox until SIGINT or SIGTERM; call `announce` with its URL once it listens.

    Raises:
        SandboxError: The catalogue cannot be loaded or the port cannot be had.
    """
    asyncio.run(_serve(create_application(options), options, announce))


async def _serve(application: web.Application, options: SandboxOptions, announce: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await _listen(application, options, announce, stop)


async def _listen(
    application: web.Application, options: SandboxOptions, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_STOP_WITHIN_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, options.host, options.port)
        try:
            await site.start()
        except OSError as error:
            where = f"{options.host}:{options.port}"
            raise SandboxError(
                f"The sandbox cannot listen on {where} ({error.strerror}); choose another port."
            ) from error
        announce(f"http://{options.host}:{runner.addresses[0][1]}")
        await stop.wait()
    finally:
        await runner.cleanup()


class RunningSandbox:
    """A sandbox in a thread of its own, for tests: `with RunningSandbox(catalogue=...) as sandbox: ... sandbox.url`."""

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        catalogue: Catalogue | None = None,
        clock: Clock = korean_time,
    ) -> None:
        """Prepare to serve `catalogue`, or else what `options` ask for, on the port of `options` (any free one)."""
        self._options = options or SandboxOptions()
        self._application = create_application(self._options, catalogue, clock=clock)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._ready = threading.Event()
        self._failure: SandboxError | None = None
        self._stop: Callable[[], object] = lambda: None
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        if self._failure:
            self._thread.join()
            raise self._failure
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop()
        self._thread.join()

    def status(self) -> dict[str, Any]:
        """What the status page shows."""
        return self._application[SANDBOX].status()

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except SandboxError as error:
            self._failure = error
        finally:
            self._ready.set()

    async def _listen(self) -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()

        def end() -> None:
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(stop.set)

        def announce(url: str) -> None:
            self.url = url
            self._ready.set()

        self._stop = end
        await _listen(self._application, self._options, announce, stop)
