"""Refusals, each in every generation of the gateway."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import MANDATORY, Reply, ask, fetch, target, underway

ONE_PLACE = Catalogue.from_rows([{"contentid": "1", "title": "하나"}])


@dataclass(frozen=True)
class Case:
    """One way to be refused: the settings, the call, and the expected answer."""

    settings: dict[str, Any]
    call: Callable[[RunningSandbox, str], Reply]
    status: int
    code: str
    name: str
    plain: tuple[int, str] | None


def listed(**parameters: Any) -> Callable[[RunningSandbox, str], Reply]:
    return lambda sandbox, form: ask(sandbox, "areaBasedList2", **{"_type": form, **parameters})


def second(sandbox: RunningSandbox, form: str) -> Reply:
    ask(sandbox, "areaBasedList2")
    return ask(sandbox, "areaBasedList2", _type=form)


def with_another_in_flight(sandbox: RunningSandbox, form: str) -> Reply:
    other = underway(sandbox)
    try:
        return ask(sandbox, "areaBasedList2", _type=form)
    finally:
        other.close()


def with_tracing(sandbox: RunningSandbox, form: str) -> Reply:
    headers = {"User-Agent": "tests", "baggage": "sentry-environment=production"}
    return fetch(sandbox, target("areaBasedList2", {**MANDATORY, "_type": form}), headers)


NOT_REGISTERED = "SERVICE_KEY_IS_NOT_REGISTERED_ERROR"
PER_SECOND = "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR"
DAILY = "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR"
UNAUTHORIZED, FORBIDDEN, NOT_FOUND = (401, "Unauthorized"), (403, "Forbidden"), (404, "API not found")
TOO_FAST, SPENT = (429, "API rate limit exceeded"), (429, "API token quota exceeded")

CASES = {
    "missing key": Case({}, listed(serviceKey=None), 401, "20", "SERVICE_KEY_IS_NULL", UNAUTHORIZED),
    "unknown key": Case({}, listed(serviceKey="x"), 403, "30", NOT_REGISTERED, UNAUTHORIZED),
    "removed key": Case({"keys": ["other"]}, listed(), 403, "30", NOT_REGISTERED, UNAUTHORIZED),
    "expired key": Case({"expired": ["sandbox"]}, listed(), 403, "31", "DEADLINE_HAS_EXPIRED_ERROR", UNAUTHORIZED),
    "not approved": Case(
        {"unapproved": [["sandbox", "areaBasedList2"]]}, listed(), 403, "30", NOT_REGISTERED, FORBIDDEN
    ),
    "blocked address": Case(
        {"blocked_addresses": ["127.0.0.1"]}, listed(), 403, "29", "BLACKLIST_IP_ACCESS_ERROR", FORBIDDEN
    ),
    "unknown path": Case(
        {}, lambda sandbox, form: ask(sandbox, "x", _type=form), 400, "12", "NO_OPENAPI_SERVICE_ERROR", NOT_FOUND
    ),
    "attack": Case({}, with_tracing, 400, "10", "INVALID_REQUEST_PARAMETER_ERROR", None),
    "over quota": Case({"daily_limit": 1}, second, 429, "22", DAILY, SPENT),
    "over rate": Case({"per_second": 1}, second, 429, "23", PER_SECOND, TOO_FAST),
    "over in flight": Case(
        {"refuse_in_flight": 2, "faults": {"stall": 1}}, with_another_in_flight, 429, "23", PER_SECOND, TOO_FAST
    ),
    "server error": Case(
        {"faults": {"server_error": 1}}, listed(), 500, "01", "APPLICATION_ERROR", (500, "Unexpected errors")
    ),
    "agency error": Case(
        {"faults": {"agency_error": 1}},
        listed(),
        502,
        "04",
        "HTTP_ERROR",
        (502, "Error receiving response from backend server"),
    ),
    "agency timeout": Case(
        {"faults": {"agency_timeout": 1}},
        listed(),
        503,
        "05",
        "SERVICETIMEOUT_ERROR",
        (502, "Error forwarding request to backend server"),
    ),
    "spurious 10": Case({"faults": {"spurious_10": 1}}, listed(), 400, "10", "INVALID_REQUEST_PARAMETER_ERROR", None),
    "spurious 12": Case({"faults": {"spurious_12": 1}}, listed(), 400, "12", "NO_OPENAPI_SERVICE_ERROR", NOT_FOUND),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())


def refused(case: Case, generation: str, form: str = "json") -> Reply:
    """The answer to the case's call at a fresh sandbox whose clock stands still."""
    with RunningSandbox(catalogue=ONE_PLACE, clock=lambda: datetime(2026, 7, 1, tzinfo=UTC)) as sandbox:
        sandbox.change(error_generation=generation, **case.settings)
        return case.call(sandbox, form)


