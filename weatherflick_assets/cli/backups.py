"""`weatherflick backup`, `restore` and `pg`: what they print, and how they say what they will do."""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table

from weatherflick_assets.cli import services
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.operations.backup import logical, programs, restoring, taking
from weatherflick_assets.operations.backup.manifests import Manifest, intervals, restorable, shown
from weatherflick_assets.operations.backup.repository import opened
from weatherflick_assets.settings import Settings, now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.database import Addresses, locate


def back_up(settings: Settings, to: str | None, console: Console, *, full: bool, wal_only: bool) -> dict[str, Any]:
    """Make a backup; return what `--json` prints of it."""
    url = taking.place_of(settings, to)
    addresses = _prepared(settings)
    taken = taking.back_up(settings, addresses, url, clock=now, full=full, wal_only=wal_only, say=console.print)
    for note in taken.notes:
        console.print(f"[yellow]{note}[/]")
    return {
        **_described(taken.backup),
        "sent_bytes": taken.sent_bytes,
        "chunks_there_already": taken.known_chunks,
        "removed": taken.removed,
        "notes": list(taken.notes),
    }


def listed(settings: Settings, to: str | None) -> dict[str, Any]:
    """What can be restored, the newest first, and which times."""
    repository = opened(taking.place_of(settings, to), settings)
    found = restorable(repository.manifests())
    files = [each for each in found if each.backup.is_base]
    return {
        "place": repository.place,
        "backups": [_described(each.backup) for each in found],
        "covers": intervals(files) if files else None,
    }


def show(console: Console, found: Mapping[str, Any]) -> None:
    """The same for people."""
    if not found["backups"]:
        console.print(f"There is no backup in {found['place']}.")
        return
    table = Table("backup", "size", "tables", "rows", title=f"Backups in {found['place']}")
    for each in found["backups"]:
        figures = (f"{each[name]:,}" if each[name] is not None else "not counted" for name in ("tables", "rows"))
        table.add_row(each["id"], in_bytes(each["bytes"]), *figures)
    console.print(table)
    if found["covers"]:
        console.print(f"Every time can be restored from {found['covers']}.")


def restore(
    settings: Settings, source: str, console: Console, *, at: str | None, name: str | None, in_place: bool
) -> None:
    """Restore a backup, and say what is there now."""
    services.state_folder(settings)
    restored = restoring.restore(
        settings,
        source,
        at=None if at is None else restoring.time_of(at),
        name=name,
        in_place=in_place,
        clock=now,
        say=console.print,
    )
    kept = (
        f" What was there before is kept as {' and '.join(restored.kept)}; remove it when it is not needed."
        if restored.kept
        else ""
    )
    console.print(f"Restored: all rows as of {shown(restored.up_to)}.{kept} `weatherflick up` goes on from there.")


def run_program(settings: Settings, program: str, arguments: Sequence[str]) -> NoReturn:
    """Become one of PostgreSQL's programs, in the version that fits the server, connected to the platform's database.

    Raises:
        PlatformError: there is none, or none fits.
    """
    if program not in _FOR_PEOPLE:
        raise PlatformError(f"{program} is none of the programs that are offered: {', '.join(_FOR_PEOPLE)}.")
    addresses = _prepared(settings)
    with connect(addresses.platform) as connection:
        path, _ = programs.fitting(program, server=connection.info.server_version // 10000)
    address, environment = logical.for_programs(addresses.platform)
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    sys.stdout.flush()
    os.execve(path, [program, *arguments, f"--dbname={address}"], surroundings | environment)  # noqa: S606 - no shell


_FOR_PEOPLE = ("psql", "pg_dump")
"""Both take an address in --dbname."""


def in_bytes(size: int) -> str:
    """A size for people."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.3g} GB"


def _prepared(settings: Settings) -> Addresses:
    from weatherflick_assets.build import prepare_database

    services.state_folder(settings)
    addresses = locate(settings)
    prepare_database(addresses, settings.mode)
    return addresses


def _described(backup: Manifest) -> dict[str, Any]:
    return {
        "id": backup.id,
        "kind": str(backup.kind),
        "started_at": backup.started_at.isoformat(),
        "duration_s": round((backup.finished_at - backup.started_at).total_seconds(), 1),
        "bytes": backup.size,
        "tables": backup.figures and backup.figures.count,
        "rows": backup.figures and backup.figures.rows,
    }
