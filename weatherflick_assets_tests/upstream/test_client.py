"""The one client, against real servers: what is sent, what is kept, what is tried again, and what never shows."""

import asyncio
import gzip
import traceback
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import parse_qsl, urlsplit

import pytest
from aiohttp import web
from pydantic import SecretStr

from weatherflick_assets.places.kto import KTO, OPERATION_BY_NAME, OPERATIONS
from weatherflick_assets.redaction import REDACTED
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.upstream.circuit_breaker import FAILURES_IN_A_ROW
from weatherflick_assets.upstream.client import SPURIOUS_ANSWERS, Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation, RateLimit
from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    ProtocolError,
    RefusedKeyError,
    RefusedRequestError,
    TransientError,
    UpstreamError,
)
from weatherflick_assets_tests.upstream.hosts import (
    KEY,
    LIST,
    PATIENT_KTO,
    QUOTA_SPENT,
    Handler,
    Kept,
    Script,
    always,
    client_of,
    envelope,
    gateway_error,
    serving,
)

T = TypeVar("T")
ROW: dict[str, object] = {"contentid": "126508", "title": "경복궁"}
PAGE = envelope([ROW])
SMALL_BODIES = replace(PATIENT_KTO, wire=replace(KTO.wire, maximum_body_bytes=100_000))
PARAMETERS = {"numOfRows": "10", "pageNo": "1", "contentTypeId": "12"}
FINGERPRINT = ApiKey.of(SecretStr(KEY)).fingerprint


def against(handler: Handler, work: Callable[[UpstreamClient], Awaitable[T]], kept: Kept, **options: object) -> T:
    """What `work` makes of a client of a server that answers with `handler`."""

    async def run() -> T:
        async with serving(handler) as url, client_of(url, kept, **options) as client:  # type: ignore[arg-type]
            return await work(client)

    return asyncio.run(run())


def calling(
    operation: Operation = LIST, parameters: Mapping[str, str] = PARAMETERS
) -> Callable[[UpstreamClient], Awaitable[Answer]]:
    async def call(client: UpstreamClient) -> Answer:
        return await client.call(operation, parameters)

    return call


def failing(handler: Handler, kept: Kept, **options: object) -> UpstreamError:
    """The error that a call to `handler` ends with."""
    with pytest.raises(UpstreamError) as caught:
        against(handler, calling(), kept, **options)
    return caught.value


def everything_said(error: BaseException) -> str:
    """All that a traceback, a log or a reporter could show of an error."""
    chain, seen = [error], []
    while chain:
        one = chain.pop()
        seen += [str(one), repr(one), repr(one.args), repr(getattr(one, "__notes__", ""))]
        chain += [other for other in (one.__cause__, one.__context__) if other is not None]
    return "\n".join([*seen, *traceback.format_exception(error)])


# What is sent


def test_a_call_sends_what_is_declared_and_what_is_asked() -> None:
    script = Script([(200, PAGE)])
    against(script, calling(), Kept())
    (request,) = script.requests
    assert request.path == "/B551011/KorService2/areaBasedSyncList2"
    assert dict(request.query) == {
        "serviceKey": KEY, "MobileOS": "ETC", "MobileApp": "WeatherFlick", "_type": "json", **PARAMETERS,
    }  # fmt: skip
    assert "weatherflick" in request.headers["User-Agent"]


@pytest.mark.parametrize("key", [KEY, "a+b/c==", "plain", "%2B%2F%3D", "a b+c"])
def test_a_key_arrives_as_it_is_whatever_is_in_it(key: str) -> None:
    script = Script([(200, PAGE)])
    against(script, calling(), Kept(), keys=[key])
    decoded = dict(parse_qsl(urlsplit(script.requests[0].raw_path).query, strict_parsing=True))
    assert ApiKey.of(SecretStr(decoded["serviceKey"])) == ApiKey.of(SecretStr(key))
    assert decoded["serviceKey"] == ApiKey.of(SecretStr(key)).secret.get_secret_value()


