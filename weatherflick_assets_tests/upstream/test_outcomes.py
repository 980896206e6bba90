"""What an answer means: every known form of success and failure, and that nothing else ever escapes."""

import json
import random
import re
from pathlib import Path

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    TransientError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Page, Reply, read_answer
from weatherflick_assets_tests.upstream.hosts import LIST, QUOTA_SPENT, envelope, gateway_error

KIND_OF_CODE = {
    "01": TransientError, "02": TransientError, "04": TransientError, "05": TransientError, "23": TransientError,
    "99": TransientError, "10": PermanentError, "11": PermanentError, "12": PermanentError, "22": ExhaustedError,
    "20": RefusedKeyError, "21": RefusedKeyError, "29": RefusedKeyError, "30": RefusedKeyError, "31": RefusedKeyError,
    "32": RefusedKeyError, "33": RefusedKeyError,
}  # fmt: skip


def read(body: bytes, status: int = 200) -> Page:
    return read_answer(LIST, Reply(status, {}, body))


def error_of(body: bytes, status: int = 200) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        read(body, status)
    return caught.value


def classic(code: str, name: str) -> bytes:
    return (
        f"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>{name}</returnAuthMsg>"
        f"<returnReasonCode>{code}</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>"
    ).encode()


# Success


def test_rows_come_as_received_with_the_total_of_the_whole_list() -> None:
    rows: list[dict[str, object]] = [{"contentid": "1", "title": "경복궁"}, {"contentid": "2", "title": ""}]
    assert read(envelope(rows, total=2407)) == Page(rows, 2407, "0000")


def test_an_empty_list_is_written_as_an_empty_string() -> None:
    assert read(envelope([])) == Page([], 0, "0000")


def test_a_single_row_may_come_without_its_list() -> None:
    body = orjson.loads(envelope([{"contentid": "1"}]))
    body["response"]["body"]["items"]["item"] = {"contentid": "1"}
    assert read(orjson.dumps(body)).items == [{"contentid": "1"}]


@pytest.mark.parametrize("items", [None, {}, {"item": []}, {"item": ""}, []])
def test_every_way_to_write_no_rows_is_no_rows(items: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": items, "totalCount": 0}}}
    assert read(orjson.dumps(body)).items == []


@pytest.mark.parametrize("code", ["0", "00", "000", "0000", 0])
def test_agencies_pad_the_success_code_as_they_like(code: object) -> None:
    body = {"response": {"header": {"resultCode": code}, "body": {"items": "", "totalCount": "0"}}}
    assert read(orjson.dumps(body)).total_count == 0


@pytest.mark.parametrize("code", ["3", "03", "0003"])
def test_no_data_is_an_empty_page_and_no_error(code: str) -> None:
    assert read(orjson.dumps({"response": {"header": {"resultCode": code, "resultMsg": "NO_DATA"}}})) == Page(
        [], 0, code
    )


def test_no_data_of_the_gateway_is_an_empty_page_too() -> None:
    assert read(classic("03", "NODATA_ERROR")).items == []


def test_a_byte_order_mark_and_blank_lines_before_the_body_do_not_matter() -> None:
    assert read(b"\xef\xbb\xbf\r\n " + envelope([{"contentid": "1"}])).total_count == 1


# The gateway's three generations


@pytest.mark.parametrize(("code", "kind"), KIND_OF_CODE.items())
def test_the_reason_code_decides_in_every_generation_of_the_gateway(code: str, kind: type[UpstreamError]) -> None:
    xml = classic(code, "SOME_ERROR")
    answers = [
        (200, xml),
        (200, b"\xef\xbb\xbf" + xml),
        (200, b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml),
        (200, xml.replace(b"<OpenAPI_ServiceResponse>", b'<OpenAPI_ServiceResponse xmlns="http://data.go.kr/x">')),
        (403, gateway_error(code)),
        (403, b'<?xml version="1.0"?>' + xml),
        (200, orjson.dumps({"response": {"header": {"resultCode": code, "resultMsg": "TEXT"}}})),
        (200, orjson.dumps({"responseTime": "2026-07-13T21:04:34.372", "resultCode": code, "resultMsg": "TEXT"})),
        (200, f"<response><header><resultCode>{code}</resultCode></header></response>".encode()),
    ]
    for status, body in answers:
        error = error_of(body, status)
        assert type(error) is kind, body
        assert error.code == code


@pytest.mark.parametrize("code", ["22", "022", "0022"])
def test_a_padded_error_code_is_the_same_code(code: str) -> None:
    assert isinstance(error_of(gateway_error(code), 429), ExhaustedError)


def test_a_reason_code_may_be_a_number() -> None:
    body = {"OpenAPI_ServiceResponse": {"cmmMsgHeader": {"returnReasonCode": 30, "errMsg": "X"}}}
    assert isinstance(error_of(orjson.dumps(body), 403), RefusedKeyError)


def test_texts_swapped_between_the_fields_do_not_change_what_an_error_is() -> None:
    old = error_of(QUOTA_SPENT.encode())
    new = error_of(
        gateway_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR", "서비스 요청제한횟수 초과"), 429
    )
    assert type(old) is type(new) is ExhaustedError


PLAIN_TEXTS = [
    (401, "Unauthorized", RefusedKeyError),
    (403, "Forbidden", RefusedKeyError),
    (404, "API not found", PermanentError),
    (429, "API rate limit exceeded", TransientError),
    (429, "API token quota exceeded", ExhaustedError),
    (500, "Unexpected errors", TransientError),
    (500, "Unexpected error", TransientError),
    (502, "Error forwarding request to backend server", TransientError),
    (502, "Error receiving response from backend server", TransientError),
]


@pytest.mark.parametrize(("status", "text", "kind"), PLAIN_TEXTS)
def test_the_plain_texts_of_the_gateway_are_known(status: int, text: str, kind: type[UpstreamError]) -> None:
    for body in (text, f"{text}\n", text.upper()):
        assert type(error_of(body.encode(), status)) is kind


def test_a_daily_limit_and_a_limit_per_second_are_not_the_same_thing() -> None:
    assert isinstance(error_of(b"API token quota exceeded", 429), ExhaustedError)
    assert isinstance(error_of(b"", 429), TransientError)


def test_words_about_quotas_in_the_data_mean_nothing() -> None:
    assert read(envelope([{"contentid": "1", "title": "API token quota exceeded 429 한도 초과"}])).total_count == 1


# What the agency says about parameters


def test_a_flat_error_of_the_agency_keeps_its_text_for_people() -> None:
    body = (
        b'{"responseTime":"2026-07-13T21:04:34.372","resultCode":"10","resultMsg":"INVALID_REQUEST_PARAMETER_ERROR(x)"}'
    )
    error = error_of(body)
    assert isinstance(error, PermanentError)
    assert "INVALID_REQUEST_PARAMETER_ERROR(x)" in str(error)
    assert "areaBasedSyncList2 of kto" in str(error)


# Bodies that are none


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"<html><body><h1>Service Unavailable</h1></body></html>",
        b'<!DOCTYPE HTML PUBLIC "-//IETF/DTD HTML 2.0//EN">\n<HTML></HTML>',
        b"\x1f\x8b\x08\x00\x00\x00",
        b"null", b"true", b'"text"', b"[]", b"[1, 2]", b"{", b'{"response":', b'{"response":{"header":{"resultCode":"0000"},',
        envelope([{"contentid": "1"}])[:-20],
        b"9" * 1_000_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'<?xml version="1.0"?><response>',
        b'<?xml version="1.0"?>' + b"<a>" * 50_000 + b"</a>" * 50_000,
        b'<?xml version="1.0" encoding="nonsense"?><response/>',
        b'<?xml version="1.0" encoding="base64"?><response/>',
        b'<?xml version="1.0" encoding="euc-kr"?><response/>',
        b"<response><header><resultCode>0000</resultCode></header></response>",
        "{}".encode("utf-16"),
    ],
    ids=lambda body: body[:30].decode("utf-8", "replace"),
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_worth_asking_for_again(body: bytes) -> None:
    assert isinstance(error_of(body), TransientError)


