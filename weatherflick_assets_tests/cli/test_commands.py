"""What the commands do when all is well, one after the other on one state folder, and with plain Dagster between them."""

import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from rich.cells import cell_len

from weatherflick_assets_tests.cli.commands import (
    DAGSTER,
    Done,
    Platform,
    platform,
    write_catalogue,
)
from weatherflick_assets_tests.waiting import PATIENCE_SECONDS, wait_until

COUNTS = {"calls", "items", "published", "rejected", "removed"}
CONTRACT = {"outcome", *COUNTS, "duration_s", "problems", "by_run", "regions"}
PUBLISHED = "SELECT * FROM core.attractions ORDER BY content_id", "SELECT * FROM core.restaurants ORDER BY content_id"


def catalogue() -> list[dict[str, str]]:
    """Two regions and a row without one: 25 + 5 places of Sejong, one without a title, 2 of Jeju, 1 that lies in Jeju."""
    sejong = [{"contentid": str(1000 + number)} for number in range(25)]
    restaurants = [{"contentid": str(2000 + number), "contenttypeid": "39"} for number in range(5)]
    jeju = {"lDongRegnCd": "50", "addr1": "제주특별자치도 제주시 516로 1865", "mapx": "126.5312", "mapy": "33.4996"}
    return [
        *sejong,
        *restaurants,
        {"contentid": "2999", "title": ""},
        {"contentid": "3000", **jeju},
        {"contentid": "3001", **jeju},
        {"contentid": "3002", **jeju, "lDongRegnCd": ""},
    ]


def poisoned() -> list[dict[str, str]]:
    """The same places, those of Sejong without addresses or usable coordinates."""
    return [{**row, "addr1": "", "mapx": "0"} if "lDongRegnCd" not in row else row for row in catalogue()]


@dataclass(frozen=True)
class Collected:
    """A platform that has collected, was stopped, and started again by whatever command came next."""

    platform: Platform
    first: Done
    rows: list[Any]
    stopped: Done
    left: list[str]
    url: str

    def published(self) -> list[Any]:
        with psycopg.connect(self.url) as connection:
            return [connection.execute(query).fetchall() for query in PUBLISHED]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def collected() -> Iterator[Collected]:
    """One small collection, then `stop`, then `database-url`, which starts the database again."""
    with platform() as created:
        file = write_catalogue(created.home.parent / "rows.jsonl", catalogue())
        created.settings["WEATHERFLICK_SANDBOX_CATALOGUE"] = str(file)
        first = created.run("collect", "--regions", "unassigned,36110,50", "--json")
        assert first.code == 0, first.said
        url = created.run("database-url").out.strip()
        with psycopg.connect(url) as connection:
            rows = [connection.execute(query).fetchall() for query in PUBLISHED]  # type: ignore[arg-type]
        stopped = created.run("stop")
        left = created.descriptions()
        again = created.run("database-url")
        assert again.code == 0, again.said
        yield Collected(created, first, rows, stopped, left, again.out.strip())


def test_collect_prints_the_object_of_the_contract_and_nothing_else(collected: Collected) -> None:
    summary = collected.first.summary
    assert summary.keys() >= CONTRACT
    assert summary["outcome"] == "complete"
    assert summary["regions"] == ["36110", "50"]
    assert isinstance(summary["duration_s"], float)
    assert all(type(summary[name]) is int for name in COUNTS)


def test_every_item_is_published_or_rejected(collected: Collected) -> None:
    summary = collected.first.summary
    assert summary["items"] == summary["published"] + summary["rejected"] == 34
    assert (summary["published"], summary["rejected"], summary["removed"]) == (33, 1, 0)
    assert summary["listed"] == 34
    for region in summary["by_run"].values():
        assert region["items"] == region["published"] + region["rejected"]


def test_a_row_without_a_region_is_published_in_the_one_it_lies_in(collected: Collected) -> None:
    assert collected.first.summary["by_run"]["50"]["published"] == 3


