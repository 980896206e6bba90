"""`weatherflick status`: open incidents, freshness, coverage, quality, calls and the last runs.

The runs are read from Dagster's table of them: importing Dagster takes longer than everything else here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from weatherflick_assets.alerts import outbox
from weatherflick_assets.alerts.channels import NO_CHANNEL, AlertSettingsError, names_of
from weatherflick_assets.alerts.incidents import Incident
from weatherflick_assets.alerts.store import open_incidents
from weatherflick_assets.build import DOMAINS, MEASURED
from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.store.overview import place_tables, unreadable_details
from weatherflick_assets.presentation import for_terminal
from weatherflick_assets.quality.freshness import held_back_now, not_fresh
from weatherflick_assets.quality.upstream_fields import known_drifts
from weatherflick_assets.settings import KST, Mode, Settings, now
from weatherflick_assets.upstream.balances import quotas, refused_keys
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.store.collections import newest_collections
from weatherflick_assets.weather.store.overview import places_by_age

_HAS_RUNS = "SELECT FROM pg_class WHERE oid = to_regclass('runs')"
"""Dagster makes its tables when it is first used."""

_LAST_RUNS = "SELECT run_id, pipeline_name, partition, status, start_time, end_time FROM runs ORDER BY id DESC LIMIT 5"

_TIME = re.compile(r"\d{4}-\d\d-\d\dT")
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")


LONGEST_DETAIL = 160
"""Characters of what is wrong that a person is shown."""

MOST_INCIDENTS = 20
"""Open incidents that a person is shown; --json has all of them."""


def gather(dsn: str, dagster_dsn: str, settings: Settings) -> dict[str, object]:
    """The status as plain types; times are ISO 8601 in Korean time."""
    at = now()
    operations = [operation for domain in DOMAINS for operation in domain.operations]
    tables = place_tables(dsn, {kind.name: kind.content_type_id for kind in CONTENT_TYPES})
    return {
        "mode": settings.mode.value,
        "incidents": [_incident(incident) for incident in open_incidents(dsn)],
        "alerts": _alerts(dsn, settings),
        "tables": [_plain(asdict(table)) for table in tables],
        "weather": [_plain(asdict(issue)) for issue in newest_collections(dsn)],
        "places_by_age_of_forecast": places_by_age(dsn, at),
        "quotas": [_plain(asdict(quota)) for quota in quotas(dsn, operations, at)],
        "refused_keys": [_plain(asdict(key)) for key in refused_keys(dsn, at)],
        "held_back": [_plain(asdict(held)) for found in held_back_now(dsn, MEASURED).values() for held in found],
        "not_fresh": [
            _plain(
                {
                    "table_name": table.table_name,
                    "partition_key": part.partition_key,
                    "state": part.state.value,
                    "data_as_of": part.data_as_of,
                    "age_hours": None if part.age is None else round(part.age / timedelta(hours=1), 1),
                    "may_be_hours": round(table.stale_after / timedelta(hours=1), 1),
                }
            )
            for table, parts in not_fresh(dsn, MEASURED, at).items()
            for part in parts
        ],
        "drift": [
            _plain({"answers": str(shape), **asdict(drift)})
            for shape, drifts in known_drifts(dsn).items()
            for drift in drifts
        ],
        "unreadable_details": unreadable_details(dsn, at),
        "last_runs": _last_runs(dagster_dsn),
    }


def _incident(incident: Incident) -> dict[str, object]:
    return {"sentence": incident.sentence, **_plain(asdict(incident))}


def _alerts(dsn: str, settings: Settings) -> dict[str, object]:
    """The channels of messages, what waits for them, and why nobody is told if there are none."""
    names: list[str] = []
    problem = None
    try:
        names = names_of(settings)
    except AlertSettingsError as error:
        problem = f"Nobody is notified of incidents. {error}"
    waiting = [_plain(asdict(channel)) for channel in outbox.waiting(dsn)]
    return {
        "channels": names,
        "problem": problem or (None if names else NO_CHANNEL),
        "not_yet_addressed": outbox.unaddressed(dsn),
        "waiting": waiting,
    }


def _last_runs(dagster_dsn: str) -> list[dict[str, object]]:
    with connect(dagster_dsn) as connection:
        runs = connection.execute(_LAST_RUNS).fetchall() if connection.execute(_HAS_RUNS).rowcount else []
    return [
        {
            "run_id": run_id,
            "job": job,
            "partition": partition,
            "status": status,
            "started_at": _time(started_at),
            "ended_at": _time(ended_at),
        }
        for run_id, job, partition, status, started_at, ended_at in runs
    ]


def show(console: Console, status: Mapping[str, Any]) -> None:
    """Show the status to a person, in 80 columns; --json has all of it."""
    if status["mode"] == Mode.SANDBOX:
        console.print("[yellow]SANDBOX[/]: no API keys are set; the data are synthetic.")
    console.print("Times are Korean time (KST).")
    _show_incidents(console, status["incidents"], status["alerts"])
    for section, (title, columns) in _SECTIONS.items():
        rows = [{heading: value(row) for heading, value in columns.items()} for row in status[section]]
        if rows or section not in _ONLY_IF_ANY:
            _show_table(console, title, rows)
    if ages := status["places_by_age_of_forecast"]:
        shares = ", ".join(f"{age} {share:.0%}" for age, share in ages.items() if share)
        console.print(f"Places by the age of their forecast: {shares}")
    if unreadable := status["unreadable_details"]:
        console.print(f"Details put off because they could not be read: {unreadable:,} (ops.unreadable_details)")


def _show_incidents(console: Console, incidents: Sequence[Mapping[str, Any]], alerts: Mapping[str, Any]) -> None:
    """What is wrong, a line each, and whether anybody is told."""
    rows = [
        {
            "no.": incident["incident_id"],
            "severity": incident["severity"],
            "since": incident["opened_at"],
            "times": incident["count"],
            "what": f"{incident['sentence']} {_first_line(incident['detail'])}",
        }
        for incident in incidents[:MOST_INCIDENTS]
    ]
    if rows:
        _show_table(console, "Open incidents (ops.incidents)", rows)
        if (more := len(incidents) - len(rows)) > 0:
            console.print(f"Further open incidents: {more:,}; --json lists them.")
    else:
        console.print("Open incidents: none")
    if alerts["problem"]:
        console.print(f"[yellow]{escape(for_terminal(alerts['problem']))}[/]")
    for waiting in alerts["waiting"]:
        problem = f" {waiting['problem']}" if waiting["problem"] else ""
        said = f"Messages that wait for {waiting['channel']}: {waiting['messages']:,}, since {_shown(waiting['since'])}.{problem}"
        console.print(escape(for_terminal(said)))


def _first_line(text: str) -> str:
    line = next(iter(text.splitlines()), "")
    return line if len(line) <= LONGEST_DETAIL else f"{line[: LONGEST_DETAIL - 3]}..."


def _region(row: Mapping[str, Any]) -> object:
    name = row["partition_key"] if "partition_key" in row else row["partition"]
    return NAME_OF.get(name, name)


_SECTIONS: Mapping[str, tuple[str, Mapping[str, Callable[[Mapping[str, Any]], object]]]] = {
    "tables": (
        "Published places",
        {
            "kind": itemgetter("name"),
            **{name: itemgetter(name) for name in ("rows", "regions", "rejected")},
            "filled": itemgetter("completeness"),
            "updated": itemgetter("updated_at"),
            "listed": itemgetter("listed_at"),
        },
    ),
    "weather": (
        "Newest issues of the weather",
        {
            "series": itemgetter("series"),
            "issued": itemgetter("issued_at"),
            **{name: itemgetter(name) for name in ("planned", "answered", "attempts")},
            "asked": itemgetter("attempted_at"),
            "missing because": itemgetter("problem"),
        },
    ),
    "held_back": (
        "Held back by the quality gate; the last good rows stay",
        {
            "table": itemgetter("table_name"),
            "part": _region,
            "rows": itemgetter("row_count"),
            "since": itemgetter("since"),
            "rules": lambda row: ", ".join(row["rules"]),
        },
    ),
    "not_fresh": (
        "Not fresh: data older than they may be, or never published",
        {
            "table": itemgetter("table_name"),
            "part": _region,
            "state": itemgetter("state"),
            "data as of": itemgetter("data_as_of"),
            "hours": lambda row: _hours(row["age_hours"]),
            "may be": lambda row: _hours(row["may_be_hours"]),
        },
    ),
    "drift": (
        "Fields of upstream answers that differ from what is known",
        {
            "answers": itemgetter("answers"),
            "field": itemgetter("field"),
            "is": itemgetter("kind"),
            "types": lambda row: " → ".join(filter(None, (row["before"], row["now"]))),
            "response": lambda row: str(row["response_id"]),
        },
    ),
    "quotas": (
        "Quotas",
        {
            "operation": lambda row: f"{row['provider']} {row['operation']}",
            "key": itemgetter("api_key_id"),
            **{name: itemgetter(name) for name in ("limit", "used", "left", "refused")},
            "resets": itemgetter("resets_at"),
        },
    ),
    "refused_keys": (
        "Keys that are refused",
        {
            "provider": itemgetter("provider"),
            "key": itemgetter("api_key_id"),
            "code": itemgetter("code"),
            "tried again": itemgetter("refused_until"),
            "reason": itemgetter("reason"),
        },
    ),
    "last_runs": (
        "Last runs",
        {
            "job": itemgetter("job"),
            "region": _region,
            "status": itemgetter("status"),
            "started": itemgetter("started_at"),
            "ended": itemgetter("ended_at"),
            "run": itemgetter("run_id"),
        },
    ),
}
"""What a person sees of each section: its title, and the heading and value of each column."""

_ONLY_IF_ANY = ("weather", "held_back", "not_fresh", "drift", "refused_keys")


def _hours(hours: float | None) -> str | None:
    return None if hours is None else f"{hours:,.1f}"


def _show_table(console: Console, title: str, rows: Sequence[Mapping[str, object]]) -> None:
    if not rows:
        console.print(f"{title}: none yet")
        return
    console.print()
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=0)
    for heading, value in rows[0].items():
        table.add_column(heading, justify="right" if isinstance(value, int | float) else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(_shown, row.values()))
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
