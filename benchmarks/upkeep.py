"""Thirty days of a whole country: whether the change feed keeps up, and what it costs in calls.

Every fifth day the known places (id, kind, region, visibility, payload) are compared with a full reading of the list.

The oracle knows each day's changes and reads the fewest pages that show them. In a list sorted newest first, those are
the pages that the changed rows fill. For each place that vanished without a trace it makes one more call as proof.

There are three countries.

- In the first, places change in every way except vanishing without a trace. The feed must stay within 1.05 × the oracle
  on every day.
- In the second, places vanish as well, and only the oracle knows where. A page shows how many rows are missing before
  it, so finding one missing place among n pages takes log2(n) pages, and m places take about m * (1 + log2(n / m)). A
  second reader of this country is killed once a day, after a random number of answers; another process then resumes.
- In the third, small one, places change in every way every day. Only the affected kinds and regions are published
  again. Every day the tables are compared with those of a collection from scratch in another database.
"""

import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from statistics import fmean
from typing import Any, LiteralString
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import orjson
import psycopg
from psycopg.rows import dict_row

from benchmarks.benchmark import Size
from benchmarks.contenders.upkeep import read
from benchmarks.processes import Databases, advance, changed, run_contender, running_sandbox
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.collect.reconciliation import expected_pages
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.sandbox.korea.days import DAILY_CHANGES
from weatherflick_assets.settings import now

GREATEST_RATIO = 1.05
DAYS = 30
PUBLISHED_SCALE = 0.01
COMPARED_EVERY = 5
"""Days between comparisons. At full size a comparison takes ten times as long as a day."""

_SCALE_QUICK, _DAYS_QUICK = 0.02, 2
_ROWS_PER_PAGE = 1000
_PAGES = 70  # of the whole list, at full size
_SEED = 20260701
_TRACED = {kind: number for kind, number in DAILY_CHANGES.items() if kind != "vanished"}

_KNOWN = """
SELECT content_id, content_type_id, region_code, is_visible, payload::text
FROM raw.place_items JOIN core.place_regions USING (content_id) WHERE absent_since IS NULL
"""

_CHECKSUM = """
SELECT md5(string_agg(concat_ws('|', content_id, content_type_id, region_code, is_visible, payload), ',' ORDER BY content_id))
FROM raw.place_items JOIN core.place_regions USING (content_id) WHERE absent_since IS NULL
"""

_OWN_COLUMNS = ("source_response_id", "published_at", "updated_at", "removed_at", "previous_content_id")
"""Columns that a collection from scratch cannot reproduce: source response, the platform's own times, former id."""

Places = dict[str, tuple[str, str, bool, dict[str, Any]]]
"""By id: kind, region, visibility, and the row as received."""


@dataclass
class _World:
    """The sandbox's world: what its days cost an oracle, and full readings of its list."""

    url: str
    _places: Places = field(default_factory=dict)

    def oracle_calls(self, day: int) -> int:
        changes = changed(self.url, day)
        rows = sum(len(ids) for kind, ids in changes.items() if kind not in {"vanished", "rekeyed_from"})
        return ceil(rows / _ROWS_PER_PAGE) + len(changes["vanished"])

    def places(self) -> Places:
        """The whole current list. Rows that have not changed since the last reading are reused."""
        rows: dict[str, dict[str, Any]] = {}
        total, number = 1, 1
        while (number - 1) * _ROWS_PER_PAGE < total:
            query = {"serviceKey": "sandbox", "MobileOS": "ETC", "MobileApp": "b", "_type": "json"}
            query |= {"numOfRows": str(_ROWS_PER_PAGE), "pageNo": str(number)}
            address = f"{self.url}/B551011/KorService2/areaBasedSyncList2?{urlencode(query)}"
            with urlopen(Request(address, headers={"User-Agent": "benchmark"})) as response:  # noqa: S310
                body = orjson.loads(response.read())["response"]["body"]
            rows |= {row["contentid"]: row for row in body["items"]["item"]}
            total, number = body["totalCount"], number + 1
        assert len(rows) == total
        fresh = [row for name, row in rows.items() if name not in self._places or self._places[name][3] != row]
        made = listed_items(fresh, 0)
        columns = (made[name] for name in ("content_id", "content_type_id", "region_code", "is_visible"))
        self._places = {name: place for name, place in self._places.items() if name in rows}
        for name, kind, region, is_visible, row in zip(*columns, fresh, strict=True):
            self._places[name] = (kind, region, bool(is_visible), row)
        return self._places


