"""Publishes an issue of a cell product: rows are made from its stored answers, judged, and put in place of those before.

A cell of which too little is there costs itself alone, as does a value that can't be. If a blocking rule fails, only the
verdict is written, and the issue before it stands. The Dagster assets are in `assets/`.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import psycopg

from weatherflick_assets.quality.auditing import audit
from weatherflick_assets.quality.judge_process import JUDGE
from weatherflick_assets.quality.store import Batch
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets.settings import KST, Clock
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.warehouse.replacing import Replacement
from weatherflick_assets.weather.issues import NothingCollectedError, key_of
from weatherflick_assets.weather.products import OBSERVATIONS, CellProduct
from weatherflick_assets.weather.store.answers import StoredAnswer, stored_answers
from weatherflick_assets.weather.suites import (
    CELL_FINDING,
    CELL_SHARE,
    CELL_TIME,
    CHANGE,
    COMPLETENESS,
    EXPECTED,
    LEAD_HOURS,
    RAIN_FINDING,
    RANGES,
    STEP_HOURS,
    SUITES,
    WIND_DIFFERENCE,
)
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer, forecast_rows, nowcast_rows
from weatherflick_assets.weather.transform.rows import Rows

CELLS_AT_ONCE = 40
"""Cells whose rows are made at once: few enough to keep memory flat."""

LEAST_SHARE = 0.5
"""A cell with whole rows for less than this share of its times is left out: what the issue before said of it stands."""

LEFT_OUT = "left_out"
"""The reason of subjects of which too little could be used."""

_TIME = pd.DatetimeTZDtype("us", KST)

_BEFORE = """
SELECT nx, ny, valid_at, temperature FROM {table}
WHERE issued_at = (
    SELECT max(issued_at) FROM {table} WHERE issued_at < %(issue)s AND issued_at >= %(issue)s - interval '12 hours'
)
"""


@dataclass(frozen=True)
class Publishing:
    """The result of publishing an issue.

    Attributes:
        cells: cells of which there is an answer.
        rows: rows that were made.
        left_out: cells of which too little was there.
        problems: values that could not be used, by reason.
        verdict: the verdict on the rows.
        verdict_id: the id of the recorded verdict.
    """

    cells: int
    rows: int
    verdict: Verdict
    verdict_id: int
    left_out: Sequence[str] = ()
    problems: Counter[str] = field(default_factory=Counter)


def publish_cells(
    dsn: str, product: CellProduct, issue: datetime, *, clock: Clock, run_id: str | None = None
) -> Publishing:
    """Publish an issue of a cell product.

    Raises:
        NothingCollectedError: no answer is stored.
        BodiesDroppedError: the answers are no longer stored; what was published stays.
        JudgeLostError: the judging process ended; nothing is published or recorded.
    """
    suite = SUITES[product.name]
    batch = Batch(product.table.fullname, key_of(issue), clock(), run_id, data_as_of=issue)
    replacement = Replacement(dsn, product.table, product.published[0], key_of(issue), {product.issue_column: issue})
    with replacement as publication, connect(dsn) as reading:
        wanted = {f"{nx},{ny}" for nx, ny in reading.execute("SELECT nx, ny FROM core.cells")}
        rows = _Rows(product, issue, _before(reading, product, issue), wanted)
        JUDGE.start()  # it imports its libraries while rows are made
        chunks = rows.made(stored_answers(reading, product.operation, issue, at_once=CELLS_AT_ONCE), publication)
        first = next(chunks, None)
        if first is None:
            raise NothingCollectedError(
                f"No answer about the issue {key_of(issue)} of {product.name} is stored. Materialize raw/kma/{product.name} of "
                "this partition first, as long as the upstream gives it."
            )
        verdict, verdict_id = audit(
            publication,
            suite,
            replace(batch, rejections=rows.rejections),
            _all(first, chunks),
            profiled=list(product.table.columns),
            given={},
            given_at_end=lambda _: {"minimum_rows": rows.minimum},
        )
    return Publishing(rows.cells, publication.staged, verdict, verdict_id, rows.left_out, rows.problems)


@dataclass
class _Rows:
    """The rows of an issue as they are made, and what could not be used."""

    product: CellProduct
    issue: datetime
    before: pd.DataFrame | None
    wanted: Collection[str]
    cells: int = 0
    left_out: list[str] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    rejections: Counter[str] = field(default_factory=Counter)

    @property
    def minimum(self) -> int:
        """How many rows there must be: most of what the cells that answered should have."""
        return max(1, math.ceil(COMPLETENESS * self.cells * len(self.product.valid_times(self.issue)) * 0.95))

    def made(self, answers: Iterator[list[StoredAnswer]], publication: Replacement) -> Iterator[pd.DataFrame]:
        """Stage the rows of answers, and give them with what is judged of them, chunk by chunk."""
        transform = _transform(self.product)
        for stored in answers:
            self.cells += len(stored)
            made, problems = transform(self.issue, [cell_answer(self.product, answer) for answer in stored])
            self.problems.update(problems)
            recorded = {answer.response_ids[0]: answer.fetched_at for answer in stored}
            made["recorded_at"] = pd.to_datetime(made["source_response_id"].map(recorded)).astype(_TIME)
            rows = self.whole(without_impossible(made, self.problems), [answer.subject for answer in stored])
            if self.product is OBSERVATIONS:
                rows = rows.rename(columns={"issued_at": "observed_at"})
            publication.stage(rows)
            # In place: the verdict is recorded with what it is in the end.
            self.rejections.clear()
            self.rejections.update(rejections(self.problems, self.left_out))
            yield rows[[*SUITES[self.product.name].columns]]

    def whole(self, rows: pd.DataFrame, subjects: Sequence[str]) -> pd.DataFrame:
        """The rows of cells of which enough is there, at the times that the issue is about, with what is judged of them."""
        expected = pd.DatetimeIndex(self.product.valid_times(self.issue))
        is_expected = rows["valid_at"].between(expected[0], expected[-1] + timedelta(days=1))
        self.problems["time_outside_the_issue"] += int((~is_expected).sum())
        rows = rows[is_expected]
        names = rows["nx"].astype(str) + "," + rows["ny"].astype(str)
        is_whole = rows[[*EXPECTED[self.product.name]]].notna().all(axis=1)
        share = names.map(names[is_whole].value_counts()).fillna(0) / len(expected)
        is_enough = share >= LEAST_SHARE
        left = {*names[is_enough]}
        self.left_out += [subject for subject in subjects if subject not in left]
        self.problems = +self.problems
        rows, names = rows[is_enough], names[is_enough]
        cell = rows.groupby(["nx", "ny"], sort=False)["valid_at"]
        lead = (rows["valid_at"] - rows["issued_at"]).dt.total_seconds() / 3600
        judged = {
            CELL_TIME: names + rows["valid_at"].dt.strftime(" %Y-%m-%d %H:%M"),
            CELL_SHARE: share[is_enough],
            STEP_HOURS: cell.diff().dt.total_seconds() / 3600,
            LEAD_HOURS: lead,
            CHANGE: self._change(rows),
            WIND_DIFFERENCE: rows["wind_speed"] - np.hypot(rows["wind_east"], rows["wind_north"]),
            CELL_FINDING: said("no weather is wanted of it", ~names.isin(self.wanted)),
            RAIN_FINDING: said(
                "precipitation without a kind", (rows["precipitation_mm"] > 0) & (rows["precipitation_type"] == "none")
            ),
        }
        return rows.assign(**judged).reset_index(drop=True)

    def _change(self, rows: pd.DataFrame) -> pd.Series:
        if self.before is None:
            return pd.Series(np.nan, index=rows.index)
        known = self.before["temperature"].reindex(pd.MultiIndex.from_frame(rows[["nx", "ny", "valid_at"]]))
        return rows["temperature"] - known.to_numpy()


def said(finding: str, where: pd.Series) -> pd.Series:
    """The finding in some rows, and null in the others."""
    return pd.Series(None, where.index, dtype=object).mask(where, finding)


def rejections(problems: Counter[str], left_out: Sequence[str]) -> Counter[str]:
    """What could not become a value or a row, by reason; `LEFT_OUT` counts cells, stations and the like."""
    return +(problems + Counter({LEFT_OUT: len(left_out)}))


def without_impossible(
    rows: pd.DataFrame, problems: Counter[str], ranges: Mapping[str, tuple[float, float]] = RANGES
) -> pd.DataFrame:
    """The rows without values that can't be, which are counted among the problems."""
    for column, (least, most) in ranges.items():
        if column in rows.columns:
            is_impossible = ~(rows[column].isna() | rows[column].between(least, most))
            if count := int(is_impossible.sum()):
                problems[f"{column}_impossible"] += count
                rows[column] = rows[column].mask(is_impossible)
    return rows


