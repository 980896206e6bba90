"""What keeps the platform in bounds: a policy for everything that grows, as data. `carrying_out.py` does what they say.

`policy.py` says what a policy is. `docs/upkeep.md` is made from these, and a test holds that every table has a policy or a
reason why it needs none.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import LiteralString

from sqlalchemy import Table

from weatherflick_assets.alerts.tables import DELIVERIES, INCIDENT_WATCH, INCIDENTS, MESSAGES
from weatherflick_assets.operations.upkeep.policy import Policy
from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.quality.tables import (
    COLUMN_PROFILES,
    REJECTIONS,
    RULE_RESULTS,
    STATISTICS,
    TRENDS,
    UPSTREAM_FIELDS,
    VERDICTS,
)
from weatherflick_assets.warehouse.row_policies import RowPolicy
from weatherflick_assets.warehouse.tables import (
    API_CALLS_DAILY,
    API_KEY_REFUSALS,
    API_PACES,
    BODIES,
    CALLS,
    CODE_VERSIONS,
    DEPLOYMENT,
    KTO_AREAS,
    PENDING_PUBLICATIONS,
    REGIONS,
    SIZES_DAILY,
)

DAGSTER_TABLES = ("event_logs", "asset_event_tags", "asset_check_executions", "runs", "run_tags")
"""The tables of Dagster's storage that old runs leave."""

_DAYS = timedelta(days=1)


def policies(domains: Sequence[Domain]) -> tuple[Policy, ...]:
    """Every policy, for what these domains keep, in the order in which they are carried out."""
    return (*_of_the_platform(domains), *map(_of_rows, _row_policies(domains)))


def lasting(domains: Sequence[Domain]) -> dict[str, tuple[Table, ...]]:
    """The tables that need no policy, by the reason."""
    ours = {
        "One row.": (DEPLOYMENT, INCIDENT_WATCH),
        "As many rows as there are keys, hosts, assets and fields of answers.": (
            API_KEY_REFUSALS,
            API_PACES,
            CODE_VERSIONS,
            UPSTREAM_FIELDS,
        ),
        "Regions and areas of Korea.": (REGIONS, KTO_AREAS),
        "What waits is deleted when it is published.": (PENDING_PUBLICATIONS,),
    }
    return {**ours, **{reason: tables for domain in domains for reason, tables in domain.lasting.items()}}


def _row_policies(domains: Sequence[Domain]) -> Iterator[RowPolicy]:
    yield RowPolicy(API_CALLS_DAILY, "day")
    yield RowPolicy(SIZES_DAILY, "day")
    for domain in domains:
        yield from domain.rows


def _of_the_platform(domains: Sequence[Domain]) -> Iterator[Policy]:
    from weatherflick_assets.alerts.store import INCIDENTS_KEPT
    from weatherflick_assets.operations.upkeep import carrying_out as how
    from weatherflick_assets.operations.upkeep.dagster_history import RUNS_KEPT, TIMES_KEPT
    from weatherflick_assets.operations.upkeep.log_files import LOGS_KEPT, LONGEST_LOG
    from weatherflick_assets.quality.statistics import STATISTICS_KEPT, TRENDS_KEPT
    from weatherflick_assets.quality.store import VERDICTS_KEPT
    from weatherflick_assets.warehouse.retention import CALLS_KEPT

    needed: list[LiteralString] = [query for domain in domains for query in domain.needed_responses]
    storage = [policy for domain in domains for policy in domain.storage]
    of_state = [table.table_name for domain in domains for table in domain.measured if table.is_state]
    yield Policy(
        "responses",
        "bodies of responses",
        f"as long as their operation says, and while something made from them is current; the call itself {CALLS_KEPT / _DAYS:.0f} days",
        "Rows can be made again without a call, and a month can be compared with the same month of the year before.",
        lambda on: how.drop_responses(on, needed),
        (BODIES.fullname, CALLS.fullname),
    )
    yield Policy(
        "tables_by_time",
        "partitions of a day or a month",
        ", ".join(f"{each.table.fullname} {each.kept_for / _DAYS:.0f} days" for each in storage),
        "Skill and seasons are compared over a year. After some days only the rows stay that these comparisons read.",
        lambda on: how.keep_partitions(on, storage),
        tuple(each.table.fullname for each in storage),
    )
    yield Policy(
        "verdicts",
        "verdicts",
        f"{VERDICTS_KEPT / _DAYS:.0f} days; of every region also the last one that let rows through",
        "A past day can be measured again, and compared with the year before.",
        lambda on: how.forget_verdicts(on, of_state),
        tuple(table.fullname for table in (VERDICTS, RULE_RESULTS, COLUMN_PROFILES, REJECTIONS)),
    )
    yield Policy(
        "statistics",
        "days of statistics",
        f"{STATISTICS_KEPT / _DAYS:.0f} days; trends {TRENDS_KEPT / _DAYS:.0f}",
        "Every day whose verdicts are kept can be compared with the same day of the year before.",
        how.forget_statistics,
        (STATISTICS.fullname, TRENDS.fullname),
    )
    yield Policy(
        "incidents",
        "incidents and digests",
        f"{INCIDENTS_KEPT / _DAYS:.0f} days after they are over",
        "What happens every year is recognised.",
        how.forget_incidents,
        tuple(table.fullname for table in (INCIDENTS, MESSAGES, DELIVERIES)),
    )
    yield Policy(
        "runs",
        "runs of Dagster",
        f"{RUNS_KEPT / _DAYS:.0f} days; longer, without their other events, while they hold the newest event about an asset or "
        f"a partition; partitions that are times {TIMES_KEPT / _DAYS:.0f} days",
        "A month of runs tells what has changed. Status, freshness and automation read the newest events.",
        how.prune_runs,
        tuple(f"dagster.{name}" for name in DAGSTER_TABLES),
    )
    yield Policy(
        "snapshots",
        "forms of jobs",
        f"as long as a run has them, so up to {RUNS_KEPT / _DAYS:.0f} days",
        "The page of a run shows the job as it was.",
        how.forget_snapshots,
        ("dagster.snapshots",),
    )
    yield Policy(
        "backfills",
        "backfills of Dagster",
        f"{RUNS_KEPT / _DAYS:.0f} days after they have ended",
        "As long as their runs are kept whole.",
        how.forget_backfills,
        ("dagster.bulk_actions", "dagster.backfill_tags"),
    )
    yield Policy(
        "ticks",
        "ticks of schedules and sensors",
        "as dagster.yaml says: those that did nothing 2 days, others 30",
        "The daemon deletes those of what is declared. This deletes those of what is not declared any more, too.",
        how.purge_ticks,
        ("dagster.job_ticks",),
    )
    yield Policy(
        "logs",
        "bytes of log files",
        f"{LONGEST_LOG / 1e6:.0f} MB and {LOGS_KEPT} former ones of every process",
        "A day on which everything fails is told whole. `weatherflick up` looks every minute, so that no day fills the disk.",
        how.shorten_logs,
    )


def _of_rows(policy: RowPolicy) -> Policy:
    from weatherflick_assets.operations.upkeep import carrying_out as how

    return Policy(
        policy.table.fullname,
        "rows",
        f"{policy.kept_for / _DAYS:.0f} days",
        "A day can be compared with the same day of the year before.",
        lambda on: how.delete_rows(on, policy),
        (policy.table.fullname,),
    )
