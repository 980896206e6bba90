"""VilageFcstInfoService_2.0: the nowcast, the forecast of the next hours, and the short-term forecast of grid cells.

Here: the valid times of an issue by the laws that recorded issues show, and the rows of a cell.

Issues 02 to 14 are hourly up to midnight at the start of D+3 and end at midnight at the start of D+4; issues 17, 20 and
23 reach a day further. Between the two midnights they are 3-hourly, and PCP, SNO and WSD are codes there. TMN and TMX
are not the extremes of the rows' own temperatures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.kma import wording
from weatherflick_assets.sandbox.weather.grid import COLUMNS, ROWS
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, Weather, hour_number

Row = dict[str, Any]

SHORT_TERM_TIMES = ("0200", "0500", "0800", "1100", "1400", "1700", "2000", "2300")
_REACHES_FURTHER = 17
_NEXT_HOURS = 6
_MASKED = ("-999", "-998.9", "-998")
_OVERSHOOT = 0.7


@dataclass(frozen=True)
class ValidTimes:
    """The valid times of a short-term issue.

    Attributes:
        hourly: How many of the times are hourly.
        extremes: The times that have a TMN or TMX as well, with its name.
    """

    times: tuple[datetime, ...]
    hourly: int
    extremes: tuple[tuple[datetime, str], ...]


def valid_times(issued: datetime) -> ValidTimes:
    """The valid times of the short-term forecast issued at `issued`."""
    midnight = issued.replace(hour=0)
    days = 4 if issued.hour >= _REACHES_FURTHER else 3
    seam = midnight + timedelta(days=days)
    first = issued + timedelta(hours=1)
    hourly = [first + timedelta(hours=hour) for hour in range(int((seam - first) / timedelta(hours=1)) + 1)]
    later = [seam + timedelta(hours=hour) for hour in range(3, 25, 3)]
    times = (*hourly, *later)
    extremes = tuple(
        (time, name)
        for time in times
        if (name := {6: "TMN", 15: "TMX"}.get(time.hour))
        and (time.date() > issued.date() or issued.hour < {"TMN": 5, "TMX": 14}[name])
    )
    return ValidTimes(times, len(hourly), extremes)


class GridForecasts:
    """Rows of grid cells. Recent cells are remembered, so that the second page of an answer costs nothing."""

    def __init__(self, sky: Sky) -> None:
        """Forecast `sky`."""
        self._sky = sky
        self._cell = lru_cache(maxsize=20_000)(self._cell_at)
        self.short_term = lru_cache(maxsize=64)(self._short_term)

    @staticmethod
    def is_cell(column: int, row: int) -> bool:
        """Whether the grid has this cell."""
        return 1 <= column <= COLUMNS and 1 <= row <= ROWS

    @staticmethod
    def _cell_at(column: int, row: int) -> Places:
        return Places.at_cells([float(column)], [float(row)])

    def nowcast(self, at: datetime, column: int, row: int) -> list[Row]:
        """The rows of getUltraSrtNcst. Sea cells have no observations and are masked."""
        cell = self._cell(column, row)
        weather = self._sky.observed(cell, Hours((hour_number(at),)))
        rain = weather.rain[0]
        amount = np.where(rain >= wording.LEAST_RAIN_MM, rain, 0.0)
        kind = wording.drizzle_kind(wording.rain_kind(weather, weather.rain > 0.02, showers=False)[0], rain)
        east, north = np.round(weather.east[0], 1), np.round(weather.north[0], 1)
        values = {
            "PTY": str(kind[0]),
            "REH": wording.number(weather.humidity[0, 0], 0),
            "RN1": wording.number(amount[0]),
            "T1H": wording.number(weather.temperature[0, 0]),
            "UUU": wording.number(east[0]),
            "VEC": str(wording.direction(east, north)[0]),
            "VVV": wording.number(north[0]),
            "WSD": wording.number(weather.wind[0, 0]),
        }
        if not cell.land[0]:
            values = {name: _MASKED[number % len(_MASKED)] for number, name in enumerate(values)}
        base = {"baseDate": f"{at:%Y%m%d}", "baseTime": f"{at:%H%M}"}
        return [
            base | {"category": name, "nx": column, "ny": row, "obsrValue": value} for name, value in values.items()
        ]

    def next_hours(self, issued: datetime, column: int, row: int) -> list[Row]:
        """The rows of getUltraSrtFcst: 11 categories of 6 hours each."""
        first = issued.replace(minute=0) + timedelta(hours=1)
        times = [first + timedelta(hours=hour) for hour in range(_NEXT_HOURS)]
        weather = self._forecast(issued, times, column, row)
        columns = _columns(weather)
        wet = columns.wet
        kind = wording.drizzle_kind(wording.rain_kind(weather, wet[np.newaxis], showers=False)[0], columns.rain)
        values = {
            "LGT": [wording.number(value) if value > 1 else "0" for value in weather.thunder[0] * wet],
            "PTY": list(map(str, kind)),
            "RN1": [wording.rain_amount(value) for value in columns.rain],
            "SKY": columns.sky,
            "T1H": columns.temperature,
            "REH": columns.humidity,
            "UUU": columns.east,
            "VVV": columns.north,
            "VEC": columns.direction,
            "WSD": [wording.number(value, 1 if value < 1 else 0) for value in weather.wind[0]],
            "POP": columns.chance,
        }
        return [
            _row(issued, name, time, value, column, row)
            for name, listed in values.items()
            for time, value in zip(times, listed, strict=True)
        ]

    def _short_term(self, issued: datetime, column: int, row: int) -> list[Row]:
        """The rows of getVilageFcst."""
        valid = valid_times(issued)
        weather = self._forecast(issued, valid.times, column, row)
        columns = _columns(weather)
        kind = wording.rain_kind(weather, columns.wet[np.newaxis], showers=True)[0]
        snow = np.where(kind == 3, columns.rain, np.where(kind == 2, columns.rain / 3, 0.0)).tolist()
        rain, wind, hourly = columns.rain.tolist(), weather.wind[0], valid.hourly
        values = {
            "TMP": columns.temperature,
            "UUU": columns.east,
            "VVV": columns.north,
            "VEC": columns.direction,
            "WSD": wording.numbers(wind[:hourly]) + [_coded(value, 4, 9) for value in wind[hourly:]],
            "SKY": columns.sky,
            "PTY": list(map(str, kind)),
            "POP": columns.chance,
            "WAV": wording.numbers(weather.wave[0]),
            "PCP": [wording.rain_amount(value) for value in rain[:hourly]]
            + [_coded(value, 3, 15) if value else "0" for value in rain[hourly:]],
            "REH": columns.humidity,
            "SNO": [wording.snow_amount(value) for value in snow[:hourly]]
            + ["0" if value < wording.LEAST_RAIN_MM else "1" if value < 1 else "2" for value in snow[hourly:]],
        }
        extremes = self._extremes(issued, valid, column, row)
        rows: list[Row] = []
        names, listed = tuple(values), tuple(values.values())
        base_date, base_time = f"{issued:%Y%m%d}", f"{issued:%H%M}"
        for time, texts in zip(valid.times, zip(*listed, strict=True), strict=True):
            date, hour = f"{time:%Y%m%d}", f"{time:%H%M}"
            for name, text in zip(names, texts, strict=True):
                rows.append(
                    {
                        "baseDate": base_date,
                        "baseTime": base_time,
                        "category": name,
                        "fcstDate": date,
                        "fcstTime": hour,
                        "fcstValue": text,
                        "nx": column,
                        "ny": row,
                    }
                )
            if time in extremes:
                name, value = extremes[time]
                rows.append(_row(issued, name, time, value, column, row))
        return rows

    def _extremes(
        self, issued: datetime, valid: ValidTimes, column: int, row: int
    ) -> Mapping[datetime, tuple[str, str]]:
        """Name and text of each TMN (of the early morning) and TMX (of the afternoon), by its time."""
        if not valid.extremes:
            return {}
        times = [
            time + timedelta(hours=hour)
            for time, name in valid.extremes
            for hour in ((-3, -1, 1) if name == "TMN" else (-2, 0, 1))
        ]
        weather = self._forecast(issued, times, column, row)
        read = weather.temperature[0].reshape(-1, 3)
        # Under a clear sky the extreme lies beyond the full hours, under clouds it is milder.
        off = _OVERSHOOT * np.tanh(5 - weather.cloud[0].reshape(-1, 3).mean(axis=1))
        return {
            time: (name, f"{round(read[at].min() - off[at] if name == 'TMN' else read[at].max() + off[at]):d}.0")
            for at, (time, name) in enumerate(valid.extremes)
        }

    def _forecast(self, issued: datetime, times: Sequence[datetime], column: int, row: int) -> Weather:
        hours = Hours(tuple(hour_number(time) for time in times), issued=hour_number(issued))
        return self._sky.forecast(self._cell(column, row), hours)


@dataclass(frozen=True)
class _Columns:
    """The texts that both forecasts share, by valid time, and the rain that goes with POP."""

    temperature: list[str]
    east: list[str]
    north: list[str]
    direction: list[str]
    sky: list[str]
    chance: list[str]
    humidity: list[str]
    wet: NDArray[np.bool_]
    rain: NDArray[np.float64]


def _columns(weather: Weather) -> _Columns:
    east, north = np.round(weather.east[0], 1) + 0.0, np.round(weather.north[0], 1) + 0.0
    chance, cloud = weather.chance[0], weather.cloud[0]
    wet = chance >= wording.RAINY_CHANCE
    return _Columns(
        temperature=list(map(str, np.round(weather.temperature[0]).astype(int))),
        east=wording.numbers(east),
        north=wording.numbers(north),
        direction=list(map(str, wording.direction(east, north))),
        sky=list(map(str, np.where(wet, np.maximum(wording.sky_code(cloud), 3), wording.sky_code(cloud)))),
        chance=list(map(str, wording.percent_of(chance, cloud))),
        humidity=list(map(str, (np.round(weather.humidity[0] / 5) * 5).astype(int))),
        wet=wet,
        rain=np.where(wet, np.maximum(weather.rain[0], chance - wording.RAINY_CHANCE + wording.LEAST_RAIN_MM), 0.0),
    )


def _coded(value: float, second: float, third: float) -> str:
    return "1" if value < second else "2" if value < third else "3"


def _row(issued: datetime, category: str, time: datetime, value: str, column: int, row: int) -> Row:
    return {
        "baseDate": f"{issued:%Y%m%d}",
        "baseTime": f"{issued:%H%M}",
        "category": category,
        "fcstDate": f"{time:%Y%m%d}",
        "fcstTime": f"{time:%H%M}",
        "fcstValue": value,
        "nx": column,
        "ny": row,
    }
