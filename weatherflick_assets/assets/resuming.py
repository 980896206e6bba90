"""What a run may take over from one that was broken off, instead of asking the upstream again."""

from datetime import UTC, datetime

import dagster as dg

from weatherflick_assets.tags import COLLECTION_BEGAN_TAG, RESUMED_TAG


def resumed_from(context: dg.AssetExecutionContext) -> datetime | None:
    """Since when answers that are kept count as asked; None where everything has to be asked.

    A run that goes on with a collection counts from the collection's beginning, a step that is retried from its run's.
    """
    if RESUMED_TAG in context.run.tags:
        return datetime.fromisoformat(context.run.tags[COLLECTION_BEGAN_TAG])
    if context.op_execution_context.retry_number:
        record = context.instance.get_run_record_by_id(context.run.run_id)
        if record is not None and record.start_time is not None:
            return datetime.fromtimestamp(record.start_time, UTC)
    return None
