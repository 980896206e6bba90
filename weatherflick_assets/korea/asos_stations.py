"""The stations at which the KMA observes the weather by hand and instrument (종관기상관측, ASOS).

`asos_stations.csv` lists those in operation by the KMA's table of stations (기상자료개방포털, 관측지점정보): number, name,
region, and position in degrees. The region is that of the address.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class AsosStation:
    """A station. Latitude and longitude are in degrees (WGS 84)."""

    station_id: str
    name: str
    region_code: str
    latitude: float
    longitude: float


@cache
def asos_stations() -> Mapping[str, AsosStation]:
    """All stations by id."""
    text = files("weatherflick_assets.korea").joinpath("asos_stations.csv").read_text(encoding="utf-8")
    return {
        row["station_id"]: AsosStation(
            row["station_id"], row["name"], row["region_code"], float(row["latitude"]), float(row["longitude"])
        )
        for row in csv.DictReader(text.splitlines())
    }
