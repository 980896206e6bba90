"""Recorded places go the whole way: through the sandbox and the commands into the eight tables, with the details of Jeju."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.coverage_page import PAGE, Kind, measured, page, serve_recorded
from weatherflick_assets_tests.cli.commands import Done, Platform
from weatherflick_assets_tests.warehouse.stock import rows

ROWS_RECORDED = 11_459 + 1_034


@dataclass(frozen=True)
class Collected:
    """The recorded places, collected and published, then the details of Jeju."""

    listed: Done
    detailed: Done
    again: Done
    kinds: list[Kind]
    dsn: str


@pytest.fixture(scope="module")
def collected(recorded_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collected]:
    folder = tmp_path_factory.mktemp("recorded")
    platform = Platform(folder / "home", dict(serve_recorded(recorded_data, folder)))
    try:
        listed = platform.run("collect", "--json")
        detailed = platform.run("details", "--regions", "50", "--json")
        again = platform.run("details", "--regions", "50", "--json")
        dsn = platform.run("database-url").out.strip()
        yield Collected(listed, detailed, again, measured(dsn), dsn)
    finally:
        platform.close()


def test_every_recorded_place_is_published_or_rejected_kind_by_kind(collected: Collected) -> None:
    assert collected.listed.code == 0, collected.listed.said
    assert sum(kind.listed for kind in collected.kinds) == ROWS_RECORDED
    for kind in collected.kinds:
        assert kind.listed == kind.published + kind.rejected > 0, kind.content_type.name
    summary = collected.listed.summary
    assert summary["items"] == summary["published"] + summary["rejected"] == ROWS_RECORDED


def test_the_details_of_jeju_reach_their_tables(collected: Collected) -> None:
    assert collected.detailed.code == 0, collected.detailed.said
    assert {kind.content_type.content_type_id: kind.detailed for kind in collected.kinds if kind.detailed} == {
        "12": 275, "14": 46, "28": 66, "32": 102, "38": 192, "39": 353,
    }  # fmt: skip
    for kind in collected.kinds:
        if kind.detailed:
            assert kind.filled_with_details["overview"] > 0.9, kind.content_type.name


def test_every_value_from_details_names_the_response_that_it_came_from(collected: Collected) -> None:
    sourced = rows(
        collected.dsn,
        "SELECT place.content_id, response.operation, response.request_params ->> 'contentId' AS asked_for "
        "FROM core.restaurants AS place, jsonb_each(place.detail_sources) AS source "
        "JOIN raw.responses AS response ON response.response_id = source.value::bigint WHERE place.removed_at IS NULL",
    )
    assert len(sourced) > 353
    assert {row["operation"] for row in sourced} == {"detailCommon2", "detailIntro2"}
    assert all(row["content_id"] == row["asked_for"] for row in sourced)


def test_what_is_fresh_is_not_asked_again(collected: Collected) -> None:
    assert collected.detailed.summary["calls"] == 4 * 1_034
    assert collected.again.code == 0, collected.again.said
    assert collected.again.summary["calls"] == 0


def test_the_page_of_coverage_says_what_is_published(collected: Collected) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(collected.kinds), "docs/coverage.md is out of date: make coverage"
