"""Writes docs/coverage.md: the fill rate of each column for recorded places, from lists alone and with details.

The sandbox serves the recorded rows, the platform's commands collect and publish them, and the published rows are
measured. Run it with `make coverage RECORDED=folder`, where the folder holds the recorded data.
"""

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.fields import COMMON_FIELDS, PLACE_FIELDS
from weatherflick_assets.places.tables import place_columns
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.warehouse.connections import connect

PAGE = Path(__file__).parents[1] / "docs" / "coverage.md"

LISTS = ("list_2026-06.jsonl.gz", "jeju_2026.jsonl.gz")
DETAILED_REGION = "50"
"""Jeju, whose places have recorded details."""

RECORDED_DETAILS = ("detailCommon2", "detailIntro2")
NOT_RECORDED = ("detailInfo2", "detailImage2", "detailPetTour2")
"""Operations without recorded details for these places. The sandbox must not invent any."""

KEYS = tuple(f"registered-{number}" for number in range(10))
"""Thousands of calls are made, and each key allows 30 a second."""

KEPT_BY_THE_PLATFORM = {
    "content_id", "content_type_id", "region_code", "region_source", "completeness", "detail_completeness",
    "source_response_id", "detail_sources", "published_at", "updated_at", "removed_at", "previous_content_id",
    "unusable_values",
}  # fmt: skip
"""Columns that do not describe the place."""


@dataclass(frozen=True)
class Kind:
    """The published places of one kind.

    Attributes:
        listed, published, rejected: numbers of places in the country.
        detailed: number of published places in `DETAILED_REGION` with collected details.
        filled: fill rate per column over all published places, 0 to 1; empty without places.
        filled_with_details: the same over the `detailed` places.
    """

    content_type: ContentType
    listed: int
    published: int
    rejected: int
    detailed: int
    filled: Mapping[str, float]
    filled_with_details: Mapping[str, float]


@contextmanager
def serve_recorded(recorded: Path, folder: Path) -> Iterator[Mapping[str, str]]:
    """Assemble the recorded data in `folder` and serve them; yields the environment that makes commands collect them."""
    catalogue = folder / "catalogue.jsonl.gz"
    with gzip.open(catalogue, "wb") as written:
        for name in LISTS:
            with gzip.open(recorded / "kto" / "areaBasedList2" / name) as rows:
                shutil.copyfileobj(rows, written)
    details = folder / "details"
    for operation in RECORDED_DETAILS:
        (details / operation).mkdir(parents=True)
        for file in (recorded / "kto" / operation).glob("*.jsonl.gz"):
            shutil.copy(file, details / operation)
    for operation in NOT_RECORDED:
        (details / operation).mkdir(parents=True)
        (details / operation / "none.jsonl").touch()
    with RunningSandbox(SandboxOptions(keys=KEYS, catalogue=catalogue, details=(str(details),))) as sandbox:
        yield {
            "KTO_API_KEY": ",".join(KEYS),
            "DATA_GO_KR_BASE_URL": sandbox.url,
            "KTO_API_DAILY_LIMIT": "20000",
        }


def measured(dsn: str) -> list[Kind]:
    """Measure the published places, kind by kind."""
    with connect(dsn) as connection:
        return [_measured(connection, content_type) for content_type in CONTENT_TYPES]


def _measured(connection: psycopg.Connection, content_type: ContentType) -> Kind:
    counts = connection.execute(
        sql.SQL(
            "SELECT (SELECT count(*) FROM raw.place_items WHERE content_type_id = %(id)s AND is_visible), count(*), "
            "(SELECT count(*) FROM core.rejected_items WHERE content_type_id = %(id)s), "
            "count(*) FILTER (WHERE region_code = %(region)s AND detail_completeness IS NOT NULL) "
            "FROM core.{} WHERE removed_at IS NULL"
        ).format(sql.Identifier(content_type.name)),
        {"id": content_type.content_type_id, "region": DETAILED_REGION},
    ).fetchone()
    assert counts is not None
    shares = [
        _filled(connection, content_type, condition)
        for condition in ("TRUE", f"region_code = '{DETAILED_REGION}' AND detail_completeness IS NOT NULL")
    ]
    return Kind(content_type, *counts, *shares)


