"""A year of hourly forecasts: the newest of a cell and hour, and what the history takes on disk.

The table is shaped like `core.hourly_forecasts` and is filled by the server: 1,250 cells and eight issues a day, each of 75
valid times, hourly at first and three-hourly after 60 hours. The newest fourteen days are whole. The days before, back to
the first of the month of 400 days ago, are thinned, and merged where their month is over. Only the last day to be thinned is
still whole, and the last month to be merged is still in days: the platform's own upkeep does that, and is timed.

Queries are asked for random cells and hours to come: on a connection that knows them, on one that plans each time, and as the
first of a new connection. The floor is the partition of a single day, asked by its name.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median, quantiles
from typing import LiteralString

import numpy as np
import psycopg
from psycopg import sql
from sqlalchemy import Double, MetaData, SmallInteger, Table, Text, create_engine
from sqlalchemy.pool import NullPool

from benchmarks.benchmark import Size
from benchmarks.processes import Databases
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.settings import KST, now
from weatherflick_assets.warehouse.partitioned import keep_in_order
from weatherflick_assets.warehouse.storage_policies import Partition, StoragePolicy, day_partition
from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

GREATEST_MS = 5.0
CELLS = 1250
ROUNDS, TIMES, CONNECTIONS = 3, 100, 15
_WARM_UP = 12
"""After five times psycopg prepares a statement; after five more PostgreSQL may keep its plan."""
_DRAWS = np.random.default_rng(20261130)

_FORECASTS = Table(
    "forecast_history",
    MetaData(naming_convention=METADATA.naming_convention),
    required("nx", SmallInteger, "column of the grid", primary_key=True),
    required("ny", SmallInteger, "row of the grid", primary_key=True),
    required("valid_at", Timestamp, "for when", primary_key=True),
    required("issued_at", Timestamp, "when it was said", primary_key=True),
    optional("temperature", Double, "°C"),
    optional("feels_like", Double, "°C"),
    optional("humidity", SmallInteger, "%"),
    optional("precipitation_probability", SmallInteger, "%"),
    optional("precipitation_type", Text, "its kind"),
    optional("precipitation_mm", Double, "mm"),
    optional("precipitation_mm_min", Double, "mm"),
    optional("precipitation_mm_max", Double, "mm"),
    optional("snow_cm", Double, "cm"),
    optional("wind_speed", Double, "m/s"),
    optional("wind_direction", SmallInteger, "degrees"),
    optional("sky", Text, "its state"),
    schema="core",
    postgresql_partition_by="RANGE (issued_at)",
)

_POLICY = StoragePolicy(
    _FORECASTS,
    thinned="valid_at - issued_at IN (interval '6 h', interval '24 h', interval '48 h', interval '72 h', interval '120 h')",
)

LEADS = (*range(1, 61), *range(63, 106, 3))
KEPT_LEADS = tuple(lead for lead in LEADS if lead in (6, 24, 48, 72, 120))

_VIEW = """
CREATE VIEW core.newest_forecasts AS
SELECT DISTINCT ON (nx, ny, valid_at) * FROM core.forecast_history
WHERE issued_at > now() - interval '6 days'
ORDER BY nx, ny, valid_at, issued_at DESC
"""

# An index that is made afterwards is the same and takes less time.
_MAKE = "CREATE UNLOGGED TABLE core.{name} (LIKE core.forecast_history INCLUDING ALL EXCLUDING INDEXES)"
_FILL = """
INSERT INTO core.{name}
SELECT cell / 25 + 40, cell %% 25 + 60, issued_at + lead * interval '1 hour', issued_at,
       round((random() * 30)::numeric, 1), round((random() * 30)::numeric, 1), random() * 100, random() * 100,
       (ARRAY['none', 'rain', 'snow'])[1 + trunc(random() * 2.9)::int], 0.5, 0, 1, 0, round((random() * 9)::numeric, 1),
       random() * 359, (ARRAY['clear', 'mostly cloudy', 'overcast'])[1 + trunc(random() * 2.9)::int]
FROM generate_series(%(first)s, %(last)s, interval '3 hours') AS issued_at,
     generate_series(0, %(cells)s - 1) AS cell,
     unnest(%(leads)s::int[]) AS lead
