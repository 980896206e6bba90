"""Recorded answers of the real hosts: every one means what it should, and none is left out."""

import re
from collections.abc import Iterable
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.upstream.errors import PermanentError
from weatherflick_assets_tests.upstream.answers import error_of, outcome_of, read

pytestmark = pytest.mark.recorded

OUTCOME_BY_PROBE = {
    # SOAP of easylaw.go.kr: an unregistered key with 200, a fault with 500, and its description instead of an answer.
    "15000122/live/lifelaw-search-group-https.body.xml": "refused",
    "15000122/live/lifelaw-search-group.body.xml": "transient",
    "15000122/live/lifelaw-search-wsdl.body.xml": "transient",
    "15000215/live/lifelaw-info-class-https.body.xml": "refused",
    "15000215/live/lifelaw-info-class.body.xml": "transient",
    "15000215/live/lifelaw-info-wsdl.body.xml": "transient",
    # The post office: code 99 without a text, code 10.
    "15000241/live/ems-trace-doc-sample.body.xml": "transient",
    "15000241/live/ems-trace-no-servicekey.body.xml": "permanent",
    "15000241/live/ems-trace.body.xml": "transient",
    # An envelope of its own, which is none of ours.
    "15056641/careernet-jobinfo-no-key.body.txt": "transient",
    # Redirects from http to https; 99 with the text that the key is not registered; the firewall.
    "15063444/live-blocker-resolution/uiryeong-exact-http.body": "permanent",
    "15063444/live-blocker-resolution/uiryeong-follow-browser.body": "refused",
    "15063444/live-blocker-resolution/uiryeong-https-browser.body": "refused",
    "15063444/live-blocker-resolution/uiryeong-https-lower-browser.body": "refused",
    "15063444/live-blocker-resolution/uiryeong-https-uppercase-filter-browser.body": "refused",
    "15063444/live-blocker-resolution/uiryeong-invalid-key.body": "refused",
    "15063444/live-direct-check/uiryeong-shelter-lower-key.body": "permanent",
    "15063444/live-direct-check/uiryeong-shelter-no-filter.body": "permanent",
    "15063444/live-direct-check/uiryeong-shelter.body": "permanent",
    # The gateway's plain texts, and its firewall for want of a browser's User-Agent.
    "15074634/live-blocker-resolution/msit-ServiceKey.body": "transient",
    "15074634/live-blocker-resolution/msit-exact-json.body": "permanent",
    "15074634/live-blocker-resolution/msit-exact-xml.body": "permanent",
    "15074634/live-blocker-resolution/msit-https.body": "permanent",
    "15074634/live-blocker-resolution/msit-rawkey-default.body": "permanent",
    "15074634/live-blocker-resolution/msit-urlencode-follow-only.body": "permanent",
    "15074634/live-direct-check/msit-business-announcement.body": "permanent",
    "15074634/live/msit-business-announcement-ServiceKey.body.json": "permanent",
    "15074634/live/msit-business-announcement-http.body.json": "permanent",
    "15074634/live/msit-business-announcement-no-return-type.body.xml": "permanent",
    "15074634/live/msit-business-announcement-xml-http.body.xml": "permanent",
    "15074634/live/msit-business-announcement.body.json": "permanent",
    "15074634/live/msit-wadl.body.xml": "transient",
    # Lists in XML.
    "15098529/live-direct-check/tago-bus-route.body": "items",
    "15098529/live/tago-bus-route.body.xml": "items",
}

STATUS_AND_OUTCOME_BY_TRANSCRIPT = {
    "gateway_key_not_registered_http403.json": (403, "refused"),
    "gateway_key_not_registered_http403.xml": (403, "refused"),
    "gateway_key_not_registered_http403_compact.json": (403, "refused"),
    "kma_mid_no_data_http200.json": (200, "empty"),
    "kto_flat_invalid_parameter_http200.json": (200, "permanent"),
    "kto_searchKeyword2_no_results.json": (200, "empty"),
}

