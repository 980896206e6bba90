"""What is drawn for one place alone: the same for the same seed and place, whoever asks, in whatever order.

Here: draws by name, each a hash of seed, place and name. Not here: draws for a whole country at once, which go through one
generator of numpy (`country.py`).
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_Choice = TypeVar("_Choice")


class Draws:
    """Draws for one place; those of different names have nothing to do with each other."""

    def __init__(self, seed: int, place: str) -> None:
        """Draw for the place called `place`."""
        self._prefix = f"{seed}:{place}:"

    def number(self, name: str, below: int) -> int:
        """A whole number from 0 to `below` - 1."""
        digest = blake2b(f"{self._prefix}{name}".encode(errors="replace"), digest_size=8).digest()
        return int.from_bytes(digest) % below

    def happens(self, name: str, rate: float) -> bool:
        """Whether something of this rate happens."""
        return self.number(name, 1_000_000) < rate * 1_000_000

    def pick(self, name: str, choices: Sequence[_Choice], shift: int = 0) -> _Choice:
        """One of `choices`, and for the next `shift` another one."""
        return choices[(self.number(name, len(choices)) + shift) % len(choices)]
