"""Runs that no process executes any more are ended, whatever started them: their lease is free, and no server knows them.

A run has a lease (`warehouse/leases.py`) from before it is created, if a command executes it, or else from its first step
on. Until then the code server that starts its process answers for it.
"""

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.storage.tags import GRPC_INFO_TAG

from weatherflick_assets.orchestration.tags import COMMAND_TAG
from weatherflick_assets.settings import now

if TYPE_CHECKING:
    import psycopg

EXECUTED = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
"""Statuses of runs that a process executes, or is about to."""

_BEGINNING = timedelta(minutes=1)
"""A run that something else executes, such as `dagster job execute`, has its lease after this time."""


def is_of_a_command(run: dg.DagsterRun) -> bool:
    """Whether a command executes the run. One that the UI executes again has the command's tags, but its own process."""
    return COMMAND_TAG in run.tags and run.parent_run_id is None


def end_lost_runs(instance: dg.DagsterInstance, connection: "psycopg.Connection") -> int:
    """End the runs that have no process, free what they held, and return how many there were.

    A run that was being cancelled is cancelled; the others have failed.
    """
    executed = instance.get_runs(dg.RunsFilter(statuses=list(EXECUTED)))
    return len([run for run in executed if _end(instance, connection, run.run_id)])


def _end(instance: dg.DagsterInstance, connection: "psycopg.Connection", run_id: str) -> bool:
    from weatherflick_assets.warehouse.leases import taken_over

    with taken_over(connection, run_id) as is_free:
        run = instance.get_run_by_id(run_id)  # it may have ended, and given its lease back
        if run is None or run.status not in EXECUTED or not is_free or is_beginning(instance, run):
            return False
        if run.status is dg.DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "The process that executed this run has ended.")
        else:
            instance.report_run_failed(
                run, "The process that executed this run has ended: the platform was stopped, or it was killed."
            )
    instance.event_log_storage.free_concurrency_slots_for_run(run_id)
    return True


def is_beginning(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run without a lease has a process that has not taken it yet, or has just given it back."""
    if is_of_a_command(run):
        return False  # it had its lease before it was created
    if (server := run.tags.get(GRPC_INFO_TAG)) is not None:
        return _is_executed_by(server, run.run_id)
    record = instance.get_run_record_by_id(run.run_id)
    return record is not None and now() - record.update_timestamp.astimezone(now().tzinfo) < _BEGINNING


def _is_executed_by(server: str, run_id: str) -> bool:
    """Whether the code server that a tag names has a process for the run; a server that is gone has none."""
    from dagster._core.errors import DagsterUserCodeUnreachableError
    from dagster._grpc.client import DagsterGrpcClient
    from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
    from dagster._serdes import deserialize_value

    with suppress(DagsterUserCodeUnreachableError):
        answer = DagsterGrpcClient(**json.loads(server)).can_cancel_execution(CanCancelExecutionRequest(run_id=run_id))
        return deserialize_value(answer, CanCancelExecutionResult).can_cancel
    return False
