"""The outbox: nothing that changed while a partition was published is forgotten, and nothing is published twice for nothing."""

import threading
from datetime import UTC, datetime, timedelta

import psycopg

from weatherflick_assets.warehouse.outbox import NOTE, change_id, note_parameters, pending, settle

START = datetime(2026, 11, 22, tzinfo=UTC)
PARTITION = ("core/attractions", "50")


def note(connection: psycopg.Connection, *partitions: tuple[str, str], hours: int = 0) -> None:
    connection.execute(NOTE, note_parameters(partitions, cause="a sweep", since=START + timedelta(hours=hours)))


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
        seen = change_id(connection, *PARTITION)
        note(connection, PARTITION)
        settle(connection, *PARTITION, seen)
        assert keys(connection) == [PARTITION]
        settle(connection, *PARTITION, change_id(connection, *PARTITION))
        assert keys(connection) == []


def test_a_note_that_is_committed_while_a_publication_settles_stays(store: str) -> None:
    with psycopg.connect(store) as merging, psycopg.connect(store) as publishing:
        note(publishing, PARTITION)
        publishing.commit()
        seen = change_id(publishing, *PARTITION)
        note(merging, PARTITION)
        settling = threading.Thread(target=settle, args=(publishing, *PARTITION, seen))
        settling.start()  # waits for the merging transaction
        merging.commit()
        settling.join()
        publishing.commit()
        assert keys(merging) == [PARTITION]


def test_settling_what_was_not_pending_does_nothing(store: str) -> None:
    with psycopg.connect(store, autocommit=True) as connection:
        assert change_id(connection, *PARTITION) is None
        settle(connection, *PARTITION, None)
        assert keys(connection) == []