def test_the_sandbox_accepts_a_difficult_key_given_in_either_form() -> None:
    options = SandboxOptions(keys=("x+y/z==",))
    with RunningSandbox(options, catalogue=Catalogue.from_rows([ROW | {"contenttypeid": "12"}])) as sandbox:
        for key in ("x+y/z==", "x%2By%2Fz%3D%3D"):

            async def run(key: str = key) -> Answer:
                async with client_of(sandbox.url, Kept(), keys=[key]) as client:
                    return await client.call(LIST, PARAMETERS)

            answer = asyncio.run(run())
            assert answer.page.items[0]["contentid"] == "126508"


def test_a_keyword_in_korean_arrives_intact() -> None:
    script = Script([(200, PAGE)])
    keyword = "경복궁 & 가+나=다/%41?#"
    against(script, calling(OPERATION_BY_NAME["searchKeyword2"], {"keyword": keyword}), Kept())
    assert script.requests[0].query["keyword"] == keyword


@pytest.mark.parametrize(
    ("operation", "parameters", "complaint"),
    [
        ("areaBasedSyncList2", {"contentTypID": "12"}, "contentTypID is not one of its parameters"),
        ("areaBasedSyncList2", {"serviceKey": "x"}, "serviceKey is not one of its parameters"),
        ("searchKeyword2", {}, "keyword is required"),
        ("locationBasedList2", {"mapX": "127"}, "mapY is required; radius is required"),
        ("areaBasedList2", {"lDongSignguCd": "110"}, "lDongSignguCd needs lDongRegnCd"),
        ("areaBasedList2", {"lclsSystm3": "AC010100"}, "lclsSystm3 needs lclsSystm1 and lclsSystm2"),
        ("categoryCode2", {"cat2": "A0101"}, "cat2 needs cat1"),
    ],
)
def test_a_call_that_is_sure_to_be_refused_is_not_sent(
    operation: str, parameters: dict[str, str], complaint: str
) -> None:
    script, kept = Script([(200, PAGE)]), Kept()
    with pytest.raises(PermanentError) as caught:
        against(script, calling(OPERATION_BY_NAME[operation], parameters), kept)
    assert complaint in str(caught.value)
    assert operation in str(caught.value)
    assert not script.requests
    assert not kept.responses


def test_every_declared_operation_is_answered_by_the_sandbox() -> None:
    needed = {
        "keyword": "경복궁", "mapX": "126.97", "mapY": "37.57", "radius": "1000",
        "eventStartDate": "20260101", "contentId": "126508", "contentTypeId": "12",
    }  # fmt: skip

    async def call_all(url: str) -> list[Answer]:
        async with client_of(url, Kept(), keys=["sandbox"]) as client:
            return [
                await client.call(operation, {name: needed[name] for name in operation.required})
                for operation in OPERATIONS
            ]

    with RunningSandbox(catalogue=Catalogue.from_rows([ROW | {"contenttypeid": "12"}])) as sandbox:
        answers = asyncio.run(call_all(sandbox.url))
    assert {answer.page.result_code for answer in answers} == {"0000"}


# What is kept


def test_a_response_is_kept_as_it_came_before_it_is_used() -> None:
    kept = Kept()
    answer = against(always(PAGE), calling(), kept)
    (response,) = kept.responses
    assert answer.response_id == 1
    assert answer.page.items == [ROW]
    assert answer.fetched_at == response.fetched_at
    assert response.body == PAGE
    assert (response.provider, response.operation) == (KTO.name, LIST.name)
    assert response.request_params == PARAMETERS
    assert response.expires_at == response.fetched_at + LIST.time_to_live
    assert (response.http_status, response.result_code) == (200, "0000")
    assert response.api_key_id == FINGERPRINT
    assert response.duration_ms >= 0
    assert response.fetched_at.tzinfo is not None


