"""What all benchmarks have in common: how large and how often, and what runs one."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.processes import Databases
from benchmarks.results import Result


@dataclass(frozen=True)
class Size:
    """How much is measured.

    Attributes:
        scale: of the sandbox's Korea; at 1.8 about 51,000 attractions and restaurants are listed.
        repetitions: of every contender.
    """

    scale: float
    repetitions: int


FULL = Size(scale=1.8, repetitions=3)
QUICK = Size(scale=0.05, repetitions=1)
"""A smoke run: shows that the benchmarks work; its figures mean nothing."""

Benchmark = Callable[[Size, Databases], Result]
