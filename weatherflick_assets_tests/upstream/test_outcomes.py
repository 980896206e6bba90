"""What an answer means: every known form of success and failure, one table row each."""

import orjson
import pytest

from weatherflick_assets.upstream.errors import PermanentError, TransientError
from weatherflick_assets.upstream.outcomes import Page
from weatherflick_assets_tests.upstream.answers import (
    agency_error,
    error_of,
    flat_error,
    outcome_of,
    read,
    xml_error,
)
from weatherflick_assets_tests.upstream.hosts import QUOTA_SPENT, envelope, gateway_error

OUTCOME_BY_CODE = {
    "01": "transient", "02": "transient", "04": "transient", "05": "transient", "99": "transient", "23": "throttled",
    "10": "permanent", "11": "permanent", "12": "permanent", "22": "exhausted", "20": "refused", "21": "refused",
    "29": "refused", "30": "refused", "31": "refused", "32": "refused", "33": "refused",
}  # fmt: skip

CODE_BY_NAME = {
    "APPLICATION_ERROR": "01",
    "DB_ERROR": "02",
    "HTTP_ERROR": "04",
    "SERVICETIMEOUT_ERROR": "05",
    "SERVICETIME_OUT": "05",
    "INVALID_REQUEST_PARAMETER_ERROR": "10",
    "NO_MANDATORY_REQUEST_PARAMETERS_ERROR": "11",
    "NO_OPENAPI_SERVICE_ERROR": "12",
    "SERVICE_KEY_IS_NULL": "20",
    "PERMISSION_DENIED": "20",
    "SERVICE_ACCESS_DENIED_ERROR": "20",
    "TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR": "21",
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR": "22",
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR": "23",
    "BLACKLIST_IP_ACCESS_ERROR": "29",
    "SERVICE_KEY_IS_NOT_REGISTERED_ERROR": "30",
    "DEADLINE_HAS_EXPIRED_ERROR": "31",
    "UNREGISTERED_IP_ERROR": "32",
    "UNSIGNED_CALL_ERROR": "33",
    "UNKNOWN_ERROR": "99",
}


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


def test_rows_may_stand_in_a_list_without_item_as_airkorea_writes_them() -> None:
    rows: list[dict[str, object]] = [{"stationName": "중구", "coFlag": None}, {"stationName": "종로"}]
    header = {"resultMsg": "NORMAL_CODE", "resultCode": "00"}
    body = {"totalCount": 40, "items": rows, "pageNo": 1, "numOfRows": 2}
    assert read(orjson.dumps({"response": {"body": body, "header": header}})) == Page(rows, 40, "00")


def test_a_list_may_come_as_xml_although_json_was_asked_for() -> None:
    body = (
        "<response><header><resultCode>00</resultCode><resultMsg>NORMAL SERVICE.</resultMsg></header><body><items>"
        "<item><routeno>5</routeno><title/></item><item><routeno>25</routeno><title>목련 &amp; 동백</title></item>"
        "</items><numOfRows>2</numOfRows><totalCount>17</totalCount></body></response>"
    )
    rows: list[dict[str, object]] = [{"routeno": "5", "title": ""}, {"routeno": "25", "title": "목련 & 동백"}]
    assert read(body.encode()) == Page(rows, 17, "00", is_xml=True)


@pytest.mark.parametrize("items", [None, {}, {"item": []}, {"item": ""}, [], "", " \n"])
def test_every_way_to_write_no_rows_is_no_rows(items: object) -> None:
    body = {"response": {"header": {"resultCode": "0000"}, "body": {"items": items, "totalCount": 0}}}
    assert read(orjson.dumps(body)).items == []


@pytest.mark.parametrize("code", ["0", "00", "000", "0000", 0, "OK", "NORMAL_CODE", "NORMAL_SERVICE", "200"])
def test_agencies_write_the_success_code_as_they_like(code: object) -> None:
    body = {"response": {"header": {"resultCode": code}, "body": {"items": "", "totalCount": "0"}}}
    assert read(orjson.dumps(body)) == Page([], 0, str(code))


@pytest.mark.parametrize("header", [{}, {"resultMsg": "OK"}, {"resultCode": None}, {"resultCode": ""}, None, []])
def test_a_proper_list_without_a_code_is_a_success(header: object) -> None:
    body = {"response": {"header": header, "body": {"items": [{"contentid": "1"}], "totalCount": 1}}}
    assert read(orjson.dumps(body)) == Page([{"contentid": "1"}], 1, "")


