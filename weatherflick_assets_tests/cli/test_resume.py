"""Which collection `weatherflick collect` resumes, and when it begins another one."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from rich.console import Console
from sqlalchemy import URL

from weatherflick_assets.cli.progress import RunProgress
from weatherflick_assets.cli.resume import RESUMABLE_FOR, Collection, current_collection, digest_of, hold
from weatherflick_assets.cli.runner import run_flows
from weatherflick_assets.cli.runs import Summary
from weatherflick_assets.places.flows import PLACES, assets_of
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import now
from weatherflick_assets_tests.cli.commands import PLACE, asked, end, live_platform, of_a_command
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.waiting import wait_until

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
REGIONS = ("36110", "50", "11", "26")
TYPES = ("attractions",)
RUNS = [("collect_places", region) for region in REGIONS]


def places(region: str, first: int, count: int = 30, **changes: str) -> list[dict[str, str]]:
    return [{**PLACE, "contentid": str(first + number), "lDongRegnCd": region, **changes} for number in range(count)]


def restaurants(region: str, first: int) -> list[dict[str, str]]:
    food = {"contenttypeid": "39", "lclsSystm1": "FD", "lclsSystm2": "FD01", "lclsSystm3": "FD010100"}
    return [{**place, **food} for place in places(region, first)]


def poisoned(region: str, first: int) -> list[dict[str, str]]:
    """Places that no suite lets pass: without address and coordinates."""
    return places(region, first, addr1="", mapx="0")


@dataclass
class Broken:
    """A collection of four regions that did not end, what would have been resumed then, and the same one anew.

    The first region is held back, the second complete; at the third the quota was spent, so the fourth was not tried.
    """

    first: Summary
    same: Collection
    with_other_types: Collection
    with_other_regions: Collection
    too_late: Collection
    anew: Summary
    begun_anew: Collection
    calls: tuple[int, int]
    after: Collection


@pytest.fixture(scope="module")
def broken(template_database: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broken]:
    catalogue = Catalogue.from_rows([*poisoned("36110", 1000), *places("50", 2000), *places("11", 3000)])
    with (
        pytest.MonkeyPatch.context() as environment,
        template_database.clone_for_commands() as database,
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue) as sandbox,
    ):
        for name, value in {
            **of_a_command(tmp_path_factory.mktemp("dagster"), database),
            "KTO_API_KEY": KEY,
            "DATA_GO_KR_BASE_URL": sandbox.url,
            "KTO_API_DAILY_LIMIT": "2",
        }.items():
            environment.setenv(name, value)
        first, _ = collect()
        with dg.DagsterInstance.get() as instance:
            same = current_collection(instance, plan(), RUNS, now())
            with_other_types = current_collection(instance, plan(types=("restaurants",)), RUNS, now())
            with_other_regions = current_collection(instance, plan(REGIONS[:3]), RUNS[:3], now())
            too_late = current_collection(instance, plan(), RUNS, now() + RESUMABLE_FOR)
        environment.setenv("KTO_API_DAILY_LIMIT", "100")
        before = answered(sandbox)
        anew, begun_anew = collect(anew=True)
        with dg.DagsterInstance.get() as instance:
            after = current_collection(instance, plan(), RUNS, now())
        calls = before, answered(sandbox) - before
        yield Broken(first, same, with_other_types, with_other_regions, too_late, anew, begun_anew, calls, after)


def collect(*, anew: bool = False) -> tuple[Summary, Collection]:
    """What the command does once everything is started."""
    progress = Begun(Console(quiet=True))
    summary = run_flows((PLACES,), progress, regions=REGIONS, assets=assets_of(TYPES), resumable=True, anew=anew)
    return summary, progress.collection


class Begun(RunProgress):
    """Remembers which collection began."""

    def begin(self, collection: Collection, runs: int) -> None:
        self.collection = collection
        super().begin(collection, runs)


def plan(regions: Sequence[str] = REGIONS, types: Sequence[str] = TYPES) -> str:
    """What the runs of such a collection carry."""
    return digest_of([[PLACES.name], regions, assets_of(types)])


def left(collection: Collection) -> list[str]:
    """The regions that still have to be run."""
    return [region for job, region in RUNS if (job, region) not in collection.settled]


def answered(sandbox: RunningSandbox) -> int:
    return sum(entry["answered"] for entry in sandbox.status()["calls"])


def test_a_collection_whose_quota_was_spent_is_resumed_where_it_stopped(broken: Broken) -> None:
    assert broken.first.exit_code == 3
    assert broken.first.untried == 1
    assert broken.same.began_at is not None
    assert left(broken.same) == ["11", "26"]


def test_a_region_that_was_held_back_is_settled(broken: Broken) -> None:
    assert broken.first.by_run["36110"].outcome == "held_back"
    assert broken.same.settled == {("collect_places", "36110"), ("collect_places", "50")}


def test_another_selection_is_another_collection(broken: Broken) -> None:
    for other in (broken.with_other_types, broken.with_other_regions):
        assert (other.began_at, other.settled) == (None, frozenset())
        assert other.collection_id != broken.same.collection_id


def test_a_collection_that_began_long_ago_is_not_resumed(broken: Broken) -> None:
    assert (broken.too_late.began_at, left(broken.too_late)) == (None, list(REGIONS))


def test_a_collection_that_is_to_be_anew_asks_for_everything(broken: Broken) -> None:
    assert (broken.begun_anew.began_at, left(broken.begun_anew)) == (None, list(REGIONS))
    assert broken.calls == (2, 4)
    assert (broken.anew.calls, broken.anew.exit_code) == (4, 4)


def test_a_complete_collection_is_not_resumed(broken: Broken) -> None:
    assert (broken.after.began_at, left(broken.after)) == (None, list(REGIONS))


def test_a_collection_that_another_process_works_on_is_left_to_it_until_it_ends(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as ours:
        with psycopg.connect(store, autocommit=True) as theirs:
            assert hold(theirs, "a collection")
            assert not hold(ours, "a collection")
            assert hold(ours, "another collection")
        wait_until("the server to notice that they are gone", lambda: hold(ours, "a collection"))


def test_a_killed_collection_is_resumed_and_nothing_that_was_answered_is_asked_again(
    command_database: URL, tmp_path: Path
) -> None:
    dsn = dsn_of(command_database)
    catalogue = Catalogue.from_rows([*places("36110", 1000), *places("50", 2000), *restaurants("11", 3000)])
    command = ("collect", "--types", "attractions,restaurants", "--regions", ",".join(REGIONS), "--json")
    with (
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue, behaviour=Behaviour(latency=2.0)) as sandbox,
        live_platform(command_database, sandbox.url, KEY) as created,
    ):
        process = created.begin(*command, output=tmp_path / "killed.txt")
        wait_until("the third call of eight", lambda: answered(sandbox) >= 3)
        assert end(process, signal.SIGKILL) == -signal.SIGKILL
        kept = asked(dsn)
        assert 0 < kept.total() < 8
        served = answered(sandbox)
        sandbox.change(latency=0)
        done = created.run_here(*command)
        assert done.code == 0, done.said
        assert "Resuming the collection of" in done.err
        assert done.summary["outcome"] == "complete"
        assert answered(sandbox) - served == done.summary["calls"] == 8 - kept.total()
        assert set(asked(dsn).values()) == {1}
        assert len(asked(dsn)) == 8
        assert len(rows(dsn, "SELECT FROM core.attractions")) == 60
        assert len(rows(dsn, "SELECT FROM core.restaurants")) == 30

        again = created.run_here(*command)
        assert again.code == 0, again.said
        assert (again.summary["calls"], again.summary["regions"]) == (8, list(REGIONS))
