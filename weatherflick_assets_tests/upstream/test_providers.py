"""Four providers that have little in common are served by one client, as their declarations say."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, TypeVar

import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.redaction import REDACTED
from weatherflick_assets.settings import DATA_GO_KR, GOOGLE_PLACES, NAVER, PROVIDERS
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import (
    KeyPlace,
    Layout,
    Method,
    Operation,
    Pager,
    Provider,
    Quota,
    RateLimit,
    WireFormat,
)
from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    TransientError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Page
from weatherflick_assets.upstream.sweep import Sweep, sweep
from weatherflick_assets_tests.upstream.answers import xml_error
from weatherflick_assets_tests.upstream.hosts import Kept, client_of, envelope, gateway_error, serving

T = TypeVar("T")
Row = dict[str, object]

ROWS: list[Row] = [{"id": str(number), "name": f"곳 {number}"} for number in range(1, 26)]
PER_PAGE = 10
BLOCKED, GOOD = "PLANTEDblocked", "PLANTEDgood+/="
"""Keys that the server refuses and accepts; as pairs they are halved by a colon."""


def xml_page(rows: list[Row], total: int) -> bytes:
    written = "".join(f"<row><id>{row['id']}</id><name>{row['name']}</name></row>" for row in rows)
    return f"<ListResponse><count>{total}</count><list>{written}</list></ListResponse>".encode()


@dataclass(frozen=True)
class Case:
    """A provider's list, and how its server writes pages and errors.

    Attributes:
        keys: one that is refused, one that is accepted.
        page: what a page looks like, of these rows and this total.
        errors: status and body by what the upstream means; `{key}` is where it echoes the key.
    """

    operation: Operation
    keys: tuple[str, str]
    page: Callable[[list[Row], int], bytes]
    errors: Mapping[str, tuple[int, bytes]]

    @property
    def provider(self) -> Provider:
        return self.operation.provider

    def sent_key(self, request: web.Request) -> list[str]:
        """The parts of the key, from where they must be."""
        place = self.provider.key
        if place.parameter:
            return [request.query[place.parameter]]
        return [request.headers[name] for name in place.headers]


def provider(name: str, **declared: Any) -> Provider:
    common = {"quota": Quota(1000), "rate_limit": RateLimit(3, 1e6), "back_off_seconds": (0.0, 0.0)}
    return Provider(name=name, path=f"/{name}", **common, **declared)


def listing(of: Provider) -> Operation:
    return Operation(of, "list", "some rows", timedelta(days=1), optional=("word",), rows_per_page=PER_PAGE)


def named(status: str, code: int) -> tuple[int, bytes]:
    return code, orjson.dumps({"error": {"code": code, "message": "about {key}", "status": status}})


def coded(code: str, status: int) -> tuple[int, bytes]:
    return status, orjson.dumps({"errorMessage": "about {key}", "errorCode": code})


KEY_IN_QUERY = Case(
    listing(provider("kma", host=DATA_GO_KR, key=KeyPlace("serviceKey"), common_parameters={"dataType": "JSON"})),
    (BLOCKED, GOOD),
    envelope,
    {
        "refused": (403, gateway_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "{key}")),
        "spent": (200, xml_error("22")),
        "too fast": (429, b"API rate limit exceeded"),
        "wrong": (200, orjson.dumps({"resultCode": "11", "resultMsg": "NO_MANDATORY_REQUEST_PARAMETERS_ERROR"})),
        "trouble": (503, gateway_error("05")),
    },
)
KEY_IN_HEADER = Case(
    listing(
        provider(
            "google_places",
            host=GOOGLE_PLACES,
            key=KeyPlace(headers=("X-Api-Key",)),
            wire=WireFormat(
                headers={"X-Field-Mask": "places.id"},
                pager=Pager(size="size", position="page", first=0),
                layout=Layout(("places",), total=("found",)),
                codes={"PERMISSION_DENIED": "20", "INVALID_ARGUMENT": "10", "DAILY_LIMIT": "22", "RATE_LIMIT": "23"},
            ),
        )
    ),
    (BLOCKED, GOOD),
    lambda rows, total: orjson.dumps({"found": total, "places": rows, "status": "PERMISSION_DENIED", "code": "22"}),
    {
        "refused": named("PERMISSION_DENIED", 403),
        "spent": named("DAILY_LIMIT", 429),
        "too fast": named("RATE_LIMIT", 429),
        "wrong": named("INVALID_ARGUMENT", 400),
        "trouble": named("BACKEND_UNHAPPY", 503),
    },
)
KEY_IN_TWO_HEADERS = Case(
    listing(
        provider(
            "naver",
            host=NAVER,
            key=KeyPlace(headers=("X-Client-Id", "X-Client-Secret")),
            wire=WireFormat(
                pager=Pager(size="display", position="start", counts_rows=True),
                layout=Layout(("result", "items"), total=("result", "total")),
                codes={"024": "20", "010": "22", "012": "23", "SE01": "10"},
            ),
        )
    ),
    (f"PLANTEDrefused:{BLOCKED}", f"PLANTEDaccepted:{GOOD}"),
    lambda rows, total: orjson.dumps({"result": {"total": total, "items": rows}}),
    {
        "refused": coded("024", 401),
        "spent": coded("010", 429),
        "too fast": coded("012", 429),
        "wrong": coded("SE01", 400),
        "trouble": coded("SE99", 500),
    },
)
IN_XML = Case(
    listing(
        provider(
            "airkorea",
            host=DATA_GO_KR,
            key=KeyPlace("ServiceKey"),
            wire=WireFormat(layout=Layout(("ListResponse", "list", "row"), total=("ListResponse", "count"))),
        )
    ),
    (BLOCKED, GOOD),
    xml_page,
    {
        "refused": (200, xml_error("30", authorisation="{key}")),
        "spent": (200, xml_error("22")),
        "too fast": (200, xml_error("23")),
        "wrong": (200, b"<r><header><resultCode>11</resultCode></header></r>"),
        "trouble": (200, xml_error("04")),
    },
)
CASES = pytest.mark.parametrize(
    "case", [KEY_IN_QUERY, KEY_IN_HEADER, KEY_IN_TWO_HEADERS, IN_XML], ids=lambda case: case.provider.name
)


@dataclass
class Server:
    """Serves a case's rows to the accepted key; the first answers may be errors."""

    case: Case
    first: list[str] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        key = self.case.sent_key(request)
        if ":".join(key) != self.case.keys[1]:
            return self._error("refused", key)
        if self.first:
            return self._error(self.first.pop(0), key)
        pager = self.case.operation.pager
        number = pager.number(request.query)
        rows = ROWS[(number - 1) * PER_PAGE : number * PER_PAGE]
        return web.Response(body=self.case.page(rows, len(ROWS)))

    def _error(self, meaning: str, key: list[str]) -> web.Response:
        status, body = self.case.errors[meaning]
        return web.Response(status=status, body=body.replace(b"{key}", " and ".join(key).encode()))


