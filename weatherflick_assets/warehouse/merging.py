"""One partition of a core table, staged and merged in a publishing transaction, whatever its rows are about.

The database merges one chunk while the next is made. A domain decides what a row looks like, and what happens to rows
that were not staged again.

A publication makes the whole partition again, or only what the outbox names. Both end with the same rows.

The database guarantees that no row is published twice: the keys of everything merged are the primary key of a table.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, Self, TypeVar

import pandas as pd
import psycopg
from psycopg import sql
from sqlalchemy import Table

from weatherflick_assets.warehouse.connections import borrowed
from weatherflick_assets.warehouse.loading import copy_rows, copy_text
from weatherflick_assets.warehouse.publishing import PublishingTransaction
from weatherflick_assets.warehouse.statements import identifier, names

PROVENANCE = ("source_response_id", "detail_sources")
"""Columns that say where values came from: the same values in a newer response are not a change."""

_STAGED = sql.Identifier("staged_rows")

_CREATE_STAGES = """
CREATE TEMPORARY TABLE staged_rows ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA;
CREATE TEMPORARY TABLE merged_keys ON COMMIT DROP AS SELECT {key} FROM {table} WITH NO DATA;
ALTER TABLE merged_keys ADD PRIMARY KEY ({key})
"""

_UPSERT = """
WITH merged AS (
    INSERT INTO {table} AS present ({columns}, {kept})
    SELECT {columns}, {at_first} FROM staged_rows AS staged
    ON CONFLICT ({key}) DO UPDATE SET {assignments}
    WHERE ({current}) IS DISTINCT FROM ({excluded}) OR {changed_when}
    RETURNING xmax = 0 AS is_new
)
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
"""

# The region says which of the table's rows to look for the keys among. Without statistics, while a platform is filled, the
# whole table would be read for every small partition.
_MERGED = """
    SELECT {table}.* FROM {table} JOIN merged_keys USING ({key}) WHERE region_code = {region}
"""

# Rows of things that are gone are not published.
_UNTOUCHED = """
    UNION ALL
    SELECT * FROM {table} WHERE region_code = {region} AND {subject} <> ALL ({keys}) AND {is_shown}