OUTCOME_BY_PLAIN_TEXT = {
    "Unauthorized": "refused",
    "Forbidden": "refused",
    "API not found": "permanent",
    "API rate limit exceeded": "throttled",
    "API token quota exceeded": "exhausted",
    "Unexpected errors": "transient",
    "Error forwarding request to backend server": "transient",
    "Error receiving response from backend server": "transient",
}

PLAIN_TEXTS = "gateway_plaintext_bodies.tsv"


@pytest.fixture(scope="module")
def probes(recorded_data: Path) -> Path:
    return recorded_data / "datagokr_errors" / "kosmos_probes_2026-05-16"


@pytest.fixture(scope="module")
def transcripts(recorded_data: Path) -> Path:
    return recorded_data / "datagokr_errors" / "verbatim"


def status_of(body: Path) -> int:
    """The status of the last answer: some probes followed redirects."""
    headers = body.with_name(f"{body.name.partition('.body')[0]}.headers.txt").read_text("utf-8", "replace")
    return int(re.findall(r"^HTTP/\S+ (\d+)", headers, re.MULTILINE)[-1])


def names_of(files: Iterable[Path], folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in files if file.is_file()}


def test_no_recorded_error_is_left_out(probes: Path, transcripts: Path) -> None:
    assert names_of(probes.rglob("*.body*"), probes) == set(OUTCOME_BY_PROBE)
    assert names_of(transcripts.iterdir(), transcripts) == {*STATUS_AND_OUTCOME_BY_TRANSCRIPT, PLAIN_TEXTS}
    assert {*probes.parent.iterdir()} == {probes, transcripts}


@pytest.mark.parametrize(("name", "outcome"), OUTCOME_BY_PROBE.items())
def test_recorded_probes_have_their_outcome(probes: Path, name: str, outcome: str) -> None:
    body = probes / name
    assert outcome_of(body.read_bytes(), status_of(body)) == outcome


@pytest.mark.parametrize(("name", "expected"), STATUS_AND_OUTCOME_BY_TRANSCRIPT.items())
def test_recorded_transcripts_have_their_outcome(transcripts: Path, name: str, expected: tuple[int, str]) -> None:
    status, outcome = expected
    assert outcome_of((transcripts / name).read_bytes(), status) == outcome


def test_recorded_plain_texts_have_their_outcome(transcripts: Path) -> None:
    rows = [line.split("\t") for line in (transcripts / PLAIN_TEXTS).read_text("utf-8").splitlines()[1:]]
    outcomes = {text: outcome_of(text.encode(), int(status)) for status, text, _ in rows}
    assert outcomes == OUTCOME_BY_PLAIN_TEXT


def test_every_recorded_page_of_the_firewall_is_told_from_a_wrong_parameter(probes: Path) -> None:
    blocked = [probes / name for name in OUTCOME_BY_PROBE if b"Request Blocked" in (probes / name).read_bytes()]
    assert len(blocked) > 10
    for body in blocked:
        error = error_of(body.read_bytes(), status_of(body))
        assert isinstance(error, PermanentError)
        assert error.may_be_spurious
        assert "firewall" in str(error)


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        ("kto/*2/kpubdata_2026-09/*.raw.json", 4),
        ("kto/detail*/koreamate_2026-07/*.json", 20),
        ("kma/*/kpubdata_2026-09/*.raw.json", 5),
        ("airkorea/*/kpubdata_2026-09/*.raw.json", 4),
        ("airkorea/*/kosmos_2026-05-16/*.body*", 2),
        ("holiday/getRestDeInfo/*.json", 4),
    ],
)
def test_recorded_lists_hold_the_rows_they_say(recorded_data: Path, pattern: str, least: int) -> None:
    recordings = list(recorded_data.glob(pattern))
    assert len(recordings) >= least
    for recording in recordings:
        whole = orjson.loads(recording.read_bytes())["response"]["body"]
        page = read(recording.read_bytes())
        assert page.total_count == int(whole["totalCount"]), recording
        assert len(page.items) == min(int(whole["numOfRows"]), page.total_count), recording
