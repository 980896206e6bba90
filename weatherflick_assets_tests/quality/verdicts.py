"""Verdicts of which only the time and the outcome matter."""

from datetime import datetime

from weatherflick_assets.quality.rules import Rule, Severity, in_set
from weatherflick_assets.quality.verdict import RuleResult
from weatherflick_assets_tests.quality import judged as stated


def judged(
    dsn: str,
    table_name: str,
    partition_key: str | None,
    at: datetime,
    *,
    data_as_of: datetime | None = None,
    failed: str | None = None,
    row_count: int = 10,
) -> None:
    """One verdict; `failed` names a blocking rule by which the rows were held back."""
    failures = [] if failed is None else [RuleResult(_named(failed), Severity.BLOCKING, False, "", "")]
    age = None if data_as_of is None else at - data_as_of
    stated.judged(dsn, table_name, partition_key, at, rows=row_count, failures=failures, age=age)


def _named(rule_id: str) -> Rule:
    return in_set("title", [], rule_id=rule_id, description="")
