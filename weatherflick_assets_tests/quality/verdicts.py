"""Verdicts to look at, written as publishing writes them."""

from datetime import datetime

from weatherflick_assets_tests.places.store.stock import rows


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
    passed = failed is None
    ((verdict_id,),) = (
        row.values()
        for row in rows(
            dsn,
            "INSERT INTO quality.verdicts (table_name, partition_key, judged_at, suite_name, row_count, passed, score, "
            "minimum_score, published, data_as_of) VALUES (%s, %s, %s, %s, %s, %s, 100, 80, %s, %s) RETURNING verdict_id",
            *(table_name, partition_key, at, table_name, row_count, passed, passed, data_as_of),
        )
    )
    if failed:
        rows(
            dsn,
            "INSERT INTO quality.rule_results (verdict_id, rule_id, table_name, partition_key, judged_at, severity, passed, "
            "applies, expected, observed, examples) VALUES (%s, %s, %s, %s, %s, 'blocking', FALSE, TRUE, '', '', '{}') "
            "RETURNING verdict_id",
            *(verdict_id, failed, table_name, partition_key, at),
        )