def test_failed_answers_are_kept_too_and_in_order() -> None:
    bodies = [(500, b"Unexpected errors"), (200, b"<html>sorry</html>"), (429, gateway_error("23")), (200, PAGE)]
    kept = Kept()
    answer = against(Script(bodies), calling(), kept)
    assert [(response.http_status, response.body) for response in kept.responses] == bodies
    assert [response.result_code for response in kept.responses] == ["500", "200", "23", "0000"]
    assert answer.response_id == 4


def test_an_answer_is_not_used_when_it_could_not_be_kept() -> None:
    async def refuse(_: object) -> int:
        raise OSError("the disk is full")

    script = Script([(200, PAGE)])

    async def run() -> None:
        async with serving(script) as url, client_of(url, refuse) as client:  # type: ignore[arg-type]
            await client.call(LIST, PARAMETERS)

    with pytest.raises(OSError, match="the disk is full"):
        asyncio.run(run())
    assert len(script.requests) == 1


# What is tried again


def test_trouble_that_passes_is_tried_again_and_counted() -> None:
    async def work(client: UpstreamClient) -> tuple[int, int]:
        await client.call(LIST, PARAMETERS)
        return client.count.sent, client.count.retried

    script = Script([(502, b"Error forwarding request to backend server"), (200, gateway_error("05")), (200, PAGE)])
    assert against(script, work, Kept()) == (3, 2)


def test_trouble_that_stays_is_given_up_after_the_declared_attempts() -> None:
    script = Script([(500, b"Unexpected errors")])
    error = failing(script, Kept())
    assert isinstance(error, TransientError)
    assert len(script.requests) == KTO.attempts


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b'{"resultCode":"10","resultMsg":"INVALID_REQUEST_PARAMETER_ERROR(x)"}', PermanentError),
        (200, QUOTA_SPENT.encode(), ExhaustedError),
        (429, b"API token quota exceeded", ExhaustedError),
    ],
)
def test_what_will_not_change_is_not_tried_again(status: int, body: bytes, kind: type[UpstreamError]) -> None:
    script = Script([(status, body), (200, PAGE)])
    assert type(failing(script, Kept())) is kind
    assert len(script.requests) == 1


def test_what_the_gateway_says_without_reason_is_asked_again_and_believed_the_third_time() -> None:
    spurious, trouble = (400, gateway_error("12")), (500, b"Unexpected errors")
    script = Script([trouble, spurious, trouble, spurious, (200, PAGE)])
    against(script, calling(), Kept())
    assert len(script.requests) == 5
    script = Script([spurious])
    assert isinstance(failing(script, Kept()), PermanentError)
    assert len(script.requests) == 1 + SPURIOUS_ANSWERS


def test_a_call_is_never_sent_by_the_http_library_on_its_own_account() -> None:
    arrived = 0

    async def handle(request: web.Request) -> web.StreamResponse:
        nonlocal arrived
        arrived += 1
        if arrived > 1:  # the connection that was kept ends without an answer
            assert request.transport is not None
            request.transport.close()
        return web.Response(body=PAGE)

    async def work(client: UpstreamClient) -> int:
        await client.call(LIST, PARAMETERS)
        with pytest.raises(TransientError):
            await client.call(LIST, PARAMETERS)
        return client.count.sent

    assert against(handle, work, Kept(), provider=replace(PATIENT_KTO, attempts=1)) == arrived == 2


def test_a_body_that_is_not_packed_as_its_header_says_is_read_as_it_is() -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=PAGE, headers={"Content-Encoding": "gzip"})

    kept = Kept()
    assert against(handle, calling(), kept).page.items == [ROW]
    assert [response.body for response in kept.responses] == [PAGE]


def test_a_packed_body_is_kept_unpacked() -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(PAGE), headers={"Content-Encoding": "gzip"})

    kept = Kept()
    assert against(handle, calling(), kept).page.items == [ROW]
    assert [response.body for response in kept.responses] == [PAGE]


def test_a_small_body_that_unpacks_without_end_is_not_unpacked_to_the_end() -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": "gzip"})

    error = failing(handle, Kept(), provider=SMALL_BODIES)
    assert isinstance(error, TransientError)
    assert error.code == "too_large"


# Keys


