"""A session of the database: one asynchronous connection, opened on entering and closed on leaving.

Stores build on it and add their statements, which do not belong here.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Self

import psycopg

from weatherflick_assets.warehouse.connections import connect_async


class Session:
    """One connection, open between entering and leaving, which loses uncommitted changes."""

    connection: psycopg.AsyncConnection

    def __init__(self, dsn: str, *, autocommit: bool = False) -> None:
        self._dsn = dsn
        self._autocommit = autocommit
        self._one_at_a_time = asyncio.Lock()

    async def __aenter__(self) -> Self:
        self.connection = await connect_async(self._dsn, autocommit=self._autocommit)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    async def rows(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Execute one statement and return its rows; concurrent callers wait for each other.

        Raises:
            psycopg.Error: the database refused the statement or closed the connection.
        """
        async with self._one_at_a_time:
            cursor = await self.connection.execute(statement, parameters)  # type: ignore[arg-type]
            return await cursor.fetchall() if cursor.description else []
