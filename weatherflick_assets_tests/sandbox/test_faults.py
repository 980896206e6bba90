"""Faults that happen now and then."""

import http.client
from collections.abc import Iterator

import orjson
import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.clock import real_time
from weatherflick_assets.sandbox.faults import FAULTS, SPREAD
from weatherflick_assets.sandbox.host import Sandbox
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import MANDATORY, ask, fetch, target, underway

ONE_PLACE = Catalogue.from_rows([{"contentid": "1", "title": "하나"}])
CALL = target("areaBasedList2", MANDATORY)
AGENT = {"User-Agent": "tests"}


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with RunningSandbox(catalogue=ONE_PLACE) as running:
        yield running


def decided(behaviour: Behaviour, calls: int, headers: dict[str, str] = AGENT) -> tuple[Sandbox, list[tuple]]:
    """A sandbox without a server after a number of calls, and the decision on each."""
    sandbox = Sandbox(SandboxOptions(), ONE_PLACE, real_time, behaviour)
    decisions = [sandbox.decide(CALL, headers, "") for _ in range(calls)]
    return sandbox, [(decision.answer, decision.seconds) for decision in decisions]


def faults(sandbox: Sandbox) -> dict[str, int]:
    (entry,) = sandbox.status()["calls"]
    return entry["faults"]


def test_the_page_of_a_firewall_may_come_instead(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"html_page": 1})
    reply = ask(sandbox, "areaBasedList2")
    assert (reply.status, reply.headers["Content-Type"]) == (400, "text/html")
    assert reply.body.startswith(b"<!DOCTYPE HTML")


def test_a_body_may_be_empty(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"empty_body": 1})
    reply = ask(sandbox, "areaBasedList2")
    assert (reply.status, reply.body) == (200, b"")


def test_a_body_may_be_truncated_in_a_well_formed_http_answer(sandbox: RunningSandbox) -> None:
    whole = ask(sandbox, "areaBasedList2").body
    sandbox.change(faults={"truncated_body": 1})
    reply = ask(sandbox, "areaBasedList2")
    assert 0 < len(reply.body) < len(whole)
    assert whole.startswith(reply.body)
    assert reply.headers["Content-Length"] == str(len(reply.body))


def test_a_body_may_have_the_wrong_types(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"wrong_types": 1})
    reply = ask(sandbox, "areaBasedList2")
    assert reply.json["response"]["header"]["resultCode"] == "0000"
    assert not isinstance(reply.content["totalCount"], int)
    assert not isinstance(reply.content["items"]["item"], list)


def test_a_connection_may_break_in_the_middle_of_a_body(sandbox: RunningSandbox) -> None:
    whole = ask(sandbox, "areaBasedList2").body
    sandbox.change(faults={"hang_up": 1})
    with pytest.raises(http.client.IncompleteRead) as broken:
        ask(sandbox, "areaBasedList2")
    assert whole.startswith(broken.value.partial)
    assert len(broken.value.partial) + (broken.value.expected or 0) == len(whole)


def test_a_connection_may_be_reset_without_an_answer(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"reset": 1})
    with pytest.raises(ConnectionResetError):
        ask(sandbox, "areaBasedList2")


def test_an_answer_may_never_come_and_a_caller_who_gives_up_frees_the_sandbox(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"stall": 1})
    connection = underway(sandbox)
    assert connection.sock is not None
    connection.sock.settimeout(0.01)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    sandbox.change(faults={})
    assert ask(sandbox, "areaBasedList2").total == 1


@pytest.mark.parametrize("kind", FAULTS)
def test_every_fault_is_counted_by_its_kind_and_as_nothing_else(kind: str) -> None:
    sandbox, _ = decided(Behaviour(faults={kind: 1}), 3)
    (entry,) = sandbox.status()["calls"]
    assert (entry["answered"], entry["refused"], entry["faults"]) == (0, 0, {kind: 3})


def test_faults_come_only_after_the_key_was_checked(sandbox: RunningSandbox) -> None:
    sandbox.change(faults={"server_error": 1})
    assert ask(sandbox, "areaBasedList2", serviceKey="wrong").status == 403


def test_an_overall_rate_is_spread_evenly_over_every_kind_but_the_one_that_never_answers() -> None:
    sandbox, _ = decided(Behaviour(fault_rate=0.2, seed=7), 5_500)
    counts = faults(sandbox)
    assert set(counts) == set(SPREAD) == set(FAULTS) - {"stall"}
    assert sum(counts.values()) == pytest.approx(1_100, abs=120)
    for count in counts.values():
        assert count == pytest.approx(100, abs=40)


def test_the_same_seed_gives_the_same_sequence_and_another_seed_another_one() -> None:
    drawn = Behaviour(fault_rate=0.5, latency_spread=2.0, gzip_lie=0.5, seed=3)
    accepting = {**AGENT, "Accept-Encoding": "gzip"}
    first, again = decided(drawn, 100, accepting)[1], decided(drawn, 100, accepting)[1]
    assert first == again
    assert decided(drawn.changed({"seed": 4}), 100, accepting)[1] != first


def test_setting_the_seed_restarts_the_sequence_and_setting_anything_else_does_not() -> None:
    sandbox = Sandbox(SandboxOptions(), ONE_PLACE, real_time, Behaviour(fault_rate=0.5))

    def twenty() -> list[int]:
        return [sandbox.decide(CALL, AGENT, "").answer.status for _ in range(20)]

    first, second = twenty(), twenty()
    sandbox.change({"seed": 1})
    assert twenty() == first != second
    sandbox.change({"daily_limit": None})
    assert twenty() == second


def test_what_is_drawn_for_one_purpose_does_not_disturb_another() -> None:
    alone, _ = decided(Behaviour(fault_rate=0.3), 200)
    combined, _ = decided(Behaviour(fault_rate=0.3, latency_spread=1.0, gzip_lie=0.5), 200)
    assert faults(alone) == faults(combined)


def test_a_call_takes_the_latency_and_up_to_the_spread_longer() -> None:
    _, steady = decided(Behaviour(latency=0.25), 3)
    assert {seconds for _, seconds in steady} == {0.25}
    _, spread = decided(Behaviour(latency=0.25, latency_spread=0.5), 200)
    taken = [seconds for _, seconds in spread]
    assert min(taken) >= 0.25
    assert max(taken) <= 0.75
    assert len(set(taken)) > 100


def test_a_plain_body_may_be_declared_to_be_gzip_to_those_who_accept_it(sandbox: RunningSandbox) -> None:
    sandbox.change(gzip_lie=1)
    lie = fetch(sandbox, CALL, {**AGENT, "Accept-Encoding": "gzip, deflate"})
    assert lie.headers["Content-Encoding"] == "gzip"
    assert orjson.loads(lie.body)["response"]["header"]["resultCode"] == "0000"
    for headers in (AGENT, {**AGENT, "Accept-Encoding": "identity"}):
        honest = fetch(sandbox, CALL, headers)
        assert "Content-Encoding" not in honest.headers
        assert honest.body == lie.body


def test_a_rate_of_lies_is_a_rate() -> None:
    _, answers = decided(Behaviour(gzip_lie=0.3), 1_000, {**AGENT, "Accept-Encoding": "gzip"})
    assert sum("Content-Encoding" in answer.headers for answer, _ in answers) == pytest.approx(300, abs=60)
