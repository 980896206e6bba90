"""One weather, smooth in space and time, from which every observation and every forecast is cut.

Here: places, the hidden fields, the weather that follows from them, and its forecasts.

Five fields decide: warmth, rain, cloud, and wind to the east and to the north. An observation reads them as they are. A
forecast reads them mixed with error fields that grow with the lead time: `r * field + sqrt(1 - r**2) * error`, where r
falls from 1. A forecast is therefore as variable as the weather, differs more from it the longer its lead is, and
changes little from one issue to the next. All weather is a pure function of seed, place, time and issue.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.weather.climate import INTENSITY_POWER, season_at
from weatherflick_assets.sandbox.weather.grid import CELL_KM, to_degrees, to_grid
from weatherflick_assets.sandbox.weather.terrain import altitude_m, inland_km, is_land
from weatherflick_assets.sandbox.weather.waves import Waves

Floats = NDArray[np.float64]

_START = datetime(2000, 1, 1, tzinfo=KOREA)
_COAST_KM = 12.0
_LAPSE = 0.0062  # degrees per metre
_HEIGHT, _NORTH = 80.0, 36.3  # of the normals
_TYPICAL_EXCESS = 0.86
_REMEMBERED = 16  # of up to 10 MB each
_CONFIDENCE_H = 330.0  # forecasts name rain more firmly than the skill of their rain field justifies


def hour_number(time: datetime) -> float:
    """Hours since 2000-01-01 00:00 in Korea."""
    return (time - _START) / timedelta(hours=1)


def time_of(number: float) -> datetime:
    """The time in Korea of an hour number."""
    return _START + timedelta(hours=float(number))


@dataclass(frozen=True)
class Places:
    """Points of the country, as columns of equal length.

    Attributes:
        latitude: In degrees.
        east_km, north_km: Position on KMA's grid.
        altitude: Metres above the sea.
        coastal: From 0 inland to 1 at the coast and at sea.
        land: Whether it is land.
    """

    latitude: Floats
    east_km: Floats
    north_km: Floats
    altitude: Floats
    coastal: Floats
    land: NDArray[np.bool_]

    @classmethod
    def at_cells(cls, columns: Floats | list[float], rows: Floats | list[float]) -> "Places":
        """Points of KMA's grid."""
        column, row = np.asarray(columns, dtype=float), np.asarray(rows, dtype=float)
        east, north = column * CELL_KM, row * CELL_KM
        inland = inland_km(east, north)
        return cls(
            latitude=to_degrees(column, row)[0],
            east_km=east,
            north_km=north,
            altitude=altitude_m(east, north, inland),
            coastal=np.exp(-np.maximum(inland, 0) / _COAST_KM),
            land=is_land(inland),
        )

    @classmethod
    def at_degrees(cls, latitudes: Floats | list[float], longitudes: Floats | list[float]) -> "Places":
        """Points in degrees."""
        return cls.at_cells(*to_grid(np.asarray(latitudes, dtype=float), np.asarray(longitudes, dtype=float)))

    def __len__(self) -> int:
        return len(self.latitude)


@dataclass(frozen=True)
class Hours:
    """Moments of the weather: hour numbers, and for a forecast the hour number of its issue."""

    numbers: tuple[float, ...]
    issued: float | None = None


@dataclass(frozen=True)
class Weather:
    """The weather of places (rows) at hours (columns).

    Attributes:
        temperature: Degrees.
        humidity: Percent.
        east, north: Wind in m/s, towards the east and the north.
        cloud: Tenths of the sky, 0 to 10.
        rain: Millimetres an hour, snow as water; 0 if dry.
        chance: The probability of rain in this hour, 0 to 1. Of an observation, 0 or 1.
        wetness: The field of rain itself, whatever the season: about 0 on average, 1 in wet weather.
        thunder: From 0; lightning occurs above 1.
        wave: Metres, at sea; 0 on land.
    """

    temperature: Floats
    humidity: Floats
    east: Floats
    north: Floats
    cloud: Floats
    rain: Floats
    chance: Floats
    wetness: Floats
    thunder: Floats
    wave: Floats

    @property
    def wind(self) -> Floats:
        """Wind speed in m/s."""
        return np.hypot(self.east, self.north)


@dataclass(frozen=True)
class _Field:
    """A field and the error of its forecasts; `skill_h` is the lead at which the field itself counts 1/e."""

    parts: tuple[tuple[float, Waves], ...]
    error: Waves
    skill_h: float


