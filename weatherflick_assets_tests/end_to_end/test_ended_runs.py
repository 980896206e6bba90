"""Runs that the UI or the daemon launched, when they are ended, when their process dies, and when the platform stops under them."""

from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, Platform, platform
from weatherflick_assets_tests.end_to_end.serving import Serving, answers, up
from weatherflick_assets_tests.waiting import wait_until

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
LATENCY = 20.0
"""Seconds in which the upstream answers: a run that asks it is under way until something happens to it."""

ENDED = {"SUCCESS", "FAILURE", "CANCELED"}

LAUNCH = """
mutation {{ launchPipelineExecution(executionParams: {{
  selector: {{repositoryLocationName: "weatherflick", repositoryName: "__repository__", pipelineName: "collect_places"}}
  executionMetadata: {{tags: [{{key: "dagster/partition", value: "{region}"}}]}}
}}) {{ ... on LaunchRunSuccess {{ run {{ runId }} }} ... on PythonError {{ message }} }} }}
"""
STEPS = '{{ runOrError(runId: "{run_id}") {{ ... on Run {{ stepStats {{ status }} }} }} }}'
TERMINATE = 'mutation {{ terminateRun(runId: "{run_id}") {{ __typename }} }}'


@pytest.fixture
def upstream() -> Iterator[RunningSandbox]:
    """Places of two regions, from an upstream that takes its time."""
    rows = [{**PLACE, "contentid": str(number), "lDongRegnCd": ("36110", "50")[number % 2]} for number in range(60)]
    with RunningSandbox(
        SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows(rows), behaviour=Behaviour(latency=LATENCY)
    ) as sandbox:
        yield sandbox


@pytest.fixture
def serving(upstream: RunningSandbox) -> Iterator[Serving]:
    with (
        platform(KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=upstream.url) as created,
        up(created, "--no-collect") as started,
    ):
        yield started


def status(serving: Serving, run_id: str) -> str:
    return serving.runs()[run_id]["status"]


def all_ended(serving: Serving) -> bool:
    """Whether no run is left; not while the UI is started again."""
    with suppress(OSError):
        return {run["status"] for run in serving.runs().values()} <= ENDED
    return False


def launched(serving: Serving, region: str) -> str:
    """A run whose step has begun: it waits for the upstream."""
    run_id = serving.ask(LAUNCH.format(region=region))["launchPipelineExecution"]["run"]["runId"]
    wait_until("the step to begin", lambda: bool(serving.ask(STEPS.format(run_id=run_id))["runOrError"]["stepStats"]))
    return run_id


def worker(created: Platform) -> psutil.Process:
    """The process of the one run: it works for the code server, which starts it with Python's own means."""
    (found,) = (each for each in created.processes() if any("spawn_main" in word for word in each.cmdline()))
    return found


@pytest.mark.torture
@pytest.mark.fault(
    "Liveness", "a run is ended in the UI while it waits for the upstream", "it is cancelled, not retried"
)
@pytest.mark.fault(
    "Liveness",
    "`weatherflick stop` while a run of the UI is under way",
    "the run has failed, and the next command collects what it would have",
)
def test_a_run_that_is_ended_is_cancelled_and_one_that_the_platform_stops_under_has_failed(
    serving: Serving, upstream: RunningSandbox
) -> None:
    cancelled = launched(serving, "50")
    serving.ask(TERMINATE.format(run_id=cancelled))
    wait_until("the end of the run", lambda: status(serving, cancelled) not in ("STARTED", "CANCELING"))
    assert status(serving, cancelled) == "CANCELED"
    stopped = launched(serving, "50")
    done = serving.platform.run("stop")
    assert done.out == "Stopped: weatherflick up.\n"
    upstream.change(latency=0)
    collected = serving.platform.run("collect", "--regions", "50,36110", "--json")
    assert collected.code == 0, collected.said
    assert "no process any more" not in collected.err  # `stop` has ended them
    with up(serving.platform, "--no-collect") as again:
        assert status(again, stopped) == "FAILURE"
        # Dagster's daemon runs it again.
        wait_until("the end of all runs", lambda: all_ended(again))


@pytest.mark.torture
@pytest.mark.fault(
    "Liveness", "the process of a launched run is killed", "the run fails within a minute and is run again"
)
@pytest.mark.fault(
    "Liveness", "Dagster's daemon is killed under `weatherflick up`", "it is said, and it is started again"
)
@pytest.mark.fault(
    "Liveness",
    "the server of health and metrics is killed under `weatherflick up`",
    "it is said, and it is started again",
)
def test_a_killed_run_fails_and_a_killed_daemon_is_started_again(serving: Serving, upstream: RunningSandbox) -> None:
    (health,) = (
        each for each in serving.platform.processes() if "weatherflick_assets.cli.health_server" in each.cmdline()
    )
    health.kill()
    wait_until("a word about the server of health", lambda: "The server of health and metrics ended" in serving.said)
    wait_until("the server of health in its place", lambda: answers(f"{serving.health_url}/live"))
    killed = launched(serving, "50")
    worker(serving.platform).kill()
    wait_until("the run to be found without a process", lambda: status(serving, killed) == "FAILURE")
    wait_until("the run in its place", lambda: len(serving.runs()) == 2)
    (daemon,) = (each for each in serving.platform.processes() if "dagster._daemon" in each.cmdline())
    daemon.kill()
    wait_until("a word about it", lambda: "daemon ended by itself" in serving.said)
    assert "Dagster is started again in 1 s." in " ".join(serving.said.split())
    upstream.change(latency=0)
    wait_until("the end of all runs, seen in the UI", lambda: all_ended(serving))
