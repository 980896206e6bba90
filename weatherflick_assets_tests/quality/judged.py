"""Verdicts as a publisher would have recorded them, for what is made of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from weatherflick_assets.quality.profiles import ColumnProfile
from weatherflick_assets.quality.rules import Severity, filled, row_count_at_least
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import RuleResult, Verdict
from weatherflick_assets.warehouse.connections import connect

BLOCKING, WARNING = Severity.BLOCKING, Severity.WARNING


def broken(column: str, severity: Severity, *examples: str, asked: str = "") -> RuleResult:
    """The result of a rule that half of 40 values break."""
    rule = filled(column, at_least=0.9, severity=severity)
    return RuleResult(rule, severity, False, asked or rule.description, "20 of 40 have none", 40, 20, examples)


def judged(
    dsn: str,
    table_name: str,
    partition_key: str | None,
    at: datetime,
    *,
    rows: int = 40,
    empty: Mapping[str, int] | None = None,
    failures: Sequence[RuleResult] = (),
    age: timedelta | None = timedelta(hours=1),
    rejections: Mapping[str, int] | None = None,
) -> int:
    """Record a verdict; returns its id. It is published unless a blocking rule failed.

    Args:
        dsn: of the platform's database.
        table_name: what was judged.
        partition_key: likewise.
        at: when.
        rows: judged.
        empty: rows without a value, by column.
        failures: the rules that failed, beside `row_count`, which held unless it is one of them.
        age: of the newest data; None: not known.
        rejections: items that could not become rows, by reason; None: not counted.
    """
    held = RuleResult(
        row_count_at_least(1), BLOCKING, passed=True, expected="There are at least 1 rows.", observed=f"{rows} rows"
    )
    results = {result.rule.rule_id: result for result in (held, *failures)}
    verdict = Verdict(table_name, rows, tuple(results.values()), minimum_score=80)
    profiles = [ColumnProfile(column, rows, nulls) for column, nulls in (empty or {"title": 0}).items()]
    batch = Batch(table_name, partition_key, at, "run", None if age is None else at - age, rejections)
    with connect(dsn) as connection, connection.cursor() as cursor:
        return record(cursor, batch, verdict, profiles, published=verdict.passed)
