"""Recorded places go the whole way: through the sandbox and the commands into the eight tables, with the details of Jeju."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.coverage_page import PAGE, Kind, measured, page, serve_recorded
from weatherflick_assets.korea.regions import SERVING_REGIONS
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets_tests.cli.commands import Done, platform
from weatherflick_assets_tests.databases import Template, dsn_of
from weatherflick_assets_tests.korea.test_regions import kma_cell
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.places.transform.received import recorded_rows

pytestmark = [pytest.mark.recorded, pytest.mark.slow]

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
def collected(
    recorded_data: Path, template_database: Template, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Collected]:
    with (
        serve_recorded(recorded_data, tmp_path_factory.mktemp("recorded")) as upstream,
        template_database.clone_for_commands() as database,
        platform(WEATHERFLICK_DATABASE_URL=dsn_of(database), **upstream) as created,
    ):
        listed = created.run("collect", "--json")
        detailed = created.run_here("details", "--regions", "50", "--json")
        again = created.run_here("details", "--regions", "50", "--json")
        yield Collected(listed, detailed, again, measured(dsn_of(database)), dsn_of(database))


@pytest.fixture(scope="module")
def received(recorded_data: Path) -> Mapping[str, dict[str, Any]]:
    """The recorded places by their ids."""
    return {str(row["contentid"]): row for row in recorded_rows(recorded_data)}


def test_every_recorded_place_is_published_or_rejected_kind_by_kind(collected: Collected) -> None:
    assert collected.listed.code == 0, collected.listed.said
    assert sum(kind.listed for kind in collected.kinds) == ROWS_RECORDED
    for kind in collected.kinds:
        assert kind.listed == kind.published + kind.rejected > 0, kind.content_type.name
    summary = collected.listed.summary
    assert summary["items"] == summary["published"] + summary["rejected"] == ROWS_RECORDED


def test_region_by_run_every_recorded_place_is_published_as_it_was_recorded(
    collected: Collected, received: Mapping[str, dict[str, Any]]
) -> None:
    places = {
        place["content_id"]: place
        for kind in CONTENT_TYPES
        for place in rows(collected.dsn, f"SELECT * FROM core.{kind.name}")
    }
    rejected = {row["content_id"] for row in rows(collected.dsn, "SELECT content_id FROM core.rejected_items")}
    assert {*places, *rejected} == set(received)
    assert places.keys().isdisjoint(rejected)
    uncoded = {content_id for content_id, row in received.items() if not row["lDongRegnCd"]}
    for region, result in collected.listed.summary["by_run"].items():
        listed = sum(row["lDongRegnCd"] == region for row in received.values())
        placed = sum(places[content_id]["region_code"] == region for content_id in uncoded & places.keys())
        assert result["published"] + result["rejected"] == listed + placed, region
    for content_id, place in places.items():
        assert differences(received[content_id], place) == {}
    unnamed = {content_id for content_id, row in received.items() if row["lDongRegnCd"] and not row["lDongSignguCd"]}
    found = {content_id: places[content_id]["sigungu_code"] for content_id in unnamed}
    assert found == {"4026783": "500", "4026787": "620"}  # 강서구 and 관악구, by their addresses


def test_every_published_place_has_a_cell(collected: Collected) -> None:
    tables = " UNION ALL ".join(
        f"SELECT content_id, latitude, kto_area_code FROM core.{kind.name} WHERE removed_at IS NULL"
        for kind in CONTENT_TYPES
    )
    (counted,) = rows(
        collected.dsn,
        "SELECT count(*) AS places, count(latitude) AS positions, count(cell.nx) AS with_a_cell, "
        f"count(*) FILTER (WHERE is_of_the_area) AS of_the_area, count(kto_area_code) AS with_an_area FROM ({tables}) AS place "
        "LEFT JOIN core.located_places AS cell USING (content_id)",
    )
    assert counted["positions"] > 11_000
    assert counted["with_a_cell"] == counted["positions"] + counted["of_the_area"]
    # Only a place that has neither a position nor an area has none.
    assert counted["places"] - counted["with_a_cell"] <= counted["places"] - counted["with_an_area"]
    cells = rows(collected.dsn, "SELECT * FROM core.cells")
    assert sum(cell["places"] for cell in cells) == counted["with_a_cell"]
    assert len({(cell["nx"], cell["ny"]) for cell in cells}) == len(cells)
    seats = {(area.grid_x, area.grid_y) for area in SERVING_REGIONS}
    assert seats <= {(cell["nx"], cell["ny"]) for cell in cells}
    assert all(cell["places"] or (cell["nx"], cell["ny"]) in seats for cell in cells)


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


COPIES = {
    "contenttypeid": "content_type_id",
    "lDongSignguCd": "sigungu_code",
    "lclsSystm1": "class_division_code",
    "lclsSystm2": "class_group_code",
    "lclsSystm3": "class_code",
    "areacode": "legacy_area_code",
    "sigungucode": "legacy_sigungu_code",
    "cat1": "legacy_category_code_1",
    "cat2": "legacy_category_code_2",
    "cat3": "legacy_category_code_3",
    "cpyrhtDivCd": "image_licence",
}
"""Fields that are columns as they are; a blank is a null."""


def differences(received: dict[str, str], place: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What of a published row is not what was recorded; looked up here without any code of the platform."""
    pairs: dict[str, tuple[Any, Any]] = {
        name: (received[name] or None, place[column]) for name, column in COPIES.items()
    }
    if received["lDongRegnCd"]:
        pairs["region"] = (received["lDongRegnCd"], place["region_code"])
    if not (received["lDongRegnCd"] and received["lDongSignguCd"]):
        del pairs["lDongSignguCd"]  # found by the address
    pairs["title"] = (" ".join(received["title"].split()), place["title"])
    longitude, latitude = float(received["mapx"] or 0), float(received["mapy"] or 0)
    usable = 124 <= longitude <= 132 and 33 <= latitude <= 39
    pairs["coordinates"] = (
        (longitude, latitude) if usable else (None, None),
        (place["longitude"], place["latitude"]),
    )
    pairs["cell"] = (kma_cell(latitude, longitude) if usable else (None, None), (place["nx"], place["ny"]))
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
