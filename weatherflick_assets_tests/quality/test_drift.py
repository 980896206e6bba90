"""What is known of upstream fields, and how answers differ: what changed is named, and what clean data do never alarms."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.quality.drift import (
    FEW_ITEMS,
    FEW_RENAMED,
    LONGEST_NAME,
    MOST_FIELDS,
    SETTLED_AFTER,
    Answer,
    Drift,
    FieldType,
    drifts,
    json_type,
    look,
    settled,
)

START = datetime(2026, 11, 1, tzinfo=UTC)
PLACE = {"contentid": "1", "title": "궁", "tel": "", "mapx": "127.1"}


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def answer(number: int, items: Sequence[Mapping[str, Any]], *, is_typed: bool = True) -> Answer:
    """The answer with this number, fetched on the day with it."""
    return Answer(number, day(number), items, is_typed)


def places(count: int = FEW_ITEMS, **changes: object) -> list[dict[str, object]]:
    """Items with changed fields; None leaves a field out."""
    item = {name: value for name, value in {**PLACE, **changes}.items() if value is not None}
    return [dict(item) for _ in range(count)]


def looked(*answers: Answer, known: Iterable[FieldType] = ()) -> list[FieldType]:
    """What is known after a look at each of these answers."""
    for each in answers:
        known = settled(look(known, [each]), each.fetched_at)
    return list(known)


def told(fields: Iterable[FieldType]) -> list[tuple[str, str, str, str, int]]:
    return [(drift.field, drift.kind.value, drift.before, drift.now, drift.response_id) for drift in drifts(fields)]


KNOWN = looked(answer(1, places()))


def test_the_first_look_teaches_what_there_is_and_alarms_nobody() -> None:
    assert told(KNOWN) == []
    assert {(each.field, each.json_type) for each in KNOWN if each.is_known} == {
        ("contentid", "text"), ("title", "text"), ("tel", "blank"), ("mapx", "text"),
    }  # fmt: skip


def test_a_renamed_field_is_one_that_is_missing_and_one_that_is_new() -> None:
    renamed = looked(answer(2, places(mapx=None, longitude="127.1")), known=KNOWN)
    assert drifts(renamed) == [
        Drift("longitude", "new", "", "text", day(2), 2),  # type: ignore[arg-type]
        Drift("mapx", "missing", "text", "", day(1), 1),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("value", "now"),
    [(127.1, "number"), (127, "number"), (True, "boolean"), ({"x": 1}, "object"), (["127.1"], "list")],
)
def test_another_type_is_told_at_its_first_value_with_an_answer_to_look_at(value: object, now: str) -> None:
    once = answer(2, [*places(), *places(1, mapx=value)])
    assert told(looked(once, answer(3, places()), known=KNOWN)) == [("mapx", "retyped", "text", now, 2)]


def test_texts_in_place_of_numbers_are_another_type() -> None:
    known = looked(answer(1, places(seq=1)))
    assert told(looked(answer(2, places(seq="1")), known=known)) == [("seq", "retyped", "number", "text", 2)]


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_value_is_no_type_whether_it_is_an_empty_text_or_null(blank: str | None) -> None:
    items: list[dict[str, object]] = [{**item, "mapx": blank} for item in places()]
    assert told(looked(answer(2, items), answer(3, places()), known=KNOWN)) == []


def test_a_field_that_was_blank_so_far_gets_its_first_type_quietly_and_its_second_one_does_not() -> None:
    with_tel = looked(answer(2, places(tel="02-1")), known=KNOWN)
    assert told(with_tel) == []
    assert told(looked(answer(3, places(tel=21)), known=with_tel)) == [("tel", "retyped", "text", "number", 3)]


def test_a_field_remembers_its_type_while_it_is_blank() -> None:
    blank = looked(*(answer(number, places(mapx="")) for number in range(2, 20)), known=KNOWN)
    assert told(looked(answer(20, places(mapx=1)), known=blank)) == [("mapx", "retyped", "text", "number", 20)]


def test_a_field_that_few_items_have_comes_and_goes_without_an_alarm() -> None:
    some = [*places(), *places(2, note="x"), *places(FEW_ITEMS)]
    seen = looked(answer(2, some), known=KNOWN)
    assert told(seen) == []
    assert told(looked(answer(3, places()), answer(4, some), known=seen)) == []


def test_an_optional_field_of_the_beginning_is_not_missed() -> None:
    known = looked(answer(1, [*places(10, note="x"), *places(30)]))
    assert told(looked(answer(2, places(100)), known=known)) == []


@pytest.mark.parametrize(("changes", "field"), [({"mapx": None}, "mapx"), ({"longitude": "127.1"}, "longitude")])
def test_too_few_items_say_neither_that_a_field_is_new_nor_that_one_is_missing(
    changes: dict[str, object], field: str
) -> None:
    changed = places(FEW_ITEMS - 1, **changes)
    few = looked(answer(2, changed), known=KNOWN)
    assert told(few) == []
    assert [name for name, *_ in told(looked(answer(3, changed[:1]), known=few))] == [field]


RENAMED: dict[str, object] = {"mapx": None, "longitude": "127.1"}


def test_few_items_say_that_a_field_is_renamed_because_both_things_happen_at_once() -> None:
    assert told(looked(answer(2, places(FEW_RENAMED - 1, **RENAMED)), known=KNOWN)) == []
    renamed = looked(answer(2, places(FEW_RENAMED, **RENAMED)), known=KNOWN)
    assert told(renamed) == [("longitude", "new", "", "text", 2), ("mapx", "missing", "text", "", 1)]


def test_a_list_of_few_items_tells_what_is_renamed_from_its_second_reading_on_until_it_is_known() -> None:
    short = looked(answer(1, places(17)))
    assert told(looked(answer(2, places(17)), known=short)) == []
    renamed = looked(answer(2, places(17, **RENAMED)), known=short)
    assert [name for name, *_ in told(renamed)] == ["longitude", "mapx"]
    assert told(settled(renamed, day(3), accepted=True)) == []
    weeks = looked(*(answer(2 + 7 * week, places(17, **RENAMED)) for week in range(1, 4)), known=renamed)
    assert told(weeks) == []


def test_a_field_that_begins_before_another_ends_or_after_it_is_not_that_one_renamed() -> None:
    both = looked(answer(2, places(2, longitude="127.1")), answer(3, places(5, **RENAMED)), known=KNOWN)
    neither = looked(answer(2, places(2, mapx=None)), answer(3, places(5, **RENAMED)), known=KNOWN)
    assert told(both) == told(neither) == []


def test_single_items_add_up_over_days() -> None:
    known = looked(*(answer(number, places(1)) for number in range(1, 30)))
    changed = looked(*(answer(number, places(1, title=None)) for number in range(30, 29 + FEW_ITEMS)), known=known)
    assert told(changed) == []
    assert told(looked(answer(60, places(1, title=None)), known=changed)) == [("title", "missing", "text", "", 29)]


def test_a_missing_field_that_comes_back_is_missed_no_more() -> None:
    missing = looked(answer(2, places(mapx=None)), known=KNOWN)
    assert [kind for _, kind, *_ in told(missing)] == ["missing"]
    assert told(looked(answer(3, places()), known=missing)) == []


def test_a_field_that_comes_for_some_days_and_goes_again_is_not_missed_afterwards() -> None:
    known = looked(*(answer(number, places(extra="x")) for number in (2, 3, 4)), known=KNOWN)
    assert [drift.field for drift in drifts(known)] == ["extra"]
    for number in range(5, 20):
        known = looked(answer(number, places()), known=known)
        if number > 7:
            assert told(known) == []


def test_xml_has_texts_only_and_says_what_there_is_without_types() -> None:
    known = looked(answer(1, places(seq=1)))
    assert told(looked(answer(2, places(seq="1"), is_typed=False), known=known)) == []
    renamed = looked(answer(3, places(seq=None, number="1"), is_typed=False), known=known)
    assert told(renamed) == [("number", "new", "", "untyped", 3), ("seq", "missing", "number", "", 1)]


CHANGED = {"mapx": None, "longitude": "127.1", "title": 1}


def test_a_difference_is_told_for_a_week() -> None:
    known, week = KNOWN, SETTLED_AFTER // timedelta(days=1)
    for number in range(2, 20):
        known = looked(answer(number, places(**CHANGED)), known=known)
        is_told = number < 2 + week
        assert [name for name, *_ in told(known)] == (["longitude", "mapx", "title"] if is_told else []), number
    back = told(looked(answer(20, places()), known=known))
    assert [(name, kind) for name, kind, *_ in back] == [
        ("longitude", "missing"), ("mapx", "new"), ("title", "retyped"),
    ], "and then the old shape is the news"  # fmt: skip


def test_a_difference_that_is_accepted_is_known_at_once() -> None:
    changed = looked(answer(2, places(**CHANGED)), known=KNOWN)
    assert len(drifts(changed)) == 3
    accepted = settled(changed, day(2.1), accepted=True)
    assert told(accepted) == []
    assert told(looked(answer(3, places(**CHANGED)), known=accepted)) == []


def test_nothing_that_was_not_looked_at_for_weeks_is_gone() -> None:
    assert told(settled(KNOWN, day(100))) == []
    assert told(looked(answer(100, places()), known=settled(KNOWN, day(99)))) == []


def test_data_used_as_names_take_bounded_space() -> None:
    items = [{f"{number} {'x' * 1000}\0": 1 for number in range(MOST_FIELDS + 50)}]
    found = looked(answer(1, items), answer(2, [{f"new {number}": 1 for number in range(100)}]))
    assert len(found) == MOST_FIELDS
    assert max(len(each.field) for each in found) == LONGEST_NAME


VALUES: Mapping[str, st.SearchStrategy] = {
    "text": st.text(min_size=1).filter(lambda text: bool(text.strip())),
    "number": st.integers() | st.floats(allow_nan=False),
    "boolean": st.booleans(),
}
BLANKS = st.sampled_from(["", " ", None])


@st.composite
def clean_items(draw: st.DrawFn) -> list[list[dict[str, Any]]]:
    """Answers of an upstream that does not change: a type for each field, blanks among them, some fields often left out."""
    types = draw(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from([*VALUES]), min_size=1))
    optional = draw(st.sets(st.sampled_from(sorted(types))))
    always = st.fixed_dictionaries(
        {name: VALUES[kind] | BLANKS for name, kind in types.items() if name not in optional},
        optional={name: VALUES[kind] | BLANKS for name, kind in types.items() if name in optional},
    )
    # Over the first items every field is seen, as in any real list.
    whole = draw(st.fixed_dictionaries({name: VALUES[kind] for name, kind in types.items()}))
    rare = [{name: value for name, value in whole.items() if name not in optional} for _ in range(FEW_ITEMS)]
    return [[whole, *rare], *draw(st.lists(st.lists(always, max_size=8), max_size=12))]


@given(clean_items())
def test_an_upstream_that_stays_as_it_is_never_alarms(items: list[list[dict[str, object]]]) -> None:
    known: list[FieldType] = []
    for number, each in enumerate(items, 1):
        known = looked(answer(number, each), known=known)
        assert told(known) == []


@given(clean_items(), st.integers(1, 5))
def test_how_answers_are_cut_into_looks_makes_no_difference(items: list[list[dict[str, object]]], at_once: int) -> None:
    answers = [answer(number, each) for number, each in enumerate(items, 1)]
    one_by_one: list[FieldType] = []
    for each in answers:
        one_by_one = look(one_by_one, [each])
    together: list[FieldType] = look([], answers[:1])
    for start in range(1, len(answers), at_once):
        together = look(together, answers[start : start + at_once])
    assert together == one_by_one


@given(VALUES["text"] | VALUES["number"] | VALUES["boolean"] | BLANKS | st.lists(st.none()) | st.just({}))
def test_every_json_value_has_a_type(value: object) -> None:
    assert json_type(value) in {"text", "number", "boolean", "object", "list", "blank"}
