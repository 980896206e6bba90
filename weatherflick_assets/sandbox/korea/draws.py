"""Random draws for one place, deterministic in seed and place and independent of their order.

Here: named draws, each a hash of seed, place and name.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_Choice = TypeVar("_Choice")


class Draws:
    """Draws for one place. Draws with different names are independent."""

    def __init__(self, seed: int, place: str) -> None:
        self._prefix = f"{seed}:{place}:"

    def number(self, name: str, below: int) -> int:
        """An integer from 0 to `below` - 1."""
        digest = blake2b(f"{self._prefix}{name}".encode(errors="replace"), digest_size=8).digest()
        return int.from_bytes(digest) % below

    def happens(self, name: str, rate: float) -> bool:
        """Whether an event of this probability happens."""
        return self.number(name, 1_000_000) < rate * 1_000_000

    def pick(self, name: str, choices: Sequence[_Choice], shift: int = 0) -> _Choice:
        """One of `choices`; the next `shift` gives the next one."""
        return choices[(self.number(name, len(choices)) + shift) % len(choices)]
