"""Answers of the detail operations: what was known stays known, with where it came from."""

import asyncio
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.kto import OPERATION_BY_NAME
from weatherflick_assets.places.store.details import DetailStore
from weatherflick_assets_tests.places.store.stock import at, item, merge, rows
from weatherflick_assets_tests.places.store.stored_details import answer, details_of, known, merge_details

COMMON, INFO = "detailCommon2", "detailInfo2"
BLANKS = {"missing": {}, "null": {"a": None}, "empty": {"a": ""}, "spaces": {"a": " \t\n"}}


def test_an_answer_is_stored_with_its_response_and_what_was_known_of_the_place(store: str) -> None:
    merge(store, 0, [item("1", modifiedtime="20260601000000")], response_id=3)
    assert merge_details(store, COMMON, answer("1", 5, {"overview": "말"})) == {("12", "50")}
    row = details_of(store, COMMON)["1"]
    assert (row["items"], row["kept_from"]) == ([{"overview": "말"}], {})
    assert (row["response_id"], row["fetched_at"]) == (5, at(5))
    assert row["place_modified_at"].isoformat() == "2026-05-31T15:00:00+00:00"


def test_an_item_that_came_after_the_answer_says_nothing_about_what_was_answered(store: str) -> None:
    merge(store, 0, [item("1", modifiedtime="20260601000000")], response_id=9)
    merge_details(store, COMMON, answer("1", 5, {"overview": "말"}))
    assert details_of(store, COMMON)["1"]["place_modified_at"] is None


def test_an_answer_about_a_place_that_is_not_listed_is_kept_and_touches_nothing(store: str) -> None:
    assert merge_details(store, COMMON, answer("1", 1, {"overview": "말"})) == frozenset()
    assert known(store, COMMON) == ([{"overview": "말"}], {})


def test_a_place_is_put_off_for_twice_as_long_each_time_up_to_the_longest_distance(store: str) -> None:
    async def put_off() -> None:
        async with DetailStore(store) as details:
            await details.put_off(OPERATION_BY_NAME[COMMON], "1", "It broke.", at(1))

    distances = []
    for _ in range(9):
        asyncio.run(put_off())
        (row,) = rows(store, "SELECT * FROM ops.unreadable_details")
        distances.append((row["not_before"] - row["failed_at"]).days)
    assert distances == [1, 2, 4, 8, 16, 32, 64, 64, 64]
    merge_details(store, COMMON, answer("1", 5, {"overview": "말"}))
    assert rows(store, "SELECT * FROM ops.unreadable_details") == []


@pytest.mark.parametrize("blank", BLANKS.values(), ids=BLANKS)
def test_a_blank_field_keeps_its_value_and_where_it_came_from(store: str, blank: dict[str, object]) -> None:
    merge_details(store, COMMON, answer("1", 1, {"a": "value", "b": "1"}))
    merge_details(store, COMMON, answer("1", 2, {**blank, "b": "2"}))
    assert known(store, COMMON) == ([{"a": "value", "b": "2"}], {"a": 1})
    assert details_of(store, COMMON)["1"]["response_id"] == 2


def test_a_value_is_kept_over_several_blank_answers_from_the_response_that_brought_it(store: str) -> None:
    merge_details(store, COMMON, answer("1", 1, {"a": "first", "b": "first"}))
    merge_details(store, COMMON, answer("1", 2, {"a": "", "b": "second"}))
    merge_details(store, COMMON, answer("1", 3, {"a": "", "b": ""}))
    merge_details(store, COMMON, answer("1", 4))
    assert known(store, COMMON) == ([{"a": "first", "b": "second"}], {"a": 1, "b": 2, "items": 3})
    merge_details(store, COMMON, answer("1", 5))
    assert known(store, COMMON)[1] == {"a": 1, "b": 2, "items": 3}
    merge_details(store, COMMON, answer("1", 6, {"a": "", "c": "sixth"}))
    assert known(store, COMMON) == ([{"a": "first", "b": "second", "c": "sixth"}], {"a": 1, "b": 2})
    merge_details(store, COMMON, answer("1", 7, {"a": "seventh", "b": "seventh", "c": "seventh"}))
    assert known(store, COMMON) == ([{"a": "seventh", "b": "seventh", "c": "seventh"}], {})


def test_a_value_that_an_empty_answer_kept_is_of_the_response_before_it(store: str) -> None:
    merge_details(store, COMMON, answer("1", 1, {"a": "first"}))
    merge_details(store, COMMON, answer("1", 2))
    merge_details(store, COMMON, answer("1", 3, {"a": ""}))
    assert known(store, COMMON) == ([{"a": "first"}], {"a": 1})


def test_a_list_is_replaced_as_a_whole_but_not_by_nothing(store: str) -> None:
    merge_details(store, INFO, answer("1", 1, {"name": "a", "text": "1"}, {"name": "b"}))
    merge_details(store, INFO, answer("1", 2))
    assert known(store, INFO) == ([{"name": "a", "text": "1"}, {"name": "b"}], {"items": 1})
    merge_details(store, INFO, answer("1", 3, {"name": "a", "text": ""}))
    assert known(store, INFO) == ([{"name": "a", "text": ""}], {})


