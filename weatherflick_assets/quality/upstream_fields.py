"""What is known of upstream fields in the database: read, and replaced shape by shape. `drift.py` decides what it means."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields

import psycopg
from psycopg import sql

from weatherflick_assets.quality.drift import Drift, FieldType, drifts
from weatherflick_assets.quality.tables import UPSTREAM_FIELDS
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.statements import copy_statement, identifier, names

_COLUMNS = tuple(field.name for field in fields(FieldType))

_READ = sql.SQL("SELECT provider, operation, shape, {} FROM {}").format(names(_COLUMNS), identifier(UPSTREAM_FIELDS))
_FORGET = "DELETE FROM quality.upstream_fields WHERE (provider, operation, shape) = (%s, %s, %s)"

# Whoever looks at answers waits for others, who may look at the same ones.
_LOCK = "LOCK TABLE quality.upstream_fields IN SHARE ROW EXCLUSIVE MODE"


@dataclass(frozen=True, order=True)
class Shape:
    """Items of an operation that are alike; `shape` tells them apart from its others, see `Operation.shape`."""

    provider: str
    operation: str
    shape: str

    def __str__(self) -> str:
        return " ".join(filter(None, (self.provider, self.operation, self.shape)))


def known_fields(connection: psycopg.Connection, *, for_update: bool = False) -> dict[Shape, list[FieldType]]:
    """What is known, by shape. `for_update`: nobody else may look at answers until the transaction ends."""
    if for_update:
        connection.execute(_LOCK)
    found: dict[Shape, list[FieldType]] = defaultdict(list)
    for provider, operation, shape, *field in connection.execute(_READ):
        found[Shape(provider, operation, shape)].append(FieldType(*field))
    return found


def keep_fields(connection: psycopg.Connection, known: Mapping[Shape, Iterable[FieldType]]) -> None:
    """Put what is known now in place of what was known of these shapes; the caller commits."""
    with connection.cursor() as cursor:
        cursor.executemany(_FORGET, [(shape.provider, shape.operation, shape.shape) for shape in known])
        statement = copy_statement(identifier(UPSTREAM_FIELDS), ("provider", "operation", "shape", *_COLUMNS))
        with cursor.copy(statement) as copy:
            for shape, types in known.items():
                for each in types:
                    copy.write_row((shape.provider, shape.operation, shape.shape, *astuple(each)))


def known_drifts(dsn: str) -> dict[Shape, list[Drift]]:
    """How answers differ from what is known, by shape; only shapes that differ."""
    with connect(dsn) as connection:
        known = known_fields(connection)
    return {shape: found for shape in sorted(known) if (found := drifts(known[shape]))}
