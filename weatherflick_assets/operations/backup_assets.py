"""`operations/backup` and `operations/restore_drill`: the daily backup, and the weekly proof that it can be restored.

What they do is in `backup/`, which is imported when they run.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import dagster as dg

from weatherflick_assets.orchestration.collected import warned
from weatherflick_assets.orchestration.failures import as_failures
from weatherflick_assets.orchestration.steps import Retries, step
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import Settings, now

if TYPE_CHECKING:
    from weatherflick_assets.operations.backup.manifests import Manifest
    from weatherflick_assets.warehouse.database import Addresses

BACKUP_KEY = dg.AssetKey(["operations", "backup"])
WAL_KEY = dg.AssetKey(["operations", "wal"])
DRILL_KEY = dg.AssetKey(["operations", "restore_drill"])

DRILL_CHECK = dg.AssetCheckKey(DRILL_KEY, "as_backed_up")

_MOST_DIFFERENCES = 50


def why_none(settings: Settings) -> str | None:
    """Why no backup is made or restored by itself; None if one is."""
    return None if settings.backup_url else "No backup is made: WEATHERFLICK_BACKUP_URL is not set."


def why_no_wal(settings: Settings) -> str | None:
    """Why no WAL is stored by itself; None if it is."""
    from weatherflick_assets.warehouse import embedded
    from weatherflick_assets.warehouse.connections import parsed

    url = settings.database_url
    if why_none(settings) is None and url is not None:
        if embedded.serves(settings.state_folder / "postgresql", parsed(url.get_secret_value())):
            return None
        return "No WAL is stored: a server of one's own is backed up by dumps."
    return why_none(settings)


@step(
    dg.AssetSpec(
        BACKUP_KEY,
        description=(
            "A backup of the platform's databases in the place that WEATHERFLICK_BACKUP_URL names: the embedded server's files and "
            "WAL, full once a week and incremental between, or dumps of a server of one's own. What was sent before is not sent "
            "again, and a backup exists when it is complete. Former ones are kept by policy: all of 7 days, the newest of 5 weeks "
            "and 12 months."
        ),
    ),
    group="operations",
    kinds={"postgres", "python"},
    retry_policy=Retries(max_retries=2, delay=60),
)
def backup(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Make one."""
    return _backed_up(context, warehouse, wal_only=False)


@step(
    dg.AssetSpec(
        WAL_KEY,
        deps=[BACKUP_KEY],
        description=(
            "The embedded server's WAL since the last backup, so that no more than an hour of work is lost with the machine, and "
            "every time between backups can be restored to. Where it continues no backup, one is made."
        ),
    ),
    group="operations",
    kinds={"postgres", "python"},
    retry_policy=Retries(max_retries=1, delay=60),
)
def wal(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Store it."""
    return _backed_up(context, warehouse, wal_only=True)


def _backed_up(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource, *, wal_only: bool
) -> dg.MaterializeResult:
    from weatherflick_assets.operations.backup import taking

    with as_failures():
        settings = Settings()  # type: ignore[call-arg]
        url = taking.place_of(settings, None)
        taken = taking.back_up(settings, _addresses(warehouse), url, clock=now, wal_only=wal_only, say=context.log.info)
    return dg.MaterializeResult(
        metadata={
            **_described(taken.backup),
            "sent_bytes": taken.sent_bytes,
            "chunks_there_already": taken.known_chunks,
            "given_up": taken.removed,
            **warned(context, " ".join(taken.notes)),
        }
    )


@step(
    dg.AssetSpec(
        DRILL_KEY,
        deps=[BACKUP_KEY],
        description=(
            "The newest backup, restored into a temporary folder and started, and all its tables compared with what was backed up. "
            "Nothing of it stays. The check is red if a table has other rows."
        ),
    ),
    group="operations",
    kinds={"postgres", "python"},
    check_specs=[
        dg.AssetCheckSpec(
            DRILL_CHECK.name,
            asset=DRILL_KEY,
            description="Every table has as many rows as were backed up, with the same checksum.",
        )
    ],
    retry_policy=Retries(max_retries=1, delay=60),
)
def restore_drill(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
    """Restore it and compare."""
    from weatherflick_assets.operations.backup import restoring, taking

    with as_failures():
        settings = Settings()  # type: ignore[call-arg]
        drilled = restoring.drill(settings, taking.place_of(settings, None), now)
    for difference in drilled.differences[:_MOST_DIFFERENCES]:
        context.log.error("%s", difference)
    yield dg.MaterializeResult(
        metadata={
            **_described(drilled.backup),
            "age_hours": round(drilled.age.total_seconds() / 3600, 1),
            "restored_in_s": round(drilled.duration_s, 1),
            "differences": len(drilled.differences),
        },
        check_results=[
            dg.AssetCheckResult(
                passed=not drilled.differences,
                check_name=DRILL_CHECK.name,
                asset_key=DRILL_KEY,
                severity=dg.AssetCheckSeverity.ERROR,
                description=" ".join(drilled.differences[:_MOST_DIFFERENCES])
                or "All tables are as they were backed up.",
                metadata={"tables": drilled.tables, "rows": drilled.rows},
            )
        ],
    )


def _addresses(warehouse: WarehouseResource) -> "Addresses":
    from weatherflick_assets.warehouse.connections import parsed
    from weatherflick_assets.warehouse.database import Addresses

    platform = parsed(warehouse.dsn)
    return Addresses(platform, platform.set(database=f"{platform.database}_dagster"))


def _described(backup: "Manifest") -> dict[str, Any]:
    return {
        "backup": backup.id,
        "kind": str(backup.kind),
        "bytes": backup.size,
        "made_in_s": round((backup.finished_at - backup.started_at).total_seconds(), 1),
        "tables": backup.figures.count if backup.figures else None,
        "rows": backup.figures.rows if backup.figures else None,
    }
