"""Collects an issue of a cell product: which cells are asked about, and how far the collection got."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.access import Access
from weatherflick_assets.upstream.balances import Balance, calls_left
from weatherflick_assets.upstream.client import UpstreamClient
from weatherflick_assets.upstream.errors import ExhaustedError
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather import plan
from weatherflick_assets.weather.collect.answers import (
    EMPTY_AT_FIRST,
    Collected,
    Question,
    collect_answers,
    problem_of,
)
from weatherflick_assets.weather.issues import key_of
from weatherflick_assets.weather.products import CellProduct
from weatherflick_assets.weather.store import collections
from weatherflick_assets.weather.store.answers import AnswerStore, newest_issues

LOOKED_BACK = timedelta(days=3)
"""How far back the last issue of a cell is looked for; what is older is as good as none."""


@dataclass(frozen=True)
class CellsCollected:
    """The result of collecting an issue.

    Attributes:
        cells: cells for which weather is wanted.
        collected: what was asked and answered; `wanted` are the cells that were planned for this issue.
        calls, retries: calls sent, and how many of them were retries.
        ages: the share of places by the age of what is known of their cells, afterwards.
    """

    cells: int
    collected: Collected
    calls: int
    retries: int
    ages: Mapping[str, float]


async def collect_cells(
    client: UpstreamClient,
    dsn: str,
    product: CellProduct,
    issue: datetime,
    *,
    access: Access,
    clock: Clock,
    most_calls: int | None = None,
) -> CellsCollected:
    """Ask about the cells that are worth most at this issue, as many as the day's quota allows, and note the answers.

    Args:
        client: of the KMA.
        dsn: the platform's database.
        product: what is asked.
        issue: the issue, aware.
        access: the keys that calls are planned with.
        clock: the current time.
        most_calls: the most calls of this collection; what it leaves is due still.

    Raises:
        PastRetentionError, LateIssueError: the upstream does not give the issue any more, or not yet.
        ExhaustedError: the day's quota leaves no call for this issue.
    """
    now = clock()
    product.series.check_readable(issue, now)
    with collections.attempt(dsn, product.series, issue, now) as attempt:
        cells = _cells(dsn, product, issue)
        balance = (await asyncio.to_thread(calls_left, dsn, access, [product.operation], now))[product.operation.name]
        chosen = plan.cells_to_ask(
            cells["places"],
            cells["age_hours"],
            product.series.sharing(issue, now),
            calls_per_cell=_pages(product, issue),
            calls_left=balance.left,
        )
        left = len(chosen)
        if most_calls is not None:
            chosen = chosen[: most_calls // _pages(product, issue)]
        # Those that are answered already count in the share of this issue.
        answered = _subjects(cells[cells["age_hours"] == 0])
        # If those that are asked first have no data, no others are asked; so each attempt begins with others.
        first = (attempt.number - 1) * EMPTY_AT_FIRST % max(1, len(chosen))
        wanted = [*answered, *_subjects(cells.iloc[[*chosen[first:], *chosen[:first]]])]
        attempt.planned, attempt.answered = len(wanted), len(answered)
        is_spent = balance.left < _pages(product, issue)
        if not len(chosen) and len(answered) < len(cells) and (is_spent or not answered):
            raise _no_calls(product, issue, balance)
        async with AnswerStore(dsn) as store:
            collected = await collect_answers(client, store, _question(product, issue), wanted)
        attempt.answered, attempt.problem = collected.known, problem_of(collected)
        if attempt.problem is None and len(chosen) < left:
            attempt.problem = f"it was limited to {most_calls} calls"
    after = _cells(dsn, product, issue)
    ages = plan.shares_by_age(after["places"], after["age_hours"])
    return CellsCollected(len(cells), collected, client.count.sent, client.count.retried, ages)


def _no_calls(product: CellProduct, issue: datetime, balance: Balance) -> ExhaustedError:
    operation = product.operation
    kept = " and kept for later issues" if balance.left else ""
    message = (
        f"No call of {operation.provider.name} {operation.name} is left for the issue {key_of(issue)}: of {balance.limit:,} a day, "
        f"{balance.left:,} are left{kept}. What the issue before said stands; there are calls again at 00:00 KST."
    )
    return ExhaustedError(message, code="22")


def _question(product: CellProduct, issue: datetime) -> Question:
    at = issue.astimezone(KST)
    return Question(
        operation=product.operation,
        issued_at=issue,
        issue={"base_date": f"{at:%Y%m%d}", "base_time": f"{at:%H%M}"},
        of_subject=lambda subject: dict(zip(("nx", "ny"), subject.split(","), strict=True)),
        subject_of=lambda parameters: f"{parameters['nx']},{parameters['ny']}",
        published=[(asset_key, key_of(issue)) for asset_key in product.published],
    )


def _cells(dsn: str, product: CellProduct, issue: datetime) -> pd.DataFrame:
    """The cells for which weather is wanted: nx, ny, places, and the age in hours of what is known, seen from the issue."""
    with connect(dsn) as connection:
        found = connection.execute("SELECT nx, ny, places FROM core.cells").fetchall()
        newest = newest_issues(connection, product.operation, issue - LOOKED_BACK, issue)
    cells = pd.DataFrame(found, columns=["nx", "ny", "places"]).astype("int64")
    ages = {subject: (issue - at) / timedelta(hours=1) for subject, at in newest.items()}
    return cells.assign(age_hours=pd.Series([ages.get(subject) for subject in _subjects(cells)], dtype="float64"))


def _subjects(cells: pd.DataFrame) -> list[str]:
    return [f"{nx},{ny}" for nx, ny in zip(cells["nx"].tolist(), cells["ny"].tolist(), strict=True)]


def _pages(product: CellProduct, issue: datetime) -> int:
    """How many calls an answer takes: some issues have more rows than fit on a page."""
    times = product.valid_times(issue)
    rows = len(times) * product.values_per_time + product.values_per_day * len({at.date() for at in times})
    return -(-rows // (product.operation.rows_per_page or rows))
