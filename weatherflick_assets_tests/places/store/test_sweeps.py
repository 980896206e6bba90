"""The raw layer: responses stay whatever happens, items are current, and absences are believed only on proof."""

import asyncio
import threading
from typing import Any

import pandas as pd
import psycopg
import pytest

from weatherflick_assets.places.store.item_stage import FEW_ABSENCES, GREATEST_ABSENT_SHARE, Absences, ItemStage
from weatherflick_assets.places.store.sweeps import Merged, merge_sweep
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.warehouse.response_store import ResponseStore
from weatherflick_assets_tests.places.store.stock import (
    at,
    item,
    merge,
    payload_of,
    response,
    rows,
    stage_and_leave,
    sweep_at,
)

ITEMS = "raw.place_items"
LOCATED = "raw.place_items JOIN core.place_regions USING (content_id)"


def items_of(dsn: str) -> dict[str, dict[str, object]]:
    return {row["content_id"]: row for row in rows(dsn, f"SELECT * FROM {LOCATED} ORDER BY content_id")}


def absent(dsn: str) -> list[str]:
    return [
        str(row["content_id"])
        for row in rows(dsn, f"SELECT content_id FROM {ITEMS} WHERE absent_since IS NOT NULL ORDER BY 1")
    ]


# Responses


def test_a_response_is_visible_to_others_at_once_and_survives_items_that_fail(store: str) -> None:
    broken = listed_items([item("1")], 1)
    broken["payload"] = "this is not JSON"

    async def run() -> None:
        async with (
            ResponseStore(store, run_id=None, partition_key=None) as responses,
            ItemStage(store, run_id=None) as raw,
        ):
            await responses.keep(response(b"first"))
            assert len(rows(store, "SELECT FROM raw.responses")) == 1
            with pytest.raises(psycopg.DataError):
                await raw.stage(broken)
            await responses.keep(response(b"second"))

    asyncio.run(run())
    assert [row["body"] for row in rows(store, "SELECT body FROM raw.responses ORDER BY response_id")] == [
        b"first",
        b"second",
    ]
    assert items_of(store) == {}


def test_responses_kept_at_the_same_time_get_ids_of_their_own(store: str) -> None:
    async def run() -> list[int]:
        async with ResponseStore(store, run_id=None, partition_key=None) as responses:
            return await asyncio.gather(*(responses.keep(response(str(number).encode())) for number in range(20)))

    ids = asyncio.run(run())
    assert len(set(ids)) == 20
    kept = {row["response_id"]: row["body"] for row in rows(store, "SELECT response_id, body FROM raw.responses")}
    assert [kept[response_id] for response_id in ids] == [str(number).encode() for number in range(20)]


# Items


def test_staged_items_are_invisible_until_they_are_merged(store: str) -> None:
    stage_and_leave(store, listed_items([item("1")], 1))
    assert items_of(store) == {}


def test_merged_items_are_the_current_ones_with_when_they_were_seen(store: str) -> None:
    merge(store, 0, [item("1"), item("2", showflag="0")], response_id=5)
    found = items_of(store)
    assert set(found) == {"1", "2"}
    first = found["1"]
    assert payload_of(first) == item("1")
    assert (first["content_type_id"], first["region_code"], first["region_source"], first["sigungu_code"]) == (
        "12",
        "50",
        "code",
        "110",
    )
    assert first["first_seen_at"] == first["last_seen_at"] == at(0)
    assert (first["is_visible"], found["2"]["is_visible"]) == (True, False)
    assert (first["response_id"], first["absent_since"]) == (5, None)


def test_an_unchanged_item_keeps_its_response_and_a_changed_one_gets_the_new_one(store: str) -> None:
    merge(store, 0, [item("1"), item("2")], response_id=1)
    merge(store, 1, [dict(reversed(item("1").items())), item("2", title="새 이름")], response_id=2)
    found = items_of(store)
    assert [found[key]["response_id"] for key in ("1", "2")] == [1, 2]
    assert [found[key]["first_seen_at"] for key in ("1", "2")] == [at(0), at(0)]
    assert [found[key]["last_seen_at"] for key in ("1", "2")] == [at(0), at(1)]
    assert payload_of(found["2"])["title"] == "새 이름"


def test_of_an_item_staged_twice_the_later_response_counts(store: str) -> None:
    async def run() -> None:
        async with ItemStage(store, run_id=None) as raw:
            await raw.stage(listed_items([item("1", title="later")], 8))
            await raw.stage(listed_items([item("1", title="earlier")], 7))
            await merge_sweep(raw, sweep_at(0))

    asyncio.run(run())
    (found,) = items_of(store).values()
    assert (payload_of(found)["title"], found["response_id"]) == ("later", 8)


