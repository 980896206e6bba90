"""The sensor that notices incidents: it reads what happened in Dagster and in the platform, and writes what follows.

Which facts are an incident is decided in `alerts/facts.py`. Here they are read: runs that ended and checks that were evaluated
since the last look, and the state of everything else. How far it has come is kept in the database, in the transaction that
writes the incidents, so a look that is broken off is made again and changes nothing twice.
"""

import html
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.scheduler.instigation import InstigatorStatus, InstigatorTick, TickStatus
from dagster._utils.schedules import cron_string_iterator

from weatherflick_assets.orchestration.failures import told_by
from weatherflick_assets.orchestration.lost_runs import is_of_a_command
from weatherflick_assets.orchestration.quota_check import QUOTA_CHECK
from weatherflick_assets.orchestration.tags import OWNERS, PARTITION_TAG
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.presentation import listed
from weatherflick_assets.settings import Clock, Settings, korean_time, now
from weatherflick_assets.upstream.declarations import Operation

if TYPE_CHECKING:
    from dagster._core.definitions.repository_definition import RepositoryDefinition
    from dagster._core.event_api import EventLogRecord

    from weatherflick_assets.alerts.facts import EndedRun, Evaluation, Freshness, Ticking
    from weatherflick_assets.alerts.incidents import Incident, Observation

INCIDENTS = dg.AssetKey(["operations", "incidents"])
"""The asset on whose page the UI shows what is open."""

MOST_AT_ONCE = 1_000
"""Events of a stream that one look reads. What is left is read by the next."""

FIRST_LOOK = timedelta(days=1)
"""The first look reads what happened within this time."""

SETTLING = timedelta(seconds=15)
"""Younger events are left for the next look: Dagster says a moment after the end of a run whether it will run again, and an
event with a smaller id may be written a moment later."""

_STREAMS = {
    "checks": dg.DagsterEventType.ASSET_CHECK_EVALUATION,
    "failures": dg.DagsterEventType.RUN_FAILURE,
    "successes": dg.DagsterEventType.RUN_SUCCESS,
}

_TOLD_AS_QUOTAS_AND_KEYS = frozenset({QUOTA_CHECK})
"""Checks of what is an incident of its own."""

_WILL_RETRY = "dagster/will_retry"

_SHOWN = 50
"""Open incidents in the table of the UI."""

_COLUMNS = ("severity", "kind", "subject", "since", "count", "detail", "what to do", "owner", "run")


def incidents_asset() -> dg.AssetSpec:
    """The asset that stands for the table of incidents: the sensor observes it whenever something has changed."""
    return dg.AssetSpec(
        INCIDENTS,
        group_name="operations",
        owners=OWNERS,
        kinds={"postgres", "table"},
        tags={"layer": INCIDENTS.path[0]},
        description=(
            "What is wrong at present (ops.incidents). Each observation shows what was open then. `weatherflick status` lists "
            "the same; docs/alerts.md explains every kind."
        ),
    )


def notice_incidents(operations: Collection[Operation], clock: Clock = now) -> dg.SensorDefinition:
    """The sensor.

    Args:
        operations: whose quotas are looked at.
        clock: the time.
    """

    @dg.sensor(
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=60,
        description=(
            "Opens and closes incidents (ops.incidents) by what happened since the last look: runs, checks, quotas, keys, "
            "freshness, schedules and sensors, the disk. Messages about them are written in the same transaction, and sent "
            "by send_messages."
        ),
    )
    def notice_incidents(context: dg.SensorEvaluationContext, warehouse: WarehouseResource) -> dg.SensorResult:
        from weatherflick_assets.alerts import store

        assert context.repository_def is not None
        at = clock()
        watch = store.watch(warehouse.dsn, at)
        facts = _Facts(context.instance, context.repository_def, at)
        observations = [*facts.of_states(watch.since(at)), *_of_the_platform(warehouse.dsn, operations, at)]
        happened, positions = facts.since(watch.positions)
        noticed = store.notice(warehouse.dsn, [*observations, *happened], positions, surveyed=_surveyed(), at=at)
        found = store.open_incidents(warehouse.dsn)
        shown = ",".join(f"{one.incident_id}:{one.count}" for one in found)
        return dg.SensorResult(
            skip_reason=f"{len(found)} open; {noticed.opened} opened and {noticed.closed} closed at this look.",
            cursor=shown,
            asset_events=[] if shown == context.cursor else [_observed(found)],
        )

    return notice_incidents


