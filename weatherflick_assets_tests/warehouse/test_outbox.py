"""The outbox: nothing that changed while a partition was published is forgotten, and nothing is published twice for nothing."""

import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from weatherflick_assets.warehouse.outbox import MOST_KEYS, NOTE, Notes, find, pending, settle

START = datetime(2026, 11, 22, tzinfo=UTC)
PARTITION = ("core/attractions", "50")


def note(
    connection: psycopg.Connection,
    *partitions: tuple[str, str],
    hours: int = 0,
    changed: Collection[str] | None = None,
) -> None:
    notes = Notes()
    notes.add(partitions, changed)
    connection.execute(NOTE, notes.parameters(cause="a sweep", since=START + timedelta(hours=hours)))


def changed(connection: psycopg.Connection) -> list[str] | None:
    found = find(connection, *PARTITION)
    assert found is not None
    return found.keys


def keys(connection: psycopg.Connection) -> list[tuple[str, str]]:
    return [(found.asset_key, found.partition_key) for found in pending(connection)]


def test_a_note_counts_from_its_transaction_on(store: str) -> None:
    with psycopg.connect(store) as merging, psycopg.connect(store, autocommit=True) as other:
        note(merging, PARTITION)
        assert keys(other) == []
        merging.commit()
        assert keys(other) == [PARTITION]
        note(merging, ("core/rooms", "11"))
        merging.rollback()
        assert keys(other) == [PARTITION]


def test_a_partition_noted_again_keeps_the_time_of_its_first_note(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        note(connection, PARTITION)
        (first,) = pending(connection)
        note(connection, PARTITION, hours=1)
        (second,) = pending(connection)
    assert (second.since, second.cause) == (START, "a sweep")
    assert second.change_id != first.change_id


def test_what_was_noted_before_is_settled_and_what_was_noted_meanwhile_stays(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        note(connection, PARTITION)
        seen = find(connection, *PARTITION)
        note(connection, PARTITION)
        settle(connection, *PARTITION, seen)
        assert keys(connection) == [PARTITION]
        settle(connection, *PARTITION, find(connection, *PARTITION))
        assert keys(connection) == []


def test_a_note_that_is_committed_while_a_publication_settles_stays(store: str) -> None:
    with psycopg.connect(store) as merging, psycopg.connect(store) as publishing:
        note(publishing, PARTITION)
        publishing.commit()
        seen = find(publishing, *PARTITION)
        note(merging, PARTITION)
        settling = threading.Thread(target=settle, args=(publishing, *PARTITION, seen))
        settling.start()  # waits for the merging transaction
        merging.commit()
        settling.join()
        publishing.commit()
        assert keys(merging) == [PARTITION]


def test_settling_what_was_not_pending_does_nothing(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        assert find(connection, *PARTITION) is None
        settle(connection, *PARTITION, None)
        assert keys(connection) == []


@pytest.mark.parametrize(
    ("notes", "expected"),
    [
        ([["2", "1"]], ["1", "2"]),
        ([["1"], ["3", "1"], ["2"]], ["1", "2", "3"]),
        ([["1"], None], None),
        ([None, ["1"]], None),
        ([[str(number) for number in range(MOST_KEYS + 1)]], None),
        ([[str(number) for number in range(MOST_KEYS)], ["more"]], None),
    ],
)
def test_what_changed_is_the_union_of_the_notes_until_it_is_too_much_to_name(
    store: str, notes: list[list[str] | None], expected: list[str] | None
) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        for each in notes:
            note(connection, PARTITION, changed=each)
        assert changed(connection) == expected


def test_one_transaction_adds_up_what_changed_in_each_partition() -> None:
    notes = Notes()
    notes.add([PARTITION, ("core/rooms", "50")], ["1"])
    notes.add([PARTITION], ["2"])
    notes.add([("core/rooms", "50")])
    notes.add([("core/rooms", "50")], ["3"])
    made = notes.parameters(cause="a sweep", since=START)["notes"].obj
    assert made == [
        {"asset_key": "core/attractions", "partition_key": "50", "keys": ["1", "2"]},
        {"asset_key": "core/rooms", "partition_key": "50", "keys": None},
    ]
