"""The world around a simulated platform: a few places of Jeju in one cell, keys that are known, and a Slack."""

import asyncio
import shutil
from collections import namedtuple
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.clock import Clock
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.alerts.receiving import TOKEN, Slack, slack
from weatherflick_assets_tests.sandbox.calling import fetch
from weatherflick_assets_tests.upstream.hosts import serving_beside

KEYS = {
    "KTO_API_KEY": ("kto-first", "kto-second"),
    "KMA_API_KEY": ("kma-first",),
    "AIRKOREA_API_KEY": ("airkorea-first",),
    "KASI_API_KEY": ("kasi-first",),
}
JEJU = "50"
SHORT_OF = ("detailCommon2", "detailIntro2", "detailInfo2", "detailImage2")
"""Operations whose quota somebody else spends."""
_EAST, _NORTH = (126.48, 126.56), (33.47, 33.52)
_DOWN = (503, {}, "down")

_Usage = namedtuple("_Usage", "total used free")
_GIB = 2**30


def few_places() -> Catalogue:
    """The places of Jeju's city in a synthetic Korea, which lie in one cell or two."""
    whole = synthetic_korea(scale=0.2)
    rows = (whole.row(position, [*whole.columns, "showflag"]) for position in range(len(whole)))
    return Catalogue.from_rows(
        row
        for row in rows
        if row["lDongRegnCd"] == JEJU
        and _EAST[0] < float(row["mapx"] or 0) < _EAST[1]
        and _NORTH[0] < float(row["mapy"] or 0) < _NORTH[1]
    )


@dataclass
class World:
    """What a test lets happen around a platform."""

    sandbox: RunningSandbox
    slack: Slack
    front: "Front"
    monkeypatch: pytest.MonkeyPatch

    def outage(self, *, begins: bool) -> None:
        """The upstream fails every call."""
        self.sandbox.change(faults={"server_error": 1.0} if begins else {})

    def shortage(self, *, begins: bool) -> None:
        """Somebody else spends most of the quota for details."""
        self.sandbox.change(daily_limits=dict.fromkeys(SHORT_OF, 3) if begins else {})

    def refused_key(self, *, begins: bool) -> None:
        """One of two keys has expired."""
        self.sandbox.change(expired=KEYS["KTO_API_KEY"][:1] if begins else ())

    def changed_schema(self, *, begins: bool) -> None:
        """Lists of changes have a field that nobody knows."""
        self.front.adds_a_field = begins
        self.monkeypatch.setenv("DATA_GO_KR_BASE_URL", self.front.url if begins else self.sandbox.url)

    def full_disk(self, *, begins: bool) -> None:
        """Hardly anything is free on the disk."""
        free = _GIB if begins else 100 * _GIB
        self.monkeypatch.setattr(shutil, "disk_usage", lambda _: _Usage(200 * _GIB, 200 * _GIB - free, free))

    def slack_down(self, *, begins: bool) -> None:
        """Slack takes no message."""
        self.slack.answers = [_DOWN] * 10_000 if begins else []


@dataclass
class Front:
    """A server before the sandbox that changes what it says."""

    sandbox: RunningSandbox
    url: str = ""
    adds_a_field: bool = False

    async def answer(self, request: web.Request) -> web.Response:
        """The sandbox's answer, with a field more in every item of a list of places."""
        reply = await asyncio.to_thread(fetch, self.sandbox, request.raw_path, dict(request.headers))
        body = reply.body
        if self.adds_a_field and request.path.endswith("/areaBasedSyncList2"):
            body = body.replace(b'"contentid":', b'"petFriendly":"1","contentid":')
        content_type = reply.headers["Content-Type"].split(";")[0]
        return web.Response(status=reply.status, body=body, content_type=content_type)


@contextmanager
def world(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A sandbox at the time of `clock`, and a Slack."""
    keys = tuple(key for of in KEYS.values() for key in of)
    behaviour = Behaviour(keys=keys, days_pass=True)
    with RunningSandbox(catalogue=few_places(), clock=clock, behaviour=behaviour) as sandbox, slack() as there:
        front = Front(sandbox)
        with serving_beside(front.answer) as front.url:
            made = World(sandbox, there, front, monkeypatch)
            made.full_disk(begins=False)
            yield made


def environment_of(world: World) -> Mapping[str, Any]:
    """The variables by which a platform finds it."""
    return {
        **{name: ",".join(keys) for name, keys in KEYS.items()},
        "DATA_GO_KR_BASE_URL": world.sandbox.url,
        "SLACK_BOT_TOKEN": TOKEN,
        "SLACK_CHANNEL": "#alerts",
        "SLACK_BASE_URL": world.slack.url,
    }
