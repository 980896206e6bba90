"""How a table stands at a moment: what it serves, what its last verdicts said, and what could not become rows.

Everything follows from stored verdicts, so a past moment can be looked at as well as this one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import mul
from typing import Any

import psycopg
from psycopg.rows import dict_row

from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.quality.store import HELD_SINCE

_OF_STATE = """
SELECT DISTINCT ON (partition_key) *
FROM quality.verdicts WHERE table_name = %(table)s AND judged_at < %(until)s AND (published OR NOT %(published)s)
ORDER BY partition_key, judged_at DESC, verdict_id DESC
"""

_OF_TIME = """
SELECT *
FROM quality.verdicts WHERE table_name = %(table)s AND judged_at < %(until)s AND (published OR NOT %(published)s)
ORDER BY data_as_of DESC NULLS LAST, judged_at DESC, verdict_id DESC LIMIT 1
"""

_HELD_SINCE = f"SELECT verdict_id, {HELD_SINCE} AS since FROM quality.verdicts AS last WHERE verdict_id = ANY(%s)"  # noqa: S608 - a constant

_PROFILES = """
SELECT verdict_id, column_name, row_count - null_count AS filled
FROM quality.column_profiles WHERE verdict_id = ANY(%s) AND row_count > 0 ORDER BY column_name
"""

_FAILURES = """
SELECT verdict_id, partition_key, rule_id, severity, expected, observed, examples
FROM quality.rule_results WHERE verdict_id = ANY(%s) AND NOT passed
ORDER BY rule_id
"""

_REJECTIONS = """
SELECT verdict_id, reason, rejected_count FROM quality.rejections WHERE verdict_id = ANY(%s) ORDER BY rejected_count DESC, reason
"""

_SEVERITIES = [severity.value for severity in Severity]

_Row = dict[str, Any]
_ByPartition = dict[str | None, _Row]


@dataclass(frozen=True)
class Failure:
    """A rule that did not hold when a part of the table was judged last."""

    partition_key: str | None
    rule_id: str
    severity: str
    expected: str
    observed: str
    examples: Sequence[str]
    verdict_id: int


@dataclass(frozen=True)
class Held:
    """A part of the table whose last verdict let nothing through; what is served is older, from before `since`."""

    partition_key: str | None
    since: datetime
    rules: Sequence[str]
    verdict_id: int


@dataclass(frozen=True)
class Standing:
    """What holds.

    Attributes:
        rows: served.
        is_served: whether anything was ever published, even that there are no rows.
        data_as_of: time of the newest data served; of several parts that of the oldest; None: not known.
        judged_at: when it was judged last.
        score: 0 to 100, of what is served, weighted by rows; if nothing is, of the last verdicts. None: there are no rows.
        minimum_score: what is asked for.
        filled: rows with a value, by column, of what is served.
        failures: of the last verdicts, the gravest first.
        held_back: parts whose last verdict let nothing through.
        rejected: items that could not become rows, by reason; None: not counted.
        verdict_ids: the last verdicts.
    """

    rows: int
    is_served: bool
    data_as_of: datetime | None
    judged_at: datetime
    score: float | None
    minimum_score: float
    filled: Mapping[str, int]
    failures: Sequence[Failure]
    held_back: Sequence[Held]
    rejected: Mapping[str, int] | None
    verdict_ids: Sequence[int]

    def share(self, column: str) -> float | None:
        """The share (0-1) of the rows with a value in a column; None: not known, or there are no rows."""
        return self.filled[column] / self.rows if self.rows and column in self.filled else None

    @property
    def warnings(self) -> list[Failure]:
        """The failures of severity warning."""
        return [failure for failure in self.failures if failure.severity == "warning"]


def standings(connection: psycopg.Connection, table: MeasuredTable, until: datetime) -> dict[str | None, Standing]:
    """How each part of a table stood at a moment, by partition.

    A table whose partitions are times has one entry: that of its newest data.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        last, served = (_verdicts(cursor, table, until, published=published) for published in (False, True))
        profiles = _by_verdict(cursor.execute(_PROFILES, (_ids(served),)))
        failures = _by_verdict(cursor.execute(_FAILURES, (_ids(last),)))
        rejections = _by_verdict(cursor.execute(_REJECTIONS, (_ids(last),)))
        held_back = [verdict["verdict_id"] for verdict in last.values() if not verdict["published"]]
        since = {row["verdict_id"]: row["since"] for row in cursor.execute(_HELD_SINCE, (held_back,))}

    def standing(verdict: _Row, of_rows: _Row | None) -> Standing:
        verdict_id = verdict["verdict_id"]
        failed = sorted((Failure(**row) for row in failures[verdict_id]), key=_gravest_first)
        rules = [failure.rule_id for failure in failed if failure.severity == "blocking"]
        held = [Held(verdict["partition_key"], since[verdict_id], rules, verdict_id)] if verdict_id in since else []
        counted = {row["reason"]: row["rejected_count"] for row in rejections[verdict_id]}
        return Standing(
            rows=of_rows["row_count"] if of_rows else 0,
            is_served=of_rows is not None,
            data_as_of=of_rows["data_as_of"] if of_rows else None,
            judged_at=verdict["judged_at"],
            score=(of_rows or verdict)["score"],
            minimum_score=verdict["minimum_score"],
            filled={row["column_name"]: row["filled"] for row in profiles[of_rows["verdict_id"]]} if of_rows else {},
            failures=failed,
            held_back=held,
            rejected=None if verdict["rejected_count"] is None else counted,
            verdict_ids=[verdict_id],
        )

    return {partition: standing(verdict, served.get(partition)) for partition, verdict in last.items()}


