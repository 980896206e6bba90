"""Calls to the agencies behind a sandbox other than KTO, and a sandbox whose clock stands where a test puts it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.directory import PATHS
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import Reply, fetch

_PATH_OF = {name: path for path, name in PATHS.items()}


def korea(*when: int) -> datetime:
    """A time in Korea: year, month, day, hour, minute."""
    return datetime(*when, tzinfo=KOREA)  # type: ignore[arg-type]


@dataclass
class Agencies:
    """A running sandbox and its clock."""

    sandbox: RunningSandbox
    now: datetime

    def ask(self, operation: str, **parameters: Any) -> Reply:
        """Call an operation with the key."""
        return self.ask_path(_PATH_OF[operation], **parameters)

    def ask_path(self, path: str, **parameters: Any) -> Reply:
        """Call what is at a path, with the key."""
        given = {"serviceKey": "sandbox", **parameters}
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in given.items())
        return fetch(self.sandbox, f"{path}?{query}")

    def weather(self, operation: str, **parameters: Any) -> Reply:
        """Call an operation of KMA in JSON, with 1,000 rows a page."""
        return self.ask(operation, **{"dataType": "JSON", "numOfRows": 1000, **parameters})

    def cell(self, operation: str, issued: datetime, nx: int = 60, ny: int = 127, **parameters: Any) -> Reply:
        """Call a grid operation for an issue."""
        base = {"base_date": f"{issued:%Y%m%d}", "base_time": f"{issued:%H%M}", "nx": nx, "ny": ny}
        return self.weather(operation, **base, **parameters)


@contextmanager
def agencies(now: datetime, **settings: Any) -> Iterator[Agencies]:
    """A sandbox without places at `now`; its clock moves when a test moves it."""
    holder: list[Agencies] = []
    clock: Callable[[], datetime] = lambda: holder[0].now if holder else now  # noqa: E731
    with RunningSandbox(catalogue=Catalogue.from_rows([]), clock=clock, behaviour=Behaviour(**settings)) as sandbox:
        holder.append(Agencies(sandbox, now))
        yield holder[0]


def header_of(reply: Reply) -> tuple[str, str]:
    """Code and message of a service's answer."""
    header = reply.json["response"]["header"]
    return header["resultCode"], header["resultMsg"]


NO_DATA = ("03", "NO_DATA")
AN_HOUR = timedelta(hours=1)
