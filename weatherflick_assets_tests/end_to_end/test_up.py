"""`weatherflick up`: everything starts, data are collected once, and the end, also a violent one, leaves nothing but data."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from weatherflick_assets.insight.flows import AT_ONCE
from weatherflick_assets.operations.quality_flows import CHECKS
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.weather.flows import FIRST_CYCLE as FIRST_WEATHER
from weatherflick_assets_tests.cli.commands import PLACE, Platform, end, free_port, platform
from weatherflick_assets_tests.end_to_end.conftest import Life
from weatherflick_assets_tests.end_to_end.serving import up
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.slow

KEY = "PLANTEDkey+/="
DEV = "weatherflick_assets.cli.dagster_dev"
SECOND_PROCESS = "weatherflick_assets.cli.second_process"
REGIONS = 17
"""With the rows that have no region."""

OF_THE_COUNTRY = {"collect_codes", "collect_festivals", "collect_pets", "collect_stays", "plan_details"}
OF_THE_WEATHER = {stage.job for flow in FIRST_WEATHER for stage in flow.stages}
OF_WHAT_FOLLOWS = {stage.job for flow in AT_ONCE for stage in flow.stages}
OF_THE_CHECKS = {stage.job for flow in CHECKS for stage in flow.stages}
"""Jobs of a run each."""

ONCE = OF_THE_COUNTRY | OF_THE_WEATHER | OF_WHAT_FOLLOWS | OF_THE_CHECKS


def test_the_first_start_serves_the_ui_and_collects_every_region(first_life: Life) -> None:
    assert first_life.answered
    assert {run["status"] for run in first_life.runs.values()} == {"SUCCESS"}
    jobs = Counter(run["jobName"] for run in first_life.runs.values())
    assert len(first_life.runs) == len(first_life.collected)
    assert jobs.pop("collect_midterm") in (1, 2)  # by the time of day, see `newest_for_outlook`
    assert jobs == {**dict.fromkeys(ONCE - {"collect_midterm"}, 1), "collect_places": REGIONS}
    assert first_life.rows > 300
    assert first_life.recommended > 300
    assert "using the sandbox; its data are synthetic" in first_life.said
    assert "Collection complete" in first_life.said


def test_health_and_metrics_are_served_beside_the_ui(first_life: Life) -> None:
    assert first_life.healthy
    assert first_life.measured


def test_after_the_first_cycle_nothing_is_pending(first_life: Life) -> None:
    assert first_life.pending == 0


@pytest.mark.fault(
    "Newcomers", "the first collection ends", "nothing that raw holds is unpublished, pet rules included"
)
def test_after_the_first_cycle_nothing_that_raw_holds_is_unpublished(first_life: Life) -> None:
    assert {what for what, count in first_life.unpublished.items() if count > 0} == set()
    assert first_life.unpublished["answers detailPetTour2"] < 0, "there are rules for pets"


def test_nothing_local_goes_through_the_proxy_that_the_environment_names(first_life: Life) -> None:
    assert first_life.answered
    assert "PLANTED" not in first_life.said


@pytest.mark.fault("Newcomers", "somebody looks for the runs of a command in the UI", "Timeline and Jobs show them")
def test_the_ui_shows_the_runs_of_the_first_cycle_with_their_code_location(first_life: Life) -> None:
    assert first_life.of_the_location.keys() == first_life.runs.keys()


@pytest.mark.parametrize("life", ["first_life", "second_life"], ids=["ctrl-c", "sigterm"])
def test_the_end_leaves_no_process_of_the_state_folder(life: str, request: pytest.FixtureRequest) -> None:
    ended: Life = request.getfixturevalue(life)
    assert ended.left == []
    assert ended.code == 0
    assert "Traceback" not in ended.said
    assert ended.said.rstrip().endswith("Stopping …")


def test_starting_again_finds_the_data_and_collects_nothing(first_life: Life, second_life: Life) -> None:
    assert second_life.answered
    assert second_life.rows == first_life.rows
    assert second_life.collected == first_life.collected
    assert "places are published already" in second_life.said


@pytest.mark.torture
@pytest.mark.fault(
    "Newcomers", "Ctrl-C while the first cycle is collected", "everything ends, and what was collected is kept"
)
def test_ctrl_c_while_the_first_cycle_is_collected_ends_everything_and_keeps_what_there_is(tmp_path: Path) -> None:
    with platform() as created:
        output = tmp_path / "up.txt"
        process = created.begin("up", "--port", str(free_port()), output=output)
        wait_until("the second process", lambda: any(SECOND_PROCESS in line for line in created.descriptions()))
        assert end(process, signal.SIGINT) == 0
        assert created.descriptions() == []
        said = output.read_text()
        assert said.rstrip().endswith("Stopping …")
        assert "Traceback" not in said
        kept = created.run("status", "--json")
        assert kept.code == 0, kept.said
        assert {run["status"] for run in kept.summary["last_runs"]} <= {"SUCCESS", "FAILURE"}


@pytest.mark.fault("Newcomers", "`weatherflick up` is started twice", "the second is refused and harms nothing")
def test_a_second_start_beside_a_running_one_is_refused_and_harms_nothing(first_life: Life) -> None:
    assert first_life.beside.code == 1
    (complaint,) = first_life.beside.complaints
    assert complaint.startswith("weatherflick: `weatherflick up` runs already for ")
    assert first_life.answered  # afterwards


@pytest.mark.torture
def test_no_key_is_in_anything_that_is_written_or_answered() -> None:
    with (
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=Catalogue.from_rows([PLACE])) as upstream,
        platform(KTO_API_KEY=KEY, DATA_GO_KR_BASE_URL=upstream.url) as created,
    ):
        with up(created, "--no-collect") as serving:
            collected = created.run("collect", "--regions", "36110", "--types", "attractions", "--json")
            assert collected.code == 0, collected.said
            query = "{ runsOrError { ... on Runs { results { runConfigYaml tags { value } } } } }"
            answer = serving.ask(query)
            assert answer["runsOrError"]["results"]
            said = [serving.said, collected.said, str(answer)]
        files = list(created.files())
        assert {"dagster", "logs"} <= {path.relative_to(created.home).parts[0] for path in files}
        with_key = [path for path in files if b"PLANTED" in path.read_bytes()]
    assert with_key == []
    assert not any("PLANTED" in text for text in said)


def dagster_of(created: Platform) -> dict[int, str]:
    """The command lines of Dagster's processes by their numbers."""
    described = (line.split(" ", 1) for line in created.descriptions())
    return {int(number): command for number, command in described if "-m dagster" in command or DEV in command}


