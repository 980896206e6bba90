"""Run after run, day after day, pruned again and again: Dagster's storage stays within a bound that follows from one day.

Real runs are made once, through Dagster. The runs of the days are copies of their rows, with ids, times and partitions of their
own, which is what days differ in.
"""

from datetime import UTC, datetime, timedelta

import pytest

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.operations.upkeep.carrying_out import make_space_reusable
from weatherflick_assets.operations.upkeep.dagster_history import RUNS_KEPT, TIMES_KEPT, prune
from weatherflick_assets.operations.upkeep.policies import DAGSTER_TABLES, policies
from weatherflick_assets.operations.upkeep.policy import Surroundings
from weatherflick_assets_tests.operations.upkeep.conftest import Stored
from weatherflick_assets_tests.operations.upkeep.test_dagster_history import run, said

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

FIRST = datetime(2025, 11, 1, 20, tzinfo=UTC)
RUNS = next(policy for policy in policies(DOMAINS) if policy.name == "runs")

SLACK = 1.5
"""Room for rows that left since the last vacuum, and for pages and indexes that are not full."""

WEIGHT = 3
"""How much more a thinned run takes than its events: its own row, its tags, and their indexes."""

ISSUE = "202611020500"
_ID = "replace({0}, left(run_id, 8), lpad(to_hex(day), 8, '0'))"
_ISSUE = f"replace({{0}}, '{ISSUE}', to_char(:first + day * interval '1 day', 'YYYYMMDD') || '0500')"
_CHANGED: dict[str, str] = {
    "run_id": _ID.format("run_id"),
    "partition": _ISSUE.format("partition"),
    "value": _ISSUE.format("value"),
    "run_body": _ISSUE.format(_ID.format("run_body")),
    "event": _ISSUE.format(_ID.format("event")),
    **dict.fromkeys(
        ("create_timestamp", "update_timestamp", "timestamp", "evaluation_event_timestamp"),
        ":first + day * interval '1 day'",
    ),
}


def keep_templates(stored: Stored) -> None:
    """Put the rows of all runs aside, as what later days are copied from."""
    for table in DAGSTER_TABLES:
        stored.rows(f"DROP TABLE IF EXISTS template_{table}")
        stored.rows(f"CREATE TABLE template_{table} AS SELECT * FROM {table}")
    for found in stored.instance.get_runs():
        stored.instance.delete_run(found.run_id)
    stored.rows("DELETE FROM asset_check_executions")


def live(stored: Stored, day: int, days: int) -> None:
    """The runs of some days."""
    for table in ("runs", "run_tags", "event_logs", "asset_check_executions"):
        columns: list[str] = [
            name
            for (name,) in stored.rows(
                "SELECT attname::text FROM pg_attribute WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND attname <> 'id'",
                table=table,
            )
        ]
        stored.rows(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(_CHANGED.get(name) or name for name in columns)} "
            f"FROM template_{table}, generate_series(CAST(:day AS int), :day + :days - 1) AS day ORDER BY day, id",
            day=day, days=days, first=FIRST.replace(tzinfo=None),
        )  # fmt: skip


def size(stored: Stored) -> int:
    ((found,),) = stored.rows(
        "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname = ANY(:tables) AND relkind = 'r'",
        tables=[*DAGSTER_TABLES],
    )
    return found


@pytest.mark.parametrize(
    ("days", "step"), [(84, 7), pytest.param(400, 1, marks=[pytest.mark.torture, pytest.mark.slow])]
)
def test_the_size_stays_within_what_a_month_of_runs_and_the_newest_events_take(
    stored: Stored, days: int, step: int
) -> None:
    for job, partition in (("places", "50"), ("places", "11"), ("report", None), ("weather", ISSUE)):
        run(stored, job, partition)
    keep_templates(stored)
    empty = size(stored)
    month = RUNS_KEPT.days
    live(stored, 0, month)
    a_day = (size(stored) - empty) / month
    on = Surroundings(stored.dsn, stored.instance, stored.home, FIRST)
    for day in range(month, days, step):
        live(stored, day, step)
        prune(stored.instance, FIRST + timedelta(days=day + step))
        make_space_reusable(on, RUNS)
    before = said(stored)
    prune(stored.instance, FIRST + timedelta(days=days))
    assert {name: value for name, value in said(stored).items() if name != "requested"} == {
        name: value for name, value in before.items() if name != "requested"
    }
    lately = (FIRST + timedelta(days=days) - RUNS_KEPT).replace(tzinfo=None)
    whole = stored.rows(
        "SELECT count(*), min(update_timestamp) FROM runs WHERE EXISTS "
        "(SELECT FROM event_logs AS event WHERE event.run_id = runs.run_id AND dagster_event_type = 'PIPELINE_START')"
    )
    ((count, oldest),) = whole
    assert oldest >= lately
    assert count <= 4 * month
    ((thinned, its_bytes),) = stored.rows(
        "SELECT count(DISTINCT run_id), sum(pg_column_size(event)) FROM event_logs WHERE timestamp < :lately",
        lately=lately,
    )
    assert thinned == min(days - month, TIMES_KEPT.days - month)
    share = its_bytes / thinned / _bytes_of_a_day(stored)
    bound = empty + (month + step) * a_day + thinned * a_day * share * WEIGHT
    assert size(stored) <= SLACK * bound, f"{size(stored):,} instead of {bound:,.0f}"
    assert size(stored) < 0.8 * (empty + days * a_day), "without upkeep it grows day by day"


def _bytes_of_a_day(stored: Stored) -> int:
    ((found,),) = stored.rows("SELECT sum(pg_column_size(event)) FROM template_event_logs")
    return found