def test_an_html_page_that_blocks_is_a_refusal_by_its_status() -> None:
    assert isinstance(error_of(b"<HTML><BODY><H1>Request Blocked</H1></BODY></HTML>", 403), RefusedKeyError)


def test_an_xml_bomb_does_not_go_off() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a0 "aaaaaaaaaa">{entities}]><response>&a11;</response>'
    assert isinstance(error_of(bomb.encode()), TransientError)


def test_an_external_entity_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    bait = f'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "{secret.as_uri()}">]><response>&x;</response>'
    error = error_of(bait.encode())
    assert isinstance(error, TransientError)
    assert "the secret" not in str(error)


@pytest.mark.parametrize(
    "total",
    ["9" * 1_000_000, "9" * 4_000, 1e300, 2**31, -1, "-1", None, "", "many", [], {}, "nan"],
    ids=lambda t: str(t)[:9],
)
def test_a_total_that_no_list_can_have_is_unreadable(total: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": "", "totalCount": total}}}
    assert isinstance(error_of(orjson.dumps(body)), TransientError)


@pytest.mark.parametrize("items", [5, "text", [1], {"item": 5}, {"item": ["x"]}, {"item": [[]]}, True], ids=str)
def test_rows_of_the_wrong_type_are_unreadable(items: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": items, "totalCount": 1}}}
    assert isinstance(error_of(orjson.dumps(body)), TransientError)


@pytest.mark.parametrize(
    "code", ["\x00", "9" * 1_000_000, ["0000"], {"a": 1}, None, True, "२२", "٢٢"], ids=lambda c: repr(c)[:9]
)
def test_a_code_that_is_none_becomes_a_short_readable_error(code: object) -> None:
    error = error_of(orjson.dumps({"resultCode": code, "resultMsg": "m" * 1_000_000}))
    assert isinstance(error, PermanentError)
    assert len(error.code) <= 40
    assert "\0" not in error.code
    assert len(str(error)) < 500


# Recorded answers


def _status_of(headers: Path) -> int:
    return int(re.findall(r"^HTTP/\S+ (\d+)", headers.read_text("utf-8", "replace"), re.MULTILINE)[-1])


@pytest.mark.recorded
def test_every_recorded_probe_of_the_gateway_is_a_typed_error(recorded_data: Path) -> None:
    folder = recorded_data / "datagokr_errors" / "kosmos_probes_2026-05-16"
    kinds = {}
    for headers in sorted(folder.rglob("*.headers.txt")):
        name = headers.name.removesuffix(".headers.txt")
        for body in headers.parent.glob(f"{name}.body*"):
            kinds[body] = type(error_of(body.read_bytes(), _status_of(headers)))
    assert len(kinds) >= 30
    assert set(kinds.values()) <= {TransientError, PermanentError, RefusedKeyError, ExhaustedError}


@pytest.mark.recorded
def test_every_plain_text_of_the_portal_has_its_kind(recorded_data: Path) -> None:
    lines = (
        (recorded_data / "datagokr_errors" / "verbatim" / "gateway_plaintext_bodies.tsv")
        .read_text("utf-8")
        .splitlines()
    )
    found = {(int(status), text) for status, text, _ in (line.split("\t") for line in lines[1:])}
    kinds = {(status, text): kind for status, text, kind in PLAIN_TEXTS}
    assert found <= set(kinds)
    for status, text in found:
        assert type(error_of(text.encode(), status)) is kinds[status, text]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("gateway_key_not_registered_http403.json", 403, RefusedKeyError),
        ("gateway_key_not_registered_http403.xml", 403, RefusedKeyError),
        ("gateway_key_not_registered_http403_compact.json", 403, RefusedKeyError),
        ("kto_flat_invalid_parameter_http200.json", 200, PermanentError),
    ],
)
def test_recorded_errors_have_their_kind(
    recorded_data: Path, name: str, status: int, kind: type[UpstreamError]
) -> None:
    assert type(error_of((recorded_data / "datagokr_errors" / "verbatim" / name).read_bytes(), status)) is kind


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["kma_mid_no_data_http200.json", "kto_searchKeyword2_no_results.json"])
def test_recorded_answers_without_rows_are_empty_pages(recorded_data: Path, name: str) -> None:
    page = read((recorded_data / "datagokr_errors" / "verbatim" / name).read_bytes())
    assert (page.items, page.total_count) == ([], 0)