def _surveyed() -> frozenset[str]:
    """The kinds of which every look sees all subjects."""
    from weatherflick_assets.alerts import kinds

    states = (
        kinds.NOT_REFRESHED, kinds.QUOTA_LOW, kinds.QUOTA_NEARLY_SPENT, kinds.QUOTA_SPENT_EARLY, kinds.KEY_REFUSED,
        kinds.DISK_NEARLY_FULL, kinds.TICK_FAILED, kinds.NOT_TICKING, kinds.SWITCHED_OFF, kinds.CHANNEL_FAILED,
    )  # fmt: skip
    return frozenset(kind.name for kind in states)


def _of_the_platform(dsn: str, operations: Collection[Operation], at: datetime) -> Iterator["Observation"]:
    from weatherflick_assets.alerts import facts, readings

    settings = Settings()  # type: ignore[call-arg]
    accessed = list(readings.accesses(operations, settings))
    for access, those in accessed:
        yield from facts.of_quotas(readings.quotas(dsn, access, those, at), at)
    yield from facts.of_refusals(readings.refusals(dsn, [access for access, _ in accessed]))
    yield from facts.of_disk(str(settings.state_folder), *readings.disk(settings.state_folder), at)
    yield from facts.of_channels(readings.channels(dsn), at)


@dataclass(frozen=True)
class _Facts:
    """What an instance knows of the definitions of a repository."""

    instance: dg.DagsterInstance
    repository: "RepositoryDefinition"
    at: datetime

    def since(self, positions: Mapping[str, int]) -> tuple[list["Observation"], dict[str, int]]:
        """What the runs and checks say that ended since these positions, and the positions after them."""
        from weatherflick_assets.alerts import facts

        read = {name: self._events(kind, positions.get(name)) for name, kind in _STREAMS.items()}
        ended = [*read["failures"][0], *read["successes"][0]]
        observations = [
            *facts.of_checks(self._evaluations(read["checks"][0])),
            *facts.of_runs(self._ended_runs(ended)),
        ]
        return observations, {name: position for name, (_, position) in read.items() if position is not None}

    def of_states(self, watched_since: datetime) -> Iterator["Observation"]:
        """What everything that ticks, and everything with a freshness policy, says now."""
        from weatherflick_assets.alerts import facts

        yield from facts.of_ticks(self._ticking(), self.at, watched_since)
        yield from facts.of_freshness(self._freshness(), self.at)

    def _events(self, kind: dg.DagsterEventType, position: int | None) -> tuple[Sequence["EventLogRecord"], int | None]:
        """The events of a kind after a position that have settled, and the position after them."""
        records = self.instance.event_log_storage.get_event_records(
            dg.EventRecordsFilter(
                kind,
                after_cursor=position,
                after_timestamp=(self.at - FIRST_LOOK).timestamp() if position is None else None,
            ),
            limit=MOST_AT_ONCE,
            ascending=True,
        )
        latest = (self.at - SETTLING).timestamp()
        settled = []
        for record in records:
            if record.timestamp > latest:
                break
            settled.append(record)
        return settled, settled[-1].storage_id if settled else position

    def _evaluations(self, records: Sequence["EventLogRecord"]) -> Iterator["Evaluation"]:
        from weatherflick_assets.alerts.facts import Evaluation

        graph = self.repository.asset_graph
        for record in records:
            event = record.event_log_entry.dagster_event
            assert event is not None
            seen = event.asset_check_evaluation_data
            if seen.check_name in _TOLD_AS_QUOTAS_AND_KEYS:
                continue
            node = graph.get(seen.asset_key) if graph.has(seen.asset_key) else None
            partition = None if node is not None and _are_times(node.partitions_def) else seen.partition
            yield Evaluation(
                seen.check_name,
                _joined(seen.asset_key.to_user_string(), seen.check_name, partition),
                _time(record.timestamp),
                seen.passed,
                seen.severity is dg.AssetCheckSeverity.ERROR,
                html.unescape(seen.description or ""),  # it is written for a page
                next(iter(node.owners), None) if node is not None else None,
                record.event_log_entry.run_id or None,
            )

    def _ended_runs(self, records: Sequence["EventLogRecord"]) -> Iterator["EndedRun"]:
        from weatherflick_assets.alerts.facts import EndedRun

        wanted = [record.event_log_entry.run_id for record in records]
        runs = {run.run_id: run for run in self.instance.get_runs(dg.RunsFilter(run_ids=wanted))} if wanted else {}
        for record in records:
            entry = record.event_log_entry
            run = runs.get(entry.run_id)  # it may have been deleted
            if run is None:
                continue
            succeeded = entry.dagster_event_type is dg.DagsterEventType.RUN_SUCCESS
            # Whoever gave a command has read how it ended.
            if not succeeded and (run.tags.get(_WILL_RETRY) == "true" or is_of_a_command(run)):
                continue
            yield EndedRun(
                run.run_id,
                run.job_name,
                self._subject(run),
                _time(record.timestamp),
                succeeded,
                () if succeeded else tuple(self._reasons(run.run_id, entry)),
            )

    def _reasons(self, run_id: str, ended: dg.EventLogEntry) -> list[tuple[str, str]]:
        steps = self.instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        told = [reason for step in steps if step.dagster_event for reason in told_by(step.dagster_event)]
        said = ended.dagster_event.message if ended.dagster_event else None
        return told or ([("unexpected", said)] if said else [])

    def _subject(self, run: dg.DagsterRun) -> str:
        partition = run.tags.get(PARTITION_TAG)
        if run.job_name.startswith("__"):  # launched from the page of assets
            names = sorted(key.to_user_string() for key in run.asset_selection or ())
            return _joined(listed(names, 3) if names else run.job_name, partition)
        known = self.repository.has_job(run.job_name)
        job = self.repository.get_job(run.job_name) if known else None
        return _joined(run.job_name, None if job is not None and _are_times(job.partitions_def) else partition)

    def _ticking(self) -> Iterator["Ticking"]:
        from weatherflick_assets.alerts.facts import Ticking

        declared: dict[str, Any] = {
            **{one.name: one for one in self.repository.sensor_defs},
            **{one.name: one for one in self.repository.schedule_defs},
        }
        for state in self.instance.all_instigator_state():
            definition = declared.get(state.instigator_name)
            if definition is None or definition.default_status.value != "RUNNING":
                continue
            ticks = self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=5)
            ended = next((tick for tick in ticks if tick.status is not TickStatus.STARTED), None)
            sort = "schedule" if isinstance(definition, dg.ScheduleDefinition) else "sensor"
            yield Ticking(
                f"{sort} {state.instigator_name}",
                state.status is not InstigatorStatus.STOPPED,
                _due_after(ticks[0], definition) if ticks else None,
                _time(ended.timestamp) if ended else None,
                _failure_of(ended) if ended else None,
            )

    def _freshness(self) -> Iterator["Freshness"]:
        from dagster._core.definitions.freshness import FreshnessState

        from weatherflick_assets.alerts.facts import Freshness

        graph = self.repository.asset_graph
        keys = [key for key in graph.get_all_asset_keys() if graph.get(key).freshness_policy is not None]
        for key, record in sorted(self.instance.get_freshness_state_records(keys).items()):
            if record.freshness_state in (FreshnessState.PASS, FreshnessState.WARN, FreshnessState.FAIL):
                is_stale = record.freshness_state is FreshnessState.FAIL
                owner = next(iter(graph.get(key).owners), None)
                yield Freshness(key.to_user_string(), is_stale, record.updated_at, owner)