"""

# After a chunk has been merged, only its keys remain.
_KEEP_KEYS = "INSERT INTO merged_keys SELECT {key} FROM staged_rows"
_EMPTY_STAGE = "TRUNCATE staged_rows"


Outcome = TypeVar("Outcome")
Chunk = TypeVar("Chunk")


@dataclass(frozen=True)
class Kept:
    """The columns of a table that publishing sets itself. `present` is the existing row, `staged` the new one.

    Attributes:
        at_first: the value of each in a new row.
        on_change: the value of each in a changed row; in an unchanged row they stay.
        changed_when: what makes a row a changed one, besides a value that differs.
        is_shown: which rows are published; the others are kept as history.
    """

    at_first: Mapping[str, sql.SQL] = field(hash=False)
    on_change: Mapping[str, sql.SQL] = field(hash=False)
    changed_when: sql.SQL
    is_shown: sql.SQL = field(default_factory=lambda: sql.SQL("TRUE"))

    @property
    def columns(self) -> frozenset[str]:
        """Their names."""
        return frozenset({*self.at_first, *self.on_change})


class PartitionMerge(PublishingTransaction, Generic[Outcome]):
    """One partition of one core table, from reading to publishing. Use it as a context manager.

    Runs for the same partition wait for each other, whoever started them. A subclass says what it reads, and what
    happens to rows that were not merged.

    Args:
        dsn: the platform's database.
        table: the core table.
        kept: the columns of the table that publishing sets.
        scope: the values that statements may name: at least `region_code`, the partition, and `now`, the time of
            publication. Two are added: `keys`, the keys of what is made again, where null means all of the partition;
            and `noted`, the keys that the outbox names, where null means that it names none.
        subject: the column that the keys of the outbox are about.
        only_noted: whether to make again only what the outbox names.

    Attributes:
        table: the core table.
    """

    def __init__(
        self, dsn: str, table: Table, kept: Kept, scope: Mapping[str, Any], *, subject: str, only_noted: bool
    ) -> None:
        super().__init__(dsn, table, f"{table.schema}/{table.name}", scope["region_code"])
        self._subject = subject
        self._kept = kept
        self._scope = dict(scope)
        self._only_noted = only_noted
        self._columns = [column.name for column in table.columns if column.name not in kept.columns]
        self._named = {"table": identifier(table), "key": names(self._key)}
        self._upsert = cache(self._upsert_statement)
        self._staged = self._added = self._changed = 0
        self._is_prepared = False

    def __enter__(self) -> Self:
        super().__enter__()
        self._scope["noted"] = self._noted and self._noted.keys
        self._scope["keys"] = self._scope["noted"] if self._only_noted else None
        return self

    def complete(self) -> Outcome:
        """Make the staged rows all that there is of what is made again; other rows of it are removed."""
        return self._then(self._complete).result()

    def rows_as_published(self) -> sql.Composed:
        """The rows of the partition as they will be published: what follows FROM in the same transaction."""
        region = sql.Literal(self._scope["region_code"])
        rows = sql.SQL(_MERGED).format(region=region, **self._named)
        if self._scope["keys"] is not None:
            rows += sql.SQL(_UNTOUCHED).format(
                subject=sql.Identifier(self._subject),
                keys=sql.Literal(self._scope["keys"]),
                region=region,
                is_shown=self._kept.is_shown,
                **self._named,
            )
        return sql.SQL("({}) AS published").format(rows)

    def _merge(self, rows: pd.DataFrame, also: Callable[[], object] | None = None) -> None:
        """Take rows, and do `also` in the same turn. Columns that the frame lacks become null; nobody sees it yet."""
        columns, text = tuple(rows.columns), copy_text(rows)
        self._staged += len(rows)

        def merge() -> None:
            self._prepare()
            copy_rows(self._cursor, _STAGED, columns, text)
            added, changed = self._one_row(self._upsert(columns))
            self._added += added
            self._changed += changed
            self._cursor.execute(sql.SQL(_KEEP_KEYS).format(**self._named))
            self._cursor.execute(_EMPTY_STAGE)
            if also is not None:
                also()

        self._then(merge)

    def _complete(self) -> Outcome:
        self._prepare()
        return self._finish()

    def _finish(self) -> Outcome:
        """Deal with the partition's rows that were not merged, and say what publishing does."""
        raise NotImplementedError

    def _prepare(self) -> None:
        if not self._is_prepared:
            # A partition is sorted as a whole to be read and profiled. The largest are some 10 MB.
            self._cursor.execute("SET LOCAL work_mem = '32MB'")
            self._cursor.execute(sql.SQL(_CREATE_STAGES).format(columns=names(self._columns), **self._named))
            self._is_prepared = True

    def _upsert_statement(self, columns: tuple[str, ...]) -> sql.Composed:
        kept = self._kept
        on_change = {
            **{name: sql.SQL("excluded.{}").format(sql.Identifier(name)) for name in self._columns},
            **{name: expression.format(**self._named) for name, expression in kept.on_change.items()},
        }
        compared = [name for name in columns if name not in PROVENANCE]
        return sql.SQL(_UPSERT).format(
            columns=names(columns),
            kept=names(kept.at_first),
            at_first=_listed(expression.format(**self._named) for expression in kept.at_first.values()),
            assignments=_listed(
                sql.SQL("{} = {}").format(sql.Identifier(name), expression)
                for name, expression in on_change.items()
                if name not in self._key
            ),
            current=names(compared, "present"),
            excluded=names(compared, "excluded"),
            changed_when=kept.changed_when,
            **self._named,
        )

    def _one_row(self, statement: sql.SQL | sql.Composed) -> tuple[Any, ...]:
        row = self._cursor.execute(statement, self._scope).fetchone()
        assert row is not None
        return row

    @contextmanager
    def _reading(self) -> Iterator[psycopg.Connection]:
        """A separate connection to read from, which sees the database as it is now for as long as it is read."""
        with borrowed(self._dsn) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield connection


def ahead(read: Callable[[], Chunk | None]) -> Iterator[Chunk]:
    """What `read` returns, chunk by chunk, until there is none; the next is read while the last is worked on."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="items") as reader:
        following = reader.submit(read)
        while (chunk := following.result()) is not None:
            following = reader.submit(read)
            yield chunk


def _listed(parts: Iterable[sql.Composable]) -> sql.Composed:
    return sql.SQL(", ").join(parts)
