"""Incidents follow from observations: one at a time for each subject, whatever the order and repetition of what was seen."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.alerts.incidents import (
    BY_HAND,
    GONE,
    LONGEST_DETAIL,
    WORKS,
    Incident,
    Key,
    Observation,
    changed,
)
from weatherflick_assets.alerts.kinds import KINDS, NOT_TICKING, QUOTA_LOW, RUN_FAILED

START = datetime(2026, 11, 30, tzinfo=UTC)
SUBJECT = "collect_places 50"


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def minutes(time: datetime) -> float:
    return (time - START) / timedelta(minutes=1)


QUIET = minutes(START + RUN_FAILED.quiet)


def failed(
    minute: float, problem: str = "It broke.", kind: str = RUN_FAILED.name, subject: str = SUBJECT
) -> Observation:
    return Observation(kind, subject, at(minute), problem, run_id=f"run {minute}")


def works(minute: float, kind: str = RUN_FAILED.name, subject: str = SUBJECT) -> Observation:
    return Observation(kind, subject, at(minute))


class Book:
    """Incidents as a database keeps them."""

    def __init__(self) -> None:
        self.incidents: dict[int, Incident] = {}

    def see(self, *observations: Observation, surveyed: Sequence[str] = (), now: float = 1_000) -> list[Incident]:
        over = sorted((one for one in self.incidents.values() if one.closed_at), key=lambda one: str(one.closed_at))
        last: dict[Key, Incident] = {one.key: one for one in over}
        found = changed(self.open, last, observations, surveyed=surveyed, at=at(now))
        for incident in found:
            number = incident.incident_id or len(self.incidents) + 1
            self.incidents[number] = replace(incident, incident_id=number)
        return found

    @property
    def open(self) -> list[Incident]:
        return [incident for incident in self.incidents.values() if incident.closed_at is None]


def test_a_failure_opens_an_incident_that_says_what_to_do() -> None:
    book = Book()
    book.see(failed(1))
    (incident,) = book.open
    assert (incident.kind, incident.subject, incident.severity, incident.count) == ("run_failed", SUBJECT, "error", 1)
    assert (incident.opened_at, incident.last_seen_at, incident.run_id) == (at(1), at(1), "run 1")
    assert incident.sentence == "A run of collect_places 50 failed."
    assert incident.detail == "It broke."
    assert incident.remedy == RUN_FAILED.remedy
    assert incident.owner == "team:data-platform"


def test_the_owner_of_the_subject_is_told_where_it_has_one() -> None:
    book = Book()
    book.see(replace(failed(1), owner="team:weather"))
    assert book.open[0].owner == "team:weather"


def test_further_failures_are_counted_and_the_last_one_is_shown() -> None:
    book = Book()
    book.see(failed(1))
    book.see(failed(2, "It broke again."), failed(3, "And again."))
    (incident,) = book.open
    assert (incident.count, incident.detail, incident.run_id) == (3, "And again.", "run 3")
    assert (incident.opened_at, incident.last_seen_at) == (at(1), at(3))


def test_what_works_again_closes_it_and_the_next_failure_opens_another() -> None:
    book = Book()
    book.see(failed(1))
    book.see(works(2))
    assert book.open == []
    (closed,) = book.incidents.values()
    assert (closed.closed_at, closed.closed_because, closed.count) == (at(2), WORKS, 1)
    book.see(failed(2 + QUIET))
    assert [incident.opened_at for incident in book.open] == [at(2 + QUIET)]


def test_what_comes_and_goes_is_one_incident_with_a_count_until_it_was_quiet_for_long_enough() -> None:
    book = Book()
    for minute in (0, 10, 20, 30):
        book.see(failed(minute), now=minute)
        book.see(works(minute + 5), now=minute + 5)
    (incident,) = book.open
    assert (incident.opened_at, incident.count, incident.openings, incident.quiet_since) == (at(0), 4, 4, at(35))
    assert book.see(works(36), now=35 + QUIET - 1) == []
    book.see(now=35 + QUIET)
    (over,) = book.incidents.values()
    assert (over.closed_at, over.closed_because, over.count) == (at(35 + QUIET), WORKS, 4)
    book.see(failed(36 + QUIET), now=36 + QUIET)
    assert [one.openings for one in book.incidents.values()] == [4, 1], "after that it is another one"


def test_a_state_that_comes_and_goes_counts_how_often_it_began() -> None:
    book = Book()
    for minute in range(6):
        seen = failed if minute % 3 else works
        book.see(seen(minute, kind=NOT_TICKING.name, subject="sensor x"), now=minute)
    (incident,) = book.incidents.values()
    assert (incident.count, incident.openings) == (2, 2)


def test_what_a_person_has_closed_is_another_incident_when_it_happens_again() -> None:
    book = Book()
    book.see(failed(1))
    (incident,) = book.open
    book.incidents[1] = incident.closed(at(2), BY_HAND)
    book.see(failed(3), now=3)
    assert [one.openings for one in book.incidents.values()] == [1, 1]


def test_a_failure_that_is_over_before_the_look_is_an_incident_all_the_same() -> None:
    book = Book()
    book.see(works(2), failed(1))
    (incident,) = book.incidents.values()
    assert (incident.opened_at, incident.closed_at) == (at(1), at(2))


def test_what_works_without_having_failed_is_nothing() -> None:
    assert Book().see(works(1)) == []


@pytest.mark.parametrize("again", [[failed(1)], [works(2)], [failed(1), works(2)]])
def test_what_was_read_before_changes_nothing(again: list[Observation]) -> None:
    book = Book()
    book.see(failed(1), works(2))
    assert book.see(*again) == []


def test_a_success_that_is_older_than_the_failure_does_not_close_it() -> None:
    book = Book()
    book.see(failed(2))
    assert book.see(works(1)) == []
    assert len(book.open) == 1


@pytest.mark.parametrize(
    "looks", [[[failed(1), works(1)]], [[failed(1)], [works(1)]], [[works(1)], [failed(1), works(1)]]]
)
def test_of_a_success_and_a_failure_at_the_same_moment_the_success_counts(looks: list[list[Observation]]) -> None:
    book = Book()
    for look in looks:
        book.see(*look)
    assert (book.open, len(book.incidents)) == ([], 1)


def test_a_state_is_seen_at_every_look_and_not_counted() -> None:
    book = Book()
    for minute in range(5):
        book.see(failed(minute, f"{minute} of 5 calls are spent.", QUOTA_LOW.name, "kto detailCommon2"))
    (incident,) = book.open
    assert (incident.count, incident.last_seen_at, incident.detail) == (1, at(4), "4 of 5 calls are spent.")


def test_a_subject_that_is_gone_is_closed_where_all_subjects_of_its_kind_were_looked_at() -> None:
    book = Book()
    book.see(
        failed(1, kind=NOT_TICKING.name, subject="sensor old"), failed(1, kind=NOT_TICKING.name, subject="sensor new")
    )
    book.see(failed(1))
    book.see(failed(2, kind=NOT_TICKING.name, subject="sensor new"), surveyed=[NOT_TICKING.name], now=2)
    assert {incident.subject for incident in book.open} == {"sensor new", SUBJECT}
    (gone,) = (incident for incident in book.incidents.values() if incident.closed_at)
    assert (gone.subject, gone.closed_at, gone.closed_because) == ("sensor old", at(2), GONE)


def test_what_is_neither_wrong_nor_well_stays_as_it_was() -> None:
    between = replace(works(2, kind=NOT_TICKING.name, subject="sensor x"), is_between=True)
    book = Book()
    assert book.see(between, surveyed=[NOT_TICKING.name]) == []
    book.see(failed(1, kind=NOT_TICKING.name, subject="sensor x"))
    assert book.see(between, surveyed=[NOT_TICKING.name], now=2) == []
    assert len(book.open) == 1


def test_a_long_detail_is_shortened() -> None:
    book = Book()
    book.see(failed(1, "x" * 5_000))
    assert len(book.open[0].detail) == LONGEST_DETAIL


_SEEN = st.builds(
    lambda minute, is_wrong, subject: failed(minute, subject=subject) if is_wrong else works(minute, subject=subject),
    st.sampled_from([0, 1, 2, 3, 5, 8, 13, 60, 100, 122, 130, 200, 260, 400]),
    st.booleans(),
    st.sampled_from(["a", "b"]),
)


@given(st.lists(_SEEN, max_size=25), st.data())
def test_whatever_the_order_the_repetition_and_the_looks_what_was_seen_last_decides(
    seen: list[Observation], data: st.DataObject
) -> None:
    book = Book()
    looks = data.draw(st.lists(st.lists(st.sampled_from(seen), max_size=6) if seen else st.just([]), max_size=8))
    time = 0.0
    for look in [*looks, data.draw(st.permutations(seen))]:
        time = max([time, *(minutes(one.at) for one in look)])
        book.see(*look, now=time)
    assert book.see(*seen, now=time) == []
    for subject in ("a", "b"):
        mine = [one for one in seen if one.subject == subject]
        last = max(mine, key=lambda one: (one.at, one.problem is None), default=None)
        is_open = [one for one in book.open if one.subject == subject and one.quiet_since is None]
        assert len(is_open) == (last is not None and last.problem is not None)
        stretches = sorted(
            (one.opened_at, one.closed_at or at(10_000)) for one in book.incidents.values() if one.subject == subject
        )
        assert all(first[1] <= following[0] for first, following in pairwise(stretches))


@given(st.lists(_SEEN, max_size=25), st.data())
def test_read_in_order_the_incidents_are_the_same_however_the_looks_divide_them(
    seen: list[Observation], data: st.DataObject
) -> None:
    ordered = sorted(seen, key=lambda one: (one.at, one.problem is None))
    at_once, bit_by_bit = Book(), Book()
    end = minutes(ordered[-1].at) if ordered else 0
    at_once.see(*ordered, now=end)
    first = 0
    while first < len(ordered):
        last = data.draw(st.integers(first + 1, len(ordered)))
        # What happened at one moment is read together or again: a look may begin a little before where the last one ended.
        seen_now = ordered[max(0, first - data.draw(st.integers(0, 3))) : last]
        bit_by_bit.see(*seen_now, now=minutes(ordered[last - 1].at))
        first = last

    def told(book: Book) -> list[Incident]:
        return sorted((replace(one, incident_id=None) for one in book.incidents.values()), key=repr)

    assert told(at_once) == told(bit_by_bit)


def test_every_kind_says_what_happened_what_to_do_and_when_it_is_over() -> None:
    for kind in KINDS.values():
        assert "{subject}" in kind.sentence
        assert kind.told("it") != kind.sentence
        for sentence in (kind.sentence, kind.remedy):
            assert sentence.endswith(".")
        assert kind.closes