def against(
    server: Callable[[web.Request], Awaitable[web.StreamResponse]],
    of: Provider,
    work: Callable[[UpstreamClient], Awaitable[T]],
    *keys: str,
    kept: Kept | None = None,
) -> T:
    async def run() -> T:
        async with serving(server) as url, client_of(url, kept or Kept(), keys=keys, provider=of) as client:
            return await work(client)

    return asyncio.run(run())


def first_page(case: Case) -> Callable[[UpstreamClient], Awaitable[Answer]]:
    return lambda client: client.call(case.operation, {"word": "곳", **case.operation.page(1)})


@CASES
def test_a_page_is_asked_for_and_read_as_declared(case: Case) -> None:
    server = Server(case)
    answer = against(server, case.provider, first_page(case), case.keys[1])
    assert answer.page.items == ROWS[:PER_PAGE]
    assert answer.page.total_count == len(ROWS)
    (request,) = server.requests
    assert request.path == case.operation.path
    assert ":".join(case.sent_key(request)) == case.keys[1]
    assert {name: request.headers[name] for name in case.operation.wire.headers} == case.operation.wire.headers
    key = {case.provider.key.parameter} - {""}
    assert request.query.keys() - key == {"word", *case.operation.page_parameters, *case.provider.common_parameters}


@CASES
def test_a_whole_list_is_read_page_by_page(case: Case) -> None:
    server, taken = Server(case), []

    async def read(client: UpstreamClient) -> Sweep:
        async def take(answer: Answer) -> None:
            taken.extend(answer.page.items)

        return await sweep(client, case.operation, {"word": "곳"}, id_field="id", take=take)

    result = against(server, case.provider, read, case.keys[1])
    assert (result.is_complete, result.total_count, result.pages) == (True, len(ROWS), 3)
    assert sorted(taken, key=lambda row: int(row["id"])) == ROWS
    assert sorted(case.operation.pager.number(request.query) for request in server.requests) == [1, 2, 3]


@CASES
def test_a_refused_key_leaves_the_call_to_another_and_no_part_of_it_is_kept(case: Case) -> None:
    server, kept = Server(case), Kept()

    async def call_often(client: UpstreamClient) -> None:
        for _ in range(4):
            await first_page(case)(client)

    against(server, case.provider, call_often, *case.keys, kept=kept)
    refusals = [one for one in kept.responses if one.api_key_id == ApiKey.of(SecretStr(case.keys[0])).fingerprint]
    assert len(refusals) <= 1
    for response in refusals:
        assert response.body.count(REDACTED.encode()) == case.provider.key.parts
    said = repr(kept.responses)
    assert [part for key in case.keys for part in key.split(":") if part in said] == []


@CASES
def test_when_every_key_is_refused_the_error_names_the_variable_and_no_key(case: Case) -> None:
    with pytest.raises(RefusedKeyError) as caught:
        against(Server(case), case.provider, first_page(case), case.keys[0])
    message = str(caught.value)
    assert all(variable in message for variable in PROVIDERS[case.provider.name])
    assert [part for part in case.keys[0].split(":") if part in message] == []


