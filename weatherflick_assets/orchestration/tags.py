"""Names of run tags, metadata keys and owners, each with its reason; written nowhere else."""

OWNERS = ["team:data-platform"]
"""Who answers for the assets."""

MAX_RUNTIME_SECONDS = {"dagster/max_runtime": "1800"}
"""A run of one region takes seconds; one that hangs gives its slot back after half an hour."""

PARTITION_TAG = "dagster/partition"
"""The partition of a run, as Dagster sets and reads it."""

REGION_TAG = "region"
"""The name of the region that a run is for: partition keys are codes."""

FLOW_TAG = "weatherflick/flow"
"""The flow a scheduled run belongs to."""

TICK_TAG = "weatherflick/tick"
"""The tick of the schedule that began the flow, in Korean time. It binds the runs of a flow's stages together."""

STAGE_TAG = "weatherflick/stage"
"""The stage of the flow, counted from 1."""

STAGE_RUNS_TAG = "weatherflick/stage_runs"
"""How many runs were requested for the stage: it has ended when as many have."""

CHANGES_TAG = "weatherflick/changes"
"""The outbox entries that a run is to publish: their change ids, comma-separated."""

COLLECTION_TAG = "weatherflick/collection"
"""Binds the runs of one command together in the UI."""

COLLECTION_PLAN_TAG = "weatherflick/collection_plan"
"""Digest of what a resumable command was to collect."""

RESUMED_FROM_TAG = "weatherflick/resumed_from"
"""Set on a run that resumes one that did not end: answers kept since this time, ISO 8601, are not asked for again."""

FAILURE_KIND = "failure_kind"
"""Metadata of a failure that says what kind it is: no_keys, exhausted, refused, unreachable, transient,
incomplete, permanent, held_back. On a run of a command it is a tag."""
