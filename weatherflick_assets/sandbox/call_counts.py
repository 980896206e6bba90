"""How often each key called each operation, by day in Korea, and what came of it.

Here: counting, the fingerprint that stands for a key, and which refusals are violations. Not here: the counting that
limits need (`limits.py`).
"""

import hashlib
from collections import Counter
from datetime import date
from typing import Any, Literal

Outcome = Literal["answered", "refused", "fault"]

VIOLATIONS = frozenset({"over_quota", "over_rate", "over_in_flight", "unknown_parameter", "key_unknown", "key_missing"})
"""The reasons of refusals that a well-behaved caller never gives."""


def fingerprint(key: str) -> str:
    """The first 12 hexadecimal digits of a key's SHA-256; `none` for a call without a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else "none"


class CallCounts:
    """Counts of calls. Each is `answered` with result 0000, `refused` for a reason, or met with a kind of `fault`."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._counts: Counter[tuple[str, str, date, Outcome, str]] = Counter()

    def add(self, key: str, operation: str, day: date, outcome: Outcome, detail: str = "") -> None:
        """Count one call; `detail` is the reason of a refusal or the kind of a fault."""
        self._counts[fingerprint(key), operation, day, outcome, detail] += 1

    def report(self) -> list[dict[str, Any]]:
        """One object per key, operation and day.

        `key`, `operation`, `day` (YYYY-MM-DD), the numbers `answered` and `refused`, and the objects `reasons` (refusals
        by reason) and `faults` (by kind). A call is in exactly one of `answered`, `refused` and `faults`.
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
