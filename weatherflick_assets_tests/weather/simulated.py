"""Days of weather, tick by tick, as schedules, runner and outbox go through them; and what the sandbox had published meanwhile.

What must hold is worked out from the sandbox's settings alone: which issue of which cell it had published at a time.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import psycopg
from dagster._utils.schedules import cron_string_iterator

from weatherflick_assets.orchestration.flows import Flow
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.publication import is_published
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.outbox import pending
from weatherflick_assets.weather import flows, issues
from weatherflick_assets.weather.issues import LateIssueError, NothingCollectedError, Series
from weatherflick_assets.weather.products import PRODUCTS
from weatherflick_assets.weather.publish import Publishing
from weatherflick_assets.weather.store import collections
from weatherflick_assets_tests.weather.collecting import Weather, stock, weather

Cell = tuple[int, int]

KEPT = timedelta(hours=24)
DELAY = {"getUltraSrtNcst": 10, "getUltraSrtFcst": 15, "getVilageFcst": 10}
"""Minutes after which the KMA publishes an issue, by operation."""

CELLS = ((60, 127), (98, 76), (92, 131), (52, 38), (89, 90))
"""Seoul, Busan, Gangneung, Jeju, Daegu."""

_FLOW = {flow.name: flow for flow in flows.FLOWS}
_SERIES = {series.name: series for series in (issues.OBSERVATIONS, issues.NOWCASTS, issues.FORECASTS, issues.MIDTERM)}


def ticks(names: Sequence[str], since: datetime, until: datetime) -> list[tuple[datetime, Flow]]:
    """When the schedules of flows tick, in order."""
    found = []
    for name in names:
        flow = _FLOW[name]
        assert flow.cron is not None
        for at in cron_string_iterator(since.timestamp(), flow.cron, str(KST)):
            if at > until:
                break
            found.append((at, flow))
    return sorted(found, key=lambda tick: tick[0])


@dataclass
class Simulation:
    """A platform that follows the schedules while a sandbox publishes issues.

    Attributes:
        names: the series that are collected.
        cells: those for which weather is wanted.
        unread: cells whose answer of an issue could not be read yet, by series and issue.
        held_back: issues that a gate held back.
        asked_at: the last tick of each series.
    """

    weather: Weather
    behaviour: Behaviour
    cells: Sequence[Cell]
    names: Sequence[str]
    unread: dict[tuple[str, datetime], set[str]] = field(default_factory=dict)
    held_back: list[tuple[str, str]] = field(default_factory=list)
    asked_at: dict[str, datetime] = field(default_factory=dict)
    _tried: set[int] = field(default_factory=set)
    _connection: psycopg.Connection | None = None

    def run(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """Follow the schedules; give every tick after it is done with."""
        with connect(self.weather.dsn, autocommit=True) as connection:
            self._connection = connection
            for at, flow in ticks(self.names, since, until):
                self.weather.at(at)
                for issue in collections.due(connection, _SERIES[flow.name], at):
                    self._collect(flow.name, issue)
                self._drain(connection)
                self.asked_at[flow.name] = at
                yield at

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """What a query gives."""
        assert self._connection is not None
        return self._connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def _collect(self, name: str, issue: datetime) -> None:
        with suppress(LateIssueError, ExhaustedError):
            if name == issues.MIDTERM.name:
                self.weather.collect_midterm(issue)
                return
            collected = self.weather.collect(issue, PRODUCTS[name]).collected
            left = {f"{nx},{ny}" for nx, ny in self.cells} if collected.stopped_by else {*collected.unreadable}
            self.unread[name, issue] = left

    def _drain(self, connection: psycopg.Connection) -> None:
        """Publish what the outbox holds, as often as that makes something pending; what a gate held back stays."""
        while found := [entry for entry in pending(connection) if entry.change_id not in self._tried]:
            # The outlook is made of the hours, and a later one of an earlier one.
            entry = min(found, key=lambda each: (each.asset_key == "core/daily_forecasts", each.partition_key))
            self._tried.add(entry.change_id)
            with suppress(NothingCollectedError):
                if not self._publish(entry.asset_key, entry.partition_key).verdict.passed:
                    self.held_back.append((entry.asset_key, entry.partition_key))

    def _publish(self, asset_key: str, partition_key: str) -> Publishing:
        if asset_key == "core/daily_forecasts":
            return self.weather.publish_days(issues.FORECASTS.issue_of(partition_key))
        if asset_key == "core/midterm_forecasts":
            return self.weather.publish_midterm(issues.MIDTERM.issue_of(partition_key))
        product = next(each for each in PRODUCTS.values() if each.published[0] == asset_key)
        return self.weather.publish(product.series.issue_of(partition_key), product)

    def was_there(self, operation: str, issue: datetime, cell: Cell, at: datetime) -> bool:
        """Whether the sandbox has given what an issue says about a cell until a time."""
        delay = timedelta(minutes=DELAY[operation])
        part = f"{cell[0]},{cell[1]}"
        issue = issue.astimezone(KST)  # the sandbox draws by the issue as it is written
        return is_published(operation, issue, delay, at, self.behaviour, part=part)

    def absent(self, series: Series, operation: str, since: datetime, until: datetime) -> list[datetime]:
        """The issues that never appear."""
        return [
            issue
            for issue in series.issues(since, until)
            if not any(
                is_published(operation, issue, timedelta(), until + KEPT, self.behaviour, part=f"{nx},{ny}")
                for nx, ny in self.cells
            )
        ]


@contextmanager
def simulation(dsn: str, now: datetime, names: Sequence[str], **settings: Any) -> Iterator[Simulation]:
    """A platform that wants weather for a handful of cells, and collects these series; a database of its own."""
    with connect(dsn, autocommit=True) as connection:
        connection.execute("DELETE FROM core.kto_areas")  # their seats are wanted, too
    stock(dsn, dict.fromkeys(CELLS, 1))
    with weather(dsn, now, **settings) as at:
        yield Simulation(at, Behaviour(**settings), CELLS, names)
