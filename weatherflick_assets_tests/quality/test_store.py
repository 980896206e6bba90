"""Verdicts in the database: as they were given, and for as long as they are kept."""

from datetime import UTC, datetime, timedelta

import psycopg

from weatherflick_assets.quality.profiles import ColumnProfile
from weatherflick_assets.quality.rules import Severity, filled, never_null, row_count_at_least
from weatherflick_assets.quality.store import VERDICTS_KEPT, Batch, forget_verdicts, record
from weatherflick_assets.quality.verdict import RuleResult, Verdict
from weatherflick_assets_tests.places.store.stock import rows

JUDGED_AT = datetime(2026, 7, 1, tzinfo=UTC)
ADDRESS = filled("address", at_least=0.75)
VERDICT = Verdict(
    "core.places",
    40,
    (
        RuleResult(row_count_at_least(1), Severity.BLOCKING, passed=True, expected="Some.", observed="40 rows"),
        RuleResult(ADDRESS, Severity.WARNING, False, "Most.", "20 of 40", 40, 20, ("1: \t\\N", "2: {}\n")),
        RuleResult(never_null("fee"), Severity.NOTE, passed=True, expected="", observed="none", applies=False),
    ),
    minimum_score=80,
)
PROFILES = (
    ColumnProfile("address", 40, 20, 19, "가", "힣"),
    ColumnProfile("fee", 40, 0, 2, "0", "10", mean=5.0),
)


def recorded(dsn: str, judged_at: datetime = JUDGED_AT) -> int:
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        about = Batch(
            "core.places", "50", judged_at, "run", judged_at - timedelta(hours=1), {"no_title": 2, "no_id": 1}
        )
        return record(cursor, about, VERDICT, PROFILES, published=True)


def test_a_verdict_is_kept_with_its_rules_and_profiles(store: str) -> None:
    verdict_id = recorded(store)

    (verdict,) = rows(store, "SELECT * FROM quality.verdicts")
    assert verdict == {
        "verdict_id": verdict_id, "table_name": "core.places", "partition_key": "50", "judged_at": JUDGED_AT,
        "suite_name": "core.places", "row_count": 40, "passed": True, "score": VERDICT.score, "minimum_score": 80.0,
        "published": True, "run_id": "run", "data_as_of": JUDGED_AT - timedelta(hours=1), "rejected_count": 3,
    }  # fmt: skip
    found = rows(
        store,
        "SELECT rule_id, severity, passed, applies, expected, observed, judged_count, unexpected_count, observed_share, "
        "required_share, examples FROM quality.rule_results WHERE (verdict_id, table_name, partition_key, judged_at) = "
        "(SELECT verdict_id, table_name, partition_key, judged_at FROM quality.verdicts) ORDER BY rule_id",
    )
    assert [tuple(row.values()) for row in found] == [
        ("address_filled", "warning", False, True, "Most.", "20 of 40", 40, 20, 0.5, 0.75, ["1: \\N", "2: {}"]),
        ("fee_never_null", "note", True, False, "", "none", None, None, None, 1.0, []),
        ("row_count", "blocking", True, True, "Some.", "40 rows", None, None, None, None, []),
    ]
    profiles = rows(store, "SELECT * FROM quality.column_profiles ORDER BY column_name")
    assert [ColumnProfile(*list(row.values())[1:]) for row in profiles] == list(PROFILES)
    assert {row["verdict_id"] for row in profiles} == {verdict_id}
    assert rows(store, "SELECT * FROM quality.rejections ORDER BY reason") == [
        {"verdict_id": verdict_id, "reason": "no_id", "rejected_count": 1},
        {"verdict_id": verdict_id, "reason": "no_title", "rejected_count": 2},
    ]


def test_what_was_not_counted_is_not_known_and_what_was_counted_as_none_is_none(store: str) -> None:
    with psycopg.connect(store) as connection, connection.cursor() as cursor:
        for rejections in (None, {}):
            record(cursor, Batch("core.places", "50", JUDGED_AT, None, None, rejections), VERDICT, (), published=True)

    found = rows(store, "SELECT rejected_count, data_as_of FROM quality.verdicts ORDER BY verdict_id")
    assert [tuple(row.values()) for row in found] == [(None, None), (0, None)]
    assert rows(store, "SELECT * FROM quality.rejections") == []


def test_verdicts_are_forgotten_with_all_that_belongs_to_them_once_they_are_old(store: str) -> None:
    now = JUDGED_AT + VERDICTS_KEPT
    for _ in range(2):
        recorded(store, JUDGED_AT - timedelta(seconds=1))
    kept = recorded(store)

    assert forget_verdicts(store, now=now) == 2
    assert forget_verdicts(store, now=now) == 0
    for name in ("verdicts", "rule_results", "column_profiles", "rejections"):
        assert {row["verdict_id"] for row in rows(store, f"SELECT verdict_id FROM quality.{name}")} == {kept}
