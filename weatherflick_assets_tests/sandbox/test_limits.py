"""Quotas, paces, the clock, and their report in the status."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.call_counts import fingerprint
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import MANDATORY, Reply, ask, fetch, reason_code, target, underway, until

ONE_PLACE = Catalogue.from_rows([{"contentid": "1", "title": "하나"}])
KEY = fingerprint("sandbox")
OVER_QUOTA, TOO_FAST = "22", "23"


class HandClock:
    """A clock that only moves when advanced."""

    def __init__(self) -> None:
        self.now = datetime(2026, 7, 1, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def served(reply: Reply) -> bool:
    return reply.status == 200 and reply.json.get("response", {}).get("header", {}).get("resultCode") == "0000"


def call_entry(sandbox: RunningSandbox) -> dict[str, Any]:
    (entry,) = sandbox.status()["calls"]
    return entry


async def at_once(sandbox: RunningSandbox, calls: int, **parameters: Any) -> Counter[int]:
    """Statuses of a number of calls, each on its own connection, sent before any answer is read."""
    url = f"{sandbox.url}{target('areaBasedList2', {**MANDATORY, **parameters})}"
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers={"User-Agent": "tests"}) as session:

        async def status() -> int:
            async with session.get(url) as response:
                await response.read()
                return response.status

        return Counter(await asyncio.gather(*(status() for _ in range(calls))))


@pytest.mark.parametrize("latency", [0.0, 0.01])
def test_of_200_calls_at_once_exactly_the_quota_is_served(latency: float) -> None:
    behaviour = Behaviour(daily_limit=120, latency=latency)
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=behaviour, clock=HandClock()) as sandbox:
        assert asyncio.run(at_once(sandbox, 200)) == {200: 120, 429: 80}
        entry = call_entry(sandbox)
        assert (entry["answered"], entry["refused"], entry["reasons"]) == (120, 80, {"over_quota": 80})
        assert sandbox.status()["violations"] == [
            {"kind": "over_quota", "key": KEY, "operation": "areaBasedList2", "day": "2026-07-01", "count": 80}
        ]


def test_every_key_and_operation_has_its_own_quota() -> None:
    options = SandboxOptions(keys=("one", "two"))
    behaviour = Behaviour(daily_limit=1, daily_limits={"ldongCode2": 2, "areaCode2": None, "searchKeyword2": 0})
    with RunningSandbox(options, catalogue=ONE_PLACE, behaviour=behaviour) as sandbox:

        def served_of_three(operation: str, key: str) -> int:
            return sum(served(ask(sandbox, operation, serviceKey=key)) for _ in range(3))

        assert [served_of_three("areaBasedList2", key) for key in ("one", "two")] == [1, 1]
        assert served_of_three("areaBasedSyncList2", "one") == 1
        assert served_of_three("ldongCode2", "one") == 2
        assert served_of_three("areaCode2", "one") == 3
        assert reason_code(ask(sandbox, "searchKeyword2", serviceKey="one", keyword="x")) == OVER_QUOTA


def test_the_quota_resets_at_midnight_in_korea_on_the_set_clock() -> None:
    clock = HandClock()
    behaviour = Behaviour(daily_limit=1, clock=datetime.fromisoformat("2026-11-22T23:59:50+09:00"))
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=behaviour, clock=clock) as sandbox:
        assert served(ask(sandbox, "areaBasedList2"))
        clock.advance(9.999)
        assert reason_code(ask(sandbox, "areaBasedList2")) == OVER_QUOTA
        clock.advance(0.001)
        assert served(ask(sandbox, "areaBasedList2"))
        assert reason_code(ask(sandbox, "areaBasedList2")) == OVER_QUOTA
        days = {call["day"]: (call["answered"], call["refused"]) for call in sandbox.status()["calls"]}
        assert days == {"2026-11-22": (1, 1), "2026-11-23": (1, 1)}


def test_the_clock_runs_on_while_other_settings_change_and_returns_to_the_real_time() -> None:
    clock = HandClock()
    with RunningSandbox(catalogue=ONE_PLACE, clock=clock) as sandbox:

        def time() -> str:
            return ask(sandbox, "areaBasedList2", listYN="Y").json["responseTime"]

        sandbox.change(clock="2030-01-01T00:00:00+09:00")
        clock.advance(61)
        sandbox.change(latency=0)
        assert time() == "2030-01-01T00:01:01.000"
        sandbox.change(clock=None)
        assert time() == "2026-07-01T12:01:01.000"


@pytest.mark.parametrize(("counting", "still_allowed"), [(True, 0), (False, 2)])
def test_failed_calls_count_against_the_quota_unless_told_otherwise(counting: bool, still_allowed: int) -> None:
    behaviour = Behaviour(daily_limit=2, failed_calls_count=counting, faults={"server_error": 1})
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=behaviour) as sandbox:
        assert ask(sandbox, "areaBasedList2").status == 500
        assert ask(sandbox, "areaBasedList2", listYN="Y").json["resultCode"] == "10"
        sandbox.change(faults={})
        assert sum(served(ask(sandbox, "areaBasedList2")) for _ in range(3)) == still_allowed


def test_calls_that_the_gateway_refuses_cost_nothing() -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(daily_limit=1, expired=("sandbox",))) as sandbox:
        assert reason_code(ask(sandbox, "areaBasedList2")) == "31"
        sandbox.change(expired=[])
        assert served(ask(sandbox, "areaBasedList2"))


def test_calls_per_second_are_counted_in_a_sliding_second_in_which_refused_calls_are_not() -> None:
    clock = HandClock()
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(per_second=2), clock=clock) as sandbox:
        assert served(ask(sandbox, "areaBasedList2"))
        clock.advance(0.6)
        assert served(ask(sandbox, "ldongCode2"))
        assert reason_code(ask(sandbox, "areaBasedList2")) == TOO_FAST  # the limit is the key's, not the operation's
        clock.advance(0.4)  # the first is a second old
        assert served(ask(sandbox, "areaBasedList2"))
        assert reason_code(ask(sandbox, "areaBasedList2")) == TOO_FAST
        assert reason_code(ask(sandbox, "ldongCode2", serviceKey="unknown")) == "30"
        clock.advance(1)
        assert served(ask(sandbox, "areaBasedList2"))
        assert sandbox.status()["keys"] == [{"key": KEY, "most_in_flight": 1, "most_in_one_second": 4}]


def test_the_call_that_would_be_the_fourth_at_once_is_refused_until_another_has_ended() -> None:
    options = SandboxOptions(keys=("one", "two"))
    behaviour = Behaviour(refuse_in_flight=4, faults={"stall": 1})
    with RunningSandbox(options, catalogue=ONE_PLACE, behaviour=behaviour) as sandbox:
        three = [underway(sandbox, serviceKey="one") for _ in range(3)]
        sandbox.change(faults={})
        assert reason_code(ask(sandbox, "ldongCode2", serviceKey="one")) == TOO_FAST
        assert served(ask(sandbox, "ldongCode2", serviceKey="two"))
        three.pop().close()
        until(lambda: served(ask(sandbox, "ldongCode2", serviceKey="one")))
        for connection in three:
            connection.close()
        peaks = {entry["key"]: entry["most_in_flight"] for entry in sandbox.status()["keys"]}
        assert peaks == {fingerprint("one"): 4, fingerprint("two"): 1}


def test_a_call_is_in_flight_for_as_long_as_it_takes() -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(refuse_in_flight=2, latency=3600)) as sandbox:
        slow = underway(sandbox)
        assert reason_code(ask(sandbox, "areaBasedList2")) == TOO_FAST
        slow.close()


def test_of_200_calls_at_once_no_more_than_allowed_are_in_flight() -> None:
    behaviour = Behaviour(refuse_in_flight=4, latency=0.001)
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=behaviour) as sandbox:
        statuses = asyncio.run(at_once(sandbox, 200))
        (peak,) = sandbox.status()["keys"]
        entry = call_entry(sandbox)
    assert peak["most_in_flight"] <= 4  # including the refused one
    assert entry["answered"] == statuses[200] >= 3
    assert entry["reasons"].get("over_in_flight", 0) == statuses[429] == 200 - statuses[200]


def test_violations_are_reported_by_kind_key_operation_and_day() -> None:
    behaviour = Behaviour(per_second=1, daily_limits={"ldongCode2": 0})
    clock = HandClock()
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=behaviour, clock=clock) as sandbox:
        ask(sandbox, "areaBasedList2", serviceKey="wrong")
        ask(sandbox, "areaBasedList2", serviceKey=None)
        ask(sandbox, "ldongCode2")
        ask(sandbox, "areaBasedList2", listYN="Y")
        ask(sandbox, "areaBasedList2")
        clock.advance(86_400)
        ask(sandbox, "areaBasedList2", pageNo="0")  # a wrong value, but no unknown parameter
        found = {
            (entry["kind"], entry["key"], entry["operation"], entry["day"]): entry["count"]
            for entry in sandbox.status()["violations"]
        }
    assert found == {
        ("key_unknown", fingerprint("wrong"), "areaBasedList2", "2026-07-01"): 1,
        ("key_missing", "none", "areaBasedList2", "2026-07-01"): 1,
        ("over_quota", KEY, "ldongCode2", "2026-07-01"): 1,
        ("unknown_parameter", KEY, "areaBasedList2", "2026-07-01"): 1,
        ("over_rate", KEY, "areaBasedList2", "2026-07-01"): 1,
    }


def test_an_unknown_parameter_is_reported_even_if_every_call_meets_a_fault() -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(faults={"server_error": 1})) as sandbox:
        ask(sandbox, "areaBasedList2", listYN="Y")
        assert [violation["kind"] for violation in sandbox.status()["violations"]] == ["unknown_parameter"]


def test_a_reset_clears_calls_violations_peaks_and_used_quota() -> None:
    with RunningSandbox(catalogue=ONE_PLACE, behaviour=Behaviour(daily_limit=1)) as sandbox:
        ask(sandbox, "areaBasedList2")
        ask(sandbox, "areaBasedList2")
        reply = fetch(sandbox, "/_sandbox/reset", method="POST")
        assert (reply.status, reply.json["calls"], reply.json["violations"]) == (200, [], [])
        assert {entry["most_in_one_second"] for entry in reply.json["keys"]} == {0}
        assert served(ask(sandbox, "areaBasedList2"))


def test_a_perfectly_behaved_upstream_limits_nothing() -> None:
    with RunningSandbox(catalogue=ONE_PLACE) as sandbox:
        assert asyncio.run(at_once(sandbox, 200)) == {200: 200}
        status = sandbox.status()
    assert status["violations"] == []
    assert status["calls"][0]["faults"] == {}
