"""The sandbox's control pages: its status and its settings.

These pages need no key. Anyone who can reach the sandbox can change its settings.
"""

from aiohttp import web

from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.host import Sandbox
from weatherflick_assets.sandbox.options import SETTINGS_LIKE, json_object

ROOT = "/_sandbox"


class Control:
    """Serves the control pages of one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add_to(self, application: web.Application) -> None:
        """Register every page."""
        settings = f"{ROOT}/settings"
        application.router.add_get(f"{ROOT}/status", self._status)
        application.router.add_get(settings, self._settings)
        application.router.add_put(settings, self._replace)
        application.router.add_patch(settings, self._change)
        application.router.add_post(f"{ROOT}/reset", self._reset)
        application.router.add_post(f"{ROOT}/advance", self._advance)
        application.router.add_get(f"{ROOT}/changes", self._changes)
        application.router.add_route("*", f"{ROOT}/{{page:.*}}", self._unknown)

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response(self._sandbox.status())

    async def _settings(self, _request: web.Request) -> web.Response:
        return web.json_response(self._sandbox.settings())

    async def _replace(self, request: web.Request) -> web.Response:
        return await self._set(request, others_to_default=True)

    async def _change(self, request: web.Request) -> web.Response:
        return await self._set(request, others_to_default=False)

    async def _set(self, request: web.Request, *, others_to_default: bool) -> web.Response:
        text = await request.read()
        try:
            settings = json_object(text, named="The settings", like=SETTINGS_LIKE)
            self._sandbox.change(settings, others_to_default=others_to_default)
        except SandboxError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._sandbox.settings())

    async def _reset(self, _request: web.Request) -> web.Response:
        self._sandbox.reset()
        return web.json_response(self._sandbox.status())

    async def _advance(self, request: web.Request) -> web.Response:
        text = await request.read()
        try:
            self._sandbox.advance(json_object(text, named="The advance", like='{"days": 1}').get("days", 1))
        except SandboxError as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response(self._sandbox.world())

    async def _changes(self, request: web.Request) -> web.Response:
        day = request.query.get("day", "")
        try:
            return web.json_response(self._sandbox.changes(int(day) if day.isascii() and day.isdigit() else 0))
        except SandboxError as error:
            return web.json_response({"error": str(error)}, status=400)

    async def _unknown(self, _request: web.Request) -> web.Response:
        pages = (
            f"GET {ROOT}/status, GET, PUT or PATCH {ROOT}/settings, POST {ROOT}/reset, POST {ROOT}/advance, and "
            f"GET {ROOT}/changes"
        )
        return web.json_response({"error": f"There is no such page; there are {pages}."}, status=404)
