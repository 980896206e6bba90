"""The statistics of five simulated years compared with five years of recorded hourly observations.

How far they may be apart is stated below: by month over all five stations, and by station over the year. Recorded rain
of the cold half-year is a sum of three hours, so that its hours with rain are compared from April to October only.
"""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from weatherflick_assets.sandbox.weather.grid import CELL_KM, to_grid
from weatherflick_assets.sandbox.weather.sky import Hours, Places, Sky, hour_number, time_of
from weatherflick_assets.sandbox.weather.terrain import inland_km, is_land
from weatherflick_assets_tests.sandbox.agencies import korea

pytestmark = pytest.mark.recorded

STATIONS = {
    "seoul": (37.571, 126.966),
    "daegu": (35.878, 128.653),
    "gwangju": (35.173, 126.892),
    "jeonju": (35.841, 127.119),
    "andong": (36.573, 128.707),
}
MONTHS = range(1, 12)  # hardly any December is recorded
Columns = dict[tuple[str, int], list[np.ndarray]]
"""By station and month: temperature, humidity, rain, wind and cloud by hour."""


def summary(
    temperature: np.ndarray, humidity: np.ndarray, rain: np.ndarray, wind: np.ndarray, cloud: np.ndarray
) -> list[float]:
    """Mean and deviation of temperature, humidity, share of wet hours in %, mm a month, mean and p95 of wind, cloud."""
    return [
        temperature.mean(), temperature.std(), humidity.mean(), 100 * (rain > 0).mean(), 730 * rain.mean(), wind.mean(),
        np.quantile(wind, 0.95), cloud.mean(),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def recorded(recorded_data: Path) -> Columns:
    """By station and month: temperature, humidity, rain, wind and cloud, without missing values."""
    found: dict[tuple[str, int], list[list[float]]] = defaultdict(lambda: [[] for _ in range(5)])
    for name in STATIONS:
        for path in sorted((recorded_data / "kma/asos_hourly").glob(f"*/kma_*_{name}.csv.gz")):
            with gzip.open(path, "rt") as lines:
                for row in csv.DictReader(lines):
                    columns = found[name, int(row["TM"][4:6])]
                    for column, (key, least) in enumerate(
                        (("TA", -50), ("HM", 0), ("RN", -10), ("WS", -0.1), ("CA_TOT", -0.1))
                    ):
                        if float(row[key]) > least:
                            columns[column].append(max(float(row[key]), 0.0) if key == "RN" else float(row[key]))
    return {key: [np.array(column) for column in columns] for key, columns in found.items()}


@pytest.fixture(scope="module")
def simulated() -> Columns:
    """The same from five simulated years of two seeds."""
    start = hour_number(korea(2018, 1, 1))
    hours = np.arange(start, start + 5 * 8766)
    months = np.array([time_of(hour).month for hour in hours])
    at = Places.at_degrees([point[0] for point in STATIONS.values()], [point[1] for point in STATIONS.values()])
    found: Columns = {}
    skies = [Sky(seed) for seed in (20260701, 1)]
    parts = [sky.observed(at, Hours(tuple(part))) for sky in skies for part in np.array_split(hours, 40)]
    months = np.tile(months, len(skies))
    columns = [
        np.concatenate([getattr(part, name) for part in parts], axis=1)
        for name in ("temperature", "humidity", "rain", "wind", "cloud")
    ]
    columns[2] = np.round(columns[2], 1)
    for place, name in enumerate(STATIONS):
        for month in range(1, 13):
            found[name, month] = [column[place, months == month] for column in columns]
    return found


def by_month(found: Columns, month: int) -> list[float]:
    return summary(*(np.concatenate([found[name, month][column] for name in STATIONS]) for column in range(5)))


def by_station(found: Columns, name: str) -> list[float]:
    return summary(*(np.concatenate([found[name, month][column] for month in MONTHS]) for column in range(5)))


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_has_the_recorded_weather(recorded: Columns, simulated: Columns, month: int) -> None:
    real, ours = by_month(recorded, month), by_month(simulated, month)
    assert ours[0] == pytest.approx(real[0], abs=1.0)  # degrees
    assert ours[1] == pytest.approx(real[1], abs=0.7)
    assert ours[2] == pytest.approx(real[2], abs=2)  # percent
    if 4 <= month <= 10:
        assert ours[3] == pytest.approx(real[3], rel=0.25)
    assert ours[4] == pytest.approx(real[4], rel=0.25)  # millimetres
    assert ours[5] == pytest.approx(real[5], abs=0.3)  # metres a second
    assert ours[6] == pytest.approx(real[6], abs=0.8)
    assert ours[7] == pytest.approx(real[7], abs=0.7)  # tenths


@pytest.mark.parametrize("name", STATIONS)
def test_a_station_has_the_recorded_weather(recorded: Columns, simulated: Columns, name: str) -> None:
    real, ours = by_station(recorded, name), by_station(simulated, name)
    assert ours[0] == pytest.approx(real[0], abs=1.2)
    assert ours[2] == pytest.approx(real[2], abs=6)
    assert ours[4] == pytest.approx(real[4], rel=0.35)
    assert ours[5] == pytest.approx(real[5], abs=0.6)


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("name", STATIONS)
def test_a_month_of_a_station_has_about_the_recorded_weather(
    recorded: Columns, simulated: Columns, name: str, month: int
) -> None:
    real, ours = summary(*recorded[name, month]), summary(*simulated[name, month])
    assert ours[0] == pytest.approx(real[0], abs=1.8)
    assert ours[2] == pytest.approx(real[2], abs=10)
    assert 0.5 < ours[4] / real[4] < 2
    assert ours[5] == pytest.approx(real[5], abs=0.9)


def test_every_cell_of_the_official_table_is_land(recorded_data: Path) -> None:
    [path] = (recorded_data / "kma/grid").glob("*.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        cells = {(int(row["격자 X"]), int(row["격자 Y"])): row["3단계"] for row in csv.DictReader(lines)}
    columns, rows = np.array(list(cells), dtype=float).T * CELL_KM
    sea = [cell for cell, land in zip(cells, is_land(inland_km(columns, rows)), strict=True) if not land]
    assert len(cells) > 1600
    assert sea == [(28, 8)]  # the ocean station on Ieodo


def test_stations_lie_where_the_grid_says(recorded_data: Path) -> None:
    [path] = (recorded_data / "kma/grid").glob("*.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8-sig") as lines:
        table = {
            row["1단계"]: (int(row["격자 X"]), int(row["격자 Y"])) for row in csv.DictReader(lines) if not row["2단계"]
        }
    column, row = to_grid(37.5666, 126.9784)
    assert (int(column + 0.5), int(row + 0.5)) == table["서울특별시"]