def test_keys_are_used_in_turn() -> None:
    async def work(client: UpstreamClient) -> None:
        for _ in range(4):
            await client.call(LIST, PARAMETERS)

    script = Script([(200, PAGE)])
    against(script, work, Kept(), keys=["first", "second"])
    used = [request.query["serviceKey"] for request in script.requests]
    assert sorted(used[:2]) == sorted(used[2:]) == ["first", "second"]


def test_when_one_key_is_refused_the_others_go_on() -> None:
    used: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        used.append(request.query["serviceKey"])
        refused = used[-1] == "expired"
        return web.Response(status=403 if refused else 200, body=gateway_error("31") if refused else PAGE)

    async def work(client: UpstreamClient) -> None:
        for _ in range(4):
            await client.call(LIST, PARAMETERS)

    against(handle, work, Kept(), keys=["good", "expired"])
    assert used.count("expired") == 1
    assert used.count("good") == 4


def test_when_every_key_is_refused_the_error_gives_each_reason_by_fingerprint() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(
            status=403, body=gateway_error("31" if request.query["serviceKey"] == "first-key" else "30")
        )

    kept = Kept()
    error = failing(handle, kept, keys=["first-key", "second-key"])
    assert isinstance(error, RefusedKeyError)
    for key, reason in (("first-key", "expired"), ("second-key", "not registered")):
        fingerprint = ApiKey.of(SecretStr(key)).fingerprint
        assert any(fingerprint in part and reason in part for part in str(error).split("; "))
        assert key not in everything_said(error)
    assert len(kept.responses) == 2


@pytest.mark.fault(
    "Blast radius", "a key that works is refused for one request", "the request fails, the key is used for others"
)
def test_a_key_that_is_refused_for_one_request_alone_goes_on() -> None:
    async def handle(request: web.Request) -> web.Response:
        refused = request.query["pageNo"] == "2"
        return web.Response(status=401 if refused else 200, body=gateway_error("30") if refused else PAGE)

    async def work(client: UpstreamClient) -> int:
        for page in ("1", "2", "3", "2", "4"):
            asked = client.call(LIST, {**PARAMETERS, "pageNo": page})
            if page == "2":
                with pytest.raises(RefusedRequestError):
                    await asked
            else:
                await asked
        return client.count.sent

    assert against(handle, work, Kept()) == 5


def test_a_key_is_refused_for_all_when_another_request_is_refused_and_one_that_was_good_is_too() -> None:
    async def handle(request: web.Request) -> web.Response:
        refused = len(seen) > 0
        seen.append(request.query["pageNo"])
        return web.Response(status=401 if refused else 200, body=gateway_error("30") if refused else PAGE)

    async def work(client: UpstreamClient) -> None:
        await client.call(LIST, {**PARAMETERS, "pageNo": "1"})
        with pytest.raises(RefusedRequestError):
            await client.call(LIST, {**PARAMETERS, "pageNo": "2"})
        for page in ("3", "4", "1"):
            with pytest.raises(RefusedKeyError):
                await client.call(LIST, {**PARAMETERS, "pageNo": page})

    seen: list[str] = []
    against(handle, work, Kept())
    assert seen == ["1", "2", "3", "1"]


def test_a_refusal_of_a_first_request_holds_for_it_until_another_shows_that_the_key_works() -> None:
    async def handle(request: web.Request) -> web.Response:
        seen.append(request.query["pageNo"])
        refused = seen[-1] == "1"
        return web.Response(status=401 if refused else 200, body=gateway_error("30") if refused else PAGE)

    async def work(client: UpstreamClient) -> None:
        for _ in range(3):
            with pytest.raises(RefusedKeyError) as caught:
                await client.call(LIST, {**PARAMETERS, "pageNo": "1"})
            assert not caught.value.is_certain
        await client.call(LIST, {**PARAMETERS, "pageNo": "2"})
        with pytest.raises(RefusedRequestError):
            await client.call(LIST, {**PARAMETERS, "pageNo": "1"})

    seen: list[str] = []
    against(handle, work, Kept())
    assert seen == ["1", "2", "1"]


