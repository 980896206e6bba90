"""Writes docs/data-catalogue.md: every table with its columns and their sources.

The page is generated from the declarations of tables and fields; a test compares it with them. Run it with
`make docs`.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

import weatherflick_assets.alerts.tables
import weatherflick_assets.build
import weatherflick_assets.quality.tables  # noqa: F401 (declares its tables)
from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import (
    COMMON_FIELDS,
    LIST_FIELDS,
    PLACE_FIELDS,
    RECEIVED_FIELDS,
    ListField,
    PlaceField,
)
from weatherflick_assets.places.tables import METADATA, place_columns

PAGE = Path(__file__).parents[1] / "docs" / "data-catalogue.md"

_INTRODUCTION = """\
# Data catalogue

Every table of the platform, written from its declarations by `make docs`. Layers: `raw` is what the upstream said, `core` what
is published, `insight` what follows from it, `quality` how judging it came out, `ops` the platform itself. The views of
`serving`, which the backend reads, are made of `core`, those of recommendations of `insight`; see [serving.md](serving.md).
Other views are not listed:
`raw.responses` shows calls with their bodies; `core.located_places` (`content_id`, `nx`, `ny`, `is_of_the_area`) says which cell
of the KMA forecast grid each published place has; `core.cells` (`nx`, `ny`, `places`) counts them by cell, the seats of the areas
among them, which is for which weather is collected; `core.newest_forecasts` and `core.newest_daily_forecasts` have what was said last
of each cell, by hour and by day; `insight.suitability` and `insight.newest_suitability` give the
scores of cells to places; `insight.changes_of_places` does so with changes; `insight.shown_places` has the places that are published now;
`insight.skill_lately` and `insight.expected_errors` sum up thirty days of `insight.forecast_skill`, and
`insight.recommendation_skill_lately` of `insight.recommendation_verification`.

A detail column names the operation and field of its value. Parsed values are stored in addition to the received text.
`detail_sources` holds the response of each such value. What must hold before a partition is published is in
[quality-rules.md](quality-rules.md).
"""

_ORDER = ("core", "insight", "raw", "quality", "ops")
_COLUMNS_OF_ALL = "The eight kinds of places have these columns in common:"


def page() -> str:
    """The page as Markdown."""
    return "\n".join((_INTRODUCTION, *_contents(), "", *_common(), *_tables()))


def _contents() -> Iterator[str]:
    for schema in _ORDER:
        names = ", ".join(f"[{table.name}](#{_anchor(table)})" for table in _of(schema))
        yield f"- **{schema}**: {names}"


def _common() -> Iterator[str]:
    yield "## Columns of every kind of place\n"
    yield _COLUMNS_OF_ALL + "\n"
    sources = {field.column: field for field in (*LIST_FIELDS, *COMMON_FIELDS)}
    later = {field.column for field in (*COMMON_FIELDS, *RECEIVED_FIELDS)}
    columns = [*place_columns(), *(column for column in _first_place_table().columns if column.name in later)]
    yield from _column_table(columns, sources)


def _tables() -> Iterator[str]:
    kinds = {kind.name: kind for kind in CONTENT_TYPES}
    details = {detail.name: detail for detail in DETAILS}
    common = {column.name for column in place_columns()} | {
        field.column for field in (*COMMON_FIELDS, *RECEIVED_FIELDS)
    }
    for schema in _ORDER:
        for table in _of(schema):
            yield f"## {table.fullname}\n"
            yield f"{table.comment}\n"
            yield f"Key: {', '.join(f'`{column.name}`' for column in table.primary_key)}.\n"
            columns: Sequence[Column] = list(table.columns)
            fields: Sequence[PlaceField] = ()
            if schema == "core" and table.name in kinds:
                columns = [column for column in columns if column.name not in common]
                fields = PLACE_FIELDS[table.name]
                yield "Besides the columns of every kind of place:\n"
            elif schema == "core" and table.name in details:
                fields = details[table.name].fields
            yield from _column_table(columns, {field.column: field for field in fields})


def _column_table(columns: Sequence[Column], sources: Mapping[str, ListField | PlaceField]) -> Iterator[str]:
    yield "| column | type | meaning | from |"
    yield "|---|---|---|---|"
    for column in columns:
        kind = str(column.type.compile(dialect=postgresql.dialect())).lower()
        required = "" if column.nullable else ", required"
        field = sources.get(column.name)
        source = "" if field is None else f"{field.source[0]}: {', '.join(field.fields)}"
        yield f"| `{column.name}` | {kind}{required} | {column.comment} | {source} |"
    yield ""


def _of(schema: str) -> list[Table]:
    return sorted((table for table in METADATA.tables.values() if table.schema == schema), key=lambda table: table.name)


def _first_place_table() -> Table:
    return METADATA.tables[f"core.{CONTENT_TYPES[0].name}"]


def _anchor(table: Table) -> str:
    return table.fullname.replace(".", "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
