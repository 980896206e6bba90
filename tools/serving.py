"""Writes docs/serving.md: the contract of the views and functions that the backend reads, from their comments.

The comments are in the domains' `serving.sql`. A test compares the page with a prepared database. Run it with `make docs`.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

import weatherflick_assets.alerts.tables
import weatherflick_assets.quality.tables  # noqa: F401 (declares its tables)
from weatherflick_assets.build import prepare_database
from weatherflick_assets.settings import Mode
from weatherflick_assets.warehouse import database, embedded
from weatherflick_assets.warehouse.connections import connect

PAGE = Path(__file__).parents[1] / "docs" / "serving.md"

_INTRODUCTION = """\
# What is served

The views of the schema `serving` are what the backend reads. They have the names, columns and types of its former tables, and
these stay. They are made of `core`, those of what is recommended of `insight`, so every row was judged; removed places are in none of
them. The page is written from the comments of the database by `make docs`; `\\d+ serving.restaurants` in psql shows them, too.
Examples of queries are in [architecture.md](architecture.md#what-the-backend-asks), the tables behind the views in [data-catalogue.md](data-catalogue.md).

- A column means the same in every view. What was not collected yet is null.
- `created_at` is when the platform first published what the row is about; `updated_at` is when a value of the row last
  changed. When KTO created and changed a place is in `createdtime` and `modifiedtime`.
- Texts "as received" are the upstream's words, cleaned of markup.
"""

_VIEWS = """
SELECT relname, obj_description(oid, 'pg_class') FROM pg_class
WHERE relnamespace = 'serving'::regnamespace AND relkind = 'v' ORDER BY relname
"""
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) FROM pg_attribute
WHERE attrelid = format('serving.%%I', %s::text)::regclass AND attnum > 0 ORDER BY attnum
"""
_FUNCTIONS = """
SELECT proname, pg_get_function_arguments(oid), pg_get_function_result(oid), obj_description(oid, 'pg_proc') FROM pg_proc
WHERE pronamespace = 'serving'::regnamespace ORDER BY proname
"""


def page(dsn: str) -> str:
    """The page as Markdown, from a prepared database."""
    with connect(dsn) as connection:
        return "\n".join((_INTRODUCTION, *_views(connection), *_functions(connection)))


def _views(connection: psycopg.Connection) -> Iterator[str]:
    for name, meaning in connection.execute(_VIEWS).fetchall():
        yield f"## serving.{name}\n\n{meaning}\n"
        yield "| column | type | meaning |"
        yield "|---|---|---|"
        for column, kind, said in connection.execute(_COLUMNS, (name,)):
            yield f"| `{column}` | {kind} | {said} |"
        yield ""


def _functions(connection: psycopg.Connection) -> Iterator[str]:
    yield "## Functions\n"
    for name, arguments, result, meaning in connection.execute(_FUNCTIONS):
        yield f"- `serving.{name}({arguments})` → `{result}`: {meaning}"
    yield ""


def main() -> None:
    with TemporaryDirectory(prefix="weatherflick-docs-") as folder:
        server = embedded.start(Path(folder))
        try:
            platform = server.set(database="documented")
            addresses = database.Addresses(platform, platform.set(database="documented_dagster"))
            prepare_database(addresses, Mode.SANDBOX)
            PAGE.write_text(page(addresses.platform_dsn), encoding="utf-8")
        finally:
            embedded.stop(Path(folder))


if __name__ == "__main__":
    main()
