"""Laws of a sweep over lists that change at random between its requests, over HTTP."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from enum import Enum

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings, target
from hypothesis import strategies as st

from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.sweep import READINGS, Sweep, sweep
from weatherflick_assets_tests.upstream.hosts import PATIENT_KTO, Kept, client_of, envelope, paged_by, serving

MOST_ROWS = 30


class Kind(Enum):
    """How a list can change."""

    COME = "a row comes"
    LEAVE = "a row leaves"
    MOVE = "a row changes its place"


@dataclass(frozen=True)
class Change:
    """One change; places are taken modulo the length that the list has then."""

    kind: Kind
    place: int
    to: int


@dataclass
class MovingList:
    """A list that makes the changes of `script[n]` just before its answer number n, counted from 0.

    Attributes:
        stayed: rows that were there all the time.
        came, left: how many changes of these kinds were made.
        versions: what the list was before the first answer, and after every change.
        answers: how many were given.
    """

    rows: list[int]
    script: Sequence[Sequence[Change]]
    stayed: set[int] = field(default_factory=set)
    came: int = 0
    left: int = 0
    versions: list[list[int]] = field(default_factory=list)
    answers: int = 0

    def __post_init__(self) -> None:
        self.stayed = set(self.rows)
        self.versions = [list(self.rows)]

    def answer(self, page: int, size: int) -> bytes:
        """The page as it is now."""
        for change in self.script[self.answers] if self.answers < len(self.script) else ():
            self._make(change)
        self.answers += 1
        items: list[dict[str, object]] = [{"contentid": row} for row in self.rows[(page - 1) * size : page * size]]
        return envelope(items, len(self.rows))

    def _make(self, change: Change) -> None:
        if change.kind is Kind.COME:
            self.came += 1
            self.rows.insert(change.to % (len(self.rows) + 1), 1000 + self.came)
        elif self.rows:
            row = self.rows.pop(change.place % len(self.rows))
            if change.kind is Kind.LEAVE:
                self.left += 1
                self.stayed.discard(row)
            else:
                self.rows.insert(change.to % (len(self.rows) + 1), row)
        self.versions.append(list(self.rows))


class Stage:
    """One server, and one client, for many lists after one another."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._client: UpstreamClient | None = None
        self.list = MovingList([], [])

    def __enter__(self) -> "Stage":
        async def handle(request: web.Request) -> web.Response:
            return web.Response(body=self.list.answer(int(request.query["pageNo"]), int(request.query["numOfRows"])))

        async def enter() -> None:
            url = await self._open.enter_async_context(serving(handle))
            self._client = await self._open.enter_async_context(client_of(url, Kept()))

        self._runner.run(enter())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()

    def sweep(self, moving: MovingList, rows_per_page: int) -> tuple[Sweep, set[int]]:
        """The sweep of a list, and the rows it handed on."""
        assert self._client is not None, "use the stage as a context manager"
        self.list = moving
        operation = replace(paged_by(rows_per_page), provider=PATIENT_KTO)
        taken: set[int] = set()

        async def take(answer: Answer) -> None:
            taken.update(int(str(item["contentid"])) for item in answer.page.items)

        return self._runner.run(sweep(self._client, operation, {}, id_field="contentid", take=take)), taken


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage() as stage:
        yield stage


def changes(*kinds: Kind) -> st.SearchStrategy[Change]:
    places = st.integers(0, MOST_ROWS)
    return st.builds(Change, st.sampled_from(kinds), places, places)


def scripts(*kinds: Kind) -> st.SearchStrategy[list[list[Change]]]:
    """Mostly nothing happens between two answers, or sweeps would never be complete."""
    step = st.one_of(st.just([]), st.just([]), st.lists(changes(*kinds), max_size=3))
    return st.lists(step, max_size=40).map(lambda later: [[], *later])


def laws(max_examples: int) -> settings:
    # The stage is set anew for every example, not built anew.
    return settings(
        max_examples=max_examples, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )


lists = st.integers(0, MOST_ROWS).map(lambda count: list(range(count)))
sizes = st.integers(1, 5)


@laws(150)
@given(rows=lists, size=sizes, script=scripts(*Kind))
def test_a_complete_sweep_overlooks_no_more_rows_than_came_and_no_more_than_left(
    stage: Stage, rows: list[int], size: int, script: list[list[Change]]
) -> None:
    moving = MovingList(rows, script)
    result, taken = stage.sweep(moving, size)
    overlooked = moving.stayed - taken
    target(len(overlooked))
    if result.is_complete:
        assert len(overlooked) <= min(moving.came, moving.left)
        assert result.items_seen == result.rows == result.total_count
    longest = max(map(len, moving.versions))
    assert result.readings <= READINGS
    assert result.pages == moving.answers <= result.readings * max(1, -(-longest // size))


@laws(150)
@given(
    rows=lists,
    size=sizes,
    script=st.sampled_from([(Kind.COME, Kind.MOVE), (Kind.LEAVE, Kind.MOVE), (Kind.MOVE,)]).flatmap(
        lambda kinds: scripts(*kinds)
    ),
)
def test_while_rows_only_come_or_only_leave_or_change_places_a_complete_sweep_has_every_row_that_stayed(
    stage: Stage, rows: list[int], size: int, script: list[list[Change]]
) -> None:
    moving = MovingList(rows, script)
    result, taken = stage.sweep(moving, size)
    if result.is_complete:
        assert moving.stayed <= taken
        assert any(len(version) == result.items_seen and set(version) <= taken for version in moving.versions)


@laws(100)
@given(
    rows=lists,
    size=sizes,
    quiet=st.integers(0, MOST_ROWS),
    upheaval=st.lists(changes(*Kind), max_size=20),
)
def test_a_list_that_stands_still_again_before_it_is_reread_is_complete_within_three_readings(
    stage: Stage, rows: list[int], size: int, quiet: int, upheaval: list[Change]
) -> None:
    moving = MovingList(rows, [*([[]] * (1 + quiet)), upheaval])
    first_reading = max(1, -(-len(rows) // size))
    result, _ = stage.sweep(moving, size)
    assert result.is_complete
    assert result.readings <= 3
    if not upheaval or 1 + quiet >= first_reading:
        assert result.pages == first_reading


def test_lists_that_never_rest_are_given_up(stage: Stage) -> None:
    restless = [[Change(Kind.MOVE, 29, 0)]] * 1000
    result, _ = stage.sweep(MovingList(list(range(30)), restless), 5)
    assert not result.is_complete
    assert result.readings == READINGS