def test_many_refused_keys_do_not_hide_a_good_one() -> None:
    async def handle(request: web.Request) -> web.Response:
        refused = request.query["serviceKey"].startswith("bad")
        return web.Response(status=403 if refused else 200, body=gateway_error("30") if refused else PAGE)

    async def work(client: UpstreamClient) -> int:
        await client.call(LIST, PARAMETERS)
        return client.count.retried

    assert against(handle, work, Kept(), keys=[*(f"bad-{number}" for number in range(6)), "good"]) == 0


def test_when_the_calls_of_one_key_are_spent_another_goes_on_and_the_spent_one_is_not_asked_again() -> None:
    used: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        used.append(request.query["serviceKey"])
        return web.Response(body=QUOTA_SPENT.encode() if used[-1] == "spent" else PAGE)

    async def work(client: UpstreamClient) -> None:
        for _ in range(4):
            await client.call(LIST, PARAMETERS)

    against(handle, work, Kept(), keys=["spent", "fresh"])
    assert used.count("spent") == 1
    assert used.count("fresh") == 4


def test_without_a_key_nothing_is_sent() -> None:
    async def work(client: UpstreamClient) -> tuple[int, int]:
        with pytest.raises(RefusedKeyError, match="none is configured"):
            await client.call(LIST, PARAMETERS)
        return client.count.sent, client.count.retried

    assert against(always(PAGE), work, Kept(), keys=[]) == (0, 0)


# The key never shows


async def echo(request: web.Request) -> web.Response:
    return web.Response(
        status=400, text=f"<html>You asked for {request.raw_path} with {request.query['serviceKey']}</html>"
    )


async def echo_in_an_error(request: web.Request) -> web.Response:
    return web.Response(body=gateway_error("10", f"BAD {request.query['serviceKey']}", f"at {request.raw_path}"))


async def echo_as_a_reason_for_refusal(request: web.Request) -> web.Response:
    return web.Response(status=403, body=gateway_error("30", f"UNKNOWN KEY {request.query['serviceKey']}"))


async def echo_as_a_code(request: web.Request) -> web.Response:
    return web.json_response({"resultCode": request.query["serviceKey"], "resultMsg": request.raw_path})


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"/elsewhere?{request.query_string}"})