def _known(dsn: str) -> Places:
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(_KNOWN).fetchall()
    return {name: (kind, region, is_visible, orjson.loads(payload)) for name, kind, region, is_visible, payload in rows}


def _value(dsn: str, query: LiteralString) -> Any:
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _calls(dsn: str) -> int:
    return _value(dsn, "SELECT count(*) FROM raw.calls")


def _read_and_killed(url: str, dsn: str, killed_after: int) -> bool:
    """Read in a process that is killed after so many answers, then resume in another; return whether it was killed."""
    began = now()
    command = [sys.executable, "-m", "benchmarks.contenders.upkeep", url, dsn, str(killed_after), ""]
    died = subprocess.run(command, capture_output=True, check=False).returncode == -signal.SIGKILL
    if died:
        run_contender("upkeep", url, dsn, "0", began.isoformat())
    return died


@dataclass
class _Days:
    """Daily figures of one reader."""

    calls: list[int] = field(default_factory=list)
    oracle: list[int] = field(default_factory=list)
    compared: int = 0
    wrong: int = 0

    def add(self, calls: int, oracle: int) -> None:
        self.calls.append(calls)
        self.oracle.append(oracle)

    def compare(self, *, is_right: bool) -> None:
        self.compared += 1
        self.wrong += not is_right

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(calls / max(1, oracle) for calls, oracle in zip(self.calls, self.oracle, strict=True))


def _traced(scale: float, days: int, every: int, databases: Databases) -> _Days:
    figures = _Days()
    with running_sandbox(scale, behaviour=_of_size(_TRACED, scale)) as url, databases.fresh() as dsn:
        world = _World(url)
        read(url, dsn)
        for day in range(1, days + 1):
            advance(url)
            before = _calls(dsn)
            read(url, dsn)
            figures.add(_calls(dsn) - before, world.oracle_calls(day))
            if day % every == 0:
                figures.compare(is_right=_known(dsn) == world.places())
    return figures


def _vanishing(scale: float, days: int, every: int, databases: Databases) -> tuple[_Days, _Days, int]:
    """Figures of an undisturbed reader, of one that is killed daily, and the number of actual kills."""
    undisturbed, killed, deaths = _Days(), _Days(), 0
    drawn = random.Random(_SEED)  # noqa: S311
    with (
        running_sandbox(scale, behaviour=_of_size(DAILY_CHANGES, scale)) as url,
        databases.fresh() as dsn,
        databases.fresh() as mortal,
    ):
        world = _World(url)
        read(url, dsn)
        read(url, mortal)
        for day in range(1, days + 1):
            advance(url)
            before = _calls(dsn)
            read(url, dsn)
            calls = _calls(dsn) - before
            undisturbed.add(calls, world.oracle_calls(day))
            if day % every == 0:
                undisturbed.compare(is_right=_known(dsn) == world.places())
            before = _calls(mortal)
            deaths += _read_and_killed(url, mortal, drawn.randint(1, calls))
            killed.add(_calls(mortal) - before, calls)
            killed.compare(is_right=_value(mortal, _CHECKSUM) == _value(dsn, _CHECKSUM))
    return undisturbed, killed, deaths


def _publish(dsn: str, partitions: set[tuple[str, str]]) -> int:
    """Publish these kinds and regions; return how many were held back."""
    wanted = [
        (kind, region)
        for kind in CONTENT_TYPES
        for region in (*REGION_CODES, UNASSIGNED)
        if (kind.content_type_id, region) in partitions
    ]
    return sum(Publisher(dsn, now).places(kind, region).published is None for kind, region in wanted)


