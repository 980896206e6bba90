"""The sensor that asks again for what a tick could not get: after the reset of a quota, and when the upstream answers again.

It is for flows that tick so seldom that nobody can wait for the next tick; others simply tick again. What is asked for again,
and when, is decided here by run records alone, so nothing is remembered that a restart could lose. Every request is bounded:
`Patience` in `flows.py` says how often and after what time, and what has failed too often is an incident.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import dagster as dg
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.scheduler.instigation import InstigatorStatus
from dagster._utils.schedules import cron_string_iterator, reverse_cron_string_iterator

from weatherflick_assets.orchestration.flows import PARTITIONS_DUE, PUBLICATIONS, STOPPED_FLOWS, Flow
from weatherflick_assets.orchestration.publication import failure_kinds, publications, tried
from weatherflick_assets.orchestration.schedules import (
    failures_in_a_row,
    needed_made_at,
    not_made_lately,
    runs_of,
    schedule_of,
    stage_requests,
    tick_of,
)
from weatherflick_assets.orchestration.sensors import is_retried_later
from weatherflick_assets.orchestration.tags import (
    PARTITION_TAG,
    RESUMED_FROM_TAG,
    STAGE_TAG,
    TICK_TAG,
)
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import KST, Clock, Settings, now
from weatherflick_assets.upstream.access import why_skipped
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.quota import charged_days, ends_at

OFTEN = timedelta(hours=3)
"""A flow whose ticks are no further apart than this makes up by itself what it missed."""

NEAR = timedelta(hours=1)
"""What the next tick will do so soon is left to it."""

RESUMABLE_FOR = timedelta(days=2)
"""Older answers are not mixed with new ones."""

_SETTLED = frozenset({"held_back", "permanent", "no_keys", "not_yet"})
"""Kinds of failure that the next request would meet again."""

_UNANSWERED = frozenset({"unreachable", "refused", "transient", "uncounted"})
"""Kinds of failure of an upstream that does not answer: one run tries, and the others wait for it."""

# Codes of good answers differ by agency: 00, 0000, 03 (nothing found), 200.
_ANSWERED = """
SELECT EXISTS (
    SELECT FROM raw.calls WHERE provider = %s AND operation = ANY (%s) AND fetched_at > %s
      AND http_status = 200 AND coalesce(result_code, '') ~ '^(0*3?|200)$'
)
"""


@dataclass(frozen=True)
class Stopped:
    """What a tick requested and did not get.

    Attributes:
        stage: its position, from 0.
        failures: runs that were to get it, all of which failed.
        kinds: why the last one failed; none if its process died.
        began_at: when the first one began.
        ended_at: when the last one ended.
    """

    flow: Flow
    tick: str
    stage: int
    partition: str | None
    failures: int
    kinds: frozenset[str]
    began_at: datetime
    ended_at: datetime
    rank: int

    @property
    def job(self) -> str:
        """The job that gets it."""
        return self.flow.stages[self.stage].job

    @property
    def subject(self) -> str:
        """Job and partition, as incidents name them."""
        return " ".join(filter(None, (self.job, self.partition)))

    def next_at(self, reset_at: datetime | None) -> datetime | None:
        """From when it is asked for again; None: not any more. `reset_at`: when the quota of its provider is reset."""
        following = STOPPED_FLOWS.next_at(self.failures, self.ended_at)
        if following is None or reset_at is None or "exhausted" not in self.kinds:
            return following
        return max(following, reset_at)


def collect_again(
    flows: Sequence[Flow],
    operations: Collection[Operation],
    jobs: Mapping[str, Any],
    publishing: Mapping[str, Collection[str]],
    clock: Clock = now,
) -> dg.SensorDefinition:
    """The sensor.

    Args:
        flows: those that schedules start.
        operations: whose providers' quotas are known.
        jobs: by name.
        publishing: the assets that each job publishes.
        clock: the time.
    """
    # The one job that makes no asset drops what has expired: the next tick drops it, too.
    seldom = [
        flow
        for flow in flows
        if not _is_often(flow) and not any(isinstance(jobs[stage.job], dg.JobDefinition) for stage in flow.stages)
    ]

    @dg.sensor(
        jobs=[jobs[name] for name in dict.fromkeys(stage.job for flow in seldom for stage in flow.stages)],
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=300,
        description=(
            "Asks again for what a tick could not get: after the reset of a quota, when the upstream answers again (one run "
            "tries), and when what a flow needs is there. It is for flows whose ticks are more than "
            f"{OFTEN // timedelta(hours=1)} hours apart: {', '.join(flow.name for flow in seldom)}. After "
            f"{STOPPED_FLOWS.most} failures it gives up, and opens an incident."
        ),
    )
    def collect_again(
        context: dg.SensorEvaluationContext, warehouse: WarehouseResource
    ) -> list[dg.RunRequest] | dg.SkipReason:
        at = clock()
        found = _Again(context.instance, warehouse.dsn, operations, at)
        requests = [request for flow in seldom for request in found.made_up(flow)]
        stopped = [each for flow in seldom for each in found.stopped(flow)]
        again, reasons = found.chosen(stopped)
        _tell_given_up(found, stopped, flows, publishing)
        requests += [request for each in again for request in found.requests(each)]
        return requests or dg.SkipReason(" ".join(reasons) or "Nothing is left that a tick could not get.")

    return collect_again


class _Again:
    """What run records and the database say at a moment."""

    def __init__(self, instance: dg.DagsterInstance, dsn: str, operations: Collection[Operation], at: datetime) -> None:
        self.instance = instance
        self.dsn = dsn
        self.at = at
        self._operations = operations
        self._trying: set[str] = set()
        self._quotas = {operation.provider.name: operation.provider.quota for operation in operations}
        self._off = {
            state.instigator_name
            for state in instance.all_instigator_state(instigator_type=InstigatorType.SCHEDULE)
            if state.status is InstigatorStatus.STOPPED
        }

    def made_up(self, flow: Flow) -> Iterator[dg.RunRequest]:
        """The first stage of a flow whose last tick requested nothing, where what it needs is there since then."""
        last = _last_tick(flow, self.at)
        if not flow.needs or self._is_left_alone(flow) or self._runs(flow, tick_of(last)):
            return
        is_there_since = max(needed_made_at(self.instance, flow).values(), default=last)
        if is_there_since > last and not_made_lately(self.instance, flow, self.at) is None:
            partitions = flow.stages[0].partitions(self.dsn, self.at.astimezone(KST))
            yield from stage_requests(flow, 0, tick_of(last), partitions)

    def stopped(self, flow: Flow) -> Iterator[Stopped]:
        """What the last tick of a flow that requested something did not get."""
        if self._is_left_alone(flow):
            return
        records = self._runs(flow)
        tick = max((record.dagster_run.tags[TICK_TAG] for record in records), default="")
        of_tick = [record for record in records if record.dagster_run.tags[TICK_TAG] == tick]
        for _, group in groupby(sorted(of_tick, key=_order), key=_order):
            newest, *_ = runs = sorted(group, key=lambda record: record.storage_id, reverse=True)
            run = newest.dagster_run
            failed = [each for each in runs if each.dagster_run.status is dg.DagsterRunStatus.FAILURE]
            if failed and not run.is_finished and flow.provider:
                self._trying.add(flow.provider)
            if newest not in failed or is_retried_later(run) or newest.end_time is None:
                continue
            kinds = frozenset(failure_kinds(self.instance, run.run_id))
            if kinds and kinds <= _SETTLED:
                continue
            yield Stopped(
                flow,
                tick,
                int(run.tags[STAGE_TAG]) - 1,
                run.tags.get(PARTITION_TAG),
                len(failed),
                kinds,
                runs[-1].create_timestamp,
                datetime.fromtimestamp(newest.end_time, UTC),
                -int(run.tags.get("dagster/priority", "0")),
            )

    def chosen(self, stopped: Sequence[Stopped]) -> tuple[list[Stopped], list[str]]:
        """What is asked for again now, and why the rest is not."""
        again: list[Stopped] = []
        reasons = []
        down: dict[str, list[Stopped]] = {}
        for each in sorted(stopped, key=lambda one: one.rank):
            following = each.next_at(self._reset_after(each.flow.provider, each.ended_at))
            if following is None:
                reasons.append(
                    f"{each.subject}: {each.failures} runs have failed; look at them, then launch it by hand."
                )
            elif self._is_unanswered(each):
                down.setdefault(each.flow.provider or "", []).append(each)
            elif following > self.at:
                reasons.append(f"{each.subject}: it is asked for again after {tick_of(following)}.")
            else:
                again.append(each)
        for provider, waiting in down.items():
            following = _tries_at(waiting)
            if provider in self._trying or following > self.at:
                when = (
                    "when the run that tries has ended" if provider in self._trying else f"after {tick_of(following)}"
                )
                reasons.append(f"{provider} does not answer; one run tries {when}, and {len(waiting)} wait for it.")
            else:
                again.append(min(waiting, key=lambda one: (one.failures, one.rank)))
        return again, reasons

    def requests(self, stopped: Stopped) -> Iterator[dg.RunRequest]:
        """The request of a run that gets it, and uses what the failed ones received."""
        (request,) = stage_requests(stopped.flow, stopped.stage, stopped.tick, [stopped.partition])
        resumed = {RESUMED_FROM_TAG: stopped.began_at.isoformat()} if self.at - stopped.began_at < RESUMABLE_FOR else {}
        yield request.with_replaced_attrs(
            run_key=f"{request.run_key} again {stopped.failures}", tags={**request.tags, **resumed}
        )

    def _is_left_alone(self, flow: Flow) -> bool:
        if schedule_of(flow) in self._off or _next_tick(flow, self.at) - self.at < NEAR:
            return True
        return bool(flow.provider and why_skipped(flow.provider, Settings()))  # type: ignore[call-arg]

    def _runs(self, flow: Flow, tick: str | None = None) -> list[dg.RunRecord]:
        """The runs of a flow that a schedule began, of one tick or of all of the last interval."""
        since = _last_tick(flow, _last_tick(flow, self.at) - timedelta(seconds=1))
        return runs_of(self.instance, flow, since, tick=tick)

    def _reset_after(self, provider: str | None, ended_at: datetime) -> datetime | None:
        quota = self._quotas.get(provider or "")
        return ends_at(quota, charged_days(quota, ended_at)[0]) if quota else None

    def _is_unanswered(self, stopped: Stopped) -> bool:
        """Whether nobody has had an answer from its provider since it failed for want of one."""
        from weatherflick_assets.warehouse.connections import connect

        provider = stopped.flow.provider
        if provider is None or not stopped.kinds & _UNANSWERED:
            return False
        names = [operation.name for operation in self._operations if operation.provider.name == provider]
        with connect(self.dsn) as connection:
            return connection.execute(_ANSWERED, (provider, names, stopped.ended_at)).fetchone() != (True,)


def _tell_given_up(
    found: _Again, stopped: Sequence[Stopped], flows: Sequence[Flow], publishing: Mapping[str, Collection[str]]
) -> None:
    """Open an incident for what is not requested any more, and close those that are over."""
    from weatherflick_assets.alerts import facts, kinds, store
    from weatherflick_assets.warehouse.connections import connect
    from weatherflick_assets.warehouse.outbox import pending

    given_up = {
        each.subject: _said(each.failures, each.ended_at) for each in stopped if each.failures >= STOPPED_FLOWS.most
    }
    for flow in flows:
        stage = flow.stages[0]
        if stage.depends_on_need:
            for partition in stage.partitions(found.dsn, found.at.astimezone(KST)):
                failures, last = failures_in_a_row(found.instance, stage.job, partition, PARTITIONS_DUE.most)
                if last is not None and failures >= PARTITIONS_DUE.most:
                    given_up[f"{stage.job} {partition}"] = _said(failures, last)
    with connect(found.dsn) as connection:
        entries = pending(connection)
    for publication in publications(entries, publishing):
        settled, died, last = tried(found.instance, publication)
        if last is not None and died >= PUBLICATIONS.most and publication.change_ids - settled:
            given_up[" ".join(filter(None, (publication.job, publication.partition_key)))] = _said(died, last)
    observations = [*facts.of_given_up(given_up, found.at)]
    store.notice(found.dsn, observations, {}, surveyed={kinds.GIVEN_UP.name}, at=found.at)


def _said(failures: int, last: datetime) -> str:
    return f"{failures} runs have failed in a row, the last one at {last.astimezone(KST):%m-%d %H:%M}."


def _tries_at(waiting: Sequence[Stopped]) -> datetime:
    """When one of these tries whether their provider answers: after longer and longer times since the last one did."""
    tried_again = sum(each.failures - 1 for each in waiting)
    last = max(each.ended_at for each in waiting)
    following = STOPPED_FLOWS.next_at(min(1 + tried_again, STOPPED_FLOWS.most - 1), last)
    assert following is not None
    return following


def _order(record: dg.RunRecord) -> tuple[str, str]:
    return record.dagster_run.tags[STAGE_TAG], record.dagster_run.tags.get(PARTITION_TAG, "")


def _is_often(flow: Flow) -> bool:
    """Whether it ticks so often at any time of the day: what a last tick in the afternoon missed would wait for the morning."""
    at = _last_tick(flow, noon := datetime(2026, 11, 23, 12, tzinfo=KST))
    while at <= noon + timedelta(days=1):
        following = _next_tick(flow, at)
        if following - at > OFTEN:
            return False
        at = following
    return True


def _last_tick(flow: Flow, at: datetime) -> datetime:
    assert flow.cron is not None
    return next(reverse_cron_string_iterator(at.timestamp(), flow.cron, str(KST)))


def _next_tick(flow: Flow, at: datetime) -> datetime:
    assert flow.cron is not None
    return next(cron_string_iterator(at.timestamp() + 1, flow.cron, str(KST)))
