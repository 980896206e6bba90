"""Verdicts as a day leaves them: recorded by the platform's own store, with rules and profiles that a test states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import psycopg

from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.profiles import ColumnProfile
from weatherflick_assets.quality.rules import Rule, Severity, between, filled, in_set, unique
from weatherflick_assets.quality.store import Batch, record
from weatherflick_assets.quality.verdict import RuleResult, Verdict
from weatherflick_assets.settings import KST

DAY = date(2026, 8, 24)

PLACES = MeasuredTable(
    "core.attractions",
    timedelta(days=15),
    by_region=True,
    required=("title", "address"),
    duplicate_rules=("content_id_unique",),
)
ISSUES = MeasuredTable(
    "core.hourly_forecasts",
    timedelta(hours=7),
    is_state=False,
    required=("temperature",),
    duplicate_rules=("content_id_unique",),
)
CODES = MeasuredTable("core.codes", timedelta(days=15), required=("name",))
MEASURED = (PLACES, ISSUES, CODES)

UNIQUE = unique("content_id")
LATITUDE = between("latitude", 33, 39)
ADDRESS = filled("address", at_least=0.85)
ZIP_CODE = in_set("zip_code", ["1"], rule_id="zip_code", description="Known.", severity=Severity.WARNING)
PICTURE = filled("image_url", at_least=0.6, severity=Severity.NOTE)
RULES = (UNIQUE, LATITUDE, ADDRESS, ZIP_CODE, PICTURE)
"""Three rules that block, one that warns, and a note: weights 5, 5, 5, 2 and 1."""


def at(hour: float, day: date = DAY) -> datetime:
    """So many hours after the beginning of a day in Korea."""
    return datetime.combine(day, time(), KST) + timedelta(hours=hour)


@dataclass(frozen=True)
class Given:
    """A verdict. By default a hundred sound rows of attractions, published at noon.

    Attributes:
        nulls: rows without a value, by column; every column of this mapping is profiled.
        failed: the rules that failed, with the severity that their failure had; one that blocked holds the rows back.
        duplicates: rows that the rule of uniqueness counts.
        is_empty: a partition in which nothing is listed.
    """

    table_name: str = PLACES.table_name
    partition: str | None = "50"
    judged_at: datetime = field(default_factory=lambda: at(12))
    rows: int = 100
    nulls: Mapping[str, int] = field(default_factory=lambda: {"title": 0, "address": 0})
    failed: Mapping[Rule, Severity] = field(default_factory=dict)
    duplicates: int = 0
    as_of: datetime | None = None
    rejections: Mapping[str, int] | None = None
    is_empty: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the judge said."""
        if self.is_empty:
            return Verdict(self.table_name, 0, ())
        return Verdict(self.table_name, self.rows, tuple(map(self._result, RULES)), minimum_score=80)

    def _result(self, rule: Rule) -> RuleResult:
        unexpected = self.duplicates if rule == UNIQUE else 0
        severity = self.failed.get(rule, rule.severity)
        return RuleResult(rule, severity, rule not in self.failed, "", "", self.rows, unexpected)


def give(dsn: str, *given: Given) -> None:
    """Record verdicts in this order."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for one in given:
            profiles = [
                ColumnProfile(column, one.rows, nulls) for column, nulls in one.nulls.items() if not one.is_empty
            ]
            batch = Batch(one.table_name, one.partition, one.judged_at, None, one.as_of, one.rejections)
            record(cursor, batch, one.verdict, profiles, published=one.verdict.passed)
