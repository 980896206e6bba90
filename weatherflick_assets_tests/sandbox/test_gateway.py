"""The gateway: keys, paths, blocked callers, and the counts of calls."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import MANDATORY, ask, fetch, target

ONE_PLACE = Catalogue.from_rows([{"contentid": "1", "title": "하나"}])
DECODED, ENCODED = "ab+cd/ef==", "ab%2Bcd%2Fef%3D%3D"


def header(code: str, name: str, message: str) -> dict[str, object]:
    fields = {"errMsg": name, "returnAuthMsg": message, "returnReasonCode": code}
    return {"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}}


def test_an_unregistered_key_is_error_30_in_the_recorded_form(hamlet: RunningSandbox) -> None:
    reply = ask(hamlet, "areaBasedList2", serviceKey="wrong")
    assert reply.status == 403
    assert reply.body.decode() == (
        '{"OpenAPI_ServiceResponse":{"cmmMsgHeader":{"errMsg":"SERVICE_KEY_IS_NOT_REGISTERED_ERROR",'
        '"returnAuthMsg":"등록되지 않은 서비스키","returnReasonCode":"30"}}}'
    )


def test_a_refusal_in_xml_has_the_recorded_form(hamlet: RunningSandbox) -> None:
    reply = ask(hamlet, "areaBasedList2", serviceKey="wrong", _type=None)
    assert reply.status == 403
    assert reply.body.decode().splitlines() == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<OpenAPI_ServiceResponse>",
        "<cmmMsgHeader>",
        "  <errMsg>SERVICE_KEY_IS_NOT_REGISTERED_ERROR</errMsg>",
        "  <returnAuthMsg>등록되지 않은 서비스키</returnAuthMsg>",
        "  <returnReasonCode>30</returnReasonCode>",
        "</cmmMsgHeader>",
        "</OpenAPI_ServiceResponse>",
    ]


@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_key_is_error_20(hamlet: RunningSandbox, key: str | None) -> None:
    reply = ask(hamlet, "areaBasedList2", serviceKey=key)
    assert (reply.status, reply.json) == (401, header("20", "SERVICE_KEY_IS_NULL", "서비스키가 존재하지 않음"))


@pytest.mark.parametrize(
    "path", ["/B551011/KorService1/areaBasedList1", "/B551011/KorService2/nothing2", "/", "/B551011"]
)
def test_an_unknown_path_is_error_12_even_without_a_key(hamlet: RunningSandbox, path: str) -> None:
    reply = fetch(hamlet, f"{path}?_type=json")
    assert reply.status == 400
    assert reply.json["OpenAPI_ServiceResponse"]["cmmMsgHeader"]["returnReasonCode"] == "12"


def test_a_bare_key_on_a_living_operation_gets_error_11(hamlet: RunningSandbox) -> None:
    reply = fetch(hamlet, "/B551011/KorService2/areaBasedList2?_type=json&serviceKey=sandbox")
    assert (reply.status, reply.json["resultCode"]) == (200, "11")


@pytest.mark.parametrize("headers", [{}, {"User-Agent": ""}])
def test_a_caller_without_a_user_agent_is_blocked_with_html(hamlet: RunningSandbox, headers: dict[str, str]) -> None:
    reply = fetch(hamlet, target("areaBasedList2", MANDATORY), headers)
    assert reply.status == 403
    assert reply.headers["Content-Type"] == "text/html"
    assert b"Request Blocked" in reply.body


@pytest.mark.parametrize("agent", ["python-requests/2.32.3", "Python/3.11 aiohttp/3.14.5"])
def test_the_agents_of_bare_libraries_are_blocked_and_the_list_of_them_can_be_changed(agent: str) -> None:
    with RunningSandbox(catalogue=ONE_PLACE) as sandbox:
        assert fetch(sandbox, target("areaBasedList2", MANDATORY), {"User-Agent": agent}).status == 403
        sandbox.change(refused_agents=["Mozilla*", "[wei(rd"])
        assert fetch(sandbox, target("areaBasedList2", MANDATORY), {"User-Agent": agent}).status == 200
        assert fetch(sandbox, target("areaBasedList2", MANDATORY), {}).status == 200
        assert fetch(sandbox, target("areaBasedList2", MANDATORY), {"User-Agent": "Mozilla/5.0"}).status == 403
        sandbox.change(refused_agents=[])
        assert fetch(sandbox, target("areaBasedList2", MANDATORY), {"User-Agent": "Mozilla/5.0"}).status == 200


def test_a_header_of_an_error_reporter_is_taken_for_an_attack(hamlet: RunningSandbox) -> None:
    headers = {"User-Agent": "tests", "baggage": "sentry-environment=production"}
    reply = fetch(hamlet, target("areaBasedList2", MANDATORY), headers)
    assert (reply.status, reply.json["OpenAPI_ServiceResponse"]["cmmMsgHeader"]["returnReasonCode"]) == (400, "10")


@pytest.mark.parametrize("registered", [DECODED, ENCODED, f" {ENCODED} "])
def test_a_key_is_compared_after_one_decoding_however_it_was_registered(registered: str) -> None:
    with RunningSandbox(SandboxOptions(keys=("other", registered)), catalogue=ONE_PLACE) as sandbox:
        rest = "MobileOS=ETC&MobileApp=tests&_type=json"
        start = f"/B551011/KorService2/areaBasedList2?{rest}"
        assert fetch(sandbox, f"{start}&serviceKey={ENCODED}").status == 200
        assert fetch(sandbox, f"{start}&ServiceKey={ENCODED}").status == 200
        assert fetch(sandbox, f"{start}&serviceKey={ENCODED.replace('%', '%25')}").status == 403  # encoded twice
        assert fetch(sandbox, f"{start}&serviceKey={DECODED}").status == 403  # a bare plus is a space


def test_calls_are_counted_by_key_operation_and_korean_day() -> None:
    now = [datetime(2026, 7, 1, 14, 59, tzinfo=UTC)]  # 23:59 in Korea
    with RunningSandbox(catalogue=ONE_PLACE, clock=lambda: now[0]) as sandbox:
        ask(sandbox, "areaBasedList2")
        ask(sandbox, "areaBasedList2", listYN="Y")
        ask(sandbox, "ldongCode2")
        now[0] += timedelta(minutes=1)
        ask(sandbox, "areaBasedList2")
        ask(sandbox, "areaBasedList2", serviceKey="wrong")
        ask(sandbox, "areaBasedList2", serviceKey=None)
        ask(sandbox, "nothing2")
        status = fetch(sandbox, "/_sandbox/status").json
    known, wrong = (sha256(key).hexdigest()[:12] for key in (b"sandbox", b"wrong"))
    calls = {
        (call["key"], call["operation"], call["day"]): (call["answered"], call["refused"]) for call in status["calls"]
    }
    assert calls == {
        (known, "areaBasedList2", "2026-07-01"): (1, 1),
        (known, "ldongCode2", "2026-07-01"): (1, 0),
        (known, "areaBasedList2", "2026-07-02"): (1, 0),
        (wrong, "areaBasedList2", "2026-07-02"): (0, 1),
        ("none", "areaBasedList2", "2026-07-02"): (0, 1),
    }


def test_the_status_shows_what_is_served_and_never_a_key() -> None:
    options = SandboxOptions(keys=("a-very-secret-key",))
    with RunningSandbox(options, catalogue=ONE_PLACE) as sandbox:
        ask(sandbox, "areaBasedList2", serviceKey="a-very-secret-key")
        reply = fetch(sandbox, "/_sandbox/status")
        assert reply.json == sandbox.status()
    assert reply.json["sandbox"] is True
    assert reply.json["catalogue"] == {"rows": 1, "shown": 1, "hidden": 0, "source": "rows"}
    assert b"secret" not in reply.body
