"""When backups are made, and when one is restored to see that it can be."""

from weatherflick_assets.operations.backup_assets import (
    BACKUP_KEY,
    DRILL_CHECK,
    DRILL_KEY,
    WAL_KEY,
    why_no_wal,
    why_none,
)
from weatherflick_assets.orchestration.flows import Flow, Stage
from weatherflick_assets.orchestration.schedules import asset_job
from weatherflick_assets.orchestration.tags import HOURS

BACKUP = Flow(
    "backup",
    "30 4 * * *",
    "Backs up all databases when the day's upkeep has made them smaller, before people are up.",
    (Stage("make_backup", tags=HOURS),),
    unless=why_none,
)
WAL = Flow(
    "wal",
    "55 * * * *",
    "Stores the embedded server's WAL every hour, when the hour's collections have ended.",
    (Stage("store_wal", tags=HOURS),),
    unless=why_no_wal,
)
RESTORE_DRILL = Flow(
    "restore_drill",
    "30 5 * * 0",
    "Restores the newest backup into a temporary folder and compares it, on Sundays after it was made.",
    (Stage("drill_restore", tags=HOURS),),
    unless=why_none,
)

JOBS = (
    asset_job("make_backup", [BACKUP_KEY.to_user_string()], "Makes the next backup, without a call."),
    asset_job("store_wal", [WAL_KEY.to_user_string()], "Stores the WAL since the last backup, without a call."),
    asset_job(
        "drill_restore",
        [DRILL_KEY.to_user_string()],
        "Restores the newest backup and compares it, without a call.",
        checks=[DRILL_CHECK],
    ),
)
