"""Land and sea, altitude, and distance from the coast, from a coarse outline of the country.

The outline is drawn by hand to a few kilometres. Land is what lies within it, on an island, or less than
`_MARGIN_KM` from either. Mountains are round hills of the height of their surroundings, not of their peaks.
"""

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.weather.grid import CELL_KM, to_grid

Floats = NDArray[np.float64]

_MARGIN_KM = 7.0

_MAINLAND = (
    (37.80, 126.45), (37.95, 126.70), (38.10, 126.95), (38.28, 127.10), (38.33, 127.60), (38.32, 128.00),
    (38.45, 128.30), (38.62, 128.36), (38.30, 128.55), (38.10, 128.65), (37.75, 128.95), (37.45, 129.15),
    (37.25, 129.35), (36.98, 129.43), (36.70, 129.45), (36.40, 129.42), (36.15, 129.40), (36.05, 129.57),
    (35.80, 129.50), (35.50, 129.45), (35.30, 129.33), (35.17, 129.22), (35.05, 129.08), (35.02, 128.85),
    (34.95, 128.60), (34.80, 128.75), (34.68, 128.60), (34.72, 128.10), (34.66, 127.90), (34.55, 127.80),
    (34.50, 127.50), (34.38, 127.30), (34.25, 127.00), (34.18, 126.70), (34.25, 126.30), (34.35, 126.05),
    (34.65, 126.00), (34.95, 126.05), (35.20, 126.20), (35.45, 126.42), (35.70, 126.48), (35.95, 126.60),
    (36.20, 126.50), (36.45, 126.40), (36.60, 126.20), (36.85, 126.10), (37.00, 126.30), (37.05, 126.60),
    (37.25, 126.55), (37.30, 126.40), (37.50, 126.40), (37.65, 126.30),
)  # fmt: skip
"""Latitude and longitude in degrees, clockwise from the estuary of the Han along the border and then the coast."""
_BORDER = 7  # parts of the outline

_ISLANDS = (
    (33.36, 126.30, 20), (33.38, 126.55, 24), (33.40, 126.80, 16), (37.50, 130.87, 8), (37.24, 131.87, 3),
    (37.96, 124.67, 8), (37.83, 124.71, 4), (37.66, 125.70, 8), (37.23, 126.13, 8), (34.72, 125.93, 18), (34.68, 125.43, 8),
    (34.69, 125.20, 4), (34.07, 125.12, 4), (33.95, 126.30, 5), (34.03, 127.31, 5), (34.15, 126.60, 10), (34.30, 126.05, 12),
    (35.60, 126.28, 5), (36.12, 125.98, 6), (36.22, 126.07, 6), (34.85, 126.10, 14), (37.05, 125.95, 5), (36.65, 125.60, 6),
    (33.12, 126.27, 3), (33.50, 126.95, 4), (37.78, 126.25, 6), (34.45, 128.05, 8), (34.65, 128.35, 8), (35.35, 126.02, 6), (34.35, 127.85, 6),
)  # fmt: skip
"""Centre in degrees and radius in km."""

_MOUNTAINS = (
    (38.10, 128.40, 750, 18), (37.80, 128.55, 720, 22), (37.45, 128.65, 700, 22), (37.15, 128.95, 750, 18),
    (36.90, 128.95, 550, 22), (36.95, 128.45, 420, 18), (36.60, 128.00, 260, 18), (36.05, 127.85, 380, 18),
    (35.80, 127.65, 420, 20), (35.35, 127.65, 520, 18), (35.60, 129.00, 380, 15), (36.40, 129.15, 320, 18),
    (38.00, 127.90, 330, 25), (37.95, 127.50, 260, 18), (35.12, 127.00, 220, 8), (33.37, 126.53, 800, 11),
    (35.75, 127.50, 330, 15), (36.55, 127.85, 220, 14),
)  # fmt: skip
"""Centre in degrees, height in metres and radius in km."""


def _in_km(points: Floats) -> Floats:
    column, row = to_grid(points[:, 0], points[:, 1])
    return np.stack([column, row], axis=-1) * CELL_KM


_OUTLINE = _in_km(np.array(_MAINLAND))
_ISLAND_KM, _ISLAND_RADIUS = _in_km(np.array(_ISLANDS, dtype=float)), np.array([island[2] for island in _ISLANDS])
_PEAKS_KM = _in_km(np.array(_MOUNTAINS, dtype=float))
_HEIGHT, _WIDTH = (np.array([mountain[part] for mountain in _MOUNTAINS], dtype=float) for part in (2, 3))


def inland_km(east_km: Floats, north_km: Floats) -> Floats:
    """Kilometres to the coast for points of the grid: positive on land, negative at sea."""
    points = np.stack([east_km, north_km], axis=-1)
    start, end = _OUTLINE, np.roll(_OUTLINE, -1, axis=0)
    along = end - start
    ahead = points[:, np.newaxis] - start
    share = np.clip((ahead * along).sum(-1) / (along**2).sum(-1), 0, 1)
    away = np.hypot(*np.moveaxis(ahead - share[..., np.newaxis] * along, -1, 0))
    crossing = (start[:, 1] > points[:, 1, np.newaxis]) != (end[:, 1] > points[:, 1, np.newaxis])
    with np.errstate(divide="ignore", invalid="ignore"):
        east_of = start[:, 0] + (points[:, 1, np.newaxis] - start[:, 1]) * along[:, 0] / along[:, 1]
    inside = (crossing & (points[:, 0, np.newaxis] < east_of)).sum(axis=1) % 2 == 1
    from_centre = np.hypot(*np.moveaxis(points[:, np.newaxis] - _ISLAND_KM, -1, 0))
    from_coast = np.where(inside, away[:, _BORDER:].min(axis=1), -away.min(axis=1))
    return np.maximum(from_coast, (_ISLAND_RADIUS - from_centre).max(axis=1))


def is_land(inland: Floats) -> NDArray[np.bool_]:
    """Which points count as land, given their kilometres to the coast."""
    return inland > -_MARGIN_KM


def altitude_m(east_km: Floats, north_km: Floats, inland: Floats) -> Floats:
    """Metres above the sea of points of the grid."""
    points = np.stack([east_km, north_km], axis=-1)
    away = np.hypot(*np.moveaxis(points[:, np.newaxis] - _PEAKS_KM, -1, 0)) / _WIDTH
    hills = (_HEIGHT * np.exp(-(away**2))).sum(axis=1)
    return np.where(
        inland > 0,
        np.clip(inland, 0, 60) * 1.2 + hills * np.clip(inland / 15, 0, 1),
        np.where(is_land(inland), 5.0, 0.0),
    )