def test_the_codes_that_a_single_row_holds_are_data() -> None:
    row = {"code": "22", "name": "서울", "status": "NOT_FOUND"}
    body = {"response": {"body": {"items": {"item": row}, "totalCount": 1}}}
    assert read(orjson.dumps(body)).items == [row]


@pytest.mark.parametrize("code", ["3", "03", "0003", "NODATA_ERROR", "NO_DATA"])
def test_no_data_is_an_empty_page_and_no_error(code: str) -> None:
    assert read(agency_error(code, "NO_DATA")) == Page([], 0, code)


def test_no_data_of_the_gateway_is_an_empty_page_too() -> None:
    assert read(xml_error("03")) == Page([], 0, "03")


def test_a_byte_order_mark_and_blank_lines_before_the_body_do_not_matter() -> None:
    assert read(b"\xef\xbb\xbf\r\n " + envelope([{"contentid": "1"}])).total_count == 1


def test_words_about_quotas_in_the_data_mean_nothing() -> None:
    assert read(envelope([{"contentid": "1", "title": "API token quota exceeded 429 한도 초과"}])).total_count == 1


# The codes, in every generation of the gateway and every envelope of the agencies


@pytest.mark.parametrize(("code", "outcome"), OUTCOME_BY_CODE.items())
def test_the_reason_code_decides_in_every_form_of_error(code: str, outcome: str) -> None:
    xml = xml_error(code)
    answers = [
        (200, xml),
        (200, b"\xef\xbb\xbf" + xml),
        (200, b'<?xml version="1.0" encoding="UTF-8"?>\n' + xml),
        (200, xml.replace(b"<OpenAPI_ServiceResponse>", b'<OpenAPI_ServiceResponse xmlns="http://data.go.kr/x">')),
        (200, xml.replace(b"OpenAPI_ServiceResponse", b"o:OpenAPI_ServiceResponse").replace(b">", b' xmlns:o="x">', 1)),
        (403, gateway_error(code)),
        (400, orjson.dumps(orjson.loads(gateway_error(code))["OpenAPI_ServiceResponse"])),
        (403, b'<?xml version="1.0"?>' + xml),
        (200, agency_error(code)),
        (200, agency_error(int(code))),
        (200, flat_error(code)),
        (200, flat_error(f"00{code}")),
        (200, f"<response><header><resultCode>{code}</resultCode></header></response>".encode()),
        (200, f"<rfcOpenApi><header><resultCode>{code}</resultCode></header></rfcOpenApi>".encode()),
        (200, f"<ListResponse><cmmMsgHeader><returnCode>{code}</returnCode></cmmMsgHeader></ListResponse>".encode()),
    ]
    for status, body in answers:
        assert outcome_of(body, status) == outcome, body
        assert error_of(body, status).code == code


@pytest.mark.parametrize(("name", "code"), CODE_BY_NAME.items())
def test_without_a_reason_code_the_name_decides_in_whichever_field_it_stands(name: str, code: str) -> None:
    answers = [
        xml_error(None, authorisation=name),
        xml_error(None, error=name, authorisation="알림"),
        xml_error("", error=name, authorisation="알림"),
        orjson.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": {"errMsg": name, "returnAuthMsg": "알림"}}}),
        orjson.dumps({"cmmMsgHeader": {"errMsg": "SERVICE ERROR", "returnAuthMsg": f"{name.replace('_', ' ')}."}}),
        agency_error(name),
        agency_error(None, f"{name}1(signguCd)"),
        flat_error("", name.lower()),
    ]
    for body in answers:
        assert outcome_of(body) == OUTCOME_BY_CODE[code], body
        assert error_of(body).code == code


def test_the_code_decides_where_name_and_code_disagree() -> None:
    assert outcome_of(gateway_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR"), 429) == (
        "exhausted"
    )


def test_texts_swapped_between_the_fields_do_not_change_what_an_error_is() -> None:
    swapped = gateway_error("22", "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR", "서비스 요청제한횟수 초과")
    assert outcome_of(QUOTA_SPENT.encode()) == outcome_of(swapped, 429) == "exhausted"


