"""The KMA's feels-like temperature (체감온도).

From May to September by temperature and humidity (the formula in force since 2022-06-02, with the wet-bulb temperature of
Stull 2011), from October to April by temperature and wind, where it is at most 10 °C and the wind at least 1.3 m/s.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SUMMER_MONTHS = range(5, 10)
GREATEST_WINTER_TEMPERATURE = 10.0
LEAST_WINTER_WIND = 1.3
_KMH_PER_MS = 3.6


def feels_like(
    temperature: ArrayLike, humidity: ArrayLike, wind_speed: ArrayLike, month: ArrayLike
) -> NDArray[np.float64]:
    """Feels-like temperatures in °C, elementwise; NaN where a value that counts is missing.

    Args:
        temperature: of the air, °C.
        humidity: relative, %; counts in summer.
        wind_speed: at 10 m, m/s; counts in winter where it is cold.
        month: of the Korean calendar, 1 to 12.
    """
    air, moisture, wind, at = (
        np.asarray(values, dtype=np.float64) for values in (temperature, humidity, wind_speed, month)
    )
    is_summer = np.isin(at, SUMMER_MONTHS)
    is_cold = ~is_summer & (air <= GREATEST_WINTER_TEMPERATURE)
    is_chilled = is_cold & ~(wind < LEAST_WINTER_WIND)  # without a wind, what it feels like is unknown
    with np.errstate(invalid="ignore"):  # both are worked out for all, whether or not they count
        return np.select([is_summer, is_chilled], [_in_summer(air, moisture), _in_winter(air, wind)], air)


def wet_bulb(temperature: ArrayLike, humidity: ArrayLike) -> NDArray[np.float64]:
    """Wet-bulb temperature in °C from temperature (°C) and relative humidity (%), by Stull (2011), doi 10.1175/JAMC-D-11-0143.1."""
    air, moisture = np.asarray(temperature, dtype=np.float64), np.asarray(humidity, dtype=np.float64)
    return (
        air * np.arctan(0.151977 * np.sqrt(moisture + 8.313659))
        + np.arctan(air + moisture)
        - np.arctan(moisture - 1.67633)
        + 0.00391838 * moisture**1.5 * np.arctan(0.023101 * moisture)
        - 4.686035
    )


def _in_summer(air: NDArray[np.float64], moisture: NDArray[np.float64]) -> NDArray[np.float64]:
    wet = wet_bulb(air, moisture)
    return -0.2442 + 0.55399 * wet + 0.45535 * air - 0.0022 * wet**2 + 0.00278 * wet * air + 3.0


def _in_winter(air: NDArray[np.float64], wind: NDArray[np.float64]) -> NDArray[np.float64]:
    power = (wind * _KMH_PER_MS) ** 0.16
    return 13.12 + 0.6215 * air - 11.37 * power + 0.3965 * power * air
