"""What the platform's commands cost in processor time: a region, the whole country, a day of changes, `status`.

The real commands run against a sandbox, on new platforms whose servers are up. What is judged is the sum of the command,
its second process, their judges and PostgreSQL. The sandbox stands for the upstream and is shown apart. Linux only.

- A small region is the platform's first run, which also makes Dagster's tables. Another region is collected after it, and
  again ten times with nothing changed.
- The country is collected, and collected again with nothing changed. Then days pass, and `refresh` publishes each.
- So are countries of 0.3, 3 and 10 times the size, with as many changes a day: what a day costs more there is due to
  the size alone.

A checkpoint precedes every command and none follows, so the cost of writing its pages to their files is not included.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.benchmark import Size
from benchmarks.commands import Cost, Platform, platform
from benchmarks.processes import Databases, advance, changed, running_sandbox
from benchmarks.results import Figure, Result, Verdict
from weatherflick_assets.places.tables import DETAIL_TABLES, PLACE_ITEMS, PLACE_REGIONS, PLACE_TABLES
from weatherflick_assets.sandbox.korea.days import DAILY_CHANGES

GREATEST_REGION_SECONDS = 6.0
GREATEST_DAY_SECONDS = 15.0
GREATEST_STATUS_SECONDS = 1.5

REGION, SMALLEST_REGION = "50", "36110"
TIMES_AGAIN = 10
FULL_SCALE, OTHER_SCALES = 1.0, (0.3, 3.0, 10.0)

_TITLE = "What a run costs, in processor seconds"
_SCALE_QUICK, _TIMES_AGAIN_QUICK = 0.02, 2

_TABLES_OF_PLACES = frozenset(
    str(table.fullname) for table in (PLACE_ITEMS, PLACE_REGIONS, *PLACE_TABLES.values(), *DETAIL_TABLES.values())
)
_REWRITTEN = "SELECT schemaname || '.' || relname, n_tup_upd + n_tup_del FROM pg_stat_user_tables"
_SIZES = """
SELECT pg_database_size(current_database()), pg_total_relation_size('raw.calls'),
       pg_database_size(current_database() || '_dagster')
"""


@dataclass(frozen=True)
class _Region:
    """A platform's first run, a region collected and then again, and the sizes of the databases before and after the latter."""

    earlier: Cost
    first: Cost
    again: tuple[Cost, ...]
    before: tuple[int, int, int]
    after: tuple[int, int, int]


@dataclass(frozen=True)
class _Day:
    """What a day's changes cost, how many places they were, and the rows rewritten for them, by table."""

    cost: Cost
    changes: int
    rewritten: Mapping[str, int]


@dataclass(frozen=True)
class _Country:
    """A country collected first and again, the rows that the latter rewrote, days of the country, and its status."""

    first: Cost
    again: Cost
    rewritten_again: Mapping[str, int]
    days: tuple[_Day, ...]
    status: tuple[Cost, ...]


def run(size: Size, _databases: Databases) -> Result:
    """Run the commands at each size."""
    if sys.platform != "linux":
        return Result("runs", _TITLE, (), (), ("Not measured: only Linux says what every process took.",))
    is_full = size.repetitions > 1
    scale, times_again = (FULL_SCALE, TIMES_AGAIN) if is_full else (_SCALE_QUICK, _TIMES_AGAIN_QUICK)
    regions = [_region(scale, times_again if number == 0 else 0) for number in range(size.repetitions)]
    country = _country(scale, size.repetitions)
    others = {other: _country(other, 1) for other in OTHER_SCALES} if is_full else {}
    first = _costs("a region", [region.first for region in regions])
    days = _costs("a day", [day.cost for day in country.days])
    changes = Figure("a day: changes", "places", tuple(day.changes for day in country.days))
    status = _costs("status", country.status)
    rewritten = _of_places(country.rewritten_again)
    said = regions[0].first.said
    return Result(
        "runs",
        _TITLE,
        (
            *first,
            *_costs("a platform's first run", [region.earlier for region in regions]),
            *_costs("a region again, unchanged", regions[0].again),
            *_growth(regions[0]),
            *_costs("the country", [country.first]),
            *_costs("the country again, unchanged", [country.again]),
            *_rewrites("the country again, unchanged", [country.rewritten_again]),
            *days,
            changes,
            *_rewrites("a day", [day.rewritten for day in country.days]),
            *status,
            *(figure for each in sorted({scale: country, **others}.items()) for figure in _at_scale(*each)),
        ),
        (
            _at_most("collecting a region", first[0], GREATEST_REGION_SECONDS),
            Verdict("collecting again unchanged rewrites no row of places", f"{rewritten:,} rows", rewritten == 0),
            _at_most(f"a day with {changes.median:g} changes", days[0], GREATEST_DAY_SECONDS),
            _at_most("status", status[0], GREATEST_STATUS_SECONDS),
        ),
        (
            f"The region is {REGION}: {said['calls']} calls, {said['items']:,} places; the first run is of {SMALLEST_REGION}.",
            "“In all” is without the sandbox. A judge's last tenth of a second may count as the command's.",
            "Rows rewritten are those updated or deleted, as PostgreSQL counts them.",
        ),
    )


