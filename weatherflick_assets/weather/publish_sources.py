"""What the publications of sources share: from stored answers to rows, and to a verdict on them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import pandas as pd
import psycopg

from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError
from weatherflick_assets.weather.publish import Publishing, rejections, said
from weatherflick_assets.weather.source_suites import ROW_NAME, SUITES
from weatherflick_assets.weather.sources import Source
from weatherflick_assets.weather.store.answers import StoredAnswer
from weatherflick_assets.weather.transform.rows import Rows

Items = Sequence[Mapping[str, Any]]

_TIME = pd.DatetimeTZDtype("us", KST)


def rows_of(
    source: Source, answers: Sequence[StoredAnswer], made: Callable[[Items, StoredAnswer], Rows]
) -> tuple[pd.DataFrame, Counter[str]]:
    """The rows of answers, with the time at which each was known, and what could not be used.

    Args:
        source: what was asked.
        answers: at least one.
        made: makes the rows of an answer.

    Raises:
        NothingCollectedError: there is no answer.
    """
    if not answers:
        raise NothingCollectedError(f"No answer of {source.operation.name} is stored. Materialize {source.raw} first.")
    problems: Counter[str] = Counter()
    parts = []
    for answer in answers:
        rows, found = made(items_of(source.operation, answer), answer)
        problems += found
        parts.append(rows.assign(recorded_at=pd.Series(answer.fetched_at, index=rows.index, dtype=_TIME)))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True), problems


def items_of(operation: Operation, answer: StoredAnswer) -> list[dict[str, Any]]:
    """The items of all pages of an answer."""
    return [item for body in answer.bodies for item in read_answer(operation, Reply(200, {}, body)).items]


def unknown_stations(connection: psycopg.Connection, rows: pd.DataFrame) -> pd.Series:
    """Which stations are not published, in words; none is said to be unknown while none is published."""
    known = {*connection.execute("SELECT sido_name, station_name FROM core.air_stations").fetchall()}
    names = pd.Series([*zip(rows["sido_name"], rows["station_name"], strict=True)], rows.index, dtype=object)
    return said("is not in core.air_stations", ~names.isin(known) if known else pd.Series(data=False, index=rows.index))


def judged(
    publication: Replacement,
    batch: Batch,
    rows: pd.DataFrame,
    *,
    minimum_rows: int,
    items: int,
    left_out: Sequence[str] = (),
    problems: Counter[str] | None = None,
) -> Publishing:
    """Stage all rows of a partition, judge them, and publish them if they pass.

    Args:
        publication: of the partition.
        batch: what is judged.
        rows: with the columns of the table; days as text.
        minimum_rows: how many rows there must be.
        items: what the rows were made from: years, stations, …
        left_out: what has no row.
        problems: what could not be used, by reason.

    Raises:
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    publication.stage(rows)
    problems = problems or Counter()
    suite = SUITES[publication.table.fullname]
    key = [rows[column.name].astype(str) for column in publication.table.primary_key]
    named = rows.assign(**{ROW_NAME: reduce(lambda name, part: name + " " + part, key)})
    verdict, verdict_id = audit(
        publication,
        suite,
        replace(batch, rejections=rejections(problems, left_out)),
        [named[[*suite.columns]]],
        profiled=list(publication.table.columns),
        given={"judged_at": batch.judged_at.isoformat()},
        given_at_end=lambda _: {"minimum_rows": minimum_rows},
    )
    return Publishing(items, len(rows), verdict, verdict_id, left_out, problems)