"""
_FINISH = """
ALTER TABLE core.{name} ADD PRIMARY KEY (nx, ny, valid_at, issued_at);
COMMENT ON TABLE core.{name} IS {comment};
ALTER TABLE core.forecast_history ATTACH PARTITION core.{name} FOR VALUES FROM ({start}) TO ({end})
"""
_SPACE = "SELECT sum(pg_total_relation_size(relid)) / 1e9 FROM pg_partition_tree('core.forecast_history')"
_ROWS = "SELECT count(*) FROM core.forecast_history"

_ONE = "nx = %(nx)s AND ny = %(ny)s AND valid_at = %(hour)s"
_RECENT = "issued_at > now() - interval '6 days'"
_FLOOR = "floor: a day's partition by its name"
QUERIES: Mapping[str, LiteralString] = {
    "cell and hour, by the view": f"SELECT * FROM core.newest_forecasts WHERE {_ONE}",
    "cell and hour, directly": (
        f"SELECT * FROM core.forecast_history WHERE {_ONE} AND {_RECENT} ORDER BY issued_at DESC LIMIT 1"
    ),
    "cell and hour, directly, the bound as a value": (
        f"SELECT * FROM core.forecast_history WHERE {_ONE} AND issued_at > %(recent)s ORDER BY issued_at DESC LIMIT 1"
    ),
    "cell, every hour to come, by the view": (
        "SELECT * FROM core.newest_forecasts WHERE nx = %(nx)s AND ny = %(ny)s AND valid_at > now() ORDER BY valid_at"
    ),
    "hour, every cell, by the view": "SELECT * FROM core.newest_forecasts WHERE valid_at = %(hour)s",
    "hour, every cell, cell by cell": (
        "SELECT newest.* FROM (SELECT (cell / 25 + 40)::smallint AS nx, (cell %% 25 + 60)::smallint AS ny "
        "FROM generate_series(0, %(cells)s - 1) AS cell) AS cells CROSS JOIN LATERAL (SELECT * FROM core.forecast_history AS one "
        f"WHERE (one.nx, one.ny) = (cells.nx, cells.ny) AND valid_at = %(hour)s AND {_RECENT} ORDER BY issued_at DESC LIMIT 1"
        ") AS newest"
    ),
}  # fmt: skip
_JUDGED = [name for name in QUERIES if name.startswith("cell and hour")]


def run(size: Size, databases: Databases) -> Result:
    """Fill a table, keep it in order, ask."""
    cells = CELLS if size.repetitions > 1 else 25
    at = now().astimezone(KST)
    with databases.fresh() as dsn:
        engine = create_engine(dsn.replace("postgresql://", "postgresql+psycopg://", 1), poolclass=NullPool)
        with engine.begin() as connection:
            _FORECASTS.create(connection)
        with psycopg.connect(dsn, autocommit=True) as connection:
            started = time.perf_counter()
            newest = _fill(connection, at, cells)
            filled = time.perf_counter() - started
            whole_day = _number(connection, f"SELECT pg_total_relation_size('core.{newest.name}') / 1e9")
            started = time.perf_counter()
            upkeep = keep_in_order(dsn, [_POLICY], at)[_FORECASTS.fullname]
            kept = time.perf_counter() - started
            connection.execute(_VIEW)
            connection.execute("VACUUM ANALYZE core.forecast_history")
            rows, space = _number(connection, _ROWS), _number(connection, _SPACE)
        floor = f"SELECT * FROM core.{newest.name} WHERE {_ONE} ORDER BY issued_at DESC LIMIT 1"
        asked = {name: _asked(dsn, query, at, cells) for name, query in {**QUERIES, _FLOOR: floor}.items()}
    figures = [
        Figure(f"{name}: {what}", "ms", values) for name, found in asked.items() for what, values in found.items()
    ]
    slowest = max(_JUDGED, key=lambda name: median(asked[name]["95th percentile"]))
    measured = median(asked[slowest]["95th percentile"])
    ratios = zip(asked[_JUDGED[0]]["median"], asked[_FLOOR]["median"], strict=True)
    budget = f"a cell and hour ≤ {GREATEST_MS:g} ms"
    rounds = f"{ROUNDS} rounds of {TIMES} cells and hours, of lists of every cell a tenth, and of {CONNECTIONS} new connections"
    return Result(
        "forecast_history",
        f"The newest forecast, of a year: {rows:,.0f} rows in {upkeep.left} partitions",
        (
            *figures,
            Figure("cell and hour, by the view / floor", "", tuple(year / day for year, day in ratios)),
            Figure("a day thinned, a month merged", "s", (kept,)),
            Figure("on disk, with indexes", "GB", (space,)),
            Figure("on disk, of one whole day", "GB", (whole_day,)),
            Figure("on disk, if 400 days stayed whole (computed)", "GB", (whole_day * _POLICY.kept_for.days,)),
        ),
        (Verdict(budget, f"{measured:.2f} ms: {slowest}, 95th percentile", measured <= GREATEST_MS),),
        (
            f"{rounds}; each until its last row has arrived. “planned each time”: without prepared statements.",
            f"Filled in {filled:.0f} s. Upkeep replaced {', '.join(upkeep.replaced)}.",
        ),
    )


def _fill(connection: psycopg.Connection, at: datetime, cells: int) -> Partition:
    """Make and fill the partitions until `at`; return that of the newest whole day."""
    first = (at - _POLICY.kept_for).replace(day=1)
    days = [day_partition(_FORECASTS, first + timedelta(days=day)) for day in range((at - first).days + 1)]
    thinned = [day for day in days if day.end <= at - _POLICY.whole_for]
    still_whole = thinned[-1]
    months = [list(found) for _, found in groupby(thinned[:-1], key=lambda day: f"{day.start:%Y%m}")]
    last_over = max(number for number, month in enumerate(months) if month[-1].end.day == 1)
    for number, month in enumerate(months):
        merged = Partition(f"{_FORECASTS.name}_{month[0].start:%Y%m}", month[0].start, month[-1].end)
        for part in month if number >= last_over else [merged]:
            _add(connection, replace(part, comment=_POLICY.mark), at, cells, KEPT_LEADS)
    whole = [still_whole, *(day for day in days if day.end > at - _POLICY.whole_for)]
    for day in whole:
        _add(connection, day, at, cells, LEADS)
    return whole[-2]


def _add(connection: psycopg.Connection, part: Partition, at: datetime, cells: int, leads: tuple[int, ...]) -> None:
    literal = {
        name: sql.Literal(value)
        for name, value in (("start", part.start), ("end", part.end), ("comment", part.comment))
    }
    name = sql.Identifier(part.name)
    connection.execute(sql.SQL(_MAKE).format(name=name))
    times = {"first": part.start + timedelta(hours=2), "last": min(part.end, at)}
    connection.execute(sql.SQL(_FILL).format(name=name), {**times, "cells": cells, "leads": list(leads)})
    connection.execute(sql.SQL(_FINISH).format(name=name, **literal))


def _number(connection: psycopg.Connection, query: str) -> float:
    (value,) = connection.execute(query).fetchone() or (0,)  # type: ignore[arg-type]
    return float(value)


def _asked(dsn: str, query: str, at: datetime, cells: int) -> dict[str, tuple[float, ...]]:
    """Milliseconds of a query by what was measured, a value for each round."""
    measured: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        times = TIMES // 10 if "%(nx)s" not in query else TIMES
        with psycopg.connect(dsn, autocommit=True) as connection:
            values = [_timed(connection, query, at, cells) for _ in range(_WARM_UP + times)][_WARM_UP:]
        measured.setdefault("median", []).append(median(values))
        measured.setdefault("95th percentile", []).append(quantiles(values, n=20)[-1])
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.prepare_threshold = None
            values = [_timed(connection, query, at, cells) for _ in range(_WARM_UP + times)][_WARM_UP:]
        measured.setdefault("planned each time", []).append(median(values))
        first = []
        for _ in range(CONNECTIONS):
            with psycopg.connect(dsn, autocommit=True) as connection:
                first.append(_timed(connection, query, at, cells))
        measured.setdefault("first of a connection", []).append(median(first))
    return {what: tuple(values) for what, values in measured.items()}


def _timed(connection: psycopg.Connection, query: str, at: datetime, cells: int) -> float:
    cell = int(_DRAWS.integers(cells))
    hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=int(_DRAWS.integers(1, 35)))
    parameters = {
        "nx": cell // 25 + 40, "ny": cell % 25 + 60, "hour": hour, "recent": at - timedelta(days=6), "cells": cells,
    }  # fmt: skip
    started = time.perf_counter()
    found = connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]
    elapsed = (time.perf_counter() - started) * 1000
    assert found, "there is a forecast for every hour of the next day and a half"
    return elapsed
