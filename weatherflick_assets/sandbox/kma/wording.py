"""How KMA writes amounts, codes and numbers."""

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.weather.sky import Weather

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

NO_RAIN, NO_SNOW = "강수없음", "적설없음"
LEAST_RAIN_MM = 0.1
RAINY_CHANCE = 0.55
"""From this chance on, a forecast has rain: rounded to tens it is 60 % or more."""
_SLEET_BELOW, _SNOW_BELOW = 3.0, 1.0
_SHOWER_FROM = 0.45


def number(value: float, digits: int = 1) -> str:
    """A number without trailing zeros: `0.7`, `-2`."""
    return f"{round(value, digits) + 0.0:g}"


def numbers(values: Floats, digits: int = 1) -> list[str]:
    """Many numbers without trailing zeros."""
    return [f"{value:g}" for value in (np.round(values, digits) + 0.0).tolist()]


def rain_amount(millimetres: float) -> str:
    """The text of PCP and RN1 in forecasts."""
    if millimetres < LEAST_RAIN_MM:
        return NO_RAIN
    if millimetres < 1:
        return "1mm 미만"
    if millimetres < 30:
        return f"{min(millimetres, 29.9):.1f}mm"
    return "30.0~50.0mm" if millimetres < 50 else "50.0mm 이상"


def snow_amount(centimetres: float) -> str:
    """The text of SNO."""
    if centimetres < LEAST_RAIN_MM:
        return NO_SNOW
    if centimetres < 0.5:
        return "0.5cm 미만"
    return f"{min(centimetres, 4.9):.1f}cm" if centimetres < 5 else "5.0cm 이상"


def sky_code(cloud: Floats) -> Codes:
    """SKY: 1 up to five tenths, 3 up to eight, 4 above."""
    return np.where(cloud < 5.5, 1, np.where(cloud < 8.5, 3, 4))


def rain_kind(weather: Weather, wet: NDArray[np.bool_], *, showers: bool) -> Codes:
    """PTY where it is wet: 1 rain, 2 sleet, 3 snow, and with `showers` 4; elsewhere 0."""
    kind = np.where(weather.temperature < _SNOW_BELOW, 3, np.where(weather.temperature < _SLEET_BELOW, 2, 1))
    if showers:
        kind = np.where((kind == 1) & (weather.thunder > _SHOWER_FROM), 4, kind)
    return np.where(wet, kind, 0)


def drizzle_kind(kind: Codes, millimetres: Floats) -> Codes:
    """PTY of observations and the next hours: 5, 6 and 7 are drops and flurries of less than 0.1 mm."""
    return np.where((kind > 0) & (millimetres < LEAST_RAIN_MM), kind + 4, kind)


def direction(east: Floats, north: Floats) -> Codes:
    """VEC: the direction in degrees from which the wind blows."""
    blows = np.round((np.degrees(np.arctan2(east, north)) + 180) % 360)
    return np.where((east == 0) & (north == 0), 0, blows).astype(np.int64)


def percent_of(chance: Floats, cloud: Floats) -> Codes:
    """POP: 60 or more exactly where rain is forecast; elsewhere it follows the sky, as in recorded issues."""
    rainy = np.clip(np.round(chance * 10) * 10, 60, 90)
    sky = sky_code(cloud)
    dry = np.where(sky == 1, np.where(cloud < 3, 0, 10), np.where(sky == 3, 20, np.where(chance < 0.3, 30, 40)))
    return np.where(chance >= RAINY_CHANCE, rainy, dry).astype(np.int64)