def test_a_place_of_which_nothing_is_known_stays_asked_for(store: str) -> None:
    merge_details(store, INFO, answer("1", 1))
    merge_details(store, INFO, answer("1", 2))
    assert known(store, INFO) == ([], {})
    assert details_of(store, INFO)["1"]["fetched_at"] == at(2)


def test_only_places_whose_items_changed_touch_their_kind_and_region(store: str) -> None:
    listed = [item("1"), item("2", contenttypeid="39"), item("3", lDongRegnCd="11", lDongSignguCd=""), item("4")]
    merge(store, 0, listed)
    first = [answer(content_id, 1, {"a": "1", "b": "1"}) for content_id in ("1", "2", "3")]
    assert merge_details(store, COMMON, *first) == {("12", "50"), ("39", "50"), ("12", "11")}
    same = {"b": "1", "a": ""}
    assert merge_details(store, COMMON, answer("1", 2, same), answer("2", 2, {"b": "2"}), answer("3", 2)) == {
        ("39", "50")
    }
    assert merge_details(store, COMMON, answer("4", 2)) == frozenset()


def test_an_answer_that_was_merged_or_is_older_changes_nothing(store: str) -> None:
    merge_details(store, COMMON, answer("1", 2, {"a": "second"}))
    before = details_of(store, COMMON)
    merge_details(store, COMMON, answer("1", 2, {"a": "other"}), answer("1", 1, {"a": "first"}))
    assert details_of(store, COMMON) == before


def test_several_answers_about_a_place_in_one_batch_are_merged_in_the_order_of_their_responses(store: str) -> None:
    merge_details(store, COMMON, answer("1", 3, {"a": ""}), answer("1", 1, {"a": "first"}), answer("1", 2))
    assert known(store, COMMON) == ([{"a": "first"}], {"a": 1})


def test_operations_and_places_are_kept_apart(store: str) -> None:
    merge_details(store, COMMON, answer("1", 1, {"a": "common"}), answer("2", 1, {"a": "other"}))
    merge_details(store, "detailIntro2", answer("1", 2, {"b": "intro"}))
    assert known(store, COMMON) == ([{"a": "common"}], {})
    assert known(store, COMMON, "2") == ([{"a": "other"}], {})
    assert known(store, "detailIntro2") == ([{"b": "intro"}], {})


def test_null_characters_and_deep_structures_are_stored_as_far_as_the_database_can(store: str) -> None:
    deep: list[object] = []
    for _ in range(2000):
        deep = [deep]
    received = {"a": "x\x00y", "b": "\\u0000", "c": 'tab\t"quote"', "d": {"e": [1, None]}}
    merge_details(store, COMMON, answer("1", 1, received), answer("2", 1, {"deep": deep, "a": "kept"}))
    assert known(store, COMMON) == ([{**received, "a": "xy"}], {})
    assert known(store, COMMON, "2") == ([{"a": "kept"}], {})


def test_nothing_to_merge_is_no_mistake(store: str) -> None:
    assert merge_details(store, COMMON) == frozenset()


def test_batches_merged_at_the_same_time_lose_nothing(store: str) -> None:
    together = threading.Barrier(2)

    def work(field: str, response_id: int) -> None:
        together.wait()
        merge_details(store, COMMON, *(answer(str(number), response_id, {field: "1"}) for number in range(300)))

    threads = [threading.Thread(target=work, args=part) for part in (("a", 1), ("b", 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = details_of(store, COMMON)
    assert len(found) == 300
    # Whoever came first; an older response that comes late is left out.
    assert all(row["items"][0]["b"] == "1" for row in found.values())


values = st.sampled_from(["", " ", None, "1", "2"])
answers = st.lists(st.none() | st.dictionaries(st.sampled_from("abc"), values, max_size=3), min_size=1, max_size=6)


def as_remembered(said: list[dict[str, str | None] | None]) -> dict[str, tuple[str, int]]:
    """What is to be known after these answers: of every field the last visible value, and who said it."""
    return {
        field: (value, number)
        for number, fields in enumerate(said, 1)
        for field, value in (fields or {}).items()
        if value and value.strip()
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=answers)
def test_of_every_field_the_last_visible_value_is_known_with_its_response(
    prepared_database: str, said: list[dict[str, str | None] | None]
) -> None:
    dsn = prepared_database

    async def run() -> None:
        async with DetailStore(dsn) as details:
            for number, fields in enumerate(said, 1):
                await details.merge(
                    OPERATION_BY_NAME[COMMON], [answer("law", number, *([fields] if fields is not None else []))]
                )

    asyncio.run(run())
    (row,) = rows(dsn, "DELETE FROM raw.place_details WHERE content_id = 'law' RETURNING *")
    found = row["items"][0] if row["items"] else {}
    kept_from, last = row["kept_from"], row["response_id"]
    assert {
        field: (value, kept_from.get(field, kept_from.get("items", last)))
        for field, value in found.items()
        if value and value.strip()
    } == as_remembered(said)