def _filled(connection: psycopg.Connection, content_type: ContentType, condition: str) -> Mapping[str, float]:
    names = [*_list_columns(), *_detail_columns(content_type)]
    counted = sql.SQL(", ").join(sql.SQL("avg(num_nonnulls({}))").format(sql.Identifier(name)) for name in names)
    row = connection.execute(
        sql.SQL("SELECT {} FROM core.{} WHERE removed_at IS NULL AND ").format(
            counted, sql.Identifier(content_type.name)
        )
        + sql.SQL(condition)
    ).fetchone()
    assert row is not None
    return {name: float(share) for name, share in zip(names, row, strict=True) if share is not None}


def _list_columns() -> list[str]:
    return [column.name for column in place_columns() if column.name not in KEPT_BY_THE_PLATFORM]


def _detail_columns(content_type: ContentType) -> list[str]:
    return [field.column for field in (*COMMON_FIELDS, *PLACE_FIELDS[content_type.name])]


def page(kinds: Sequence[Kind]) -> str:
    """The page as Markdown."""
    return "\n".join((_introduction(kinds), *_lists(kinds), *(line for kind in kinds for line in _details(kind))))


def _introduction(kinds: Sequence[Kind]) -> str:
    listed, published = sum(kind.listed for kind in kinds), sum(kind.published for kind in kinds)
    return f"""\
# Coverage

The fill rate of each column, written by `make coverage`. It is measured on {listed:,} list rows recorded in 2026 (Seoul,
Busan and Daejeon completely or nearly, parts of six other regions) and on recorded details of Jeju. The sandbox served
them, and the platform collected them and published {published:,} places. The platform's own columns (ids, regions,
publishing times) are left out. [data-catalogue.md](data-catalogue.md) explains each column.

Details come from detailCommon2 and detailIntro2. No images, further infos or pet rules are recorded for these places, and
no details of festivals or travel courses.

| kind | listed | published | rejected | with details |
|---|---:|---:|---:|---:|
{chr(10).join(_row(kind) for kind in kinds)}
"""


def _row(kind: Kind) -> str:
    name = f"{kind.content_type.name} ({kind.content_type.korean_name})"
    return f"| {name} | {kind.listed:,} | {kind.published:,} | {kind.rejected:,} | {kind.detailed:,} |"


def _lists(kinds: Sequence[Kind]) -> Iterator[str]:
    yield "## From the list alone\n"
    yield f"| column | {' | '.join(kind.content_type.korean_name for kind in kinds)} |"
    yield f"|---|{'---:|' * len(kinds)}"
    for column in _list_columns():
        yield f"| `{column}` | {' | '.join(_percent(kind.filled.get(column)) for kind in kinds)} |"
    yield ""


def _details(kind: Kind) -> Iterator[str]:
    if not kind.detailed:
        return
    yield f"## {kind.content_type.name}: {kind.detailed:,} places with details\n"
    yield "| column | list alone | with details |"
    yield "|---|---:|---:|"
    for column in _detail_columns(kind.content_type):
        yield f"| `{column}` | – | {_percent(kind.filled_with_details.get(column))} |"
    yield ""


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def main(recorded: Path) -> None:
    """Collect the recorded places in a temporary folder and write the page."""
    with (
        TemporaryDirectory(prefix="weatherflick-coverage-") as folder,
        serve_recorded(recorded, Path(folder)) as upstream,
    ):
        environment = {**os.environ, "WEATHERFLICK_HOME": str(Path(folder) / "home"), **upstream}

        def weatherflick(*arguments: str) -> str:
            command = [sys.executable, "-m", "weatherflick_assets.cli.main", *arguments]
            return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout

        try:
            weatherflick("collect", "--json")
            weatherflick("details", "--regions", DETAILED_REGION, "--json")
            PAGE.write_text(page(measured(weatherflick("database-url").strip())), encoding="utf-8")
        finally:
            weatherflick("stop")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
