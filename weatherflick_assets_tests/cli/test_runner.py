"""What commands run: each flow brings what it is for, publishes what it touched, asks no more, and leaves nothing pending."""

import os
import re
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from aiohttp import web
from rich.console import Console

from weatherflick_assets.cli.progress import RunProgress
from weatherflick_assets.cli.runner import run_flows
from weatherflick_assets.cli.runs import Order, Summary, launching
from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.orchestration.tags import CHANGES_TAG
from weatherflick_assets.places.flows import DETAILS, LISTS, PLACES, REFRESH, assets_of
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse import leases
from weatherflick_assets.warehouse.outbox import NOTE, Notes
from weatherflick_assets_tests.cli.commands import PLACE, of_a_command
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.upstream.hosts import envelope, serving_beside, unsteady

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")]

KEY = "registered+with/the=sandbox"
PLACES_LISTED = 30
PENDING = "SELECT asset_key, partition_key FROM ops.pending_publications"


@contextmanager
def live(template: Template, home: Path, catalogue: Catalogue) -> Iterator[tuple[str, RunningSandbox]]:
    """A database and an upstream of their own, in the environment; Dagster's records are in `home`."""
    with (
        pytest.MonkeyPatch.context() as environment,
        template.clone_for_commands() as database,
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue) as sandbox,
    ):
        for name, value in {
            **of_a_command(home, database),
            "KTO_API_KEY": KEY,
            "DATA_GO_KR_BASE_URL": sandbox.url,
        }.items():
            environment.setenv(name, value)
        yield dsn_of(database), sandbox


def run(flows: Sequence[Flow], **selection: Sequence[str]) -> Summary:
    return run_flows(flows, RunProgress(Console(quiet=True)), **selection)  # type: ignore[arg-type]


def regions(summary: Summary) -> set[str]:
    """The regions that runs were for."""
    return {result.partition for result in summary.by_run.values() if result.partition}


def places(count: int = PLACES_LISTED, **changes: str) -> list[dict[str, str]]:
    return [
        {**PLACE, "contentid": str(1000 + number), "lDongRegnCd": "36110" if number % 2 else "50", **changes}
        for number in range(count)
    ]


@dataclass
class Days:
    """A first reading of everything, its details, and a day on which two places changed.

    The first refresh of that day meets an upstream that fails every call.
    """

    lists: Summary
    first: Summary
    details: Summary
    details_again: Summary
    failed: Summary
    changed: Summary
    unchanged: Summary
    changed_regions: set[str]
    published: list[dict]
    detailed: list[dict]
    pending: list[dict]
    sent: list[dict]
    runs: list[dg.DagsterRun]
    said: dict[str, list[str]]
    """What runs logged at INFO beside Dagster's events, by job."""