def _observed(found: Sequence["Incident"]) -> dg.AssetObservation:
    """What is open, as the page of the asset shows it."""
    rows = [
        (
            one.severity, one.kind, one.subject, korean_time(one.opened_at), one.count, one.detail,
            one.remedy, one.owner, one.run_id or "",
        )
        for one in found[:_SHOWN]
    ]  # fmt: skip
    columns = [dg.TableColumn(name, "int" if name == "count" else "string") for name in _COLUMNS]
    records = [dg.TableRecord(dict(zip(_COLUMNS, row, strict=True))) for row in rows]
    table = {"incidents": dg.MetadataValue.table(records, dg.TableSchema(columns))} if rows else {}
    return dg.AssetObservation(
        INCIDENTS,
        description=f"{len(found)} open." if found else "Nothing is open.",
        metadata={"open": len(found), **table},
    )


def _are_times(partitions: dg.PartitionsDefinition | None) -> bool:
    """Whether partitions are times, which pass: a failed one is made good by the next."""
    return isinstance(partitions, dg.TimeWindowPartitionsDefinition)


def _joined(*names: str | None) -> str:
    return " ".join(filter(None, names))


def _due_after(tick: InstigatorTick, definition: Any) -> datetime:
    if isinstance(definition, dg.ScheduleDefinition):
        assert isinstance(definition.cron_schedule, str)
        cron = cron_string_iterator(tick.timestamp + 1, definition.cron_schedule, definition.execution_timezone)
        return next(cron).astimezone(UTC)
    return _time(tick.timestamp + (definition.minimum_interval_seconds or 30))


def _failure_of(tick: InstigatorTick) -> str | None:
    """Why a tick failed, in a line; None if it did not."""
    if tick.status is not TickStatus.FAILURE:
        return None
    error = tick.error
    while error is not None and error.cause is not None:
        error = error.cause
    return (error.message.strip() if error is not None else "") or "It did not say why."


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
