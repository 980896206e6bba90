"""Statistics of calls by key, operation, day in Korea, and outcome.

Here: the counters, the fingerprint that identifies a key, and which refusals count as violations.
"""

import hashlib
from collections import Counter
from datetime import date
from typing import Any, Literal

Outcome = Literal["answered", "refused", "fault"]

VIOLATIONS = frozenset({"over_quota", "over_rate", "over_in_flight", "unknown_parameter", "key_unknown", "key_missing"})
"""Refusal reasons that a well-behaved client never causes."""


def fingerprint(key: str) -> str:
    """The first 12 hexadecimal digits of the key's SHA-256, or `none` if the key is empty."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else "none"


class CallCounts:
    """Call counters. Each call is `answered` with result 0000, `refused` for a reason, or hit by a `fault`."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, date, Outcome, str]] = Counter()

    def add(self, key: str, operation: str, day: date, outcome: Outcome, detail: str = "") -> None:
        """Count one call; `detail` is the refusal reason or the kind of fault."""
        self._counts[fingerprint(key), operation, day, outcome, detail] += 1

    def report(self) -> list[dict[str, Any]]:
        """One object per key, operation and day.

        It holds `key`, `operation`, `day` (YYYY-MM-DD), the counts `answered` and `refused`, and the objects `reasons`
        (refusals by reason) and `faults` (by kind). A call counts in exactly one of `answered`, `refused` and `faults`.
        """
        entries: dict[tuple[str, str, date], dict[str, Any]] = {}
        for (key, operation, day, outcome, detail), count in sorted(self._counts.items()):
            named = {"key": key, "operation": operation, "day": day.isoformat()}
            empty = {**named, "answered": 0, "refused": 0, "reasons": {}, "faults": {}}
            entry = entries.setdefault((key, operation, day), empty)
            if outcome == "fault":
                entry["faults"][detail] = count
            else:
                entry[outcome] += count
            if outcome == "refused":
                entry["reasons"][detail] = count
        return list(entries.values())

    def violations(self) -> list[dict[str, Any]]:
        """One object per kind of violation, key, operation and day: `kind`, `key`, `operation`, `day`, `count`."""
        return [
            {"kind": detail, "key": key, "operation": operation, "day": day.isoformat(), "count": count}
            for (key, operation, day, _outcome, detail), count in sorted(self._counts.items())
            if detail in VIOLATIONS
        ]
