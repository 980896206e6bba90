"""The sandbox as a web server: the application, a blocking server for the command, and a threaded one for tests.

Here: HTTP, waiting, starting and stopping. The server writes no access log, because request URLs contain keys.
"""

import asyncio
import signal
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self, TypeVar

from aiohttp import web

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.clock import Clock, real_time
from weatherflick_assets.sandbox.control import Control
from weatherflick_assets.sandbox.details import Recorded, recorded_details
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.generations import Answer
from weatherflick_assets.sandbox.host import Sandbox
from weatherflick_assets.sandbox.korea.country import LARGEST_SCALE, SMALLEST_SCALE, synthetic_korea
from weatherflick_assets.sandbox.korea.days import Changes
from weatherflick_assets.sandbox.options import SandboxOptions

_STOP_WITHIN_S = 1.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

_Result = TypeVar("_Result")

_PERFECT = Behaviour()

SANDBOX = web.AppKey("sandbox", Sandbox)


def load_catalogue(options: SandboxOptions) -> Catalogue:
    """The catalogue that `options` name, or else a synthetic Korea.

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


def load_details(options: SandboxOptions, *, of_synthetic: bool) -> Recorded:
    """The recorded details that `options` name.

    Raises:
        SandboxError: A file cannot be read, or the catalogue is synthetic.
    """
    if options.details and of_synthetic:
        raise SandboxError("Recorded details need the catalogue of the places they belong to; give it as well.")
    return recorded_details(options.details)


def create_application(
    options: SandboxOptions,
    catalogue: Catalogue | None = None,
    *,
    clock: Clock = real_time,
    behaviour: Behaviour = _PERFECT,
) -> web.Application:
    """The sandbox as an aiohttp application that serves `catalogue`, or else the catalogue of `options`.

    Raises:
        SandboxError: The catalogue or its details cannot be loaded.
    """
    recorded = load_details(options, of_synthetic=catalogue is None and options.catalogue is None)
    places = load_catalogue(options) if catalogue is None else catalogue
    sandbox = Sandbox(options, places, clock, behaviour, recorded)
    application = web.Application()
    application[SANDBOX] = sandbox
    Control(sandbox).add_to(application)
    application.router.add_get("/{path:.*}", _respond)
    return application


async def _respond(request: web.Request) -> web.StreamResponse:
    """Answer a call to any upstream path."""
    decision = request.app[SANDBOX].decide(request.raw_path, request.headers, request.remote or "")
    if decision.pace is None:
        return await _send(decision.answer, request)
    with decision.pace.under_way(decision.call.arrived):
        if decision.seconds:
            await asyncio.sleep(decision.seconds)
        return await _send(decision.answer, request)


async def _send(answer: Answer, request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    transport = request.transport
    if answer.delivery == "never":
        await asyncio.Event().wait()  # the server cancels this when the caller disconnects
    elif answer.delivery == "half" and transport is not None:
        response = web.StreamResponse(status=answer.status, headers=headers)
        response.content_length = len(answer.body)
        await response.prepare(request)
        await response.write(answer.body[: len(answer.body) // 2])
        transport.close()
        return response
    elif answer.delivery == "reset" and transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response(status=answer.status, body=answer.body, headers=headers)


def serve(options: SandboxOptions, *, announce: Callable[[str], None], behaviour: Behaviour = _PERFECT) -> None:
    """Run a sandbox until SIGINT or SIGTERM; call `announce` with its URL once it listens.

    Raises:
        SandboxError: The catalogue cannot be loaded, or the port cannot be opened.
    """
    asyncio.run(_serve(create_application(options, behaviour=behaviour), options, announce))


async def _serve(application: web.Application, options: SandboxOptions, announce: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await _listen(application, options, announce, stop)


async def _listen(
    application: web.Application, options: SandboxOptions, announce: Callable[[str], None], stop: asyncio.Event
) -> None:
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_STOP_WITHIN_S, handler_cancellation=True)
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
    """A sandbox in its own thread, for tests: `with RunningSandbox(catalogue=...) as sandbox: ... sandbox.url`."""

    def __init__(
        self,
        options: SandboxOptions | None = None,
        *,
        catalogue: Catalogue | None = None,
        clock: Clock = real_time,
        behaviour: Behaviour = _PERFECT,
    ) -> None:
        """Prepare to serve `catalogue`, or else that of `options`, on the port of `options` (default: any free one)."""
        self._options = options or SandboxOptions()
        self._application = create_application(self._options, catalogue, clock=clock, behaviour=behaviour)
        self._loop: asyncio.AbstractEventLoop | None = None
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

    def __exit__(self, *_: object) -> None:
        self._stop()
        self._thread.join()
        self._loop = None

    def status(self) -> dict[str, Any]:
        """What the status page shows."""
        return self._between_calls(self._application[SANDBOX].status)

    def change(self, **settings: Any) -> None:
        """Change some settings, as PATCH does. Raises SandboxError: a setting is unknown or invalid."""
        self._between_calls(lambda: self._application[SANDBOX].change(settings))

    def advance(self, days: int = 1) -> None:
        """Let days of the world pass. Raises SandboxError: `days` is not a whole number from 1 to 1000."""
        self._between_calls(lambda: self._application[SANDBOX].advance(days))

    def changes(self, day: int) -> Changes:
        """The changes of a day of the world, from 1: contentids by kind of change, with the new ones under `rekeyed`.

        Raises:
            SandboxError: That day has not passed yet.
        """
        return self._between_calls(lambda: self._application[SANDBOX].changes(day))

    def reset(self) -> None:
        """Reset all call statistics."""
        self._between_calls(self._application[SANDBOX].reset)

    def _between_calls(self, act: Callable[[], _Result]) -> _Result:
        """Run `act` in the sandbox's thread while it is running, so that it never overlaps a call."""
        if self._loop is None:
            return act()

        async def acting() -> _Result:
            return act()

        return asyncio.run_coroutine_threadsafe(acting(), self._loop).result()

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
            with suppress(RuntimeError):  # the loop has already ended
                loop.call_soon_threadsafe(stop.set)

        def announce(url: str) -> None:
            self.url = url
            self._loop = loop
            self._ready.set()

        self._stop = end
        await _listen(self._application, self._options, announce, stop)
