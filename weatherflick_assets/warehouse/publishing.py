"""The transaction in which one partition of a core table is staged, judged, and published or held back.

Write, audit, publish: the caller stages rows, has the partition judged as it will be, and calls `publish` or
`hold_back`. Leaving without either changes nothing, so the last good rows stay visible. Meanwhile the database works in
the background: it receives one chunk and reads another while a third is made.

The publishing transaction deletes the partition's note in the outbox, so what is held back or interrupted stays
pending. How staged rows reach the table is what subclasses say: `merging.py` keeps rows that are the same, `replacing.py`
puts rows in place of others.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

import psycopg
from psycopg import sql
from sqlalchemy import Column, Table

from weatherflick_assets.warehouse import outbox
from weatherflick_assets.warehouse.connections import borrowed
from weatherflick_assets.warehouse.loading import frame_of, readable
from weatherflick_assets.warehouse.statements import names

if TYPE_CHECKING:
    import pandas as pd

Result = TypeVar("Result")

READ_ROWS = 10_000
"""Rows read at once for judging."""

_MOST_QUEUED = 2
"""Pieces of work that the database may have before it: enough that it never waits, few enough to keep memory flat."""


class Derived(NamedTuple):
    """A column that is read with the rows and is not one of the table.

    Attributes:
        column: its name and type.
        expression: what it is, in terms of the row `published`, e.g. `published.title`.
    """

    column: Column
    expression: sql.Composable


class PublishingTransaction:
    """One partition of one core table, from staging to publishing. Use it as a context manager.

    Runs for the same partition wait for each other, whoever started them.

    Args:
        dsn: the platform's database.
        table: the core table.
        asset_key: the published asset, e.g. `core/attractions`.
        partition_key: its partition; "" for an asset without any.

    Attributes:
        table: the core table.
    """

    def __init__(self, dsn: str, table: Table, asset_key: str, partition_key: str) -> None:
        self._dsn = dsn
        self.table = table
        self._publication = asset_key, partition_key
        self._key = [column.name for column in table.primary_key]
        self._queued: deque[Future] = deque()
        self._is_used = False

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            self._connection = opened.enter_context(borrowed(self._dsn))
            self._cursor = self._connection.cursor()
            self._cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ("/".join(self._publication),)
            )
            # Before anything is read: a change that is committed later may be missed, and then stays noted.
            self._noted = outbox.find(self._connection, *self._publication)
            self._background = opened.enter_context(ThreadPoolExecutor(1, thread_name_prefix="publication"))
            self._opened = opened.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._opened.__exit__(kind, error, traceback)
        if error is None:
            self._wait_for_all_but(0)  # what went wrong unnoticed is raised

    def rows_as_published(self) -> sql.Composable:
        """The rows of the partition as they will be published: what follows FROM in the same transaction."""
        raise NotImplementedError

    def read(self, columns: Sequence[str], derived: Sequence[Derived] = ()) -> Iterator["pd.DataFrame"]:
        """The rows of the partition as they will be published, `READ_ROWS` at a time, by key; none if there are none.

        Args:
            columns: of the table.
            derived: columns that are worked out of the rows.
        """
        of_table = [self.table.columns[name] for name in columns]
        read = [*of_table, *(each.column for each in derived)]
        selected = [
            readable(of_table),
            *(sql.SQL("({}) AS {}").format(each.expression, sql.Identifier(each.column.name)) for each in derived),
        ]
        self._wait_for_all_but(0)
        with self._connection.cursor(name="rows_as_published") as cursor:
            cursor.execute(
                sql.SQL("SELECT {} FROM (SELECT {table} FROM {}) AS published ORDER BY {key}").format(
                    sql.SQL(", ").join(selected),
                    self.rows_as_published(),
                    table=names(self.table.columns.keys()),
                    key=names(self._key),
                )
            )
            while rows := cursor.fetchmany(READ_ROWS):
                yield frame_of(rows, read)

    def first(self, look: Callable[[psycopg.Connection], Result]) -> Result:
        """Look at the database in the same transaction, before anything is staged."""
        assert not self._is_used, "something is staged"
        return look(self._connection)

    def then(self, work: Callable[[psycopg.Cursor], Result]) -> "Future[Result]":
        """Have the database do `work` in the same transaction, in the background, after all earlier work.

        After work that failed nothing more is done; its error is raised here, or by whatever is asked for next.
        """
        return self._then(lambda: work(self._cursor))

    def publish(self, record: Callable[[psycopg.Cursor], Result]) -> Result:
        """Commit what was staged and completed, what `record` writes, and the note that it settles."""
        assert self._is_used, "complete first"
        self._wait_for_all_but(0)
        recorded = record(self._cursor)
        self._settle()
        self._connection.commit()
        return recorded

    def hold_back(self, record: Callable[[psycopg.Cursor], Result]) -> Result:
        """Undo the transaction, and commit what `record` writes in another one; the partition stays pending."""
        self._wait_for_all_but(0)
        self._connection.rollback()
        recorded = record(self._cursor)
        self._connection.commit()
        return recorded

    def leave_empty(self, record: Callable[[psycopg.Cursor], Result]) -> Result:
        """Commit only what `record` writes; a partition that has nothing to publish."""
        recorded = record(self._cursor)
        self._settle()
        self._connection.commit()
        return recorded

    def _settle(self) -> None:
        outbox.settle(self._connection, *self._publication, self._noted)

    def _then(self, work: Callable[[], Result]) -> "Future[Result]":
        """Have the database do `work` after its earlier work, whose errors are raised here or by the work itself."""
        self._wait_for_all_but(_MOST_QUEUED - 1)
        before = self._queued[-1] if self._queued else None

        def after_all() -> Result:
            if before is not None:
                before.result()
            return work()

        following = self._background.submit(after_all)
        self._queued.append(following)
        self._is_used = True
        return following

    def _wait_for_all_but(self, most: int) -> None:
        while len(self._queued) > most:
            self._queued.popleft().result()