def test_what_a_list_says_otherwise_of_a_place_that_it_has_twice_is_kept_until_it_has_it_once(store: str) -> None:
    def also_listed() -> list[object]:
        return [row["also_listed"] for row in rows(store, f"SELECT also_listed FROM {ITEMS} ORDER BY content_id")]

    merge(store, 0, [item("1", title="가"), item("2"), item("1", title="나", tel="1"), item("1", title="다", tel="1")])
    assert also_listed() in ([{"title": "가"}, None], [{"title": "나"}, None])
    assert payload_of(items_of(store)["1"])["title"] == "다"
    merge(store, 1, [item("1", title="다", tel="1"), item("2"), item("2")])
    assert also_listed() == [None, None]


def test_a_place_that_changed_while_its_list_was_read_is_no_contradiction(store: str) -> None:
    merge(store, 0, [item("1", title="가"), item("1", title="나", modifiedtime="20260102000000")])
    assert items_of(store)["1"]["also_listed"] is None


def test_what_is_merged_is_counted_by_id_as_it_is_merged_with_the_items_that_have_none(store: str) -> None:
    listed = [item("1"), item("2", showflag="0"), item("3", lDongRegnCd=""), item(""), item("", title="b"), item("")]
    merged = merge(store, 0, [*listed, item("1")])
    assert (merged.listed, merged.hidden, merged.found_by) == (4, 1, {"code": 4, "address": 1})
    assert merged.absences == Absences()
    again = merge(store, 1, listed)
    assert (again.listed, again.hidden, again.found_by) == (4, 1, merged.found_by)


def test_of_an_item_staged_twice_the_later_response_is_counted(store: str) -> None:
    async def run() -> Merged:
        async with ItemStage(store, run_id=None) as raw:
            await raw.stage(listed_items([item("1", showflag="0", lDongRegnCd="")], 8))
            await raw.stage(listed_items([item("1")], 7))
            return await merge_sweep(raw, sweep_at(0))

    assert asyncio.run(run()) == Merged(listed=0, hidden=1, found_by={"address": 1}, absences=Absences())


def test_merging_nothing_counts_nothing(store: str) -> None:
    assert merge(store, 0, []) == Merged(listed=0, hidden=0, found_by={}, absences=Absences())


def test_a_place_that_moves_or_changes_its_kind_is_still_one_item(store: str) -> None:
    merge(store, 0, [item("1")])
    merge(
        store,
        1,
        [item("1", contenttypeid="39", lDongRegnCd="11")],
        response_id=2,
        region_code="11",
        content_type_id="39",
    )
    (found,) = items_of(store).values()
    assert (found["region_code"], found["content_type_id"], found["first_seen_at"]) == ("11", "39", at(0))


def test_a_payload_with_null_characters_and_escapes_is_stored(store: str) -> None:
    titles = ["\x00", "\\u0000", 'a"\x00\\', "\\\\u0000\\", "tab\tline\n\\N"]
    merge(store, 0, [item(str(number), title=title) for number, title in enumerate(titles)])
    assert [payload_of(row)["title"] for row in items_of(store).values()] == [
        title.replace("\x00", "") for title in titles
    ]


def test_items_of_hostile_sizes_and_types_are_stored_or_set_apart(store: str) -> None:
    megabyte = "9" * 1_000_000
    merge(store, 0, [
        item(megabyte), item("1", contenttypeid=megabyte), item("2", title=megabyte, lDongSignguCd=megabyte),
        item("3\x00", contenttypeid="12\x00"), item(4), item("5", modifiedtime=5, showflag=None, mapx=[], addr1={"a": []}),
    ])  # fmt: skip
    assert set(items_of(store)) == {"1", "2", "3", "4", "5"}
    assert [row["reason"] for row in rows(store, "SELECT reason FROM core.rejected_items")] == ["content_id_missing"]


def test_a_sweep_is_recorded_with_its_run(store: str) -> None:
    merge(store, 3, [item("1")], pages=7, total_count=6001, items_seen=6000, is_complete=False)
    (found,) = rows(store, "SELECT * FROM raw.sweeps")
    assert (found["pages"], found["total_count"], found["items_seen"], found["is_complete"]) == (7, 6001, 6000, False)
    assert (found["run_id"], found["finished_at"], found["region_code"]) == ("run", at(3), "50")


def test_a_store_can_be_used_for_several_sweeps(store: str) -> None:
    async def run() -> None:
        async with ItemStage(store, run_id=None) as raw:
            await raw.stage(listed_items([item("1")], 1))
            await merge_sweep(raw, sweep_at(0))
            await raw.stage(listed_items([item("2")], 2))
            await merge_sweep(raw, sweep_at(1))

    asyncio.run(run())
    assert [row["response_id"] for row in items_of(store).values()] == [1, 2]