def together(parts: Sequence[Standing]) -> Standing:
    """How a table stands as a whole, of how its parts stand, of which there is at least one."""
    ages = [part.data_as_of for part in parts if part.is_served]
    counted = [part.rejected for part in parts if part.rejected is not None]
    return Standing(
        rows=sum(part.rows for part in parts),
        is_served=any(part.is_served for part in parts),
        data_as_of=min((age for age in ages if age is not None), default=None) if None not in ages else None,
        judged_at=max(part.judged_at for part in parts),
        score=_mean_score(parts),
        minimum_score=max(part.minimum_score for part in parts),
        filled=_summed(part.filled for part in parts),
        failures=sorted((failure for part in parts for failure in part.failures), key=_gravest_first),
        held_back=[held for part in parts for held in part.held_back],
        rejected=_summed(counted) if counted else None,
        verdict_ids=[verdict_id for part in parts for verdict_id in part.verdict_ids],
    )


def _mean_score(parts: Sequence[Standing]) -> float | None:
    """Weighted by rows; a part that has a score and no rows counts like one row."""
    scored = [(part.score, max(part.rows, 1)) for part in parts if part.score is not None]
    return round(sum(mul(*part) for part in scored) / sum(rows for _, rows in scored), 1) if scored else None


def _verdicts(cursor: psycopg.Cursor[_Row], table: MeasuredTable, until: datetime, *, published: bool) -> _ByPartition:
    given = {"table": table.table_name, "until": until, "published": published}
    rows = cursor.execute(_OF_STATE if table.is_state else _OF_TIME, given)
    return {row["partition_key"] if table.is_state else None: row for row in rows}


def _ids(verdicts: _ByPartition) -> list[int]:
    return [verdict["verdict_id"] for verdict in verdicts.values()]


def _by_verdict(rows: Iterable[_Row]) -> dict[int, list[_Row]]:
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row["verdict_id"]].append(row)
    return found


def _gravest_first(failure: Failure) -> tuple[int, str, str]:
    return _SEVERITIES.index(failure.severity), failure.rule_id, failure.partition_key or ""


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)
