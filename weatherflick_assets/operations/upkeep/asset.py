"""`operations/upkeep`: every night, what is too old leaves, and what everything takes is measured and extrapolated.

One policy that fails costs no other. The run fails when all have been carried out, with everything that failed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.orchestration.failures import HOPELESS, as_failures, combined, kind_of
from weatherflick_assets.orchestration.schedules import asset_job
from weatherflick_assets.orchestration.steps import step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import Settings, now

if TYPE_CHECKING:
    from weatherflick_assets.operations.upkeep.policy import Policy, Removed, Surroundings
    from weatherflick_assets.operations.upkeep.sizes import Size

UPKEEP_KEY = dg.AssetKey(["operations", "upkeep"])

DISK_CHECK = dg.AssetCheckKey(UPKEEP_KEY, "disk_lasts")

JOB = "retention"

MOST_SUBJECTS = 40
"""Sizes that the page shows, the largest first. `ops.sizes_daily` has all of them."""

_POLICY_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("policy", "string"),
        dg.TableColumn("removed", "int"),
        dg.TableColumn("of", "string"),
        dg.TableColumn("freed bytes", "int", description="as stored; the database uses the space again"),
        dg.TableColumn("kept", "string"),
    ]
)
_SIZE_COLUMNS = dg.TableSchema(
    [
        dg.TableColumn("what", "string"),
        dg.TableColumn("bytes", "int"),
        dg.TableColumn("bytes a day", "int", description="median growth of the last 30 days"),
    ]
)


def upkeep_asset(domains: Sequence[Domain]) -> dg.AssetsDefinition:
    """The asset, for what these domains keep."""

    @step(
        dg.AssetSpec(
            UPKEEP_KEY,
            description=(
                "What is too old leaves the databases and the state folder, by policy: responses, forecasts, verdicts, incidents, "
                "runs of Dagster with their events, ticks, log files. Then everything is measured (ops.sizes_daily). It may be "
                "stopped at any moment, and takes no lock that others wait for. docs/upkeep.md lists the policies."
            ),
        ),
        group="operations",
        kinds={"postgres", "python"},
        check_specs=[
            dg.AssetCheckSpec(
                DISK_CHECK.name,
                asset=UPKEEP_KEY,
                description="At its present rate of growth the disk of the state folder lasts for 30 days. An error below 7.",
            )
        ],
    )
    def upkeep(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        from weatherflick_assets.operations.upkeep.policies import policies
        from weatherflick_assets.operations.upkeep.policy import Surroundings

        on = Surroundings(warehouse.dsn, context.instance, Settings().state_folder, now())  # type: ignore[call-arg]
        removed: dict[Policy, Removed] = {}
        failures: dict[dg.AssetKey, Exception] = {}
        for policy in policies(domains):
            try:
                with as_failures():
                    removed[policy] = _carried_out(context, policy, on)
            except Exception as error:
                if kind_of(error) in HOPELESS:
                    raise
                failures[dg.AssetKey([*UPKEEP_KEY.path, policy.name])] = error
        with as_failures():
            grown = _measured(on)
        if not failures:
            yield dg.MaterializeResult(metadata={**_policy_metadata(removed), **_size_metadata(grown)})
        yield _lasts(grown)
        if failures:
            raise combined(failures)

    return upkeep


def upkeep_job() -> Any:
    """The job that makes it."""
    return asset_job(
        JOB,
        [UPKEEP_KEY.to_user_string()],
        "Removes what is too old by policy, makes partitions for the days to come, and measures what everything takes.",
        checks=[DISK_CHECK],
    )


def _carried_out(context: dg.AssetExecutionContext, policy: "Policy", on: "Surroundings") -> "Removed":
    """Carry out a policy, and make the space reusable that it has freed."""
    from weatherflick_assets.operations.upkeep.carrying_out import make_space_reusable

    removed = policy.carry_out(on)
    if removed.bytes_freed:
        make_space_reusable(on, policy)
    for postponed in removed.postponed:
        context.log.warning("%s: left for the next time: %s", policy.name, postponed)
    return removed


def _measured(on: "Surroundings") -> dict[str, "Size"]:
    """Measure everything, keep it, and say how it grows."""
    from weatherflick_assets.operations.upkeep import sizes
    from weatherflick_assets.operations.upkeep.carrying_out import storage_dsn

    sizes.record(on.dsn, sizes.measured(on.dsn, storage_dsn(on.instance), on.home), on.at)
    return sizes.grown(on.dsn, on.at)


def _policy_metadata(removed: Mapping["Policy", "Removed"]) -> dict[str, Any]:
    """What each policy removed; what else there is to say of one is a value of its own."""
    records = [
        dg.TableRecord(
            {
                "policy": policy.name,
                "removed": done.count,
                "of": policy.what,
                "freed bytes": done.bytes_freed,
                "kept": policy.kept,
            }
        )
        for policy, done in removed.items()
    ]
    return {
        "policies": dg.MetadataValue.table(records, _POLICY_COLUMNS),
        "freed_bytes": sum(done.bytes_freed for done in removed.values()),
        **{policy.name: dg.MetadataValue.json(dict(done.told)) for policy, done in removed.items() if done.told},
    }


def _size_metadata(grown: Mapping[str, "Size"]) -> dict[str, Any]:
    from weatherflick_assets.operations.upkeep.sizes import DAGSTER, FILES, PLATFORM

    records = [
        dg.TableRecord(
            {
                "what": size.subject,
                "bytes": size.size,
                "bytes a day": None if size.per_day is None else round(size.per_day),
            }
        )
        for size in [*grown.values()][:MOST_SUBJECTS]
    ]
    totals = {subject: grown[subject].size for subject in (PLATFORM, DAGSTER, FILES) if subject in grown}
    return {
        "sizes": dg.MetadataValue.table(records, _SIZE_COLUMNS),
        **{f"{name}_bytes": size for name, size in totals.items()},
    }


def _lasts(grown: Mapping[str, "Size"]) -> dg.AssetCheckResult:
    """Whether the disk lasts long enough at the present rate."""
    from weatherflick_assets.operations.upkeep.sizes import (
        DISK_FREE,
        FAILED_BELOW,
        WARNED_BELOW,
        days_left,
    )

    days = days_left(grown)
    free = f"{grown[DISK_FREE].size / 2**30:,.1f} GiB of the disk of the state folder are free."
    said = (
        f"At the present rate they are used up in {days:,.0f} days." if days is not None else "It does not get fuller."
    )
    return dg.AssetCheckResult(
        check_name=DISK_CHECK.name,
        asset_key=UPKEEP_KEY,
        passed=days is None or days >= WARNED_BELOW,
        severity=dg.AssetCheckSeverity.ERROR
        if days is not None and days < FAILED_BELOW
        else dg.AssetCheckSeverity.WARN,
        description=f"{free} {said}",
        metadata={"free_bytes": grown[DISK_FREE].size, **({} if days is None else {"days_left": round(days, 1)})},
    )