@every_case
def test_the_newest_generation_writes_json_with_a_real_status(case: Case) -> None:
    reply = refused(case, "json4xx")
    assert reply.status == case.status
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    fields = reply.json["OpenAPI_ServiceResponse"]["cmmMsgHeader"]
    assert list(fields) == ["errMsg", "returnAuthMsg", "returnReasonCode"]
    assert (fields["errMsg"], fields["returnReasonCode"]) == (case.name, case.code)
    assert fields["returnAuthMsg"]


@every_case
def test_the_newest_generation_writes_xml_to_those_who_ask_for_it(case: Case) -> None:
    reply = refused(case, "json4xx", "xml")
    assert reply.status == case.status
    assert reply.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert reply.xml.findtext("cmmMsgHeader/errMsg") == case.name
    assert reply.xml.findtext("cmmMsgHeader/returnReasonCode") == case.code


@pytest.mark.parametrize("form", ["json", "xml"])
@every_case
def test_the_classic_generation_writes_xml_with_status_200_whatever_format_was_requested(case: Case, form: str) -> None:
    reply = refused(case, "xml200", form)
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/xml;charset=UTF-8"
    assert reply.body.decode() == (
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>\n"
        f"<returnAuthMsg>{case.name}</returnAuthMsg><returnReasonCode>{case.code}</returnReasonCode>"
        "</cmmMsgHeader></OpenAPI_ServiceResponse>"
    )


@every_case
def test_the_plain_generation_writes_a_line_of_text_or_the_firewalls_page_if_it_has_none(case: Case) -> None:
    reply = refused(case, "text")
    if case.plain is None:
        assert reply.status == case.status
        assert reply.headers["Content-Type"] == "text/html"
        assert b"Request Blocked" in reply.body
    else:
        assert (reply.status, reply.body.decode()) == (case.plain[0], f"{case.plain[1]}\n")
        assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("generation", ["json4xx", "xml200", "text"])
def test_a_blocked_agent_gets_the_page_of_the_firewall_in_every_generation(generation: str) -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(error_generation=generation)) as sandbox:
        reply = fetch(sandbox, target("areaBasedList2", MANDATORY), {"User-Agent": "python-requests/2.32"})
    assert (reply.status, reply.headers["Content-Type"]) == (403, "text/html")
    assert b"403 Forbidden" in reply.body


@pytest.mark.parametrize("generation", ["json4xx", "xml200", "text"])
def test_the_service_reports_wrong_parameters_alike_in_every_generation(generation: str) -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(error_generation=generation)) as sandbox:
        reply = ask(sandbox, "areaBasedList2", listYN="Y")
    assert (reply.status, reply.json["resultCode"]) == (200, "10")


@pytest.fixture(scope="session")
def recorded_errors(recorded_data: Path) -> Path:
    return recorded_data / "datagokr_errors"


@pytest.mark.recorded
@pytest.mark.parametrize(("form", "name"), [("json", "_compact.json"), ("xml", ".xml")])
def test_an_unknown_key_is_refused_in_the_recorded_bytes(recorded_errors: Path, form: str, name: str) -> None:
    recorded = (recorded_errors / "verbatim" / f"gateway_key_not_registered_http403{name}").read_bytes()
    reply = refused(CASES["unknown key"], "json4xx", form)
    assert (reply.status, reply.body) == (403, recorded.rstrip(b"\n"))  # the transcription ends its file with a newline


@pytest.mark.recorded
def test_plain_texts_and_their_statuses_are_the_recorded_ones(recorded_errors: Path) -> None:
    with (recorded_errors / "verbatim" / "gateway_plaintext_bodies.tsv").open(encoding="utf-8") as lines:
        recorded = {(int(row["http_status"]), row["body"]) for row in csv.DictReader(lines, delimiter="\t")}
    assert {case.plain for case in CASES.values() if case.plain} == recorded


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("case", "recording"),
    [
        ("server error", "15074634/live/msit-wadl"),
        ("agency timeout", "15074634/live-blocker-resolution/msit-ServiceKey"),
        ("spurious 10", "15074634/live/msit-business-announcement-http"),
    ],
)
def test_the_plain_generation_answers_in_the_recorded_bytes_and_headers(
    recorded_errors: Path, case: str, recording: str
) -> None:
    place = recorded_errors / "kosmos_probes_2026-05-16" / recording
    (body,) = place.parent.glob(f"{place.name}.body*")
    status, *headers = place.with_name(f"{place.name}.headers.txt").read_text().splitlines()
    known = {"Content-Type", "Content-Length", "X-Content-Type-Options"}
    stated = dict(header.split(": ", 1) for header in headers if header.partition(":")[0] in known)
    reply = refused(CASES[case], "text")
    assert reply.body == body.read_bytes()
    assert str(reply.status) == status.split()[1]
    assert {name: value for name, value in reply.headers.items() if name in known} == stated
