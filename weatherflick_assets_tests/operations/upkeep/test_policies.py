"""Everything that grows has a policy, which says what leaves, when and why."""

from weatherflick_assets.alerts import tables as _alerts  # noqa: F401 - declares its tables
from weatherflick_assets.build import DOMAINS
from weatherflick_assets.operations.upkeep.policies import lasting, policies
from weatherflick_assets.warehouse.tables import METADATA
from weatherflick_assets_tests.operations.upkeep.conftest import Stored

POLICIES = policies(DOMAINS)

STAY_SMALL = {
    "alembic_version", "asset_daemon_asset_evaluations", "asset_keys", "concurrency_limits", "concurrency_slots",
    "daemon_heartbeats", "dynamic_partitions", "instance_info", "instigators", "jobs", "kvs", "pending_steps",
    "secondary_indexes",
}  # fmt: skip
"""Tables of Dagster's that grow with what is declared, or that the daemon prunes."""


def test_every_table_has_one_policy_or_a_reason_why_it_needs_none() -> None:
    kept = [name for policy in POLICIES for name in policy.tables if not name.startswith("dagster.")]
    stay = [table.fullname for tables in lasting(DOMAINS).values() for table in tables]
    assert sorted(kept + stay) == sorted(METADATA.tables), "a table is missing, or is named twice"


def test_every_table_of_dagster_that_grows_has_a_policy(stored: Stored) -> None:
    found = {
        name
        for (name,) in stored.rows(
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
    }
    kept = {name for policy in POLICIES for name in policy.tables if name.startswith("dagster.")}
    assert {f"dagster.{name}" for name in found - STAY_SMALL} == kept


def test_a_policy_says_what_leaves_when_and_why() -> None:
    assert len({policy.name for policy in POLICIES}) == len(POLICIES)
    for policy in POLICIES:
        assert policy.what
        assert any(character.isdigit() for character in policy.kept), policy.name
        assert policy.why.endswith("."), policy.name