def test_collect_says_that_its_data_are_synthetic(collected: Collected) -> None:
    assert "No API keys are set: using the sandbox" in collected.first.err


def test_stop_leaves_no_process_of_the_state_folder(collected: Collected) -> None:
    assert collected.stopped.out == "Stopped: sandbox, PostgreSQL.\n"
    assert collected.left == []


def test_the_database_stays_up_after_its_url_was_printed_and_holds_what_was_collected(collected: Collected) -> None:
    assert collected.url.startswith("postgresql://")
    assert collected.published() == collected.rows
    assert [len(rows) for rows in collected.rows] == [28, 5]


@pytest.mark.slow
@pytest.mark.torture
def test_collecting_again_changes_no_published_row(collected: Collected) -> None:
    again = collected.platform.run("collect", "--regions", "unassigned,36110,50", "--json")
    assert again.code == 0, again.said
    assert (again.summary["items"], again.summary["published"], again.summary["removed"]) == (0, 0, 0)
    assert again.summary["listed"] == collected.first.summary["listed"]
    # Every column, updated_at and source_response_id among them.
    assert collected.published() == collected.rows


@pytest.mark.slow
def test_poisoned_data_are_held_back_with_an_exit_code_of_their_own(collected: Collected) -> None:
    collected.platform.run("stop")
    file = write_catalogue(collected.platform.home.parent / "poisoned.jsonl", poisoned())
    held = collected.platform.run(
        "collect", "--regions", "50,36110", "--json", WEATHERFLICK_SANDBOX_CATALOGUE=str(file)
    )
    assert held.code == 4, held.said
    assert held.summary["outcome"] == "partial"
    outcomes = {code: region["outcome"] for code, region in held.summary["by_run"].items()}
    assert outcomes == {"50": "complete", "36110": "held_back"}
    (problem,) = held.summary["by_run"]["36110"]["problems"]
    assert problem.startswith("세종: core.attractions: 25 rows held back")
    assert "Nothing was published" in " ".join(held.err.split())
    assert "Traceback" not in held.said
    collected.platform.run("stop")
    assert collected.platform.run("database-url").code == 0
    assert collected.published()[0] == collected.rows[0]
    seen = collected.platform.run("status", COLUMNS="80")
    assert "Held back by the quality gate" in seen.out
    assert re.search(r"core.attractions +세종 +25 ", seen.out), seen.out
    assert max(map(cell_len, seen.out.splitlines())) <= 80


def test_the_status_says_what_its_times_are_and_of_which_job_a_run_is(collected: Collected) -> None:
    seen = collected.platform.run("status", COLUMNS="80").out
    assert "Times are Korean time (KST)." in seen
    assert "collect_places" in seen
    assert max(map(cell_len, seen.splitlines())) <= 80


def test_status_gives_tables_calls_and_runs(collected: Collected) -> None:
    done = collected.platform.run("status", "--json")
    assert done.code == 0, done.said
    status = done.summary
    assert status["mode"] == "sandbox"
    tables = {table["name"]: table for table in status["tables"]}
    assert {name: table["rows"] for name, table in tables.items() if table["rows"]} == {
        "attractions": 28,
        "restaurants": 5,
    }
    assert len(tables) == 8
    assert tables["attractions"]["rejected"] == 1
    assert tables["attractions"]["regions"] == 2
    assert tables["attractions"]["updated_at"].endswith("+09:00")
    (quota,) = status["quotas"]
    assert (quota["provider"], quota["operation"], quota["refused"]) == ("kto", "areaBasedSyncList2", 0)
    assert quota["used"] >= 6
    assert quota["left"] == quota["limit"] - quota["reserved"]
    assert status["refused_keys"] == []
    assert len(status["last_runs"]) >= 3
    assert {run["partition"] for run in status["last_runs"]} <= {"unassigned", "36110", "50"}
    assert {run["status"] for run in status["last_runs"]} <= {"SUCCESS", "FAILURE"}


