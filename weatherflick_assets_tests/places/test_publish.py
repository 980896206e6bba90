"""From the upstream's list to published rows: what is listed is published or rejected, and bad data is held back."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.places.collecting import (
    collect,
    collect_everything,
    collect_rows,
    publish,
)
from weatherflick_assets_tests.places.store.stock import item, rows, table, tell

TABLES = tuple(f"core.{content_type.name}" for content_type in CONTENT_TYPES)
SOME_REGIONS = ("11", "36110", "50", UNASSIGNED)
"""The capital, the smallest, an island, and the rows that name none."""


def everything_published(dsn: str) -> dict[str, Any]:
    """Row versions (xmin) included."""
    return {name: table(dsn, name, "content_id") for name in TABLES} | {
        "rejected": table(dsn, "core.rejected_items", "item_key")
    }


def visible_raw(dsn: str) -> Counter[tuple[str, str]]:
    found = rows(
        dsn,
        "SELECT content_type_id, region_code, count(*) FROM raw.place_items JOIN core.place_regions USING (content_id) "
        "WHERE is_visible AND absent_since IS NULL GROUP BY 1, 2",
    )
    return Counter({(row["content_type_id"], row["region_code"]): row["count"] for row in found})


@pytest.mark.slow
def test_what_regions_list_is_published_or_rejected_and_a_second_collection_changes_nothing(store: str) -> None:
    with RunningSandbox(SandboxOptions(scale=0.02)) as sandbox:
        first = collect_everything(sandbox.url, store, SOME_REGIONS)
        before = everything_published(store)
        second = collect_everything(sandbox.url, store, ("36110", "unassigned"))
    listed = sum(listing.listed for listing, _ in first.values())
    assert listed > 150
    for (kind, region), (_, publishing) in first.items():
        assert publishing.published is not None, (kind, region, publishing.verdict.summary())
    published = sum(publishing.published.published for _, publishing in first.values() if publishing.published)
    rejected = sum(publishing.published.rejected for _, publishing in first.values() if publishing.published)
    assert published == sum(len(before[name]) for name in TABLES)

    raw = visible_raw(store)
    # Rows without a region code belong to all regions, of which some were published.
    assert listed == published + rejected + sum(raw[key] for key in raw if key[1] not in SOME_REGIONS)
    unkeyed = Counter(
        (row["content_type_id"], row["region_code"])
        for row in rows(store, "SELECT content_type_id, region_code FROM core.rejected_items WHERE content_id IS NULL")
    )
    for kind in CONTENT_TYPES:
        for region in SOME_REGIONS:
            done = first[kind.name, region][1].published
            assert done is not None
            key = (kind.content_type_id, region)
            assert done.published + done.rejected == raw[key] + unkeyed[key], key

    assert everything_published(store) == before
    for listing, publishing in second.values():
        assert publishing.published is not None
        assert (publishing.published.added, publishing.published.changed, publishing.published.removed) == (0, 0, 0)
        assert listing.absences.marked == listing.absences.withheld == 0


def good_places(count: int = 40) -> list[dict[str, object]]:
    return [item(str(number)) for number in range(1, count + 1)]


def poison(changes: Callable[[dict[str, object]], dict[str, object]], share: float) -> list[dict[str, object]]:
    places = good_places()
    spoiled = int(len(places) * share)
    return [
        {**place, "modifiedtime": "20260601000000", **(changes(place) if n < spoiled else {})}
        for n, place in enumerate(places)
    ]


POISONS = {
    "blank titles": (poison(lambda _: {"title": " "}, 0.6), "row_count"),
    "titles of nothing but a tag": (poison(lambda _: {"title": "<br>"}, 0.6), "row_count"),
    "swapped coordinates": (poison(lambda row: {"mapx": row["mapy"], "mapy": row["mapx"]}, 1.0), "latitude_filled"),
    "coordinates of zero": (poison(lambda _: {"mapx": "0", "mapy": "0"}, 1.0), "latitude_filled"),
    "no addresses": (poison(lambda _: {"addr1": ""}, 0.5), "address_filled"),
}


@pytest.mark.parametrize(("poisoned", "rule"), POISONS.values(), ids=POISONS)
def test_a_poisoned_list_is_held_back_with_a_reason_and_the_last_good_rows_stay(
    store: str, poisoned: list[dict[str, object]], rule: str
) -> None:
    collect_rows(good_places(), store)
    assert publish(store).published is not None
    before = everything_published(store)

    collect_rows(poisoned, store)
    held = publish(store)
    assert held.published is None
    assert not held.verdict.passed
    assert rule in {failure.rule.rule_id for failure in held.verdict.blocking_failures}
    assert rule in held.verdict.summary()
    assert "held back" in held.verdict.summary()
    assert held.items == 40
    assert everything_published(store) == before

    collect_rows(good_places(), store)
    assert publish(store).published is not None


def test_a_partition_that_is_held_back_shows_the_last_good_details_as_well(store: str) -> None:
    collect_rows(good_places(), store)
    tell(store, "7", "detailIntro2", [{"usetime": "09:00"}])
    tell(
        store,
        "7",
        "detailInfo2",
        [{"infoname": "입장료", "infotext": "무료"}, {"infoname": "화장실", "infotext": "있음"}],
    )
    assert publish(store).published is not None
    before = rows(store, "SELECT * FROM serving.tourist_attractions ORDER BY content_id")
    details = {row["content_id"]: (row["detail_intro_info"], row["detail_additional_info"]) for row in before}
    assert details["7"][0] == {"usetime": "09:00"}
    assert [info["infotext"] for info in details["7"][1]] == ["무료", "있음"]
    assert details["8"] == (None, None)

    collect_rows(poison(lambda _: {"title": " "}, 0.6), store)
    tell(store, "7", "detailIntro2", [{"usetime": "unjudged"}], response_id=2)
    tell(store, "8", "detailInfo2", [{"infotext": "unjudged"}], response_id=3)
    assert publish(store).published is None
    assert rows(store, "SELECT * FROM serving.tourist_attractions ORDER BY content_id") == before


def test_a_few_bad_items_are_set_apart_and_the_rest_is_published(store: str) -> None:
    collect_rows(poison(lambda _: {"title": " "}, 0.1), store)
    made = publish(store)
    assert made.published is not None
    assert (made.items, made.unusable, made.published.published, made.published.rejected) == (40, 4, 36, 4)


def test_problems_with_coordinates_are_counted_by_reason(store: str) -> None:
    served = [*good_places(38), item("39", mapx="0", mapy="0"), item("40", mapx="12.797")]
    collect_rows(served, store)
    assert publish(store).coordinate_problems == {"zero": 1, "outside_korea": 1}


def test_a_place_without_a_region_code_reaches_the_table_of_its_region_by_its_address(store: str) -> None:
    served = [*good_places(), item("900", lDongRegnCd="", lDongSignguCd="", addr1="제주특별자치도 서귀포시 중문동 1")]
    with RunningSandbox(catalogue=Catalogue.from_rows(served)) as sandbox:
        for region in ("50", "unassigned"):
            collect(sandbox.url, store, region)
    made = publish(store, "50")
    assert made.published is not None
    assert made.published.published == 41
    row = table(store, "core.attractions", "content_id")["900"]
    assert (row["region_code"], row["region_source"], row["sigungu_code"], row["kto_area_code"]) == (
        "50",
        "address",
        "130",
        "39",
    )
    collect_rows(served, store, "50")
    again = publish(store, "50").published
    assert again is not None
    assert (again.changed, again.removed) == (0, 0)


def test_a_partition_without_items_publishes_nothing_and_passes(store: str) -> None:
    made = publish(store, "36110")
    assert made.published is not None
    assert (made.items, made.published.published) == (0, 0)


def test_items_that_make_no_row_at_all_are_held_back(store: str) -> None:
    collect_rows([item(str(number), title="") for number in range(30)], store)
    made = publish(store)
    assert made.published is None
    assert made.unusable == 30
