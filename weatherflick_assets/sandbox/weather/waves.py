"""Smooth random fields in space and time.

Here: a field as a sum of waves with random directions, lengths, periods and phases. Such a field is close to Gaussian
with mean 0 and standard deviation 1, is never the same twice, and costs a product of two small matrices.

The waves travel east, as weather does in Korea. Their periods follow a Lorentzian, so that the correlation in time
falls like exp(-hours / memory); their lengths do the same in space.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EASTWARD = np.radians(75)
_SHORTEST_H = 4.0
_SHORTEST_KM = 20.0


@dataclass(frozen=True)
class Waves:
    """A field. Wave numbers are in radians per km and per hour.

    Attributes:
        east, north, hourly: The wave numbers of each wave.
        by_issue: What an hour between two issues adds to each phase; 0 for the world itself.
        phase: The phases.
    """

    east: Floats
    north: Floats
    hourly: Floats
    by_issue: Floats
    phase: Floats

    @classmethod
    def drawn(
        cls,
        random: np.random.Generator,
        *,
        reach_km: float,
        memory_h: float,
        issue_memory_h: float = 0.0,
        count: int = 64,
    ) -> "Waves":
        """Draw a field whose correlation falls to 1/e within `reach_km`, `memory_h` and `issue_memory_h` hours."""
        lengths = _lorentzian(random, count) / reach_km
        lengths = np.minimum(lengths, 2 * np.pi / _SHORTEST_KM)
        direction = random.uniform(-_EASTWARD, _EASTWARD, count)
        hourly = np.minimum(_lorentzian(random, count) / memory_h, 2 * np.pi / _SHORTEST_H)
        signs = random.choice((-1.0, 1.0), count)
        by_issue = signs * _lorentzian(random, count) / issue_memory_h if issue_memory_h else np.zeros(count)
        return cls(
            lengths * np.cos(direction),
            lengths * np.sin(direction),
            hourly,
            by_issue,
            random.uniform(0, 2 * np.pi, count),
        )

    def in_space(self, east_km: Floats, north_km: Floats) -> NDArray[np.complex128]:
        """The spatial factors of some points: an array of points by waves."""
        phase = np.multiply.outer(east_km, self.east) + np.multiply.outer(north_km, self.north) + self.phase
        return np.exp(1j * phase) * np.sqrt(2 / len(self.phase))

    def in_time(self, hours: Floats, issued: float = 0.0) -> NDArray[np.complex128]:
        """The temporal factors of some hours: an array of waves by hours; `issued` is the hour of the forecast."""
        return np.exp(-1j * (np.multiply.outer(self.hourly, hours) + (self.by_issue * issued)[:, np.newaxis]))


def _lorentzian(random: np.random.Generator, count: int) -> Floats:
    """Absolute values of a Lorentzian of width 1, one from each of `count` equal shares of the probability."""
    shares = (np.arange(count) + random.random(count)) / count
    return random.permutation(np.tan(shares * np.pi / 2))
