"""Judging tables: rules and suites as data, the bridge to Great Expectations, verdicts. Never imports dagster."""