@pytest.mark.recorded
def test_recorded_pages_hold_the_rows_they_say(recorded_data: Path) -> None:
    recordings = [
        *recorded_data.glob("kto/*2/kpubdata_2026-09/*.raw.json"),
        *recorded_data.glob("kto/detail*/koreamate_2026-07/*.json"),
        *recorded_data.glob("holiday/getRestDeInfo/*.json"),
    ]
    assert len(recordings) > 25
    for recording in recordings:
        body = recording.read_bytes()
        whole = orjson.loads(body)["response"]["body"]
        page = read(body)
        assert page.total_count == int(whole["totalCount"]), recording
        assert len(page.items) == min(int(whole["numOfRows"]), page.total_count), recording


# The law


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["response", "header", "body", "items", "item", "totalCount", "resultCode", "resultMsg", "returnReasonCode",
             "cmmMsgHeader", "OpenAPI_ServiceResponse", "errMsg", "contentid"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip

REAL = [
    envelope([{"contentid": "1", "title": "경복궁"}]),
    envelope([]),
    QUOTA_SPENT.encode(),
    gateway_error("30"),
    b'<?xml version="1.0" encoding="UTF-8"?>' + QUOTA_SPENT.encode(),
    b'{"resultCode":"10","resultMsg":"INVALID_REQUEST_PARAMETER_ERROR(x)"}',
]


def assert_page_or_typed_error(body: bytes, status: int) -> None:
    try:
        page = read(body, status)
    except UpstreamError as error:
        sound = bool(str(error)) and "\0" not in error.code
    else:
        sound = all(isinstance(item, dict) for item in page.items) and 0 <= page.total_count < 2**31
    assert sound


STATUSES = (200, 302, 400, 401, 403, 404, 429, 500, 503)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300) | json_values.map(lambda value: json.dumps(value).encode("utf-8", "replace")),
    st.sampled_from(STATUSES),
)
@example(b'<?xml version="1.0" encoding="x"?><a/>', 200)
def test_whatever_the_body_it_is_a_page_or_a_typed_error(body: bytes, status: int) -> None:
    assert_page_or_typed_error(body, status)


def test_thousands_of_damaged_answers_are_pages_or_typed_errors() -> None:
    chance = random.Random(20261122)
    splinters = [
        b'"',
        b"{",
        b"<",
        b"&#0;",
        b"\\u0000",
        b"0",
        b"null",
        b"[",
        b"99999999999",
        b"\xff",
        b"&a;",
        b"<!DOCTYPE a>",
    ]
    for _ in range(5000):
        body = bytearray(chance.choice(REAL))
        for _ in range(chance.randint(1, 5)):
            start = chance.randint(0, len(body))
            body[start : start + chance.choice((0, 0, 1, 3, 20))] = chance.choice(splinters)
        assert_page_or_typed_error(bytes(body), chance.choice(STATUSES))
