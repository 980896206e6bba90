"""Types that all benchmarks share: the size of a run, and the function that runs one."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.processes import Databases
from benchmarks.results import Result


@dataclass(frozen=True)
class Size:
    """The size of a run.

    Attributes:
        scale: scale of the sandbox's Korea; 1.8 lists about 51,000 attractions and restaurants.
        repetitions: runs per contender.
    """

    scale: float
    repetitions: int


FULL = Size(scale=1.8, repetitions=3)
QUICK = Size(scale=0.05, repetitions=1)
"""A smoke test of the benchmarks. Its figures mean nothing."""

Benchmark = Callable[[Size, Databases], Result]
