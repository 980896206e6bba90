"""Many processes and several keys together: not one call over a limit, whoever is killed and whenever the day turns."""

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date, datetime, timedelta

import psycopg
import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import KST, now
from weatherflick_assets.upstream.declarations import Quota
from weatherflick_assets.upstream.quota import grant_size
from weatherflick_assets_tests.upstream.caller import HASTY_KTO, LIMIT
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.slow

KEYS = ("first-key-of-three", "second-key-of-three", "third-key-of-three")
PROCESSES, WANTED = 8, 5_000
AHEAD = timedelta(seconds=1.5)
"""By how much the upstream's clock is ahead of ours, where the time of day matters."""
EVERYTHING = LIMIT * len(KEYS)
TAKEN = grant_size(Quota(LIMIT)) + len(KEYS) * (1 + HASTY_KTO.rate_limit.in_flight)
"""What a process has taken and not sent, at most: a lease, rounded up for each key, and calls that wait for their turn."""


def counts(sandbox: RunningSandbox) -> Counter[tuple[str, date]]:
    """Calls that the sandbox answered, by key and day."""
    found: Counter[tuple[str, date]] = Counter()
    for entry in sandbox.status()["calls"]:
        found[entry["key"], date.fromisoformat(entry["day"])] += entry["answered"]
    return found


def limited_sandbox(stack: ExitStack) -> RunningSandbox:
    row = {"contentid": "126508", "contenttypeid": "12", "title": "경복궁"}
    options = SandboxOptions(keys=KEYS)
    return stack.enter_context(
        RunningSandbox(options, catalogue=Catalogue.from_rows([row]), behaviour=Behaviour(daily_limit=LIMIT))
    )


def started(
    stack: ExitStack,
    sandbox: RunningSandbox,
    dsn: str,
    wanted: Sequence[int],
    *,
    at: datetime | None = None,
    days: int = 1,
) -> list[subprocess.Popen]:
    """One process for each number of wanted calls; they begin together, at the time `at` by the clocks of all."""
    processes = []
    for calls in wanted:
        command = (sys.executable, "-m", "weatherflick_assets_tests.upstream.caller", sandbox.url, dsn, ",".join(KEYS))
        process = stack.enter_context(
            subprocess.Popen(
                [*command, str(calls), str(days)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
        stack.callback(process.kill)
        processes.append(process)
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    if at is not None:
        sandbox.change(clock=(at + AHEAD).isoformat())
    offset = (at - now()).total_seconds() if at else 0
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(f"{offset}\n")
        process.stdin.flush()
    return processes


def finished(processes: Sequence[subprocess.Popen]) -> int:
    """What the processes were answered, once they have all ended well."""
    answered = 0
    for process in processes:
        said, _ = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0
        answered += int(said)
    return answered


def has_come(moment: int, sandbox: RunningSandbox, processes: Sequence[subprocess.Popen]) -> bool:
    """Whether so many calls were answered, which the processes bring about: one of them at least must be there."""
    if sum(counts(sandbox).values()) >= moment:
        return True
    assert any(process.poll() is None for process in processes)
    return False


def reserved(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT sum(reserved) FROM ops.api_calls_daily").fetchone()
    assert row is not None
    return row[0]


def test_eight_processes_and_three_keys_are_served_exactly_what_the_limit_allows(store: str) -> None:
    with ExitStack() as stack:
        sandbox = limited_sandbox(stack)
        answered = finished(started(stack, sandbox, store, [WANTED // PROCESSES] * PROCESSES))
        served = counts(sandbox)
        assert answered == sum(served.values()) == EVERYTHING
        assert set(served.values()) == {LIMIT}
        assert sandbox.status()["violations"] == []
    assert reserved(store) == EVERYTHING


@pytest.mark.torture
def test_with_four_of_eight_processes_killed_not_one_call_is_over_and_at_most_what_they_had_taken_is_lost(
    store: str,
) -> None:
    dice = random.Random(20261122)
    with ExitStack() as stack:
        sandbox = limited_sandbox(stack)
        processes = started(stack, sandbox, store, [WANTED // 4] * PROCESSES)
        doomed, spared = processes[::2], processes[1::2]
        for victim, moment in zip(doomed, sorted(dice.sample(range(1, EVERYTHING * 2 // 3), len(doomed))), strict=True):
            wait_until(f"call {moment}", lambda moment=moment: has_come(moment, sandbox, processes))
            victim.kill()
        finished(spared)
        served = counts(sandbox)
        assert max(served.values()) <= LIMIT
        assert sandbox.status()["violations"] == []
        assert EVERYTHING - len(doomed) * TAKEN <= sum(served.values()) <= EVERYTHING
    # What a killed process had taken stays counted: nobody can take it again.
    assert reserved(store) == EVERYTHING


@pytest.mark.torture
def test_across_a_midnight_no_day_has_one_call_too_many_and_everything_wanted_is_served(store: str) -> None:
    just_before = datetime(2026, 11, 22, 23, 59, 25, tzinfo=KST)
    with ExitStack() as stack:
        sandbox = limited_sandbox(stack)
        processes = started(stack, sandbox, store, [WANTED // PROCESSES] * PROCESSES, at=just_before, days=2)
        assert finished(processes) == WANTED
        served = counts(sandbox)
        assert max(served.values()) <= LIMIT
        assert {day for _, day in served} == {date(2026, 11, 22), date(2026, 11, 23)}
        assert sum(served.values()) == WANTED
        assert sandbox.status()["violations"] == []