def test_the_last_runs_of_the_status_are_those_that_dagster_lists(collected: Collected) -> None:
    program = (
        "import dagster, json\n"
        "records = dagster.DagsterInstance.get().get_run_records(limit=5)\n"
        "print(json.dumps([[record.dagster_run.run_id, record.dagster_run.tags.get('dagster/partition'),"
        " record.dagster_run.status.value, record.start_time, record.end_time] for record in records]))"
    )
    listed = in_bash(collected, f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}").summary
    status = collected.platform.run("status", "--json").summary
    times = [
        [datetime.fromisoformat(run[name]).timestamp() for name in ("started_at", "ended_at")]
        for run in status["last_runs"]
    ]
    assert [[run["run_id"], run["partition"], run["status"]] for run in status["last_runs"]] == [
        run[:3] for run in listed
    ]
    assert times == [[int(time) for time in run[3:]] for run in listed]


def in_bash(collected: Collected, *commands: str) -> Done:
    """Commands in one shell that has taken over the environment the platform prints."""
    weatherflick = shlex.quote(str(Path(DAGSTER).with_name("weatherflick")))
    script = "\n".join(["set -eu", f'environment="$({weatherflick} env)"', 'eval "$environment"', *commands])
    return collected.platform.execute(["bash", "-c", script])


def test_the_printed_environment_is_what_plain_programs_need(collected: Collected) -> None:
    done = in_bash(collected, "env")
    assert done.code == 0, done.said
    variables = dict(line.split("=", 1) for line in done.out.splitlines() if "=" in line)
    assert variables["WEATHERFLICK_DATABASE_URL"] == collected.url
    assert variables["WEATHERFLICK_DAGSTER_DATABASE_URL"].startswith("postgresql+psycopg2://")
    assert (Path(variables["DAGSTER_HOME"]) / "dagster.yaml").is_file()
    assert variables["WEATHERFLICK_SANDBOX_URL"].startswith("http://127.0.0.1:")


@pytest.mark.slow
def test_plain_dagster_materializes_a_partition_in_the_printed_environment(collected: Collected) -> None:
    """The plain command for one region: listing, gate and publication, in the instance that the UI shows.

    `dagster job execute` knows no partitions; `dagster asset materialize` does. It wants a module, not a workspace file.
    """
    done = in_bash(
        collected,
        f"{shlex.quote(DAGSTER)} asset materialize -m weatherflick_assets.definitions"
        " --select 'raw/kto/attractions_listing,core/attractions' --partition 36110",
    )
    assert done.code == 0, done.said
    assert "RUN_SUCCESS" in done.said
    assert len(collected.published()[0]) == len(collected.rows[0])


@pytest.mark.fault(
    "Odd machines",
    "the terminal shows ASCII only, and the locale is C",
    "Korean parameters are understood; what it can't show is escaped",
)
def test_a_terminal_of_ascii_is_served(collected: Collected) -> None:
    ascii_only = {
        "LANG": "C",
        "LC_ALL": "C",
        "PYTHONIOENCODING": "ascii",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    called = collected.platform.run("call", "kto", "searchKeyword2", "keyword=관광지", **ascii_only)
    assert called.code == 0, called.said
    assert called.said.isascii()
    assert called.summary is not None
    for arguments, code in ((("status",), 0), (("collect", "--regions", "9"), 1)):
        done = collected.platform.run(*arguments, **ascii_only)
        assert (done.code, done.said.isascii(), "Traceback" in done.said) == (code, True, False), done.said


def test_the_sandbox_serves_alone_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with platform() as created:
        created.home.mkdir()
        output = tmp_path / "sandbox.txt"
        process = created.begin("sandbox", "--port", "0", "--scale", "0.01", "--keys", "one,two", output=output)
        try:
            wait_until("the sandbox's address", lambda: "Sandbox on http://" in output.read_text())
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
        assert process.returncode == 0
        assert "Traceback" not in output.read_text()
