"""Parts of statements that are made from declared tables and columns. It needs no data frames, so it loads light."""

from collections.abc import Iterable

from psycopg import sql
from sqlalchemy import Table


def names(columns: Iterable[str], prefix: str = "") -> sql.Composed:
    """A list of column names for a statement, each with `prefix.` where one is given."""
    return sql.SQL(", ").join(sql.Identifier(prefix, name) if prefix else sql.Identifier(name) for name in columns)


def identifier(table: Table) -> sql.Identifier:
    """The table's full name for a statement."""
    return sql.Identifier(table.schema or "public", table.name)


def copy_statement(target: sql.Composable, columns: Iterable[str]) -> sql.Composed:
    """COPY … FROM STDIN into `target`."""
    return sql.SQL("COPY {} ({}) FROM STDIN").format(target, names(columns))