async def hang_up(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(request.raw_path.encode())
    assert request.transport is not None
    request.transport.close()
    return response


async def lie_about_gzip(request: web.Request) -> web.Response:
    return web.Response(body=request.raw_path.encode(), headers={"Content-Encoding": "gzip"})


HOSTILE = (
    echo,
    echo_in_an_error,
    echo_as_a_reason_for_refusal,
    echo_as_a_code,
    redirect,
    hang_up,
    break_off,
    lie_about_gzip,
)


@pytest.mark.parametrize("handler", HOSTILE)
def test_a_key_never_shows_whatever_the_host_does(handler: Handler) -> None:
    kept = Kept()
    error = failing(handler, kept)
    recognisable = KEY.strip("=%")
    for text in (everything_said(error), *(repr(response) for response in kept.responses), error.code):
        assert recognisable not in text
        assert recognisable.replace("+", "%2B").replace("/", "%2F") not in text
        assert recognisable.replace("+", "%2B") not in text
        assert recognisable[:3] not in text
    assert error.__cause__ is None


def test_an_echoed_key_is_blotted_out_in_what_is_kept_and_in_what_is_used() -> None:
    async def handle(request: web.Request) -> web.Response:
        return web.Response(body=envelope([ROW | {"echo": request.query["serviceKey"]}]))

    kept = Kept()
    answer = against(handle, calling(), kept)
    assert answer.page.items[0]["echo"] == REDACTED
    assert kept.responses[0].body == envelope([ROW | {"echo": REDACTED}])


def test_neither_a_client_nor_its_parts_show_the_key_when_printed() -> None:
    client = client_of("http://127.0.0.1:1", Kept())
    for shown in (repr(client), str(client), repr(vars(client))):
        assert KEY[:8] not in shown


# Trouble on the way


def test_a_refused_connection_is_told_in_one_sentence_and_counts_as_transient() -> None:
    async def run() -> None:
        async with client_of("http://127.0.0.1:1", Kept()) as client:
            await client.call(LIST, PARAMETERS)

    with pytest.raises(TransientError) as caught:
        asyncio.run(run())
    message = str(caught.value)
    assert "areaBasedSyncList2 of kto: the connection to http://127.0.0.1:1 failed" in message
    assert "DATA_GO_KR_BASE_URL" in message
    assert caught.value.code == "connection"


def test_a_base_url_that_is_none_is_told_as_well() -> None:
    async def run() -> None:
        async with client_of("not a url", Kept()) as client:
            await client.call(LIST, PARAMETERS)

    with pytest.raises(TransientError, match="DATA_GO_KR_BASE_URL"):
        asyncio.run(run())


def test_a_slash_after_the_base_url_does_not_matter() -> None:
    script = Script([(200, PAGE)])

    async def run() -> None:
        async with serving(script) as url, client_of(f"{url}/", Kept()) as client:
            await client.call(LIST, PARAMETERS)

    asyncio.run(run())
    assert script.requests[0].path == "/B551011/KorService2/areaBasedSyncList2"


def test_a_host_that_does_not_answer_is_given_up() -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    impatient = replace(PATIENT_KTO, read_timeout_seconds=0.05, attempts=2)
    error = failing(never, Kept(), provider=impatient)
    assert isinstance(error, TransientError)
    assert "did not answer in time" in str(error)


def test_a_redirect_is_not_followed() -> None:
    script = Script([(302, b"")])
    assert isinstance(failing(script, Kept()), UpstreamError)
    assert {request.path for request in script.requests} == {"/B551011/KorService2/areaBasedSyncList2"}


def test_a_body_without_end_is_not_read_to_the_end() -> None:
    error = failing(always(b"9" * 200_000), Kept(), provider=SMALL_BODIES)
    assert isinstance(error, TransientError)
    assert error.code == "too_large"


def raw_deflated(body: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(body) + packing.flush()


@pytest.mark.fault("Blast radius", "a body is packed otherwise than its headers say", "it is unpacked by what it is")
@pytest.mark.parametrize("announced", [None, "gzip", "deflate", "br", "nonsense"])
@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        zlib.compress,
        raw_deflated,
        lambda body: gzip.compress(gzip.compress(body)),
        lambda body: gzip.compress(raw_deflated(body)),
        lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:]),
    ],
    ids=["gzip", "zlib", "raw deflate", "gzip twice", "deflate in gzip", "two members"],
)
def test_a_body_is_unpacked_by_what_it_is(pack: Callable[[bytes], bytes], announced: str | None) -> None:
    async def handle(_: web.Request) -> web.Response:
        return web.Response(body=pack(PAGE), headers={"Content-Encoding": announced} if announced else {})

    kept = Kept()
    assert against(handle, calling(), kept).page.items == [ROW]
    assert [response.body for response in kept.responses] == [PAGE]


def answering(
    head: bytes, body: bytes = PAGE
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A server that writes these very bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(PAGE) + body)
        await writer.drain()
        writer.close()

    return answer


