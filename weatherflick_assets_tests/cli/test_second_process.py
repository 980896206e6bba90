"""A collection of many regions is shared out to two processes, of which neither outlives the command."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import URL

from weatherflick_assets.cli.runs import Order
from weatherflick_assets.cli.second_process import SecondProcess
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, Platform, asked, end, live_platform
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

STARTED = "SELECT FROM runs WHERE status = 'STARTED'"

KEY = "registered+with/the=sandbox"
REGIONS = ("unassigned", "36110", "50", "31", "30", "28", "27")
COLLECT = ("collect", "--types", "attractions", "--regions", ",".join(REGIONS), "--json")
PLACES = 25
LATENCY = 4.0
"""Seconds in which the upstream answers: long enough for a test to act while both processes wait for it."""


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    """25 attractions in every region, and one that names none; it takes its time."""
    catalogue = Catalogue.from_rows(
        [
            *(
                {**PLACE, "contentid": str(10_000 * (1 + position) + number), "lDongRegnCd": region_code}
                for position, region_code in enumerate(REGIONS[1:])
                for number in range(PLACES)
            ),
            {**PLACE, "contentid": "99", "lDongRegnCd": ""},
        ]
    )
    with RunningSandbox(
        SandboxOptions(keys=(KEY,)), catalogue=catalogue, behaviour=Behaviour(latency=LATENCY)
    ) as sandbox:
        yield sandbox


@pytest.fixture
def live(command_database: URL, upstream: RunningSandbox) -> Iterator[Platform]:
    with live_platform(command_database, upstream.url, KEY) as created:
        yield created


def answered(sandbox: RunningSandbox) -> int:
    return sum(entry["answered"] for entry in sandbox.status()["calls"])


def runs_under_way(database: URL) -> int:
    """Of both processes; none before Dagster's database is there."""
    with suppress(psycopg.Error):
        return len(rows(dsn_of(database.set(database=f"{database.database}_dagster")), STARTED))
    return 0


def second_processes(created: Platform) -> list[psutil.Process]:
    name = "weatherflick_assets.cli.second_process"
    return [process for process in created.processes() if name in process.cmdline()]


def assert_complete(created: Platform, dsn: str) -> None:
    """The same command brings what is missing, and asks for nothing that was answered."""
    done = created.run_here(*COLLECT)
    assert done.code == 0, done.said
    assert set(asked(dsn).values()) == {1}
    assert len(asked(dsn)) == len(REGIONS)
    assert len(rows(dsn, "SELECT FROM core.attractions")) == (len(REGIONS) - 1) * PLACES + 1


@pytest.mark.slow
def test_two_processes_collect_every_region_once_and_the_summary_keeps_their_order(
    live: Platform, upstream: RunningSandbox, command_database: URL
) -> None:
    upstream.change(latency=0)
    done = live.run_here(*COLLECT)
    assert done.code == 0, done.said
    assert list(done.summary["by_run"]) == list(REGIONS)
    assert {result["outcome"] for result in done.summary["by_run"].values()} == {"complete"}
    assert (done.summary["calls"], done.summary["untried"]) == (len(REGIONS), 0)
    assert set(asked(dsn_of(command_database)).values()) == {1}
    assert live.descriptions() == []


def test_a_run_that_the_command_itself_interrupts_is_no_failure() -> None:
    program = "import sys; sys.stdin.readline(); sys.stdin.read(); sys.exit(130)"
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as process:
        second = SecondProcess(process)
        with ThreadPoolExecutor() as threads:
            running = threads.submit(second.run, Order("collect_places", "50"))
            wait_until("the run to begin", running.running)
            second.end()
            with pytest.raises(KeyboardInterrupt):
                running.result(PATIENCE_SECONDS)


@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_command_that_is_ended_takes_its_second_process_along_and_is_resumed(
    live: Platform, upstream: RunningSandbox, command_database: URL, tmp_path: Path, number: signal.Signals
) -> None:
    process = live.begin(*COLLECT, output=tmp_path / "ended.txt")
    wait_until("runs in both processes", lambda: runs_under_way(command_database) == 2)
    assert end(process, number) == (130 if number is signal.SIGINT else -number)
    wait_until("the end of the second process and the judges", lambda: live.processes() == [])
    assert "memory" not in (tmp_path / "ended.txt").read_text()
    upstream.change(latency=0)
    assert_complete(live, dsn_of(command_database))


@pytest.mark.torture
@pytest.mark.slow
def test_when_the_second_process_is_lost_one_region_has_failed_and_the_others_are_complete(
    live: Platform, upstream: RunningSandbox, command_database: URL, tmp_path: Path
) -> None:
    output = tmp_path / "lost.txt"
    process = live.begin(*COLLECT, output=output)
    wait_until("runs in both processes", lambda: runs_under_way(command_database) == 2)
    upstream.change(latency=0)
    for second in second_processes(live):
        second.kill()
    assert process.wait(PATIENCE_SECONDS) == 1
    said = output.read_text()
    summary = json.loads(said[said.index("{") :])
    assert (summary["outcome"], len(summary["by_run"]), summary["untried"]) == ("partial", len(REGIONS), 0)
    (lost,) = [result for result in summary["by_run"].values() if result["outcome"] != "complete"]
    assert lost["outcome"] == "failed"
    (problem,) = lost["problems"]
    assert "was killed; most often memory ran out. What was collected is kept; run it again." in problem
    assert "Traceback" not in said
    assert_complete(live, dsn_of(command_database))


@pytest.mark.slow
def test_once_the_quota_is_spent_neither_process_runs_another_region(live: Platform, upstream: RunningSandbox) -> None:
    upstream.change(latency=0)
    done = live.run_here(*COLLECT, KTO_API_DAILY_LIMIT="3")
    assert done.code == 3, done.said
    assert answered(upstream) == 3
    # What the list of the unassigned found in a region that was not read is published by a run of its own.
    collected = [result for result in done.summary["by_run"].values() if result["job"] == "collect_places"]
    outcomes = [result["outcome"] for result in collected]
    assert outcomes.count("complete") == 3
    assert 1 <= outcomes.count("failed") <= 2
    assert done.summary["untried"] == len(REGIONS) - len(outcomes)