@pytest.fixture(scope="module")
def days(template_database: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    home = tmp_path_factory.mktemp("dagster")
    with live(template_database, home, Catalogue.from_rows(places())) as (dsn, sandbox):
        lists, first = run(LISTS), run(REFRESH)
        details, details_again = run((DETAILS,)), run((DETAILS,))
        sandbox.change(daily_changes={"changed": 2})
        sandbox.advance(1)
        sandbox.change(fault_rate=1.0)
        failed = run(REFRESH)
        sandbox.change(fault_rate=0.0)
        changed, unchanged = run(REFRESH), run(REFRESH)
        touched = set(sandbox.changes(1)["changed"])
        attractions = rows(dsn, "SELECT content_id, region_code FROM core.attractions")
        with dg.DagsterInstance.get() as instance:
            runs = list(instance.get_runs())
            said: dict[str, list[str]] = {}
            for found in runs:
                logged = [entry for entry in instance.all_logs(found.run_id) if not entry.is_dagster_event]
                said.setdefault(found.job_name, []).extend(entry.user_message for entry in logged if entry.level == 20)
        yield Days(
            lists, first, details, details_again, failed, changed, unchanged,
            {row["region_code"] for row in attractions if row["content_id"] in touched},
            attractions,
            rows(dsn, "SELECT content_id FROM core.attractions WHERE overview IS NOT NULL"),
            rows(dsn, PENDING),
            rows(dsn, "SELECT run_id, count(*) FROM raw.calls GROUP BY run_id"),
            runs,
            said,
        )  # fmt: skip


def test_the_lists_of_the_country_are_collected_by_a_run_each(days: Days) -> None:
    assert days.lists.exit_code == 0, days.lists
    assert list(days.lists.by_run) == ["collect_codes", "collect_festivals", "collect_pets", "collect_stays"]
    assert days.lists.calls > 4


def test_a_run_that_failed_has_its_retries_in_the_summary(days: Days) -> None:
    assert 0 < days.failed.retries < days.failed.calls
    assert days.failed.retries == sum(result.retries for result in days.failed.by_run.values())


def test_the_first_refresh_reads_everything_and_publishes_the_regions_that_have_places(days: Days) -> None:
    assert days.first.exit_code == 0, days.first
    assert regions(days.first) == {"36110", "50"}
    assert len(days.published) == PLACES_LISTED


def test_details_are_asked_once_and_published(days: Days) -> None:
    assert days.details.exit_code == 0, days.details
    assert days.details.calls == 4 * PLACES_LISTED
    assert (days.details_again.calls, regions(days.details_again)) == (0, set())
    assert len(days.detailed) > PLACES_LISTED / 2


def test_a_refresh_that_the_upstream_fails_says_so_and_publishes_nothing(days: Days) -> None:
    assert days.failed.exit_code == 1
    assert regions(days.failed) == set()


def test_the_calls_of_a_run_that_failed_count(days: Days) -> None:
    sent = {row["run_id"]: row["count"] for row in days.sent}
    for summary in (days.lists, days.first, days.details, days.failed, days.changed):
        assert summary.calls == sum(sent.get(result.run_id, 0) for result in summary.by_run.values())
    assert days.failed.calls > 0


def test_the_next_refresh_publishes_just_the_regions_that_changed_meanwhile(days: Days) -> None:
    assert days.changed.exit_code == 0, days.changed
    assert regions(days.changed) == days.changed_regions != set()
    assert days.changed.by_run["collect_changes"].calls == 1


def test_a_refresh_after_which_nothing_changed_publishes_nothing(days: Days) -> None:
    assert days.unchanged.exit_code == 0, days.unchanged
    assert regions(days.unchanged) == set()


def test_a_command_leaves_nothing_pending(days: Days) -> None:
    assert days.pending == []


def test_runs_say_in_a_line_what_they_read_and_published(days: Days) -> None:
    (codes, published) = days.said["collect_codes"]
    assert re.match(r"codes: [\d,]+ listed, \d+ calls\. ", codes)
    assert re.match(r"codes: [\d,]+ published\. ", published)
    assert any(re.search(r"attractions: .*\d+ published", line) for line in days.said["publish_places"])
    assert any(re.match(r"place_details: \d+ asked, \d+ calls\. ", line) for line in days.said["collect_details"])


def test_runs_of_commands_belong_to_the_code_location_as_every_other_run(days: Days) -> None:
    for found in days.runs:
        origin = found.remote_job_origin
        assert origin is not None
        assert origin.repository_origin.get_label() == "__repository__@weatherflick"
        assert origin.job_name == found.job_name
        # The tag that the UI's Timeline and Jobs filter by.
        assert found.tags_for_storage()[".dagster/repository"] == "__repository__@weatherflick"
        assert found.job_code_origin is not None
        assert max(map(len, found.tags.values())) < 200


def test_details_that_end_by_a_spent_quota_have_every_run_in_the_summary_and_what_came_is_published(
    template_database: Template, tmp_path: Path
) -> None:
    with live(template_database, tmp_path, Catalogue.from_rows(places())) as (dsn, sandbox):
        run(REFRESH)
        sandbox.change(daily_limits={"detailIntro2": PLACES_LISTED // 2 + 1})
        summary = run((DETAILS,))
        assert summary.exit_code == 3
        assert {"plan_details", "36110", "50"} <= summary.by_run.keys()
        assert summary.outcome == "partial"
        assert any("detailIntro2 are spent" in problem for problem in summary.problems)
        assert summary.calls > PLACES_LISTED
        assert len(rows(dsn, "SELECT FROM core.attractions WHERE detail_completeness > 0")) > 0
        assert rows(dsn, PENDING) == []


def test_details_of_one_region_get_the_calls_that_others_would_get(
    template_database: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live(template_database, tmp_path, Catalogue.from_rows(places())) as (dsn, _):
        monkeypatch.setenv("KTO_API_DAILY_LIMIT", str(PLACES_LISTED // 2 + 1))
        run(REFRESH)
        summary = run((DETAILS,), regions=["50"])
        assert (summary.exit_code, summary.calls, regions(summary)) == (0, 4 * PLACES_LISTED // 2, {"50"})
        assert {row["region_code"] for row in rows(dsn, "SELECT region_code FROM ops.collection_plan")} == {"50"}


def test_a_list_that_fails_fails_its_run_and_a_second_run_publishes_the_lists_that_were_read(
    template_database: Template, tmp_path: Path
) -> None:
    named = {"contentid": "5000", "contenttypeid": "39", "lDongRegnCd": "36110"}
    listed = [*places(lDongRegnCd="36110"), {**PLACE, **named}]
    with (
        live(template_database, tmp_path, Catalogue.from_rows(listed)) as (dsn, _),
        serving_beside(unsteady(listed, "39")) as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("DATA_GO_KR_BASE_URL", url)
        summary = run((PLACES,), regions=["36110"])
        assert (summary.outcome, summary.exit_code) == ("partial", 1)
        (problem,) = summary.problems
        assert problem.startswith("36110: The list of restaurants in 36110 does not add up")
        assert list(summary.by_run) == ["36110", "publish_places 36110"]
        assert summary.by_run["publish_places 36110"].published == summary.published >= PLACES_LISTED
        assert len(rows(dsn, "SELECT FROM core.attractions")) == PLACES_LISTED
        assert rows(dsn, PENDING) == []


@pytest.mark.fault(
    "Liveness",
    "a command is told to end while it creates a run",
    "the run has failed, and is not left for the next command",
)
def test_a_run_that_is_created_when_its_command_is_told_to_end_has_failed(
    template_database: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live(template_database, tmp_path, Catalogue.from_rows(places())), launching() as launcher:
        create = launcher.instance.create_run_for_job

        def create_and_be_told_to_end(**options: Any) -> dg.DagsterRun:
            run = create(**options)
            os.kill(os.getpid(), signal.SIGTERM)
            return run

        monkeypatch.setattr(launcher.instance, "create_run_for_job", create_and_be_told_to_end)
        with pytest.raises(KeyboardInterrupt):
            launcher.run(Order("collect_places", "36110"))
        (run,) = launcher.instance.get_runs()
        assert run.status is dg.DagsterRunStatus.FAILURE
        assert leases.is_free(launcher.platform, run.run_id)


def test_tables_that_are_held_back_are_a_problem_each(template_database: Template, tmp_path: Path) -> None:
    poisoned = places(addr1="", mapx="0", lDongRegnCd="36110")
    food = {"contenttypeid": "39", "lclsSystm1": "FD", "lclsSystm2": "FD01", "lclsSystm3": "FD010100"}
    restaurants = [{**row, **food, "contentid": f"9{row['contentid']}"} for row in poisoned]
    with live(template_database, tmp_path, Catalogue.from_rows([*poisoned, *restaurants])) as (dsn, _):
        summary = run((PLACES,), regions=["36110"])
        assert (summary.outcome, summary.exit_code, list(summary.by_run)) == ("held_back", 4, ["36110"])
        tables = [problem.split(": ")[2] for problem in summary.problems]
        assert tables == ["core.attractions", "core.restaurants"]
        assert {row["asset_key"] for row in rows(dsn, PENDING)} == {"core/attractions", "core/restaurants"}


def test_what_an_earlier_command_left_is_published_and_what_the_gate_holds_back_is_tried_once(
    template_database: Template, tmp_path: Path
) -> None:
    poisoned = Catalogue.from_rows(places(lDongRegnCd="36110", addr1="", mapx="0"))
    with live(template_database, tmp_path, poisoned) as (dsn, _):
        with psycopg.connect(dsn) as connection:
            left = Notes()
            left.add([("core/rooms", "11"), ("core/codes", "")])
            connection.execute(NOTE, left.parameters(cause="a killed command", since=now()))
        summary = run((PLACES,), regions=["36110"], assets=assets_of(["attractions"]))
        assert (summary.outcome, summary.exit_code) == ("partial", 1)
        assert {name: result.outcome for name, result in summary.by_run.items()} == {
            "36110": "held_back", "11": "complete", "publish_codes": "failed",
        }  # fmt: skip
        assert {row["asset_key"] for row in rows(dsn, PENDING)} >= {"core/attractions", "core/codes"}
        with dg.DagsterInstance.get() as instance:
            published = instance.get_runs(dg.RunsFilter(job_name="publish_places"))
        assert [found.tags["dagster/partition"] for found in published] == ["11"]
        assert all(found.tags[CHANGES_TAG] for found in published)


def test_a_live_platform_without_keys_for_an_api_says_which_variable_to_set_and_tries_no_other_region(
    template_database: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with live(template_database, tmp_path, Catalogue.from_rows(places())) as (dsn, _):
        monkeypatch.delenv("KTO_API_KEY")
        monkeypatch.setenv("KMA_API_KEY", KEY)
        summary = run((PLACES,), regions=["36110", "50"], assets=assets_of(["attractions"]))
        assert (summary.outcome, summary.exit_code, summary.untried) == ("failed", 1, 1)
        assert all("KTO_API_KEY" in problem for problem in summary.problems)
        assert rows(dsn, "SELECT FROM raw.calls") == []


@pytest.mark.fault(
    "Blast radius",
    "a total is always three too high, and a name holds markup",
    "places are published, the summary warns",
)
def test_a_list_that_never_adds_up_is_published_and_the_summary_says_so(
    template_database: Template, tmp_path: Path
) -> None:
    name = "[bold red]호수[/] <b>공원</b> \x1b[2J"

    async def handle(request: web.Request) -> web.Response:
        is_first = request.query["pageNo"] == "1"
        listed: list[dict[str, object]] = (
            [{**PLACE, "contentid": str(number), "title": name} for number in range(1, 11)] if is_first else []
        )
        return web.Response(body=envelope(listed, total=13))

    with (
        live(template_database, tmp_path, Catalogue.from_rows(places())) as (dsn, _),
        serving_beside(handle) as url,
        pytest.MonkeyPatch.context() as environment,
    ):
        environment.setenv("DATA_GO_KR_BASE_URL", url)
        console = Console(file=StringIO(), width=200)
        summary = run_flows(
            (PLACES,), RunProgress(console), regions=["36110"], assets=assets_of(["attractions"]), resumable=True
        )
        shown = console.file.getvalue()  # type: ignore[attr-defined]
        titles = {row["title"] for row in rows(dsn, "SELECT title FROM core.attractions")}
    assert (summary.exit_code, summary.published, summary.outcome) == (0, 10, "complete")
    (problem,) = summary.problems
    assert "The list of attractions in 36110 does not add up" in problem
    assert "10 different rows and the upstream counts 13" in problem
    assert "does not add up" in " ".join(shown.split())
    assert titles == {"[bold red]호수[/] 공원 [2J"}