class Sky:
    """The weather of one seed."""

    def __init__(self, seed: int) -> None:
        """Draw the fields of `seed`."""
        random = np.random.default_rng([seed, 20_000_101])

        def field(reach_km: float, memory_h: float, near: float, skill_h: float) -> _Field:
            """A field of large systems; `near` is the share of its variance that comes from small ones."""
            large = Waves.drawn(random, reach_km=reach_km, memory_h=memory_h)
            small = Waves.drawn(random, reach_km=reach_km / 5, memory_h=memory_h / 4)
            error = Waves.drawn(random, reach_km=reach_km, memory_h=memory_h, issue_memory_h=48, count=48)
            return _Field(((np.sqrt(1 - near), large), (np.sqrt(near), small)), error, skill_h)

        self._fields = {
            "warmth": field(1400, 66, 0.06, 210),
            "rain": field(420, 11, 0.25, 180),
            "cloud": field(500, 14, 0.2, 180),
            "east": field(700, 22, 0.3, 120),
            "north": field(700, 22, 0.3, 120),
        }
        self._factors = lru_cache(maxsize=_REMEMBERED)(self._in_time)

    def observed(self, places: Places, hours: Hours) -> Weather:
        """The weather as it is."""
        read = self._read(places, hours)
        return _weather(places, hours, read, certainty=np.ones(len(hours.numbers)))

    def forecast(self, places: Places, hours: Hours) -> Weather:
        """The weather as a forecast issued at `hours.issued` has it."""
        leads = np.maximum(np.array(hours.numbers) - (hours.issued or 0.0), 0.0)
        read, errors = self._read(places, hours), self._errors(places, hours)
        mixed = {}
        for name, field in self._fields.items():
            skill = np.exp(-leads / field.skill_h)
            mixed[name] = skill * read[name] + np.sqrt(1 - skill**2) * errors[name]
        return _weather(places, hours, mixed, certainty=np.exp(-leads / _CONFIDENCE_H))

    def _read(self, places: Places, hours: Hours) -> dict[str, Floats]:
        factors, read = self._factors(hours), {}
        for name, field in self._fields.items():
            parts = (part.in_space(places.east_km, places.north_km) * share for share, part in field.parts)
            read[name] = np.add.reduce([_product(part, factors[name, at]) for at, part in enumerate(parts)])
        return read

    def _errors(self, places: Places, hours: Hours) -> dict[str, Floats]:
        factors = self._factors(hours)
        return {
            name: _product(field.error.in_space(places.east_km, places.north_km), factors[name, -1])
            for name, field in self._fields.items()
        }

    def _in_time(self, hours: Hours) -> Mapping[tuple[str, int], NDArray[np.complex128]]:
        """The factors of all fields in time. They are the same for every place, so that an issue computes them once."""
        numbers = np.array(hours.numbers)
        factors = {
            (name, number): part.in_time(numbers)
            for name, field in self._fields.items()
            for number, (_, part) in enumerate(field.parts)
        }
        if hours.issued is not None:
            factors |= {(name, -1): field.error.in_time(numbers, hours.issued) for name, field in self._fields.items()}
        return factors


def _product(space: NDArray[np.complex128], time: NDArray[np.complex128]) -> Floats:
    """The field of points by hours. Not by BLAS, whose threads cost more than they give and sum in their own order."""
    return np.einsum("pw,wt->pt", space, time).real


def _sigmoid(value: Floats) -> Floats:
    return 1 / (1 + np.exp(-1.702 * np.clip(value, -20, 20)))  # within 0.01 of the normal distribution


def _weather(places: Places, hours: Hours, fields: Mapping[str, Floats], certainty: Floats) -> Weather:
    season = season_at(hours.numbers)
    coastal, altitude, latitude = (
        column[:, np.newaxis] for column in (places.coastal, places.altitude, places.latitude)
    )
    threshold = season["threshold"] - 0.12 * coastal - altitude / 4000
    excess = np.maximum(fields["rain"] - threshold, 0.0)
    rain = season["intensity"] * (excess * threshold / _TYPICAL_EXCESS) ** INTENSITY_POWER
    unsure = np.sqrt(np.maximum(1 - certainty**2, 1e-4))
    chance = _sigmoid((certainty * fields["rain"] - threshold) / unsure)
    overcast = 0.72 * fields["rain"] + 0.69 * fields["cloud"]
    cloud = 10 * _sigmoid(overcast + (season["cloud"] - 5) / 3.2)
    cloud = cloud + (np.maximum(cloud, 9.0) - cloud) * np.minimum(excess * 4, 1)
    sun = (1.28 - 0.056 * cloud) * (1 - 0.42 * coastal)
    swing = season["daily_wave"] * season.daily_wave * sun
    base = (
        season["temperature"]
        - season["northward"] * (latitude - _NORTH)
        + season["coastal"] * coastal
        - _LAPSE * (altitude - _HEIGHT)
    )
    temperature = base + season["deviation"] * fields["warmth"] + swing - 1.2 * np.minimum(excess, 1)
    humidity = season["humidity"] + 5 * coastal - 3.0 * swing + 9.0 * overcast + 14 * np.minimum(excess * 3, 1)
    force = season["wind"] * season.breeze * (1 + 0.5 * coastal + altitude / 1500) / 1.32
    force = np.where(places.land[:, np.newaxis], force, 2.4 * season["wind"])
    east = force * (fields["east"] + season["westerly"] * 0.6)
    north = force * (fields["north"] + season["southerly"] * 0.6)
    return Weather(
        temperature=temperature,
        humidity=np.clip(humidity, 12, 98),
        east=east,
        north=north,
        cloud=np.clip(cloud, 0, 10),
        rain=rain,
        chance=chance,
        wetness=fields["rain"] + 0.25 * coastal,
        thunder=excess * np.clip((temperature - 17) / 6, 0, 1),
        wave=np.where(places.land[:, np.newaxis], 0.0, 0.3 + 0.035 * np.hypot(east, north) ** 1.6),
    )