def asked_of(
    head: bytes, body: bytes = PAGE, *, times: int = 1, kept: Kept | None = None
) -> list[Answer | UpstreamError]:
    """What comes of calls to a server that writes these bytes."""

    async def run() -> list[Answer | UpstreamError]:
        server = await asyncio.start_server(answering(head, body), "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        one_try = replace(PATIENT_KTO, attempts=1)
        async with server, client_of(url, kept or Kept(), provider=one_try) as client:
            outcomes: list[Answer | UpstreamError] = []
            for _ in range(times):
                try:
                    outcomes.append(await client.call(LIST, PARAMETERS))
                except UpstreamError as error:
                    outcomes.append(error)
            return outcomes

    return asyncio.run(run())


@pytest.mark.fault("Blast radius", "headers of a response are not UTF-8", "the response is kept and read all the same")
@pytest.mark.parametrize("value", [b"\xb0\xa1\xb3\xaa", b"\xff\xfe", b"caf\xe9; \xed\xa0\x80"])
@pytest.mark.parametrize("name", [b"X-Notice", b"Content-Type", b"Content-Encoding", b"Retry-After", b"Server"])
def test_headers_that_are_not_utf_8_do_no_harm(name: bytes, value: bytes) -> None:
    kept = Kept()
    (answer,) = asked_of(b"HTTP/1.1 200 OK\r\n" + name + b": " + value + b"\r\n", kept=kept)
    assert isinstance(answer, Answer)
    assert answer.page.items == [ROW]
    assert [response.body for response in kept.responses] == [PAGE]


@pytest.mark.fault(
    "Blast radius", "what comes is no HTTP", "the call is on record, and the host does not count as down"
)
@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"HTTP/1.1 200 OK\r\nno header at all\r\n", PAGE, None),
        (b"HTTP/1.1 abc OK\r\n", PAGE, None),
        (b"<html>not HTTP</html>\r\n", PAGE, None),
        (b"HTTP/1.1 200 OK\r\n", PAGE[:-9], 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", PAGE, None),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 20_000 + b"\r\n", PAGE, None),
    ],
    ids=["header", "status", "web page", "cut off", "two lengths", "long header"],
)
def test_a_broken_answer_is_on_record_and_the_host_does_not_count_as_down(
    head: bytes, body: bytes, status: int | None
) -> None:
    kept = Kept()
    outcomes = asked_of(head, body, times=FAILURES_IN_A_ROW + 4, kept=kept)
    assert {type(outcome) for outcome in outcomes} == {ProtocolError}
    assert {(response.http_status, response.result_code, response.body) for response in kept.responses} == {
        (status, "protocol", b"")
    }
    assert len(kept.responses) == len(outcomes)
    assert isinstance(outcomes[0], ProtocolError)
    assert "no complete HTTP answer" in str(outcomes[0])


@pytest.mark.fault("Blast radius", "an answer is too large, or none comes", "the call is on record with what is known")
def test_a_call_without_a_whole_answer_is_on_record() -> None:
    async def never(_: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError

    kept = Kept()
    failing(always(b"9" * 200_000), kept, provider=replace(SMALL_BODIES, attempts=1))
    failing(always(gzip.compress(bytes(200_000))), kept, provider=replace(SMALL_BODIES, attempts=1))
    failing(never, kept, provider=replace(PATIENT_KTO, read_timeout_seconds=0.05, attempts=1))
    assert [(response.http_status, response.result_code, response.body) for response in kept.responses] == [
        (200, "too_large", b""),
        (200, "too_large", b""),
        (None, "connection", b""),
    ]


@pytest.mark.fault("Keys and passwords", "a key is given as a parameter", "it is replaced in what is on record")
def test_a_key_among_the_parameters_is_not_kept() -> None:
    kept = Kept()
    against(always(PAGE), calling(OPERATION_BY_NAME["searchKeyword2"], {"keyword": f"경복궁 {KEY}"}), kept)
    assert kept.responses[0].request_params == {"keyword": f"경복궁 {REDACTED}"}


# Concurrency


@pytest.mark.parametrize("allowed", [1, 3])
def test_no_more_calls_are_under_way_than_the_provider_bears(allowed: int) -> None:
    under_way, most = 0, 0

    async def handle(_request: web.Request) -> web.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(20):  # long enough for every other call to arrive
            await asyncio.sleep(0)
        under_way -= 1
        return web.Response(body=PAGE)

    async def work(client: UpstreamClient) -> None:
        await asyncio.gather(*(client.call(LIST, PARAMETERS) for _ in range(20)))

    kept = Kept()
    against(handle, work, kept, provider=replace(PATIENT_KTO, rate_limit=RateLimit(allowed, 1e6)))
    assert 1 <= most <= allowed
    assert len(kept.responses) == 20
