"""Tables of scores over half-open intervals: every value has exactly one score, whatever gaps the printed table leaves."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def above(limit: float) -> float:
    """The edge of an interval that begins just above a limit, which itself still belongs to the one before."""
    return math.nextafter(limit, math.inf)


@dataclass(frozen=True)
class Steps:
    """A table of scores.

    Attributes:
        edges: where an interval begins, ascending. The value at an edge belongs to the interval that begins there.
        scores: one more than edges: the first is that of everything below the first edge.

    Raises:
        ValueError: the edges do not ascend, or there are too many or too few scores.
    """

    edges: tuple[float, ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if list(self.edges) != sorted(set(self.edges)) or len(self.scores) != len(self.edges) + 1:
            raise ValueError(f"{len(self.scores)} scores do not fit the edges {self.edges}")

    def of(self, values: ArrayLike) -> Floats:
        """The scores of values, elementwise; NaN where there is no value."""
        given = np.asarray(values, dtype=np.float64)
        found = np.asarray(self.scores, dtype=np.float64)[np.searchsorted(self.edges, given, side="right")]
        return np.where(np.isnan(given), np.nan, found)
