"""What a run may take over from one that was broken off, instead of asking the upstream again."""

from datetime import UTC, datetime

import dagster as dg

from weatherflick_assets.orchestration.tags import COLLECTION_BEGAN_TAG, RESUMED_TAG

_RETRY_NUMBER = "dagster/retry_number"
"""Tag of runs that Dagster has launched in place of failed ones."""


def resumed_from(context: dg.AssetExecutionContext) -> datetime | None:
    """Since when answers that are kept count as asked; None where everything has to be asked.

    A run that goes on with a collection counts from the collection's beginning, a step that is retried from its run's, and
    a run that Dagster retries by itself, because its process died, from that of the run it is for.
    """
    if RESUMED_TAG in context.run.tags:
        return datetime.fromisoformat(context.run.tags[COLLECTION_BEGAN_TAG])
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
