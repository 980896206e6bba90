"""Responses: every call is on record at once, every different body is stored once, byte for byte."""

import asyncio
import hashlib
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.warehouse.response_store import ResponseRecord, ResponseStore
from weatherflick_assets_tests.places.store.stock import START, at, execute, response, rows

LARGE = b"\x00\\page " * 100_000
"""A body that the store asks for before it is sent."""

ON_ONE_DATABASE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)


def keep(dsn: str, records: Iterable[ResponseRecord]) -> list[int]:
    """Keep responses one after the other, as one run."""

    async def run() -> list[int]:
        async with ResponseStore(dsn, run_id="run-1", partition_key="50") as store:
            return [await store.keep(record) for record in records]

    return asyncio.run(run())


def kept(dsn: str) -> list[dict[str, Any]]:
    return rows(dsn, "SELECT * FROM raw.responses ORDER BY response_id")


def bodies(dsn: str) -> list[dict[str, Any]]:
    return rows(dsn, "SELECT xmin::text, ctid::text, * FROM raw.bodies ORDER BY body_sha256")


def test_a_response_is_stored_byte_for_byte(store: str) -> None:
    body = bytes(range(256)) * 3
    ids = keep(store, [response(body), response(b"")])
    first, second = kept(store)
    assert ids == [first["response_id"], second["response_id"]]
    assert first["body"] == body
    assert first["body_sha256"] == hashlib.sha256(body).hexdigest()
    assert (first["body_bytes"], second["body_bytes"]) == (768, 0)
    assert first["request_params"] == {"contentTypeId": "12", "pageNo": "1"}
    assert (first["run_id"], first["partition_key"], first["fetched_at"]) == ("run-1", "50", START)
    assert (first["expires_at"], first["body_dropped_at"]) == (at(24), None)


def test_the_relation_other_programs_read_has_the_columns_they_rely_on(store: str) -> None:
    keep(store, [response()])
    (row,) = kept(store)
    assert set(row) >= {
        "response_id", "provider", "operation", "request_params", "http_status", "result_code", "body", "body_sha256",
        "api_key_id", "fetched_at", "expires_at", "run_id", "partition_key",
    }  # fmt: skip


@ON_ONE_DATABASE
@given(received=st.lists(st.binary(max_size=200) | st.binary(min_size=1, max_size=3).map(lambda part: part * 40_000)))
def test_whatever_is_received_can_be_read_again_and_is_stored_once(
    prepared_database: str, received: list[bytes]
) -> None:
    execute(prepared_database, "TRUNCATE raw.calls, raw.bodies")
    ids = keep(prepared_database, map(response, received))
    found = {row["response_id"]: row for row in kept(prepared_database)}
    assert [found[response_id]["body"] for response_id in ids] == received
    assert [found[response_id]["body_bytes"] for response_id in ids] == [len(body) for body in received]
    assert {row["body"] for row in bodies(prepared_database)} == set(received)
    assert len(bodies(prepared_database)) == len(set(received))


@pytest.mark.parametrize("body", [b"small", LARGE], ids=["small", "large"])
def test_a_body_that_comes_again_is_not_stored_again(store: str, body: bytes) -> None:
    keep(store, [response(body)])
    size = rows(store, "SELECT pg_table_size(reltoastrelid) AS size FROM pg_class WHERE oid = 'raw.bodies'::regclass")
    again = [replace(response(body), request_params={"pageNo": str(number)}, http_status=500) for number in range(10)]
    ids = keep(store, again)
    assert len(bodies(store)) == 1
    assert [row["body"] for row in kept(store)] == [body] * 11
    assert [row["request_params"] for row in kept(store) if row["response_id"] in ids] == [
        record.request_params for record in again
    ]
    assert size == rows(
        store, "SELECT pg_table_size(reltoastrelid) AS size FROM pg_class WHERE oid = 'raw.bodies'::regclass"
    )


@pytest.mark.parametrize("body", [b"small", LARGE], ids=["small", "large"])
def test_many_that_receive_the_same_body_at_once_all_have_it_on_record(store: str, body: bytes) -> None:
    together, failures = threading.Barrier(6), []

    def work() -> None:
        together.wait()
        try:
            keep(store, [response(body + str(number).encode()) for number in range(10)])
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test must fail with it
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(bodies(store)) == 10
    assert sorted(row["body"] for row in kept(store)) == sorted(6 * [body + str(n).encode() for n in range(10)])


@pytest.mark.parametrize("body", [b"small", LARGE], ids=["small", "large"])
def test_a_body_that_was_dropped_is_stored_again_when_it_comes_again(store: str, body: bytes) -> None:
    keep(store, [response(body)])
    execute(store, "UPDATE raw.bodies SET body = NULL, dropped_at = now()")
    assert kept(store)[0]["body"] is None
    keep(store, [response(body)])
    assert [(row["body"], row["body_dropped_at"]) for row in kept(store)] == [(body, None)] * 2


def test_a_body_stays_while_a_call_that_brought_it_is_being_recorded(store: str) -> None:
    keep(store, [response(LARGE)])
    with psycopg.connect(store) as other:
        # Dropped by someone who has not committed: whoever keeps it waits, and then stores it again.
        other.execute("UPDATE raw.bodies SET body = NULL, dropped_at = now()")
        keeping = threading.Thread(target=keep, args=(store, [response(LARGE)]))
        keeping.start()
        waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while keeping.is_alive() and not rows(store, waiting):
            pass
        other.commit()
        keeping.join()
    assert [row["body"] for row in kept(store)] == [LARGE, LARGE]


def test_a_call_without_an_answer_is_on_record_with_an_empty_body_and_no_status(store: str) -> None:
    keep(store, [replace(response(b""), http_status=None, result_code=None)])
    (row,) = kept(store)
    assert (row["body"], row["body_bytes"], row["http_status"], row["result_code"]) == (b"", 0, None, None)


@ON_ONE_DATABASE
@given(
    code=st.text(st.characters(codec=None) | st.just("\x00") | st.characters(categories=["Cs"])),
    parameters=st.dictionaries(
        st.text(st.characters(codec=None), max_size=5),
        st.text(st.just("\x00") | st.characters(codec=None), max_size=5),
        max_size=3,
    ),
)
def test_no_text_in_parameters_or_result_code_keeps_a_response_from_being_stored(
    prepared_database: str, code: str, parameters: dict[str, str]
) -> None:
    (response_id,) = keep(prepared_database, [replace(response(), result_code=code, request_params=parameters)])
    (row,) = rows(prepared_database, "SELECT * FROM raw.responses WHERE response_id = %s", response_id)
    if code.isprintable():
        assert row["result_code"] == code
    assert "\x00" not in row["result_code"]


def test_characters_that_text_cannot_hold_are_marked_and_the_rest_stays(store: str) -> None:
    keep(
        store,
        [
            replace(
                response(), result_code="0\x000\ud800 한글\ud83d\ude00", request_params={"a\x00": "\udc80글", "b": "c"}
            )
        ],
    )
    (row,) = kept(store)
    assert row["result_code"] == "0\ufffd0\ufffd 한글😀"
    assert row["request_params"] == {"a\ufffd": "\ufffd글", "b": "c"}