@CASES
@pytest.mark.parametrize(
    ("meaning", "kind"), [("spent", ExhaustedError), ("wrong", PermanentError)], ids=["spent", "wrong"]
)
def test_errors_that_stay_end_the_call(case: Case, meaning: str, kind: type[UpstreamError]) -> None:
    server = Server(case, first=[meaning] * 9)
    with pytest.raises(kind):
        against(server, case.provider, first_page(case), case.keys[1])
    assert 1 <= len(server.requests) <= 3


@CASES
def test_errors_that_pass_are_survived(case: Case) -> None:
    server = Server(case, first=["trouble", "too fast", "trouble"])
    assert against(server, case.provider, first_page(case), case.keys[1]).page.items == ROWS[:PER_PAGE]
    assert len(server.requests) == 4


# What operations may have otherwise than their providers

DETAILS = replace(
    KEY_IN_HEADER.operation,
    name="details",
    optional=("text", "circle", "size"),
    json_parameters=frozenset({"circle", "size"}),
    rows_per_page=None,
    own_path="/v1/places:search",
    own_wire=WireFormat(
        method=Method.POST, pager=None, layout=Layout(("places",), may_lack_rows=True), codes={"DAILY_LIMIT": "22"}
    ),
)


def posted(answer: bytes, parameters: Mapping[str, str], *, status: int = 200) -> tuple[Page, list[tuple[str, bytes]]]:
    seen = []

    async def handle(request: web.Request) -> web.Response:
        seen.append((request.path, await request.read()))
        assert request.headers["Content-Type"] == "application/json"
        assert request.headers["X-Api-Key"] == GOOD
        return web.Response(status=status, body=answer)

    async def call(client: UpstreamClient) -> Answer:
        return await client.call(DETAILS, parameters)

    return against(handle, DETAILS.provider, call, GOOD).page, seen


def test_parameters_of_a_post_are_one_json_object() -> None:
    given = {"text": "7", "size": "20", "circle": '{"center":{"latitude":37.5},"radius":500}'}
    page, ((path, body),) = posted(orjson.dumps({"places": [{"id": "a"}]}), given)
    assert page == Page([{"id": "a"}], 1, "")
    assert path == "/v1/places:search"
    assert orjson.loads(body) == {"text": "7", "size": 20, "circle": {"center": {"latitude": 37.5}, "radius": 500}}


def test_a_parameter_that_is_not_the_json_it_must_be_is_not_sent() -> None:
    with pytest.raises(PermanentError, match="circle is not JSON"):
        posted(b"{}", {"circle": "{"})


def test_an_answer_may_leave_out_the_name_of_rows_that_there_are_none_of() -> None:
    page, _ = posted(b"{}", {})
    assert page == Page([], 0, "")


def test_an_error_under_a_good_status_is_not_taken_for_an_answer_without_rows() -> None:
    with pytest.raises(ExhaustedError):
        posted(orjson.dumps({"error": {"status": "DAILY_LIMIT"}}), {})


def test_one_object_is_one_row() -> None:
    operation = replace(DETAILS, own_wire=WireFormat(pager=None, layout=Layout(()), codes={}))
    row: Row = {"id": "a", "code": "11", "status": "NOT_FOUND"}

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=orjson.dumps(row))

    answer = against(handle, operation.provider, lambda client: client.call(operation, {}), GOOD)
    assert answer.page == Page([row], 1, "")


def test_an_answer_larger_than_its_operation_declares_is_not_read() -> None:
    operation = replace(DETAILS, own_wire=WireFormat(pager=None, layout=Layout(()), maximum_body_bytes=1000))

    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=b" " * 2000)

    with pytest.raises(TransientError, match="more than 1,000 bytes"):
        against(handle, operation.provider, lambda client: client.call(operation, {}), GOOD)


def test_a_list_that_cannot_be_asked_for_to_its_end_is_incomplete() -> None:
    case = KEY_IN_TWO_HEADERS
    pager = replace(case.operation.pager, last=11)
    operation = replace(case.operation, own_wire=replace(case.operation.wire, pager=pager))
    server = Server(replace(case, operation=operation))

    async def take(_: Answer) -> None:
        pass

    def read(client: UpstreamClient) -> Awaitable[Sweep]:
        return sweep(client, operation, {}, id_field="id", take=take)

    result = against(server, case.provider, read, case.keys[1])
    assert (result.is_complete, result.rows, result.total_count) == (False, 20, 25)
    assert sorted({request.query["start"] for request in server.requests}) == ["1", "11"]


def test_a_call_names_the_variable_of_its_host_when_nothing_answers() -> None:
    async def run() -> None:
        impatient = replace(DETAILS.provider, attempts=1)
        async with client_of("http://127.0.0.1:9", Kept(), keys=[GOOD], provider=impatient) as client:
            await client.call(DETAILS, {})

    with pytest.raises(TransientError, match="GOOGLE_PLACES_BASE_URL is right"):
        asyncio.run(run())
