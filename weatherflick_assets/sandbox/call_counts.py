"""How often each key called each operation, by day in Korea.

Here: counting, and the fingerprint that stands for a key. Not here: limits on the counts, which are a check of the
gateway (`gateway.py`).
"""

import hashlib
from collections import Counter
from datetime import date
from typing import Literal

Outcome = Literal["answered", "refused"]


def fingerprint(key: str) -> str:
    """The first 12 hexadecimal digits of a key's SHA-256; `none` for a call without a key."""
    return hashlib.sha256(key.encode()).hexdigest()[:12] if key else "none"


class CallCounts:
    """Counts of calls. `answered` are those that got result 0000; every other call to an operation is `refused`."""

    def __init__(self) -> None:
        """Start with no calls."""
        self._counts: Counter[tuple[str, str, date, Outcome]] = Counter()

    def add(self, key: str, operation: str, day: date, outcome: Outcome) -> None:
        """Count one call."""
        self._counts[fingerprint(key), operation, day, outcome] += 1

    def report(self) -> list[dict[str, str | int]]:
        """One object per key, operation and day: `key`, `operation`, `day` (YYYY-MM-DD), `answered`, `refused`."""
        counts = self._counts.copy()
        return [
            {
                "key": key,
                "operation": operation,
                "day": day.isoformat(),
                "answered": counts[key, operation, day, "answered"],
                "refused": counts[key, operation, day, "refused"],
            }
            for key, operation, day in sorted({called[:3] for called in counts})
        ]
