"""Calls to a running sandbox through a bare HTTP client, for the tests of this folder."""

import http.client
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import defusedxml.ElementTree
import orjson

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS

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


def count_by(places: Catalogue, *names: str, hidden: bool = False) -> Counter[tuple[str, ...]]:
    """The number of shown (with `hidden`: hidden) rows for each combination of values in these columns."""
    columns = zip(*(places.column(name) for name in names), strict=True)
    return Counter(
        tuple(map(str, row)) for row, is_shown in zip(columns, places.shown, strict=True) if is_shown != hidden
    )


def connect(sandbox: RunningSandbox) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=PATIENCE_SECONDS)


def fetch(
    sandbox: RunningSandbox,
    target: str,
    headers: dict[str, str] | None = None,
    *,
    method: str = "GET",
    body: bytes | None = None,
) -> Reply:
    """Request a raw target with exactly these headers, plus Host and, with a body, Content-Length."""
    connection = connect(sandbox)
    try:
        connection.request(method, target, body, headers={"User-Agent": "tests"} if headers is None else headers)
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


def set_by_http(sandbox: RunningSandbox, method: str, settings: Any) -> Reply:
    """PUT or PATCH settings."""
    return fetch(sandbox, "/_sandbox/settings", method=method, body=orjson.dumps(settings))


def reason_code(reply: Reply) -> str:
    """The reason code of a refusal in the newest generation."""
    return reply.json["OpenAPI_ServiceResponse"]["cmmMsgHeader"]["returnReasonCode"]


def underway(
    sandbox: RunningSandbox, operation: str = "areaBasedList2", **parameters: Any
) -> http.client.HTTPConnection:
    """Send a call without waiting for its answer; return once the sandbox has counted it. Close it to give up."""
    before = calls_in_all(sandbox)
    connection = connect(sandbox)
    connection.request("GET", target(operation, {**MANDATORY, **parameters}), headers={"User-Agent": "tests"})
    until(lambda: calls_in_all(sandbox) > before)
    return connection


def calls_in_all(sandbox: RunningSandbox) -> int:
    return sum(call["answered"] + call["refused"] + sum(call["faults"].values()) for call in sandbox.status()["calls"])


def until(happened: Callable[[], bool]) -> None:
    """Wait until the condition holds. Only the time limit of the whole test applies."""
    while not happened():
        pass


def everything(sandbox: RunningSandbox, operation: str, **parameters: Any) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    items: list[dict[str, Any]] = []
    page = 1
    while reply := ask(sandbox, operation, numOfRows=1000, pageNo=page, **parameters).items:
        items += reply
        page += 1
    return items