def test_a_code_that_says_nothing_leaves_the_word_to_the_text_beside_it() -> None:
    assert outcome_of(agency_error("99", "등록되지 않은 서비스키입니다.")) == "refused"
    assert outcome_of(agency_error("99", "전날 자료까지 제공됩니다.")) == "transient"


def test_an_ok_beside_an_unknown_code_is_no_success() -> None:
    body = {"response": {"header": {"resultCode": "77", "resultMsg": "OK"}, "body": {"items": "", "totalCount": 0}}}
    assert outcome_of(orjson.dumps(body)) == "permanent"


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, "permanent"), (400, "permanent"), (403, "refused"), (429, "throttled"), (500, "transient")]
)  # fmt: skip
def test_a_code_that_nobody_knows_is_kept_and_the_status_decides(status: int, outcome: str) -> None:
    assert outcome_of(flat_error("E-77"), status) == outcome
    assert error_of(flat_error("E-77"), status).code == "E-77"


@pytest.mark.parametrize(("status", "outcome"), [(500, "transient"), (403, "refused"), (404, "permanent")])
def test_a_list_under_the_status_of_an_error_is_not_believed(status: int, outcome: str) -> None:
    assert outcome_of(envelope([{"contentid": "1"}]), status) == outcome
    assert error_of(envelope([]), status).code == str(status)


# Asking once more


@pytest.mark.parametrize("code", ["10", "12"])
def test_the_gateway_says_wrong_parameter_and_no_such_service_without_reason_now_and_then(code: str) -> None:
    for status, body in ((200, xml_error(code)), (400, gateway_error(code))):
        error = error_of(body, status)
        assert isinstance(error, PermanentError)
        assert error.may_be_spurious


@pytest.mark.parametrize("code", ["10", "11", "12"])
def test_agencies_mean_what_they_say_about_parameters(code: str) -> None:
    for body in (flat_error(code), agency_error(code)):
        error = error_of(body)
        assert isinstance(error, PermanentError)
        assert not error.may_be_spurious


# Plain text


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (401, "Unauthorized", "refused"),
        (403, "Forbidden", "refused"),
        (404, "API not found", "permanent"),
        (429, "API rate limit exceeded", "throttled"),
        (429, "API token quota exceeded", "exhausted"),
        (500, "Unexpected errors", "transient"),
        (500, "Unexpected error", "transient"),
        (502, "Error forwarding request to backend server", "transient"),
        (502, "Error receiving response from backend server", "transient"),
    ],
)
def test_the_plain_texts_of_the_gateway_are_known(status: int, text: str, outcome: str) -> None:
    for body in (text, f"{text}\n", text.upper(), f"{text}."):
        assert outcome_of(body.encode(), status) == outcome
        assert outcome_of(body.encode(), 200) == outcome, "whatever the status"
    assert error_of(text.encode(), status).code == str(status)


def test_a_known_text_in_json_means_the_same() -> None:
    assert outcome_of(b'{"message":"API token quota exceeded"}', 429) == "exhausted"


@pytest.mark.parametrize("text", ["NO_DATA", "OK", "NORMAL SERVICE."])
def test_a_plain_word_is_neither_a_success_nor_an_empty_list(text: str) -> None:
    assert outcome_of(text.encode()) == "transient"


# Statuses


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, "permanent"), (401, "refused"), (403, "refused"), (404, "permanent"), (405, "permanent"), (408, "transient"),
        (410, "permanent"), (414, "permanent"), (425, "transient"), (429, "throttled"), (500, "transient"),
        (501, "transient"), (502, "transient"), (503, "transient"), (504, "transient"), (520, "transient"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "body", [b"", b"?", b'{"a":1}', b"[]", b"{", b"<a", b"<a/>", b"\x1f\x8b\x08\x00", b"\xff\xfe{\x00"]
)
def test_where_the_body_says_nothing_the_status_decides(status: int, outcome: str, body: bytes) -> None:
    assert outcome_of(body, status) == outcome
    assert error_of(body, status).code == str(status)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize("body", [b"", b"<html><h1>Moved Permanently</h1></html>", envelope([]), gateway_error("22")])
def test_a_redirect_says_that_the_address_is_wrong(status: int, body: bytes) -> None:
    error = error_of(body, status, {"location": "https://elsewhere.go.kr/list?serviceKey=the-secret"})
    assert isinstance(error, PermanentError)
    assert not error.may_be_spurious
    assert "the address is wrong, check the base URL" in str(error)
    assert "the-secret" not in str(error)


