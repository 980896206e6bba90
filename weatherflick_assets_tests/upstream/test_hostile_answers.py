"""Whatever is answered, it is a page or one of the typed errors: bounded, printable, and without harm done."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.upstream.errors import PermanentError, TransientError, UpstreamError
from weatherflick_assets_tests.upstream.answers import (
    WORD_BY_KIND,
    agency_error,
    error_of,
    flat_error,
    outcome_of,
    read,
    xml_error,
)
from weatherflick_assets_tests.upstream.hosts import QUOTA_SPENT, envelope, gateway_error

STATUSES = (200, 200, 200, 204, 302, 400, 401, 403, 404, 429, 500, 503)

MANY = 1_000_000


def assert_page_or_typed_error(body: bytes, status: int = 200) -> None:
    try:
        page = read(body, status)
    except UpstreamError as caught:
        error = caught
    else:
        assert all(isinstance(item, dict) for item in page.items)
        assert 0 <= page.total_count < 2**31
        assert len(page.result_code) <= 64
        assert page.result_code.isprintable()
        return
    assert type(error) in WORD_BY_KIND
    assert 0 < len(error.code) <= 64
    assert error.code.isprintable()
    assert str(error).startswith("areaBasedSyncList2 of kto: ")
    assert len(str(error)) <= 700
    assert str(error).isprintable()


# Bodies that are none


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"\x1f\x8b\x08\x00\x00\x00",
        b"null", b"true", b'"text"', b"[]", b"[1, 2]", b"{", b"{}", b'{"response":',
        b'{"response":{"header":{"resultCode":"0000"},',
        envelope([{"contentid": "1"}])[:-20],
        envelope([{"contentid": "1"}]) + envelope([]),
        b'{"response":NaN}', b'{"response":{"body":{"items":[],"totalCount":NaN}}}',
        b'{"response":{"header":{"resultCode":"\\ud800"}}}', b'{"a":"\xed\xa0\x80"}', b"\xff\xfe{\x00}\x00",
        b"9" * MANY,
        b"[" * MANY,
        b'{"a":' * MANY,
        b"<" * MANY,
        b"<!-- " * MANY,
        b'<?xml version="1.0"?><response>',
        b"<a>" * 50_000 + b"</a>" * 50_000,
        b"<response>" + b"<a/>" * 200_000 + b"</response>",
        b'<response a="' + b"&#60;" * 200_000 + b'"/>',
        b'<?xml version="1.0" encoding="nonsense"?><response/>',
        b'<?xml version="1.0" encoding="base64"?><response/>',
        b'<?xml version="1.0" encoding="euc-kr"?><response/>',
        b'<?xml version="1.1"?><response/>',
        b"<response>&#0;</response>", b"<response>\x00</response>",
        b"<response><header><resultCode>0000</resultCode></header></response>",
        "{}".encode("utf-16"),
        '<?xml version="1.0" encoding="utf-16"?><response/>'.encode("utf-16"),
    ],
    ids=lambda body: body[:30].decode("ascii", "replace"),
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_worth_asking_for_again(body: bytes) -> None:
    assert outcome_of(body) == "transient"
    assert_page_or_typed_error(body)


@pytest.mark.parametrize("opening", [b"", b"<response>", b"{", b'{"response":"', b"<html>", b"["])
def test_a_body_larger_than_any_page_is_not_even_taken_apart(opening: bytes) -> None:
    assert "it is larger than any page" in str(error_of(opening + b"<>{}[]," * (9 * 1024 * 1024 // 7)))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "us-ascii"])
def test_an_xml_bomb_does_not_go_off(encoding: str) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">{entities}]><response>&a11;</response>'
    assert outcome_of(bomb.encode(encoding)) == "transient"


def test_default_attributes_cannot_be_declared_to_fill_the_memory() -> None:
    page = "<response><header><resultCode>00</resultCode></header><body><items/><totalCount>0</totalCount></body></response>"
    assert outcome_of(page.encode()) == "empty"
    assert outcome_of(f'<!DOCTYPE a [<!ATTLIST response x CDATA "{"a" * 1000}">]>{page}'.encode()) == "transient"


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    bait = (
        f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        "<response><header><resultCode>10</resultCode><resultMsg>&x;</resultMsg></header></response>"
    )
    error = error_of(bait.encode())
    assert isinstance(error, TransientError)
    assert "the secret" not in str(error)


# Wrong types and sizes within the envelope


@pytest.mark.parametrize(
    "total",
    ["9" * MANY, "9" * 4_000, " " * MANY, 1e300, 2**31, 2**63, -1, "-1", "+1", "1_0", "٣", "1e2", None, "", "many", [], {},
     "nan", True, 3.0],
    ids=lambda total: str(total)[:9],
)  # fmt: skip
def test_a_total_that_no_list_can_have_is_unreadable(total: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": "", "totalCount": total}}}
    assert outcome_of(orjson.dumps(body)) == "transient"


@pytest.mark.parametrize(
    "items",
    [
        0,
        5,
        False,
        True,
        1.5,
        "text",
        [1],
        [None],
        {"item": 5},
        {"item": ["x"]},
        {"item": [[]]},
        {"item": False},
        {"row": []},
    ],
    ids=str,
)
def test_rows_of_the_wrong_type_are_unreadable(items: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": items, "totalCount": 1}}}
    assert outcome_of(orjson.dumps(body)) == "transient"


@pytest.mark.parametrize(
    "body", [{"items": []}, {"totalCount": 0}, {}, [], None, "", 5, {"rows": [], "count": 0}], ids=str
)
@pytest.mark.parametrize("header", [{"resultCode": "0000"}, {}])
def test_a_list_without_its_rows_or_its_total_is_not_an_empty_list(header: dict[str, str], body: object) -> None:
    assert outcome_of(orjson.dumps({"response": {"header": header, "body": body}})) == "transient"


@pytest.mark.parametrize(
    "code",
    ["\0", "\x1b\x07", "", " ", ["0000"], {"a": 1}, None, True, False, 1.5, [[]] * 1000],
    ids=lambda c: repr(c)[:9],
)
def test_what_is_no_code_at_all_makes_an_error_unreadable(code: object) -> None:
    for body in (flat_error(code, "알림"), agency_error(code, "알림")):
        assert outcome_of(body) == "transient"


@pytest.mark.parametrize("code", ["9" * MANY, "२२", "٢٢", "22\0\x1b[2J" * 50_000, 2**63, -(2**63), "x" * MANY])
def test_a_code_that_no_table_holds_becomes_a_short_readable_error(code: object) -> None:
    for body in (flat_error(code), agency_error(code), gateway_error(str(code))):
        assert isinstance(error_of(body), PermanentError)
        assert_page_or_typed_error(body)


@pytest.mark.parametrize(
    "text", ["m" * MANY, "\0\x1b[31m\r\n\u2028\u202e" * 50_000, " " * MANY, "(" * MANY, "_" * MANY, "'\\" * 300]
)
def test_what_the_upstream_says_is_told_in_one_short_printable_line(text: str) -> None:
    for body in (flat_error("10", text), gateway_error("10", text, text), text.encode()):
        assert_page_or_typed_error(body, 400)


def test_an_item_may_hold_anything() -> None:
    row = {
        "title": "\0",
        "nested": [{"a": [1.5, None, True]}],
        "": "x" * MANY,
        "resultCode": "22",
        "errMsg": "Forbidden",
    }
    assert read(envelope([row])).items == [row]


# The law

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["response", "header", "body", "items", "item", "totalCount", "resultCode", "resultMsg", "returnReasonCode",
             "cmmMsgHeader", "OpenAPI_ServiceResponse", "errMsg", "errorCode", "error", "code", "status", "contentid"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(
    st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode("utf-8", "replace")),
    st.integers(-1, 1000),
)
@example(b'<?xml version="1.0" encoding="x"?><a/>', 200)
def test_whatever_the_body_it_is_a_page_or_a_typed_error(body: bytes, status: int) -> None:
    assert_page_or_typed_error(body, status)


SEEDS = (
    envelope([{"contentid": "1", "title": "경복궁"}, {"contentid": "2", "title": ""}], total=2407),
    envelope([]),
    orjson.dumps({"response": {"body": {"totalCount": 40, "items": [{"a": None}]}, "header": {"resultCode": "00"}}}),
    b"<response><header><resultCode>00</resultCode></header><body><items><item/></items><totalCount>1</totalCount></body></response>",
    QUOTA_SPENT.encode(),
    b'\xef\xbb\xbf<?xml version="1.0" encoding="UTF-8"?>\n' + xml_error("30"),
    xml_error(None, authorisation="SERVICE_KEY_IS_NOT_REGISTERED_ERROR"),
    gateway_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "등록되지 않은 서비스키"),
    agency_error("03", "NO_DATA"),
    flat_error("10", "INVALID_REQUEST_PARAMETER_ERROR(x)"),
    b"API token quota exceeded",
    b"<html><head><title>400 Bad Request</title></head><body><h1>Request Blocked</h1></body></html>",
    b'{"code":-4,"msg":"x"}',
    b'{"errorMessage":"x","errorCode":"012"}',
    b'{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}',
)

SPLINTERS = (
    b"", b'"', b"{", b"}", b"[", b"]", b"<", b">", b"</", b"<!--", b"<![CDATA[", b"<!DOCTYPE a>", b"<?xml?>", b"&a;", b"&#0;",
    b"\\u0000", b"\\ud800", b"\0", b"\xff", b"\xef\xbb\xbf", b"\x1f\x8b", b"0", b"-", b"NaN", b"null", b"true", b"1e999",
    b"99999999999", b"22", b'"body":', b"<html>", b"resultCode", b"(", b"\xe2\x80\xae", b"\x1b[2J",
)  # fmt: skip

Mutation = Callable[[bytes, int, int], bytes]


def _cut(body: bytes, place: int, _: int) -> bytes:
    return body[:place]


def _flip(body: bytes, place: int, other: int) -> bytes:
    return body[:place] + bytes([other % 256]) + body[place + 1 :]


def _splinter(body: bytes, place: int, other: int) -> bytes:
    return body[:place] + SPLINTERS[other % len(SPLINTERS)] + body[place + other % 5 :]


def _splice(body: bytes, place: int, other: int) -> bytes:
    seed = SEEDS[other % len(SEEDS)]
    return body[:place] + seed[other % len(seed) :]


def _repeat(body: bytes, place: int, other: int) -> bytes:
    return body[:place] + body[place : place + 9] * (other % 40) + body[place:]


def _wrap(body: bytes, _: int, other: int) -> bytes:
    opening, closing = ((b"[", b"]"), (b'{"response":', b"}"), (b"<a>", b"</a>"), (b"<!--", b"-->"), (b'"', b'"'))[
        other % 5
    ]
    return opening + body + closing


def _recode(body: bytes, _: int, other: int) -> bytes:
    encoding = ("utf-16", "utf-16-be", "utf-32", "euc-kr", "utf-7", "latin-1")[other % 6]
    return body.decode("utf-8", "replace").encode(encoding, "replace")


MUTATIONS: tuple[Mutation, ...] = (
    _cut,
    _flip,
    _flip,
    _splinter,
    _splinter,
    _splinter,
    _splice,
    _repeat,
    _wrap,
    _recode,
)


@pytest.mark.slow
@settings(
    max_examples=10_000,
    derandomize=True,
    deadline=None,
    # Nothing is asked of the shape of what is generated, and ten thousand examples are the point.
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    phases=[Phase.generate, Phase.shrink],
)
@given(st.integers(0, 2**24 - 1))
def test_ten_thousand_damaged_answers_are_pages_or_typed_errors(seed: int) -> None:
    # One number holds every choice: drawing them apart takes more time than reading the answers.
    chance = random.Random(seed)
    status, body = chance.choice(STATUSES), chance.choice(SEEDS)
    for _ in range(chance.randint(1, 4)):
        body = chance.choice(MUTATIONS)(body, chance.randrange(len(body) + 1), chance.randrange(4099))
    assert_page_or_typed_error(body, status)
