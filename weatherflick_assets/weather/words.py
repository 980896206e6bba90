"""The words that the KMA's codes of the weather stand for: plain data, which costs nothing to load."""

from collections.abc import Mapping
from types import MappingProxyType

PRECIPITATION_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "0": "none",
        "1": "rain",
        "2": "rain_and_snow",
        "3": "snow",
        "4": "shower",
        "5": "raindrops",
        "6": "raindrops_and_flurries",
        "7": "flurries",
    }
)
"""PTY. 4 is of the short-term forecast alone, 5 to 7 are of nowcasts and very-short-term forecasts."""

SKIES: Mapping[str, str] = MappingProxyType({"1": "clear", "3": "mostly_cloudy", "4": "overcast"})
"""SKY: 맑음, 구름많음, 흐림. 2 is no longer used."""