def test_two_sweeps_of_different_partitions_at_once_do_not_lose_items(store: str) -> None:
    together = threading.Barrier(2)

    def work(region: str, start: int) -> None:
        together.wait()
        listed = [item(str(number), lDongRegnCd=region) for number in range(start, start + 300)]
        merge(store, 0, listed, region_code=region)

    threads = [threading.Thread(target=work, args=part) for part in (("50", 0), ("11", 300))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(items_of(store)) == 600


# Absences


def test_a_complete_sweep_that_misses_a_place_marks_it_absent_and_its_return_clears_that(store: str) -> None:
    merge(store, 0, [item("1"), item("2")])
    assert merge(store, 1, [item("1")]).absences == Absences(marked=1)
    assert absent(store) == ["2"]
    assert items_of(store)["2"]["absent_since"] == at(1)
    assert merge(store, 2, [item("1")]).absences == Absences()
    assert items_of(store)["2"]["absent_since"] == at(1)
    merge(store, 3, [item("1"), item("2")])
    assert absent(store) == []
    assert items_of(store)["2"]["first_seen_at"] == at(0)


def test_an_incomplete_sweep_proves_nothing(store: str) -> None:
    merge(store, 0, [item("1"), item("2")])
    assert merge(store, 1, [item("1")], is_complete=False).absences == Absences()
    assert absent(store) == []


@pytest.mark.parametrize("other", [{"region_code": "11"}, {"content_type_id": "39"}, {"region_code": "unassigned"}])
def test_a_sweep_says_nothing_about_what_it_does_not_cover(store: str, other: dict[str, Any]) -> None:
    merge(store, 0, [item("1")])
    assert merge(store, 1, [], **other).absences == Absences()
    assert absent(store) == []


def test_places_without_a_code_are_missed_by_the_sweep_for_the_unassigned_only(store: str) -> None:
    uncoded = item("1", lDongRegnCd="", lDongSignguCd="")
    merge(store, 0, [uncoded], region_code="unassigned")
    assert items_of(store)["1"]["region_code"] == "50"
    assert merge(store, 1, []).absences == Absences()
    assert merge(store, 2, [], region_code="unassigned").absences == Absences(marked=1)


def test_hidden_places_are_not_missed(store: str) -> None:
    merge(store, 0, [item("1"), item("2", showflag="0")])
    assert merge(store, 1, [item("1")]).absences == Absences()


@pytest.mark.parametrize(
    ("listed", "gone", "believed"),
    [
        (FEW_ABSENCES, FEW_ABSENCES, True),
        (FEW_ABSENCES + 1, FEW_ABSENCES + 1, False),
        (100, int(100 * GREATEST_ABSENT_SHARE), True),
        (100, int(100 * GREATEST_ABSENT_SHARE) + 1, False),
        (100, 100, False),
    ],
)
def test_few_absences_are_believed_and_a_list_that_shrank_too_much_is_not(
    store: str,
    listed: int,
    gone: int,
    believed: bool,
) -> None:
    everything = [item(str(number)) for number in range(listed)]
    merge(store, 0, everything)
    absences = merge(store, 1, everything[gone:]).absences
    assert absences == (Absences(marked=gone) if believed else Absences(withheld=gone))
    assert len(absent(store)) == (gone if believed else 0)


# Items without an id


def unkeyed(dsn: str) -> list[dict[str, object]]:
    return rows(dsn, "SELECT * FROM core.rejected_items WHERE content_id IS NULL ORDER BY item_key")


def test_an_item_without_an_id_is_rejected_with_its_reason_and_payload(store: str) -> None:
    nameless = item("", title="이름뿐")
    merge(store, 0, [nameless, item("1")], response_id=3)
    (found,) = unkeyed(store)
    assert (found["reason"], found["content_type_id"], found["region_code"]) == ("content_id_missing", "12", "50")
    assert payload_of(found) == nameless
    assert (found["response_id"], found["rejected_at"]) == (3, at(0))
    assert set(items_of(store)) == {"1"}


def test_an_item_without_an_id_is_remembered_once_while_it_is_listed_and_forgotten_after(store: str) -> None:
    merge(store, 0, [item(""), item("")], response_id=3)
    merge(store, 1, [item("")], response_id=4)
    (found,) = unkeyed(store)
    assert (found["response_id"], found["rejected_at"]) == (3, at(0))
    merge(store, 2, [], is_complete=False)
    assert len(unkeyed(store)) == 1
    merge(store, 3, [])
    assert unkeyed(store) == []


@pytest.mark.parametrize("code", ["", "29", None])
def test_an_item_with_neither_id_nor_code_belongs_to_the_sweep_for_the_unassigned(store: str, code: object) -> None:
    nameless = item("", lDongRegnCd=code, lDongSignguCd="")
    merge(store, 0, [nameless], region_code="unassigned")
    region = str(unkeyed(store)[0]["region_code"])
    assert region == ("12" if code == "29" else "50")
    merge(store, 1, [], region_code=region)
    assert len(unkeyed(store)) == 1, "the region's own list does not hold it, so it can't miss it"
    merge(store, 2, [], region_code="unassigned")
    assert unkeyed(store) == []


def test_the_sweep_for_the_unassigned_does_not_forget_what_regions_rejected(store: str) -> None:
    merge(store, 0, [item("")])
    merge(store, 1, [], region_code="unassigned")
    assert len(unkeyed(store)) == 1


def test_an_empty_page_may_be_staged(store: str) -> None:
    stage_and_leave(store, pd.DataFrame(listed_items([], 1)))
    assert items_of(store) == {}
