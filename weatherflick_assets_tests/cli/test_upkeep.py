"""`weatherflick lists`, `refresh` and `details`: each brings what it is for, publishes what it touched, and asks no more."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from weatherflick_assets.cli import upkeep
from weatherflick_assets.cli.runs import Summary
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.cli.commands import PLACE, of_a_command
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.places.store.stock import rows

pytestmark = pytest.mark.slow

KEY = "registered+with/the=sandbox"
PLACES = 30
TOLD = {"before": lambda _: None, "after": lambda _: None}


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
def days(template_database: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    catalogue = Catalogue.from_rows(
        {**PLACE, "contentid": str(1000 + number), "lDongRegnCd": "36110" if number % 2 else "50"}
        for number in range(PLACES)
    )
    with (
        pytest.MonkeyPatch.context() as environment,
        template_database.clone_for_commands() as database,
        RunningSandbox(SandboxOptions(keys=(KEY,)), catalogue=catalogue) as sandbox,
    ):
        dsn = dsn_of(database)
        for name, value in {
            **of_a_command(tmp_path_factory.mktemp("dagster"), database),
            "KTO_API_KEY": KEY,
            "DATA_GO_KR_BASE_URL": sandbox.url,
        }.items():
            environment.setenv(name, value)
        lists, first = upkeep.collect_lists(**TOLD), upkeep.refresh(**TOLD)
        everywhere = (UNASSIGNED, *REGION_CODES)
        details, details_again = (upkeep.collect_details(everywhere, **TOLD) for _ in range(2))
        sandbox.change(daily_changes={"changed": 2})
        sandbox.advance(1)
        sandbox.change(fault_rate=1.0)
        failed = upkeep.refresh(**TOLD)
        sandbox.change(fault_rate=0.0)
        changed, unchanged = upkeep.refresh(**TOLD), upkeep.refresh(**TOLD)
        touched = set(sandbox.changes(1)["changed"])
        regions = rows(dsn, "SELECT content_id, region_code FROM core.attractions")
        yield Days(
            lists, first, details, details_again, failed, changed, unchanged,
            {row["region_code"] for row in regions if row["content_id"] in touched},
            regions,
            rows(dsn, "SELECT content_id FROM core.attractions WHERE overview IS NOT NULL"),
        )  # fmt: skip


def test_the_lists_of_the_country_are_collected_by_a_run_each(days: Days) -> None:
    assert days.lists.exit_code == 0, days.lists
    assert list(days.lists.by_region) == ["collect_codes", "collect_festivals", "collect_pets", "collect_stays"]
    assert days.lists.calls > 4


def test_the_first_refresh_reads_everything_and_publishes_the_regions_that_have_places(days: Days) -> None:
    assert days.first.exit_code == 0, days.first
    assert sorted(days.first.regions) == ["36110", "50"]
    assert len(days.published) == PLACES


def test_details_are_asked_once_and_published(days: Days) -> None:
    assert days.details.exit_code == 0, days.details
    assert days.details.calls == 4 * PLACES
    assert (days.details_again.calls, days.details_again.regions) == (0, [])
    assert len(days.detailed) > PLACES / 2


def test_a_refresh_that_the_upstream_fails_says_so_and_publishes_nothing(days: Days) -> None:
    assert days.failed.exit_code == 1
    assert days.failed.regions == []


def test_the_next_refresh_publishes_just_the_regions_that_changed_meanwhile(days: Days) -> None:
    assert days.changed.exit_code == 0, days.changed
    assert set(days.changed.regions) == days.changed_regions != set()
    assert days.changed.by_region["collect_changes"].calls == 1


def test_a_refresh_after_which_nothing_changed_publishes_nothing(days: Days) -> None:
    assert days.unchanged.exit_code == 0, days.unchanged
    assert days.unchanged.regions == []