def _published(dsn: str) -> dict[str, list[dict[str, Any]]]:
    tables = {}
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        for table in PLACE_TABLES.values():
            statement = f"SELECT * FROM {table.fullname} WHERE removed_at IS NULL ORDER BY content_id"
            rows = cursor.execute(statement).fetchall()  # type: ignore[arg-type]
            tables[table.fullname] = [
                {name: value for name, value in row.items() if name not in _OWN_COLUMNS} for row in rows
            ]
    return tables


def _publishing(scale: float, days: int, databases: Databases) -> tuple[int, int, list[int], int]:
    """The number of comparisons, of differences, of partitions published per day, and of those held back."""
    compared = wrong = held_back = 0
    published = []
    with running_sandbox(scale, behaviour=_of_size(DAILY_CHANGES, scale)) as url, databases.fresh() as dsn:
        held_back += _publish(dsn, set(read(url, dsn).touched))
        for _ in range(1, days + 1):
            advance(url)
            touched = set(read(url, dsn).touched)
            published.append(len(touched))
            held_back += _publish(dsn, touched)
            with databases.fresh() as other:
                held_back += _publish(other, set(read(url, other).touched))
                compared += 1
                wrong += _published(dsn) != _published(other)
    JUDGE.stop()
    return compared, wrong, published, held_back


def _of_size(changes: Mapping[str, int], scale: float) -> dict[str, object]:
    """Settings for a number of daily changes proportional to the scale, at least one of each kind."""
    return {"daily_changes": {kind: max(1, round(number * scale)) for kind, number in changes.items()}}


def run(size: Size, databases: Databases) -> Result:
    """Thirty days of each country."""
    is_full = size.repetitions > 1
    scale, days = (1.0, DAYS) if is_full else (_SCALE_QUICK, _DAYS_QUICK)
    every = COMPARED_EVERY if is_full else 1
    traced = _traced(scale, days, every, databases)
    undisturbed, killed, deaths = _vanishing(scale, days, every, databases)
    compared, differing, published, held_back = _publishing(PUBLISHED_SCALE, days, databases)
    worst = max(traced.ratios)
    wrong = traced.wrong + undisturbed.wrong + killed.wrong
    looks = traced.compared + undisturbed.compared + killed.compared
    repeated = sum(killed.calls) - sum(killed.oracle)
    vanished = DAILY_CHANGES["vanished"]
    return Result(
        "upkeep",
        f"{days} days of a country of scale {scale:g}, followed by the change feed",
        (
            Figure("all but untraced vanishing: calls a day", "calls", tuple(map(float, traced.calls))),
            Figure("all but untraced vanishing: oracle", "calls", tuple(map(float, traced.oracle))),
            Figure("all but untraced vanishing: ratio", "", traced.ratios),
            Figure("with untraced vanishing: calls a day", "calls", tuple(map(float, undisturbed.calls))),
            Figure("with untraced vanishing: oracle", "calls", tuple(map(float, undisturbed.oracle))),
            Figure("with untraced vanishing: ratio", "", undisturbed.ratios),
            Figure("the same, killed once a day: calls a day", "calls", tuple(map(float, killed.calls))),
            Figure("published again a day, small country", "kinds and regions", tuple(map(float, published))),
        ),
        (
            Verdict(
                f"≤ {GREATEST_RATIO} × the oracle on every day, all but untraced vanishing",
                f"{worst:.2f}",
                worst <= GREATEST_RATIO,
            ),
            Verdict(
                "the known places equal a full reading, killed or not",
                f"{wrong} of {looks} comparisons differ",
                wrong == 0,
            ),
            Verdict("a kill repeats no answered call", f"{repeated} more calls, {deaths} killed", repeated == 0),
            Verdict(
                "the published tables equal those of a collection from scratch, every day",
                f"{differing} of {compared} comparisons differ, {held_back} held back",
                differing == 0,
            ),
        ),
        (
            (
                f"With untraced vanishing, the mean is {fmean(undisturbed.calls):.1f} calls a day; the oracle's is "
                f"{fmean(undisturbed.oracle):.1f}. At full size, one page plus a search of {_PAGES} pages for {vanished} "
                f"places is expected to take {1 + expected_pages(vanished, _PAGES):.1f} calls. Reading everything "
                f"takes {_PAGES}."
            ),
        ),
    )
