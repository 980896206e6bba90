"""Health and metrics over HTTP: for load balancers, monitors and Prometheus. It reads only, and shows no secret.

| path | answers |
|---|---|
| `/live` | 200 as long as this process answers |
| `/health` | 200, or 503 if a component has failed; JSON. `?of=database,daemon` looks at these alone |
| `/metrics` | everything in Prometheus' text format, or OpenMetrics if it is asked for |

What is looked at is kept for some seconds, and looked at once at a time, however many ask.
"""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from aiohttp import web

from weatherflick_assets.operations.health.components import COMPONENTS, Finding, State, overall
from weatherflick_assets.operations.health.probes import Platform, findings
from weatherflick_assets.settings import KST, Clock

KEPT = timedelta(seconds=15)
"""How long what was looked at is told again."""

T = TypeVar("T")


def report(found: Collection[Finding], at: datetime) -> dict[str, Any]:
    """What was found as plain types."""
    return {
        "state": overall(found).value,
        "checked_at": at.astimezone(KST).isoformat(timespec="seconds"),
        "components": [one.as_json() for one in found],
    }


class _Kept(Generic[T]):
    """The last result of something that takes a moment."""

    def __init__(self, make: Callable[[], Awaitable[T]], clock: Clock) -> None:
        self._make = make
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._last: tuple[datetime, T] | None = None

    async def get(self) -> tuple[datetime, T]:
        """When it was made, and the result."""
        async with self._one_at_a_time:
            if self._last is None or self._clock() - self._last[0] >= KEPT:
                self._last = (self._clock(), await self._make())
            return self._last


def application(platform: Platform) -> web.Application:
    """The server of one platform."""
    kept = _Kept(lambda: findings(platform), platform.clock)
    pages: dict[str, _Kept[tuple[bytes, str]]] = {}

    async def live(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def health(request: web.Request) -> web.Response:
        asked = {name.strip() for name in request.query.get("of", "").split(",") if name.strip()}
        if unknown := asked - COMPONENTS.keys():
            return web.json_response(
                {"problem": f"There is no component {min(unknown)!r}.", "components": [*COMPONENTS]}, status=400
            )
        at, found = await kept.get()
        told = report([one for one in found if not asked or one.component.name in asked], at)
        status = 503 if told["state"] == State.FAILED else 200
        return web.json_response(told, status=status, headers={"Cache-Control": "no-store"})

    async def metrics(request: web.Request) -> web.Response:
        from weatherflick_assets.operations.health.exporter import exposition

        accept = request.headers.get("Accept", "")

        async def read() -> tuple[bytes, str]:
            _, found = await kept.get()
            return await asyncio.to_thread(exposition, platform, found, accept)

        form = "openmetrics" if "openmetrics" in accept else "text"
        _, (text, content_type) = await pages.setdefault(form, _Kept(read, platform.clock)).get()
        return web.Response(body=text, headers={"Content-Type": content_type})

    served = web.Application()
    served.router.add_get("/live", live)
    served.router.add_get("/health", health)
    served.router.add_get("/metrics", metrics)
    return served


async def serve(platform: Platform, host: str, port: int) -> None:
    """Serve until cancelled, or told to end by SIGINT or SIGTERM."""
    runner = web.AppRunner(application(platform), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):  # also where whoever started it ignores them
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await ended.wait()
    finally:
        await runner.cleanup()
