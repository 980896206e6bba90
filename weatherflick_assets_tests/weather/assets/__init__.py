"""The assets of the weather, as Dagster runs them."""
