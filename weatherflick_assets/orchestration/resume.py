"""The time from which a run may reuse stored answers, because it resumes one that did not end."""

from datetime import UTC, datetime

import dagster as dg

from weatherflick_assets.orchestration.tags import RESUMED_FROM_TAG

_RETRY_NUMBER = "dagster/retry_number"
"""Tag of runs that Dagster has launched to replace failed ones."""


def resumed_from(context: dg.AssetExecutionContext) -> datetime | None:
    """The time since which stored answers count; None if everything has to be fetched.

    A run that resumes another says so in a tag. A retried step counts from the start of its run. A run that Dagster
    retries because its process died counts from the start of the run that it replaces.
    """
    if RESUMED_FROM_TAG in context.run.tags:
        return datetime.fromisoformat(context.run.tags[RESUMED_FROM_TAG])
    if context.op_execution_context.retry_number:
        return _started_at(context, context.run.run_id)
    if _RETRY_NUMBER in context.run.tags and context.run.parent_run_id is not None:
        return _started_at(context, context.run.parent_run_id)
    return None


def _started_at(context: dg.AssetExecutionContext, run_id: str) -> datetime | None:
    record = context.instance.get_run_record_by_id(run_id)
    if record is None or record.start_time is None:
        return None
    return datetime.fromtimestamp(record.start_time, UTC)