# Web pages

BLOCKED = (
    b'<!DOCTYPE HTML PUBLIC "-//IETF/DTD HTML 2.0//EN">\n<HTML><HEAD>\n<TITLE>400 Bad Request</TITLE>\n</HEAD><BODY>\n'
    b"<H1>Request Blocked</H1>\n</BODY></HTML>\n"
)


@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_page_of_the_firewall_is_about_the_request_and_costs_no_key(status: int) -> None:
    error = error_of(BLOCKED, status)
    assert isinstance(error, PermanentError)
    assert error.may_be_spurious
    assert "User-Agent" in str(error)
    assert "not for the key" in str(error)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "transient"), (400, "permanent"), (401, "permanent"), (403, "permanent"), (404, "permanent"),
        (408, "transient"), (425, "transient"), (429, "throttled"), (500, "transient"), (503, "transient"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "page",
    [
        b"<html><body><h1>Service Unavailable</h1></body></html>",
        b'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1.dtd"><html/>',
        b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"/>',
        b"<!-- a comment -->\n<HTML><HEAD>",
        b"<HEAD><TITLE>Forbidden</TITLE></HEAD>",
        "<html><title>서비스 점검 안내</title></html>".encode("euc-kr"),
    ],
    ids=lambda page: page[:20].decode("ascii", "replace"),
)
def test_other_web_pages_never_speak_of_keys(page: bytes, status: int, outcome: str) -> None:
    assert outcome_of(page, status) == outcome


# How long to wait

TOO_FAST = [
    (429, b"API rate limit exceeded"),
    (429, gateway_error("23")),
    (200, xml_error("23")),
    (429, b""),
    (503, b""),
    (502, b"<html>Bad Gateway</html>"),
    (200, flat_error("05")),
]


@pytest.mark.parametrize(("status", "body"), TOO_FAST)
@pytest.mark.parametrize(("asked", "seconds"), [("0", 0.0), ("7", 7.0), (" 120 ", 120.0), ("1.5", 1.5)])
def test_the_wait_that_the_upstream_asks_for_is_told(status: int, body: bytes, asked: str, seconds: float) -> None:
    error = error_of(body, status, {"retry-after": asked})
    assert isinstance(error, TransientError)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    "asked",
    ["", " ", "soon", "-1", "-0", "+5", "1e9", "nan", "inf", "1,5", "7 s", "٣", "9" * 10, "9" * 1_000_000,
     "Wed, 21 Oct 2026 07:28:00 GMT"],
    ids=lambda asked: asked[:12],
)  # fmt: skip
def test_a_wait_that_is_no_number_of_seconds_is_not_heeded(asked: str) -> None:
    error = error_of(b"", 503, {"retry-after": asked})
    assert isinstance(error, TransientError)
    assert error.retry_after is None


def test_without_the_header_no_wait_is_told() -> None:
    error = error_of(b"", 429)
    assert isinstance(error, TransientError)
    assert error.retry_after is None


# The sentence


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (
            200,
            QUOTA_SPENT.encode(),
            "areaBasedSyncList2 of kto: the day's calls are spent (code 22, HTTP 200).",
        ),
        (
            200,
            flat_error("10", "INVALID_REQUEST_PARAMETER_ERROR(defaultYN)"),
            "areaBasedSyncList2 of kto: a parameter is wrong or unknown (code 10, HTTP 200).",
        ),
        (200, b"", "areaBasedSyncList2 of kto: the answer can't be read (HTTP 200, it is empty)."),
        (
            200,
            b"\x1f\x8b\x08\x00",
            "areaBasedSyncList2 of kto: the answer can't be read (HTTP 200, it is compressed, and not as its headers say).",
        ),
        (
            200,
            agency_error("0000", "OK"),
            "areaBasedSyncList2 of kto: the answer can't be read (HTTP 200, it reports success and holds no list).",
        ),
        (
            400,
            b'{"response":{"header":{"resultC',
            "areaBasedSyncList2 of kto: the call was refused (HTTP 400, its JSON is cut off or broken).",
        ),
    ],
)
def test_an_error_is_one_sentence_with_operation_meaning_and_code_and_without_the_upstreams_words(
    status: int, body: bytes, sentence: str
) -> None:
    assert str(error_of(body, status)) == sentence
