"""Names of run tags, metadata keys and owners, each with its reason; written nowhere else."""

OWNERS = ["team:data-platform"]
"""Who answers for the assets."""

MAX_RUNTIME_SECONDS = {"dagster/max_runtime": "1800"}
"""A run of one region takes seconds; one that hangs gives its slot back after half an hour."""

COLLECTION_TAG = "weatherflick/collection"
"""Binds the runs of one `weatherflick collect` together in the UI."""

FAILURE_KIND = "failure_kind"
"""Metadata of a failure that says what kind it is: no_keys, exhausted, refused, unreachable, transient, incomplete,
permanent, held_back."""

COLLECTION_BEGAN_TAG = "weatherflick/collection_began"
"""When that collection began, ISO 8601; one that is gone on with keeps it."""

COLLECTION_PLAN_TAG = "weatherflick/collection_plan"
"""What it is to collect: regions and kinds of places, as JSON."""

RESUMED_TAG = "weatherflick/resumed"
"""Set on runs that go on with a collection: pages read since it began are not asked for again."""

REGIONS_TO_COLLECT = "regions"
"""Metadata of the collection plan: the regions that have calls in it, the one worth most first."""
