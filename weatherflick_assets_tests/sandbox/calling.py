"""Calls to a running sandbox as a bare HTTP client makes them, for the tests of this folder."""

import http.client
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import defusedxml.ElementTree
import orjson

from weatherflick_assets.sandbox.server import RunningSandbox

MANDATORY = {"serviceKey": "sandbox", "MobileOS": "ETC", "MobileApp": "tests", "_type": "json"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def xml(self) -> Any:
        return defusedxml.ElementTree.fromstring(self.body.decode())

    @property
    def content(self) -> dict[str, Any]:
        """The body of a success envelope."""
        return self.json["response"]["body"]

    @property
    def items(self) -> list[dict[str, Any]]:
        return self.content["items"]["item"] if self.content["items"] else []

    @property
    def total(self) -> int:
        return self.content["totalCount"]


def fetch(sandbox: RunningSandbox, target: str, headers: dict[str, str] | None = None) -> Reply:
    """GET a raw target with exactly these headers beside Host."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=30)
    try:
        connection.request("GET", target, headers={"User-Agent": "tests"} if headers is None else headers)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def target(operation: str, parameters: dict[str, Any]) -> str:
    query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in parameters.items() if value is not None)
    return f"/B551011/KorService2/{operation}?{query}"


def ask(sandbox: RunningSandbox, operation: str, **parameters: Any) -> Reply:
    """Call an operation with the mandatory parameters, changed and completed by `parameters` (None leaves one out)."""
    return fetch(sandbox, target(operation, {**MANDATORY, **parameters}))


def everything(sandbox: RunningSandbox, operation: str, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    page = 1
    while reply := ask(sandbox, operation, numOfRows=1000, pageNo=page, **parameters).items:
        items += reply
        page += 1
    return items
