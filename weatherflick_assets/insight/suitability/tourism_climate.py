"""The Climate Index for Tourism (CIT) of a day, by activity: from 7, ideal, down to 1, and 0 where nobody would go.

What a body feels is one of nine thermal classes, by the temperature of the skin in the sun and wind. The class alone decides
under a clear sky. Clouds, much rain and strong wind each have scores of their own, class by class.

Sources: de Freitas, Scott and McBoyle (2008), doi 10.1007/s00484-007-0134-3, for the beach. Bafaluy et al. (2013) for the other
activities. The temperature of the skin and its classes are those of the Copernicus data set "Climate suitability indicators for
tourism", as the Slovenian Environment Agency applies all of these. 5 and above is ideal there, 4 is marginal.

As published, rain overrides wind, and wind overrides clouds. Some scores for rain are better than those for wind, so more rain
could make a windy day better. Here the worst of what holds counts, which is the same wherever the published order does not do so.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from weatherflick_assets.insight.suitability.steps import Floats, Steps, above

BEST = 7.0

SKIN_CLASSES = Steps(
    tuple(map(above, (21.0, 26.0, 29.0, 31.0, 32.5, 33.5, 34.5, 35.5))), (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0)
)
"""The thermal class, from 0, very cold, to 8, very hot, by the temperature of the skin, °C."""

MOST_CLOUD = 50.0
"""Cloud cover, %, up to which the sky counts as clear."""

_CLOTHING_CM, _METABOLISM, _ALBEDO = 0.008, 25.0, 0.45
"""Thickness of the clothing, metabolic rate (cal/s), and albedo of the skin."""

ByClass = tuple[int, int, int, int, int, int, int, int, int]


@dataclass(frozen=True)
class TourismClimate:
    """The scores of one activity, each by thermal class from very cold to very hot.

    Attributes:
        clear, cloudy, rainy, windy: the scores.
        most_rain: precipitation, mm, above which `rainy` holds.
        strong_wind: wind speed, m/s, from which on `windy` holds.
        calm: wind speed, m/s, up to which `windy` holds, too; None where calm does no harm.
    """

    clear: ByClass
    cloudy: ByClass
    rainy: ByClass
    windy: ByClass
    most_rain: float
    strong_wind: float
    calm: float | None = None


BEACH = TourismClimate(
    clear=(0, 0, 0, 4, 5, 6, 7, 6, 4),
    cloudy=(0, 0, 0, 3, 3, 4, 5, 5, 3),
    rainy=(0, 0, 0, 1, 1, 1, 2, 2, 2),
    windy=(0, 0, 0, 2, 2, 4, 4, 4, 3),
    most_rain=3,
    strong_wind=6,
)
CYCLING = TourismClimate(
    clear=(3, 4, 5, 6, 7, 7, 6, 4, 3),
    cloudy=(2, 3, 4, 5, 6, 7, 5, 3, 2),
    rainy=(1, 2, 3, 3, 4, 4, 4, 3, 3),
    windy=(1, 1, 1, 2, 2, 3, 2, 2, 2),
    most_rain=10,
    strong_wind=8,
)
GOLF = TourismClimate(
    clear=(3, 4, 5, 6, 7, 7, 6, 5, 3),
    cloudy=(2, 3, 4, 5, 6, 6, 5, 4, 2),
    rainy=(1, 2, 3, 3, 4, 4, 4, 3, 3),
    windy=(1, 1, 2, 2, 3, 2, 2, 1, 1),
    most_rain=10,
    strong_wind=4,
)
HIKING = TourismClimate(
    clear=(3, 4, 5, 6, 7, 7, 6, 4, 3),
    cloudy=(2, 4, 4, 5, 6, 6, 5, 3, 3),
    rainy=(1, 2, 3, 4, 4, 4, 4, 3, 2),
    windy=(1, 1, 3, 4, 4, 4, 4, 3, 2),
    most_rain=5,
    strong_wind=10,
)
BOATING = TourismClimate(
    clear=(2, 3, 4, 5, 6, 7, 7, 6, 5),
    cloudy=(1, 2, 3, 4, 5, 6, 6, 5, 4),
    rainy=(1, 1, 2, 2, 4, 4, 4, 3, 3),
    windy=(1, 1, 1, 2, 2, 3, 2, 2, 1),
    most_rain=20,
    strong_wind=15,
)
"""On the water without sails; published as motor boating."""

SAILING = TourismClimate(
    clear=(2, 3, 4, 5, 6, 7, 7, 6, 5),
    cloudy=(1, 2, 3, 4, 5, 6, 6, 5, 4),
    rainy=(1, 1, 2, 2, 4, 4, 4, 3, 3),
    windy=(1, 1, 1, 2, 2, 3, 2, 2, 1),
    most_rain=20,
    strong_wind=15,
    calm=1.5,
)


class Parts(NamedTuple):
    """What decides about a day, 0 to 7 each, NaN where a value is missing.

    Attributes:
        thermal: the score under a clear sky.
        sky, rain, wind: the score that the clouds, the rain and the wind leave; `thermal` where they do no harm.
    """

    thermal: Floats
    sky: Floats
    rain: Floats
    wind: Floats


def skin_temperature(temperature_max: ArrayLike, wind: ArrayLike, cloud: ArrayLike) -> Floats:
    """The temperature of the skin, °C, from the air's (°C), the mean wind speed (m/s) and the mean cloud cover (%)."""
    air, speed, cover = (np.asarray(values, dtype=np.float64) for values in (temperature_max, wind, cloud))
    sun = 120 * (1 - cover / 100) * (1 - _ALBEDO)
    return air + _CLOTHING_CM * _METABOLISM / 7 + (_METABOLISM - 15 + sun) / (2 + 9 * np.sqrt(0.1 + speed))


def parts(
    index: TourismClimate, *, temperature_max: ArrayLike, cloud: ArrayLike, rain: ArrayLike, wind: ArrayLike
) -> Parts:
    """What decides about days, elementwise.

    Args:
        index: of the activity.
        temperature_max: highest temperature, °C.
        cloud: mean cloud cover, %.
        rain: precipitation, mm.
        wind: mean wind speed, m/s.
    """
    cover, amount, speed = (np.asarray(values, dtype=np.float64) for values in (cloud, rain, wind))
    felt = SKIN_CLASSES.of(skin_temperature(temperature_max, speed, cover))
    is_known = ~np.isnan(felt)
    thermal_class = np.where(is_known, felt, 0).astype(np.int64)

    def by_class(scores: ByClass) -> Floats:
        return np.where(is_known, np.asarray(scores, dtype=np.float64)[thermal_class], np.nan)

    thermal = by_class(index.clear)
    is_windy = speed >= index.strong_wind
    if index.calm is not None:
        is_windy |= speed <= index.calm
    return Parts(
        thermal,
        np.where(cover > MOST_CLOUD, by_class(index.cloudy), thermal),
        np.where(np.isnan(amount), np.nan, np.where(amount > index.most_rain, by_class(index.rainy), thermal)),
        np.where(is_windy, by_class(index.windy), thermal),
    )


def score(decisive: Parts) -> Floats:
    """The index of days: the worst of what decides, 0 to 7."""
    return np.minimum.reduce(np.broadcast_arrays(*decisive))
