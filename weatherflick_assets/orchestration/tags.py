"""Names of run tags, metadata keys and owners, each with its reason. They are written nowhere else."""

OWNERS = ["team:data-platform"]
"""The team responsible for the assets."""

MAX_RUNTIME_SECONDS = {"dagster/max_runtime": "1800"}
"""A run of one region takes seconds; a run that hangs gives its slot back after half an hour."""


PARTITION_TAG = "dagster/partition"
"""The partition of a run, as Dagster sets and reads it."""

REGION_TAG = "region"
"""The name of a run's region, because partition keys are codes."""

REGIONS_TAG = "weatherflick/regions"
"""On a run without a partition: the regions that its command was asked for, comma-separated; without it, all."""

FLOW_TAG = "weatherflick/flow"
"""The flow a scheduled run belongs to."""

TICK_TAG = "weatherflick/tick"
"""The tick of the schedule that began the flow, in Korean time. It binds the runs of a flow's stages together."""

STAGE_TAG = "weatherflick/stage"
"""The stage of the flow, counted from 1."""

STAGE_RUNS_TAG = "weatherflick/stage_runs"
"""How many runs were requested for the stage: it has ended when this many have ended."""

CHANGES_TAG = "weatherflick/changes"
"""The outbox entries that a run publishes: their change ids, comma-separated."""

COLLECTION_TAG = "weatherflick/collection"
"""Links the runs of one command in the UI."""

COMMAND_TAG = "weatherflick/command"
"""The command that executes a run: the name of its lease."""

RETRIES_TAG = "weatherflick/retries"
"""How many calls a run has sent again: what fails reports no figures otherwise."""

NO_RETRY = {"dagster/max_retries": "0"}
"""Tag of a command's runs: if they end unexpectedly, the next command resumes them, and Dagster's daemon need not."""

COLLECTION_PLAN_TAG = "weatherflick/collection_plan"
"""Digest of what a resumable command collects."""

RESUMED_FROM_TAG = "weatherflick/resumed_from"
"""Set on a run that resumes one that did not end: calls answered since this time, ISO 8601, are not sent again."""

MOST_CALLS_TAG = "weatherflick/most_calls"
"""On a run that collects an issue: the most calls that it makes. What it leaves is asked for at the next tick."""

HEAVY = {"weatherflick/heavy": "true"}
"""Tag of runs that take long and keep a processor and the disk busy: dagster.yaml lets one of them run at a time."""

HOURS = {"dagster/max_runtime": str(6 * 3600), **HEAVY}
"""Of a run that works on everything there is, which may be much."""

FAILURE_KIND = "failure_kind"
"""The kind of a failure, in its metadata (`failures.py` has the kinds). On a run of a command it is a tag."""