def cell_rejections(product: CellProduct, issue: datetime, answers: Sequence[CellAnswer]) -> Counter[str]:
    """What of answers about an issue could not become a value or a row, by reason."""
    rows = _Rows(product, issue, None, wanted=())
    made, problems = _transform(product)(issue, answers)
    rows.problems.update(problems)
    rows.whole(without_impossible(made, rows.problems), [f"{answer.nx},{answer.ny}" for answer in answers])
    return rejections(rows.problems, rows.left_out)


def cell_answer(product: CellProduct, answer: StoredAnswer) -> CellAnswer:
    """A stored answer, read."""
    nx, ny = map(int, answer.subject.split(","))
    pages = (read_answer(product.operation, Reply(200, {}, body)) for body in answer.bodies)
    return CellAnswer(nx, ny, answer.response_ids[0], [item for page in pages for item in page.items])


def _transform(product: CellProduct) -> Callable[[datetime, Sequence[CellAnswer]], Rows]:
    return nowcast_rows if product is OBSERVATIONS else forecast_rows


def _before(connection: psycopg.Connection, product: CellProduct, issue: datetime) -> pd.DataFrame | None:
    """The temperatures that the issue before said, by cell and time; None of what has none."""
    if product is OBSERVATIONS:
        return None
    found = connection.execute(_BEFORE.format(table=product.table.fullname), {"issue": issue}).fetchall()  # type: ignore[arg-type]
    if not found:
        return None
    frame = pd.DataFrame(found, columns=["nx", "ny", "valid_at", "temperature"])
    frame["valid_at"] = pd.DatetimeIndex(frame["valid_at"]).tz_convert(KST).as_unit("us")
    return frame.set_index(["nx", "ny", "valid_at"])


def _all(first: pd.DataFrame, others: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    yield first
    yield from others
