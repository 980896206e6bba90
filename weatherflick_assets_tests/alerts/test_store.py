"""Incidents and their messages are written in one transaction: once, whatever ends in between, and whoever looks besides."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.incidents import BY_HAND, Observation
from weatherflick_assets.alerts.kinds import CHECK_WARNED, DISK_NEARLY_FULL, RUN_FAILED, Kind
from weatherflick_assets.alerts.store import Noticed
from weatherflick_assets_tests.places.store.stock import execute, rows

NOON = datetime.fromisoformat("2026-11-30T12:00+09:00")
MINUTE = timedelta(minutes=1)


def failed(
    at: datetime = NOON, subject: str = "places 50", kind: Kind = RUN_FAILED, owner: str | None = None
) -> Observation:
    return Observation(kind.name, subject, at, "It broke.", owner, "run-1")


def works(at: datetime, subject: str = "places 50", kind: Kind = RUN_FAILED) -> Observation:
    return Observation(kind.name, subject, at)


def notice(dsn: str, *observations: Observation, at: datetime = NOON, **options: Any) -> Noticed:
    return incidents.notice(dsn, observations, options.pop("positions", {}), at=at, **options)


def messages(dsn: str) -> Sequence[tuple[str, str]]:
    return [
        (row["occasion"], row["title"])
        for row in rows(dsn, "SELECT occasion, title FROM ops.messages ORDER BY message_id")
    ]


def test_an_incident_and_its_message_are_written_together(store: str) -> None:
    assert notice(store, failed()) == Noticed(opened=1, closed=0)
    (incident,) = incidents.open_incidents(store)
    (message,) = rows(store, "SELECT * FROM ops.messages")
    assert message["incident_id"] == incident.incident_id
    assert (message["occasion"], message["owner"], message["severity"]) == ("opened", "team:data-platform", "error")
    assert message["title"] == "[error] A run of places 50 failed."
    assert (message["run_id"], message["created_at"], message["due_at"]) == ("run-1", NOON, NOON)


def test_repeats_are_counted_and_held_back_and_the_end_is_told_once(store: str) -> None:
    for minutes in range(4):
        notice(store, failed(NOON + minutes * MINUTE), at=NOON + minutes * MINUTE)
    assert notice(store, works(NOON + 5 * MINUTE), at=NOON + 5 * MINUTE) == Noticed(opened=0, closed=1)
    notice(store, works(NOON + 6 * MINUTE), at=NOON + 6 * MINUTE)
    assert messages(store) == [
        ("opened", "[error] A run of places 50 failed."),
        ("closed", "[over] It works again. Before: A run of places 50 failed."),
    ]
    (incident,) = rows(store, "SELECT count, closed_at, closed_because FROM ops.incidents")
    assert incident == {"count": 4, "closed_at": NOON + 5 * MINUTE, "closed_because": "it works again"}
    assert "It happened 4 times." in rows(store, "SELECT body FROM ops.messages WHERE occasion = 'closed'")[0]["body"]


def test_what_comes_and_goes_is_one_incident_and_each_message_about_it_is_written_once(store: str) -> None:
    for minutes in range(0, 60, 10):
        at = NOON + minutes * MINUTE
        notice(store, failed(at), at=at)
        notice(store, works(at + 5 * MINUTE), at=at + 5 * MINUTE)
    assert [one.count for one in incidents.open_incidents(store)] == [6]
    over = NOON + 55 * MINUTE + RUN_FAILED.quiet
    assert notice(store, at=over - MINUTE) == Noticed(opened=0, closed=0)
    assert notice(store, at=over) == Noticed(opened=0, closed=1)
    sentence = "A run of places 50 failed."
    assert messages(store) == [
        ("opened", f"[error] {sentence}"),
        ("closed", f"[over] It works again. Before: {sentence}"),
        ("returned", f"[error] It is back: {sentence}"),
        ("closed", f"[over] It works again. Before: {sentence}"),
    ]
    (incident,) = rows(store, "SELECT count, openings, closed_at FROM ops.incidents")
    assert incident == {"count": 6, "openings": 6, "closed_at": over}


def test_what_was_read_twice_is_one_incident_also_when_it_is_over(store: str) -> None:
    for _ in range(2):
        notice(store, failed())
        notice(store, failed(), works(NOON + MINUTE))
    assert len(rows(store, "SELECT FROM ops.incidents")) == 1
    assert len(messages(store)) == 2


def test_of_a_subject_at_most_one_incident_is_open_whatever_writes_it(store: str) -> None:
    notice(store, failed())
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(store, "INSERT INTO ops.incidents (kind, subject, owner, severity, opened_at, last_seen_at, count, detail, "
                "remedy) SELECT kind, subject, owner, severity, opened_at, last_seen_at, 1, '', '' FROM ops.incidents")  # fmt: skip


def test_those_who_look_at_the_same_time_write_each_incident_once(store: str) -> None:
    seen = [failed(subject=f"places {number}") for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: notice(store, *seen), range(4)))
    assert sorted(one.opened for one in found) == [0, 0, 0, 20]
    assert len(messages(store)) == 20


@pytest.mark.fault(
    "Liveness",
    "the search for incidents is killed between any two of its statements",
    "nothing of that look stays, and the next one writes each incident and message once",
)
@pytest.mark.parametrize("table", ["incidents", "messages", "incident_watch"])
def test_a_look_that_is_broken_off_leaves_nothing_and_the_next_one_writes_all_of_it(database: str, table: str) -> None:
    notice(database, failed(subject="places 11"), positions={"checks": 1})
    execute(
        database,
        f"CREATE FUNCTION ops.killed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; "
        f"CREATE TRIGGER killed AFTER INSERT OR UPDATE ON ops.{table} EXECUTE FUNCTION ops.killed()",
    )
    seen = [failed(NOON + MINUTE), works(NOON + MINUTE, "places 11")]
    before = [rows(database, f"SELECT * FROM ops.{name}") for name in ("incidents", "messages", "incident_watch")]
    with pytest.raises(psycopg.OperationalError):
        notice(database, *seen, positions={"checks": 7}, at=NOON + MINUTE)
    assert [
        rows(database, f"SELECT * FROM ops.{name}") for name in ("incidents", "messages", "incident_watch")
    ] == before
    execute(database, f"DROP TRIGGER killed ON ops.{table}")
    assert notice(database, *seen, positions={"checks": 7}, at=NOON + MINUTE) == Noticed(opened=1, closed=1)
    assert len(messages(database)) == 3
    assert incidents.watch(database, NOON + MINUTE).positions == {"checks": 7}


def test_positions_are_kept_and_a_stream_that_was_not_read_stays_where_it_was(store: str) -> None:
    notice(store, positions={"checks": 5, "failures": 3})
    notice(store, positions={"checks": 9})
    assert incidents.watch(store, NOON).positions == {"checks": 9, "failures": 3}


def test_after_a_break_the_watch_begins_anew(store: str) -> None:
    for minutes in (0, 5, 15):
        notice(store, at=NOON + minutes * MINUTE)
    watch = incidents.watch(store, NOON)
    assert (watch.watched_since, watch.watched_at) == (NOON, NOON + 15 * MINUTE)
    assert watch.since(NOON + 20 * MINUTE) == NOON
    notice(store, at=NOON + 26 * MINUTE)
    assert incidents.watch(store, NOON).watched_since == NOON + 26 * MINUTE


@pytest.mark.parametrize(("kind", "due"), [(RUN_FAILED, "2026-12-01T08:00"), (DISK_NEARLY_FULL, "2026-11-30T23:00")])
def test_at_night_only_what_is_critical_is_due_at_once(store: str, kind: Kind, due: str) -> None:
    at = NOON + timedelta(hours=11)
    notice(store, failed(at, kind=kind), at=at)
    assert rows(store, "SELECT due_at FROM ops.messages") == [{"due_at": datetime.fromisoformat(f"{due}+09:00")}]


class TestDigest:
    MORNING = datetime.fromisoformat("2026-12-01T09:00+09:00")

    def digests(self, dsn: str) -> list[dict[str, Any]]:
        return rows(
            dsn, "SELECT owner, title, body, due_at FROM ops.messages WHERE occasion = 'digest' ORDER BY message_id"
        )

    def test_warnings_are_told_in_the_digest_alone_and_each_digest_is_written_once(self, store: str) -> None:
        notice(store, failed(kind=CHECK_WARNED, subject="core/rooms warnings 50"))
        notice(store, failed(kind=CHECK_WARNED, subject="core/rooms warnings 11"), failed())
        notice(store, works(NOON + MINUTE, "core/rooms warnings 11", CHECK_WARNED), at=NOON + MINUTE)
        assert [occasion for occasion, _ in messages(store)] == ["opened"]
        notice(store, at=self.MORNING - MINUTE)
        assert self.digests(store) == []
        for _ in range(2):
            notice(store, at=self.MORNING)
        (digest,) = self.digests(store)
        assert digest["title"] == "Digest of 2026-12-01: 1 error, 1 warning open, 1 over."
        assert digest["due_at"] == self.MORNING
        assert [line.partition(" Since")[0] for line in digest["body"].splitlines()] == [
            "[error] A run of places 50 failed.", "[warning] The check core/rooms warnings 50 warns.",
            "over: [warning] The check core/rooms warnings 11 warns.",
        ]  # fmt: skip

    def test_the_next_digest_tells_what_is_still_open_and_not_again_what_is_over(self, store: str) -> None:
        notice(store, failed(kind=CHECK_WARNED), failed(kind=CHECK_WARNED, subject="b"))
        notice(store, works(NOON + MINUTE, "b", CHECK_WARNED), at=self.MORNING + timedelta(hours=3))  # after a break
        notice(store, at=self.MORNING + timedelta(days=1))
        assert [one["title"] for one in self.digests(store)] == [
            "Digest of 2026-12-01: 1 warning open, 1 over.", "Digest of 2026-12-02: 1 warning open, 0 over.",
        ]  # fmt: skip

    def test_where_there_is_nothing_to_say_there_is_no_digest(self, store: str) -> None:
        notice(store)
        notice(store, at=self.MORNING)
        notice(store, failed(kind=CHECK_WARNED), at=self.MORNING + MINUTE)
        assert self.digests(store) == []

    def test_every_owner_has_a_digest_of_what_is_theirs(self, store: str) -> None:
        notice(store, failed(kind=CHECK_WARNED), failed(kind=CHECK_WARNED, subject="b", owner="team:weather"))
        notice(store, at=self.MORNING)
        assert [(one["owner"], one["body"].count("\n")) for one in self.digests(store)] == [
            ("team:data-platform", 0), ("team:weather", 0),
        ]  # fmt: skip


def test_a_person_can_close_an_incident_that_nothing_shows_to_be_over(store: str) -> None:
    notice(store, failed())
    (incident,) = incidents.open_incidents(store)
    assert incident.incident_id is not None
    assert incidents.close_by_hand(store, incident.incident_id, NOON + MINUTE) == incident
    assert incidents.close_by_hand(store, incident.incident_id, NOON + MINUTE) is None
    assert rows(store, "SELECT closed_because FROM ops.incidents") == [{"closed_because": BY_HAND}]
    assert notice(store, failed()) == Noticed(0, 0), "what it was closed for does not open it again"
    assert messages(store)[-1] == ("closed", "[over] A person closed it. Before: A run of places 50 failed.")


def test_the_gravest_comes_first_and_then_the_oldest(store: str) -> None:
    notice(
        store,
        failed(NOON, "a", CHECK_WARNED), failed(NOON + MINUTE, "b"), failed(NOON, "c"), failed(NOON, "d", DISK_NEARLY_FULL),
    )  # fmt: skip
    assert [incident.subject for incident in incidents.open_incidents(store)] == ["d", "c", "b", "a"]


def test_what_was_over_more_than_four_hundred_days_ago_is_deleted_with_its_messages(store: str) -> None:
    notice(store, failed(), failed(subject="open"), failed(subject="warned", kind=CHECK_WARNED))
    notice(store, works(NOON + MINUTE), at=NOON + timedelta(hours=21))  # with a digest
    assert incidents.forget(store, NOON + timedelta(days=400)) == 0
    assert incidents.forget(store, NOON + timedelta(days=402)) == 2
    assert [incident.subject for incident in incidents.open_incidents(store)] == ["open", "warned"]
    assert [occasion for occasion, _ in messages(store)] == ["opened"]
