"""`weatherflick lists`, `refresh` and `details`: each brings what it is for, publishes what it touched, and asks no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from rich.console import Console
from sqlalchemy import URL

from weatherflick_assets.cli.progress import RunProgress
from weatherflick_assets.cli.runner import run_flows
from weatherflick_assets.cli.runs import Summary
from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.places.flows import DETAILS, LISTS, REFRESH
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.warehouse.stored import prepared

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")]

KEY = "registered+with/the=sandbox"
PLACES = 30


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


@pytest.fixture(scope="module")
def days(postgresql_server: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    home = tmp_path_factory.mktemp("dagster")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    catalogue = Catalogue.from_rows(
        {**PLACE, "contentid": str(1000 + number), "lDongRegnCd": "36110" if number % 2 else "50"}
        for number in range(PLACES)
    )
    with (
        pytest.MonkeyPatch.context() as environment,
        prepared(postgresql_server) as dsn,
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue) as sandbox,
    ):
        for name, value in {
            "DAGSTER_HOME": str(home), "WEATHERFLICK_DATABASE_URL": dsn, "KTO_API_KEY": KEY,
            "DATA_GO_KR_BASE_URL": sandbox.url,
        }.items():  # fmt: skip
            environment.setenv(name, value)
        lists, first = run(LISTS), run(REFRESH)
        details, details_again = run((DETAILS,)), run((DETAILS,))
        sandbox.change(daily_changes={"changed": 2})
        sandbox.advance(1)
        sandbox.change(fault_rate=1.0)
        failed = run(REFRESH)
        sandbox.change(fault_rate=0.0)
        changed, unchanged = run(REFRESH), run(REFRESH)
        touched = set(sandbox.changes(1)["changed"])
        places = rows(dsn, "SELECT content_id, region_code FROM core.attractions")
        yield Days(
            lists, first, details, details_again, failed, changed, unchanged,
            {row["region_code"] for row in places if row["content_id"] in touched},
            places,
            rows(dsn, "SELECT content_id FROM core.attractions WHERE overview IS NOT NULL"),
        )  # fmt: skip


def run(flows: Sequence[Flow]) -> Summary:
    return run_flows(flows, RunProgress(Console(quiet=True)))


def regions(summary: Summary) -> set[str]:
    """The regions that were published."""
    return {result.partition for result in summary.by_run.values() if result.partition}


def test_the_lists_of_the_country_are_collected_by_a_run_each(days: Days) -> None:
    assert days.lists.exit_code == 0, days.lists
    assert list(days.lists.by_run) == ["collect_codes", "collect_festivals", "collect_pets", "collect_stays"]
    assert days.lists.calls > 4


def test_the_first_refresh_reads_everything_and_publishes_the_regions_that_have_places(days: Days) -> None:
    assert days.first.exit_code == 0, days.first
    assert regions(days.first) == {"36110", "50"}
    assert len(days.published) == PLACES


def test_details_are_asked_once_and_published(days: Days) -> None:
    assert days.details.exit_code == 0, days.details
    assert days.details.calls == 4 * PLACES
    assert (days.details_again.calls, regions(days.details_again)) == (0, set())
    assert len(days.detailed) > PLACES / 2


def test_a_refresh_that_the_upstream_fails_says_so_and_publishes_nothing(days: Days) -> None:
    assert days.failed.exit_code == 1
    assert regions(days.failed) == set()


def test_the_next_refresh_publishes_just_the_regions_that_changed_meanwhile(days: Days) -> None:
    assert days.changed.exit_code == 0, days.changed
    assert regions(days.changed) == days.changed_regions != set()
    assert days.changed.by_run["collect_changes"].calls == 1


def test_a_refresh_after_which_nothing_changed_publishes_nothing(days: Days) -> None:
    assert days.unchanged.exit_code == 0, days.unchanged
    assert regions(days.unchanged) == set()
