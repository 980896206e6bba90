"""`weatherflick status`: freshness, coverage, quality, calls and the last runs.

The runs are read from Dagster's table of them: importing Dagster takes longer than everything else here.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weatherflick_assets.build import DOMAINS
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.overview import place_tables
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.settings import KST, Mode, now
from weatherflick_assets.upstream.balances import quotas, refused_keys
from weatherflick_assets.warehouse.connections import connect

_HAS_RUNS = "SELECT FROM pg_class WHERE oid = to_regclass('runs')"
"""Dagster makes its tables when it is first used."""

_LAST_RUNS = "SELECT run_id, partition, status, start_time, end_time FROM runs ORDER BY id DESC LIMIT 5"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


def gather(dsn: str, dagster_dsn: str, mode: Mode) -> dict[str, object]:
    """The status as plain types; times are ISO 8601 in Korean time."""
    operations = [operation for domain in DOMAINS for operation in domain.operations]
    tables = place_tables(dsn, {kind.name: kind.content_type_id for kind in CONTENT_TYPES})
    return {
        "mode": mode.value,
        "tables": [_plain(asdict(table)) for table in tables],
        "quotas": [_plain(asdict(quota)) for quota in quotas(dsn, operations, now())],
        "refused_keys": [_plain(asdict(key)) for key in refused_keys(dsn, now())],
        "last_runs": _last_runs(dagster_dsn),
    }


def _last_runs(dagster_dsn: str) -> list[dict[str, object]]:
    with connect(dagster_dsn) as connection:
        runs = connection.execute(_LAST_RUNS).fetchall() if connection.execute(_HAS_RUNS).rowcount else []
    return [
        {
            "run_id": run_id,
            "partition": partition,
            "status": status,
            "started_at": _time(started_at),
            "ended_at": _time(ended_at),
        }
        for run_id, partition, status, started_at, ended_at in runs
    ]


def show(console: Console, status: Mapping[str, object]) -> None:
    """Show the status to a person."""
    if status["mode"] == Mode.SANDBOX:
        console.print("[yellow]SANDBOX[/]: no API keys are set; the data are synthetic.")
    _show_table(console, "Published places", status["tables"])
    _show_table(console, "Quotas", [_in_short(quota) for quota in status["quotas"]])  # type: ignore[attr-defined]
    if status["refused_keys"]:
        _show_table(console, "Keys that are refused", status["refused_keys"])
    _show_table(console, "Last runs", status["last_runs"])


def _in_short(quota: Mapping[str, object]) -> dict[str, object]:
    """A quota in a line that fits a terminal; --json has all of it."""
    shown = {"operation": f"{quota['provider']} {quota['operation']}", "key": quota["api_key_id"]}
    return shown | {name: quota[name] for name in ("limit", "used", "left", "refused", "resets_at")}


def _show_table(console: Console, title: str, rows: object) -> None:
    assert isinstance(rows, list)
    if not rows:
        console.print(f"{title}: none yet")
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name, value in rows[0].items():
        table.add_column(
            name.replace("_", " "), justify="right" if isinstance(value, int | float) else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    console.print(table)


def _shown(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.1%}"
    # Times lose their year, seconds and zone, and ids all but their beginning; --json has them in full.
    text = escape(for_terminal(str(value)))
    return text[5:16].replace("T", " ") if _TIME.match(text) else text[:8] if _RUN_ID.match(text) else text


def _plain(record: dict[str, object]) -> dict[str, object]:
    return {
        name: value.astimezone(KST).isoformat(timespec="seconds")
        if isinstance(value, datetime)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for name, value in record.items()
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, KST).isoformat(timespec="seconds")