@pytest.mark.torture
def test_killed_it_takes_dagster_along_and_stop_ends_the_services() -> None:
    with platform() as created, up(created, "--no-collect") as serving:
        assert serving.end(signal.SIGKILL) == -signal.SIGKILL
        wait_until("Dagster to end by itself", lambda: not dagster_of(created))
        assert created.run("stop").out == "Stopped: sandbox, PostgreSQL.\n"
        assert created.descriptions() == []


@pytest.mark.parametrize("again", [False, True], ids=["stop", "another start"])
@pytest.mark.torture
def test_what_is_left_when_dagster_is_killed_too_is_ended(again: bool) -> None:
    with platform() as created, up(created, "--no-collect") as serving:
        first = dagster_of(created)
        (dev,) = (number for number, command in first.items() if DEV in command)
        serving.process.kill()
        os.kill(dev, signal.SIGKILL)
        serving.process.wait(PATIENCE_SECONDS)
        assert dagster_of(created)  # the web server, the daemon, the code servers
        if again:
            with up(created, "--no-collect", port=serving.port) as second:
                assert "Ended what a killed `weatherflick up` had left running." in second.said
                assert first.keys().isdisjoint(dagster_of(created))
                assert second.end(signal.SIGINT) == 0
        else:
            assert created.run("stop").out == "Stopped: Dagster, sandbox, PostgreSQL.\n"
        assert created.descriptions() == []