def _region(scale: float, times_again: int) -> _Region:
    with running_sandbox(scale) as url, platform(url) as ours:
        earlier = ours.cost("collect", "--regions", SMALLEST_REGION)
        collect = ("collect", "--regions", REGION)
        first = ours.cost(*collect)
        before = _sizes(ours)
        again = tuple(ours.cost(*collect) for _ in range(times_again))
        return _Region(earlier, first, again, before, _sizes(ours))


def _country(scale: float, times: int) -> _Country:
    # A small country changes in proportion, because it has too few places of some kinds.
    behaviour = {} if scale == _SCALE_QUICK else {"daily_changes": DAILY_CHANGES}
    with running_sandbox(scale, behaviour=behaviour) as url, platform(url) as ours:
        first = ours.cost("collect")
        before = _rewritten_so_far(ours)
        again = ours.cost("collect")
        rewritten_again = _since(before, ours)
        # The first reading of codes, festivals' dates, pets and stays is not part of an ordinary day.
        ours.run("lists", "--json")
        ours.run("refresh", "--json")
        days = tuple(_day(ours, url, number) for number in range(1, times + 1))
        return _Country(first, again, rewritten_again, days, tuple(ours.cost("status") for _ in range(times)))


def _day(ours: Platform, url: str, number: int) -> _Day:
    advance(url)
    before = _rewritten_so_far(ours)
    cost = ours.cost("refresh")
    changes = sum(len(ids) for kind, ids in changed(url, number).items() if kind != "rekeyed_from")
    return _Day(cost, changes, _since(before, ours))


def _sizes(ours: Platform) -> tuple[int, int, int]:
    """Bytes of the platform's database, of `raw.calls` in it, and of Dagster's database."""
    ours.ask("CHECKPOINT")
    platforms, calls, dagsters = ours.ask(_SIZES)[0]
    return platforms, calls, dagsters


def _rewritten_so_far(ours: Platform) -> dict[str, int]:
    return dict(ours.ask(_REWRITTEN))


def _since(before: dict[str, int], ours: Platform) -> dict[str, int]:
    return {table: rows - before.get(table, 0) for table, rows in _rewritten_so_far(ours).items()}


def _costs(name: str, costs: Sequence[Cost]) -> list[Figure]:
    """What a command cost in all, which comes first, and in parts."""
    parts = (
        ("in all", [cost.total for cost in costs]),
        ("command", [cost.command for cost in costs]),
        ("judges", [cost.judges for cost in costs]),
        ("PostgreSQL", [cost.postgresql for cost in costs]),
        ("sandbox", [cost.sandbox for cost in costs]),
    )
    return [Figure(f"{name}: {part}", "s", tuple(values)) for part, values in parts]


def _growth(region: _Region) -> list[Figure]:
    platforms, calls, dagsters = (after - before for after, before in zip(region.after, region.before, strict=True))
    times, size = len(region.again), region.before[0]
    return [
        Figure(f"growth of the database, {times} more unchanged collections", "%", (100 * platforms / size,)),
        Figure("the same without raw.calls", "%", (100 * (platforms - calls) / size,)),
        Figure("growth of Dagster's database, for each of them", "kB", (dagsters / times / 1e3,)),
    ]


def _rewrites(name: str, times: Sequence[Mapping[str, int]]) -> list[Figure]:
    of_places = tuple(_of_places(rewritten) for rewritten in times)
    others = tuple(sum(rewritten.values()) - rows for rewritten, rows in zip(times, of_places, strict=True))
    return [
        Figure(f"{name}: rewritten in the tables of places", "rows", of_places),
        Figure(f"{name}: rewritten in other tables", "rows", others),
    ]


def _of_places(rewritten: Mapping[str, int]) -> int:
    return sum(rows for table, rows in rewritten.items() if table in _TABLES_OF_PLACES)


def _at_scale(scale: float, country: _Country) -> list[Figure]:
    name = f"{scale:g} × the country, {country.first.said['items']:,} places"
    days = [day.cost for day in country.days]
    peak = max(cost.peak_mb for cost in (country.first, country.again, *days))
    return [
        Figure(f"{name}: first", "s", (country.first.total,)),
        Figure(f"{name}: again, unchanged", "s", (country.again.total,)),
        Figure(f"{name}: a day", "s", tuple(day.total for day in days)),
        Figure(f"{name}: peak memory of a process of the command", "MB", (peak,)),
    ]


def _at_most(name: str, measured: Figure, greatest: float) -> Verdict:
    return Verdict(f"{name} ≤ {greatest:g} s of processor", f"{measured.median:.2f} s", measured.median <= greatest)
