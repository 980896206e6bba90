"""Injected defects as data: what is put into raw answers, which check must find it, and what must stay published.

The tests of each area execute their declarations through the real pipeline, and `tools/quality_defects.py` writes the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import dagster as dg

from weatherflick_assets.operations.data_checks import FRESH
from weatherflick_assets.operations.drift_check import DRIFT
from weatherflick_assets.orchestration.gate import GATE, WARNINGS, check_results
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets_tests.places.store.stock import rows


class Kind(StrEnum):
    """What a defect is about."""

    SCHEMA = "schema"
    VOLUME = "volume"
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    FRESHNESS = "freshness"
    DRIFT = "drift"


@dataclass(frozen=True, order=True)
class Found:
    """By what a defect is found: a check, the rule or state that it names, and how grave that is."""

    check: str
    rule: str
    severity: str


def blocks(*rules: str) -> tuple[Found, ...]:
    """Rules of a gate."""
    return tuple(Found(GATE, rule, Severity.BLOCKING.value) for rule in rules)


def warns(*rules: str) -> tuple[Found, ...]:
    """Rules of severity warning."""
    return tuple(Found(WARNINGS, rule, Severity.WARNING.value) for rule in rules)


def notes(*rules: str) -> tuple[Found, ...]:
    """Rules that are only recorded, and lower the score."""
    return tuple(Found("score", rule, Severity.NOTE.value) for rule in rules)


def stale(severity: Severity = Severity.BLOCKING) -> tuple[Found, ...]:
    """Data that are too old: an error that blocks nothing, or a warning."""
    return (Found(FRESH, "stale", "error" if severity is Severity.BLOCKING else severity.value),)


def drifts(*differences: str) -> tuple[Found, ...]:
    """Fields that differ from what is known."""
    return tuple(Found(DRIFT, difference, Severity.WARNING.value) for difference in differences)


@dataclass(frozen=True)
class Defect:
    """A defect and its detection.

    Attributes:
        name: Unique in its area.
        kind: What it is about.
        table: The published table, or the asset that keeps the answers.
        put: What is put into the answers, in words.
        inject: Puts it there; what it takes is up to the area.
        found: Everything that must be found, and nothing else may be.
        is_recorded: Whether it is put into answers that were recorded from the upstream, not into synthetic ones.
        before: How often clean data are published before: a usual number of rows is known after three times.
    """

    name: str
    kind: Kind
    table: str
    put: str
    inject: Callable[..., Any]
    found: tuple[Found, ...]
    is_recorded: bool = False
    before: int = 1

    @property
    def stays(self) -> str:
        """What is published after it."""
        if any(found.check == GATE for found in self.found):
            return "last good rows"
        if self.kind is Kind.FRESHNESS:
            return "last good rows, named as stale"
        if self.kind is Kind.DRIFT:
            return "as its rules say"
        grave = any(found.check == WARNINGS for found in self.found)
        return f"new rows, with {'a warning' if grave else 'a note'}"


def found_by(verdict: Verdict) -> set[Found]:
    """What a verdict found, as its checks tell it to Dagster."""
    results = check_results(dg.AssetKey("x"), {1: verdict}, passed=verdict.passed)
    failed = {result.check_name for result in results if not result.passed}
    checks = {Severity.BLOCKING: GATE, Severity.WARNING: WARNINGS, Severity.NOTE: "score"}
    found = {
        Found(checks[failure.severity], failure.rule.rule_id, failure.severity.value) for failure in verdict.failures
    }
    assert failed == {each.check for each in found} - {"score"}
    return found


def content(dsn: str, table: str) -> str | None:
    """A digest of everything that a table holds."""
    ((digest,),) = (
        row.values()
        for row in rows(dsn, f"SELECT md5(string_agg(held::text, '|' ORDER BY held::text)) FROM {table} AS held")
    )
    return digest


def assert_detected(defect: Defect, dsn: str, clean: Verdict, publish: Callable[[], Verdict]) -> None:
    """Publish a spoiled partition: exactly what is declared is found besides what `clean` has, and stays published.

    Args:
        defect: Already injected.
        dsn: The database.
        clean: The verdict on the same data without the defect.
        publish: Publishes and gives the verdict.
    """
    before = content(dsn, defect.table)
    assert before is not None, "nothing was published before"
    verdict = publish()
    found = sorted(found_by(verdict) - found_by(clean))
    assert found == sorted(defect.found), f"{defect.name} is found by {found}"
    (recorded,) = rows(
        dsn,
        "SELECT published, row_count FROM quality.verdicts WHERE table_name = %s ORDER BY verdict_id DESC LIMIT 1",
        defect.table,
    )
    if defect.stays == "last good rows":
        assert not recorded["published"]
        assert content(dsn, defect.table) == before
    else:
        assert recorded == {"published": True, "row_count": verdict.row_count}
        assert content(dsn, defect.table) != before
