"""Publishes the life of warnings, from all that the KMA said in the last days and what is published of the days before.

All warnings that were told within `REMADE` are made again. What had begun before is taken up from the table, as it was then. A
warning that was not told since is over, and its row stays as it is.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.korea.warning_zones import warning_zones
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather import tables
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets.weather.publish import Publishing, said
from weatherflick_assets.weather.publish_sources import items_of, judged
from weatherflick_assets.weather.source_suites import ZONE_FINDING
from weatherflick_assets.weather.sources import WARNINGS
from weatherflick_assets.weather.store.answers import StoredAnswer, answers_since
from weatherflick_assets.weather.transform.warning_cycles import (
    EXPIRES_AFTER,
    PRELIMINARY,
    Cycles,
    Key,
    OfficeBulletin,
    Snapshot,
    Warned,
    advanced,
    office_bulletins,
    snapshot_of,
    warning_rows,
)

REMADE = timedelta(days=3)
"""What was said in this time is read again."""

_SETTLED_AFTER = EXPIRES_AFTER + timedelta(hours=1)
"""A warning that was told last this long before the first of what is read again has expired by then."""

_STATUS, _BULLETINS = WARNINGS.operations

# Also what was left open because the platform was down for longer.
_PARTITION = """
(last_told_at >= {} OR lifted_at IS NULL OR (level <> 'preliminary' AND status IN ('announced', 'in_force')))
"""

_KNOWN = """
SELECT zone_code, phenomenon, level, status, announced_at, effective_at, previous_level, lifted_at, last_told_at,
    recorded_at, source_response_id
FROM core.weather_warnings WHERE {partition} AND source_response_id < {first} ORDER BY source_response_id
"""


@dataclass(frozen=True)
class WarningsPublishing:
    """The result of publishing the warnings.

    Attributes:
        publishing: what was made and judged.
        in_force: zones and phenomena that are warned of now.
        problems_now: what could not be read in the newest answer, by reason.
        told_at: when that was asked for.
    """

    publishing: Publishing
    in_force: int
    problems_now: Counter[str]
    told_at: datetime


def publish_warnings(dsn: str, *, clock: Clock, run_id: str | None = None) -> WarningsPublishing:
    """Publish the warnings.

    Raises:
        NothingCollectedError: no readable answer of the last days is stored.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    now = clock()
    with connect(dsn) as connection:
        told = answers_since(connection, _STATUS, now - REMADE)
        listed = answers_since(connection, _BULLETINS, now - REMADE)
    snapshots = _snapshots(told)
    if not snapshots:
        raise NothingCollectedError(f"No readable answer about warnings is stored. Materialize {WARNINGS.raw} first.")
    first = min(snapshots, key=lambda one: one.response_id)
    newest = max(snapshots, key=lambda one: one.order)
    partition = sql.SQL(_PARTITION).format(first.told_at - _SETTLED_AFTER)
    table = tables.WEATHER_WARNINGS
    with Replacement(dsn, table, WARNINGS.published[0], "", partition) as publication, connect(dsn) as reading:
        known = sql.SQL(_KNOWN).format(partition=partition, first=first.response_id)
        before, recorded = _before(reading, known, first.told_at)
        cycles = advanced(before, snapshots, now, _bulletins(listed))
        rows, problems = warning_rows(cycles, now)
        recorded |= {answer.response_ids[0]: answer.fetched_at for answer in told}
        times = pd.Series([recorded[one] for one in rows["source_response_id"]], dtype=rows["announced_at"].dtype)
        result = judged(
            publication,
            Batch(table.fullname, None, now, run_id, data_as_of=newest.told_at),
            rows.assign(
                **{
                    "recorded_at": times,
                    ZONE_FINDING: said("is no such zone", ~rows["zone_code"].isin([*warning_zones()])),
                }
            ),
            minimum_rows=0,
            items=len(snapshots),
            problems=problems,
        )
    return WarningsPublishing(
        result,
        sum(one.in_force_at(now) for one in cycles),
        +advanced(Cycles(), [newest], now).problems,
        newest.told_at,
    )


def _snapshots(answers: Sequence[StoredAnswer]) -> list[Snapshot]:
    found = (
        snapshot_of(item, told_at=answer.fetched_at.astimezone(KST), response_id=answer.response_ids[0])
        for answer in answers
        for item in items_of(_STATUS, answer)
    )
    return [snapshot for snapshot in found if snapshot is not None]


def _bulletins(answers: Sequence[StoredAnswer]) -> list[OfficeBulletin]:
    """The bulletins of all lists, each once."""
    items = {str(item.get("title")): item for answer in answers for item in items_of(_BULLETINS, answer)}
    return office_bulletins(items.values())[0]


def _before(connection: psycopg.Connection, query: sql.Composed, at: datetime) -> tuple[Cycles, dict[int, datetime]]:
    """What is published of the days before, as it was at a time, and when each response of it had been read."""
    warned: dict[Key, list[Warned]] = {}
    recorded: dict[int, datetime] = {}
    for (
        zone, phenomenon, level, status, announced_at, effective_at, previous, ended_at, told_at, read_at, response_id,
    ) in connection.execute(query):  # fmt: skip
        key = Key(zone, phenomenon, level == PRELIMINARY)
        is_over = ended_at is not None and ended_at <= at
        warned.setdefault(key, []).append(
            Warned(
                key,
                level,
                announced_at,
                effective_at,
                min(told_at, at),
                response_id,
                previous,
                ended_at if is_over else None,
                _ending(key, status) if is_over else None,
            )
        )
        recorded[response_id] = read_at
    return Cycles({key: tuple(found) for key, found in warned.items()}), recorded


def _ending(key: Key, status: str) -> str:
    """How a warning ended. One that ended while nothing was published still has the status that it had before."""
    return "lifted" if not key.is_preliminary and status in {"announced", "in_force"} else status
