"""What Prometheus can read: every metric declared once, with its labels and where its values come from. Pure data.

`exporter.py` reads them when it is asked; nothing is counted inside runs. `docs/metrics.md` is made from this, and the dashboard in
`deploy/grafana/` may use no other names. A metric has as many series as things are declared, such as tables and jobs; `most`
bounds what people can add, such as jobs of other code locations.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import LiteralString

PREFIX = "weatherflick_"


class Source(StrEnum):
    """Where the values of a metric come from."""

    PLATFORM = "the platform's database"
    DAGSTER = "Dagster's storage"
    MACHINE = "the machine"
    HEALTH = "the components of health"


@dataclass(frozen=True)
class Metric:
    """A gauge.

    Attributes:
        name: without the prefix; its last word is the unit where it has one.
        help: what it says.
        source: where it comes from.
        query: of a database: columns are the labels in their order, then the value; `%(at)s` is the time.
        labels: what each label says, by its name.
        most: the most series; others are left out, those with the smallest values.
    """

    name: str
    help: str
    source: Source
    query: LiteralString = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    most: int = 200

    @property
    def full_name(self) -> str:
        """As Prometheus knows it."""
        return PREFIX + self.name


_TABLE = {"table": "a published table, e.g. core.attractions"}
_QUOTA = {"provider": "whose API", "operation": "what the quota counts"}
_WHAT = {"what": "a table, e.g. raw.bodies or dagster.event_logs; or database, dagster, files"}

_TODAY = "(%(at)s::timestamptz AT TIME ZONE 'Asia/Seoul')::date"
_LAST_STATISTICS = """
SELECT table_name, value FROM quality.statistics
WHERE day = (SELECT max(day) FROM quality.statistics) AND region_code = 'all' AND metric = '{metric}'
"""
_QUOTA_OF_TODAY = f"""
SELECT provider, operation, sum({{column}}) FROM ops.api_calls_daily
WHERE day IN ({_TODAY}, date_trunc('month', {_TODAY})::date) GROUP BY 1, 2
"""  # noqa: S608 - constants
_RECENT_RUNS = "create_timestamp > (%(at)s::timestamptz AT TIME ZONE 'UTC') - interval '1 day'"

METRICS = (
    Metric(
        "health_state",
        "How a component of health is: 0 ok or off, 1 warning, 2 failed, 3 unknown.",
        Source.HEALTH,
        labels={"component": "a component of `weatherflick health`"},
    ),
    Metric(
        "incidents_open",
        "Incidents that are open.",
        Source.PLATFORM,
        "SELECT kind, severity, count(*) FROM ops.incidents WHERE closed_at IS NULL GROUP BY 1, 2",
        {"kind": "a kind of incident", "severity": "warning, error or critical"},
    ),
    Metric(
        "messages_waiting",
        "Messages about incidents that wait for a channel.",
        Source.PLATFORM,
        "SELECT channel, count(*) FILTER (WHERE fate IS NULL) FROM ops.deliveries GROUP BY 1",
        {"channel": "where they go, without a secret"},
    ),
    Metric(
        "publications_waiting",
        "Partitions in the outbox of publications.",
        Source.PLATFORM,
        "SELECT count(*) FROM ops.pending_publications",
    ),
    Metric(
        "publications_oldest_seconds",
        "How long the oldest partition in the outbox has waited.",
        Source.PLATFORM,
        "SELECT coalesce(extract(epoch FROM %(at)s::timestamptz - min(since)), 0) FROM ops.pending_publications",
    ),
    Metric(
        "published_rows",
        "Rows of a table at the end of the last measured day.",
        Source.PLATFORM,
        _LAST_STATISTICS.format(metric="rows"),
        _TABLE,
    ),
    Metric(
        "quality_score",
        "The quality score of a table on the last measured day, 0 to 100.",
        Source.PLATFORM,
        _LAST_STATISTICS.format(metric="score"),
        _TABLE,
    ),
    Metric(
        "data_published_timestamp_seconds",
        "When a table last let rows through its gate.",
        Source.PLATFORM,
        "SELECT table_name, extract(epoch FROM max(judged_at)) FROM quality.verdicts WHERE published GROUP BY 1",
        _TABLE,
    ),
    Metric(
        "data_as_of_timestamp_seconds",
        "How new the newest published data of a table are.",
        Source.PLATFORM,
        "SELECT table_name, extract(epoch FROM max(data_as_of)) FROM quality.verdicts WHERE published AND data_as_of IS NOT NULL "
        "GROUP BY 1",
        _TABLE,
    ),
    Metric(
        "issue_complete_timestamp_seconds",
        "The newest issue of a series of the weather that is collected completely.",
        Source.PLATFORM,
        "SELECT series, extract(epoch FROM max(issued_at)) FROM ops.issue_collections WHERE is_complete GROUP BY 1",
        {"series": "a series of the weather, e.g. forecasts"},
    ),
    Metric(
        "quota_limit_calls",
        "Calls that the upstream allows in the current period, all keys together.",
        Source.PLATFORM,
        _QUOTA_OF_TODAY.format(column="daily_limit"),
        _QUOTA,
    ),
    Metric(
        "quota_used_calls",
        "Calls that were sent in the current period.",
        Source.PLATFORM,
        _QUOTA_OF_TODAY.format(column="used"),
        _QUOTA,
    ),
    Metric(
        "quota_refused_calls",
        "Calls of the current period that the upstream refused because of a limit or the key.",
        Source.PLATFORM,
        _QUOTA_OF_TODAY.format(column="refused"),
        _QUOTA,
    ),
    Metric(
        "keys_refused",
        "Keys that an upstream does not accept at present.",
        Source.PLATFORM,
        "SELECT provider, count(*) FILTER (WHERE refused_until > %(at)s) FROM ops.api_key_refusals GROUP BY 1",
        {"provider": "whose API"},
    ),
    Metric(
        "size_bytes",
        "How much everything took when it was last measured, at night.",
        Source.PLATFORM,
        "SELECT subject, bytes FROM ops.sizes_daily WHERE day = (SELECT max(day) FROM ops.sizes_daily) "
        "AND subject NOT LIKE 'disk %%'",
        _WHAT,
        most=100,
    ),
    Metric(
        "database_size_bytes",
        "The size of the platform's database now.",
        Source.PLATFORM,
        "SELECT pg_database_size(current_database())",
    ),
    Metric(
        "database_connections",
        "Sessions of the platform's database.",
        Source.PLATFORM,
        "SELECT numbackends FROM pg_stat_database WHERE datname = current_database()",
    ),
    Metric(
        "dagster_size_bytes",
        "The size of Dagster's storage now.",
        Source.DAGSTER,
        "SELECT pg_database_size(current_database())",
    ),
    Metric(
        "runs_unfinished",
        "Runs that have not ended.",
        Source.DAGSTER,
        "SELECT status, count(*) FROM runs WHERE status NOT IN ('SUCCESS', 'FAILURE', 'CANCELED') GROUP BY 1",
        {"status": "QUEUED, STARTING, STARTED, …"},
    ),
    Metric(
        "runs_last_day",
        "Runs that were made within the last 24 hours.",
        Source.DAGSTER,
        f"SELECT pipeline_name, status, count(*) FROM runs WHERE {_RECENT_RUNS} GROUP BY 1, 2",  # noqa: S608 - constants
        {"job": "a job", "status": "SUCCESS, FAILURE, …"},
    ),
    Metric(
        "run_succeeded_timestamp_seconds",
        "When a run of a job last succeeded, e.g. of make_backup.",
        Source.DAGSTER,
        "SELECT pipeline_name, max(end_time) FROM runs WHERE status = 'SUCCESS' AND end_time IS NOT NULL GROUP BY 1",
        {"job": "a job"},
    ),
    Metric(
        "run_longest_seconds",
        "How long the longest run of a job took within the last 24 hours.",
        Source.DAGSTER,
        f"SELECT pipeline_name, max(end_time - start_time) FROM runs WHERE {_RECENT_RUNS} AND end_time > 0 GROUP BY 1",  # noqa: S608
        {"job": "a job"},
    ),
    Metric(
        "daemon_heartbeat_timestamp_seconds",
        "The last sign of life of a part of Dagster's daemon.",
        Source.DAGSTER,
        "SELECT lower(daemon_type), extract(epoch FROM timestamp AT TIME ZONE 'UTC') FROM daemon_heartbeats",
        {"daemon": "sensor, scheduler, …"},
    ),
    Metric(
        "disk_size_bytes",
        "The size of the disk of the state folder.",
        Source.MACHINE,
    ),
    Metric(
        "disk_free_bytes",
        "What is free of it.",
        Source.MACHINE,
    ),
    Metric(
        "processes",
        "Processes of the platform.",
        Source.MACHINE,
        labels={"part": "web_server, daemon, code_server, run, health, sandbox, postgresql, other"},
    ),
    Metric(
        "process_memory_bytes",
        "Memory of these processes. What they share is counted for each.",
        Source.MACHINE,
        labels={"part": "as of processes"},
    ),
    Metric(
        "scrape_problems",
        "Whether a source could not be read just now: 1, or 0.",
        Source.MACHINE,
        labels={"source": "platform, dagster, health or machine"},
    ),
)
"""Every metric, in the order of the page."""

OF_THE_EXPORTER = {
    "process_cpu_seconds_total": "Processor time of the process that serves the metrics.",
    "process_resident_memory_bytes": "Its memory.",
    "process_virtual_memory_bytes": "Its address space.",
    "process_start_time_seconds": "When it started.",
    "process_open_fds": "Its open files.",
    "process_max_fds": "How many it may open.",
}
"""What the client library says of its own process, by name."""
