"""Stations have positions and regions, and a cell has its nearest ones."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from weatherflick_assets.korea.cells import centre_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.weather.transform.air_stations import (
    NEAR_KM,
    NEAREST_COLUMNS,
    air_station_rows,
    haversine_km,
    nearest_stations,
    sido_of,
)


def item(**changes: Any) -> dict[str, Any]:
    return {
        "stationName": "중구", "addr": "서울 중구 덕수궁길 15", "mangName": "도시대기", "dmX": "37.564639", "dmY": "126.975961",
        "year": "1995", **changes,
    }  # fmt: skip


def test_a_station_has_its_region_and_position() -> None:
    rows, problems = air_station_rows([item()], response_id=7)
    assert not problems
    (row,) = rows.to_dict("records")
    assert row == {
        "sido_name": "서울", "station_name": "중구", "network": "도시대기", "address": "서울 중구 덕수궁길 15",
        "latitude": 37.564639, "longitude": 126.975961, "source_response_id": 7,
    }  # fmt: skip


POSITIONS = {
    "as recorded": ("37.5", "127.0", (37.5, 127.0), None),
    "as the guide has it": ("127.0", "37.5", (37.5, 127.0), None),
    "numbers": (37.5, 127.0, (37.5, 127.0), None),
    "blank": ("", "127.0", None, "position_missing"),
    "a dash": ("-", "-", None, "position_missing"),
    "none": (None, None, None, "position_missing"),
    "no number": ("NaN", "127.0", None, "position_missing"),
    "zero": ("0", "0", None, "position_outside"),
    "in metres": ("198245.6", "451586.2", None, "position_outside"),
    "a sentinel": ("-999", "-999", None, "position_outside"),
}


@pytest.mark.parametrize(("x", "y", "position", "reason"), POSITIONS.values(), ids=POSITIONS)
def test_the_ranges_of_korea_decide_which_is_the_latitude(
    x: object, y: object, position: tuple[float, float] | None, reason: str | None
) -> None:
    rows, problems = air_station_rows([item(dmX=x, dmY=y)], response_id=7)
    assert problems == ({reason: 1} if reason else {})
    found = rows[["latitude", "longitude"]].to_numpy().tolist()
    assert found == [list(position)] if position else np.isnan(found).all()


def test_stations_without_a_name_or_region_and_repeated_ones_are_counted() -> None:
    given = [
        item(),
        item(),
        item(addr="부산광역시 중구 광복로"),
        item(stationName=" "),
        item(addr="평양시"),
        item(addr=None),
    ]
    rows, problems = air_station_rows(given, response_id=7)
    assert list(zip(rows["sido_name"], rows["station_name"], strict=True)) == [("서울", "중구"), ("부산", "중구")]
    assert problems == {"station_repeated": 1, "station_missing": 1, "sido_unknown": 2}
    (named,) = air_station_rows([item(sidoName="세종", addr=None)], response_id=7).rows["sido_name"]
    assert named == "세종"


@pytest.mark.parametrize(
    ("address", "sido"),
    [
        ("세종특별자치시 조치원읍", "세종"),
        ("강원특별자치도 춘천시", "강원"),
        ("광주광역시 서구", "광주"),
        ("전남 목포시", "전남"),
        ("전라남도 목포시", "전남"),
        ("전남광주통합특별시 광산구 평동로", "광주"),
        ("전남광주통합특별시 목포시", "전남"),
        ("일본", None),
        ("", None),
    ],
)
def test_the_region_of_an_address_is_named_as_measurements_name_it(address: str, sido: str | None) -> None:
    assert sido_of(address) == sido


def frame(points: list[tuple[float, float]]) -> pd.DataFrame:
    names = [f"{number}" for number in range(len(points))]
    latitude, longitude = [list(axis) for axis in zip(*points, strict=True)] if points else [[], []]
    return pd.DataFrame(
        {"sido_name": "서울", "station_name": names, "latitude": latitude, "longitude": longitude}
    ).astype({"latitude": "float64", "longitude": "float64"})


def test_a_cell_has_its_nearest_stations_in_order_and_none_that_is_far() -> None:
    latitude, longitude = centre_of(60, 127)
    north = [0.3, 0.1, 0.5, 0.2, 0.05, np.nan]
    found = nearest_stations([60, 20], [127, 20], frame([(float(latitude) + up, float(longitude)) for up in north]))
    assert list(found.columns) == list(NEAREST_COLUMNS)
    assert found["station_name"].tolist() == ["4", "1", "3"]
    assert found["place"].tolist() == [1, 2, 3]
    assert found["nx"].tolist() == [60] * 3
    assert found["distance_km"].round(1).tolist() == [5.6, 11.1, 22.2]
    assert nearest_stations([60], [127], frame([])).empty


@given(
    st.lists(st.tuples(st.floats(33, 39), st.floats(124.5, 131.5)), max_size=8),
    st.lists(st.tuples(st.integers(1, 149), st.integers(1, 253)), min_size=1, max_size=4),
    st.integers(1, 4),
)
def test_no_station_that_is_left_out_is_nearer(
    points: list[tuple[float, float]], cells: list[tuple[int, int]], count: int
) -> None:
    stations = frame(points)
    for nx, ny in cells:
        found = nearest_stations([nx], [ny], stations, count=count)
        latitude, longitude = centre_of(nx, ny)
        away = np.sort(haversine_km(latitude, longitude, stations["latitude"], stations["longitude"]))
        assert found["distance_km"].tolist() == away[away <= NEAR_KM][:count].tolist()


@given(st.floats(33, 39), st.floats(124, 132), st.floats(33, 39), st.floats(124, 132))
def test_distances_are_those_of_a_geodesy_library(north: float, east: float, to_north: float, to_east: float) -> None:
    _, _, metres = Geod(a=6371008.8, b=6371008.8).inv(east, north, to_east, to_north)
    assert float(haversine_km(north, east, to_north, to_east)) == pytest.approx(metres / 1000, abs=1e-3)


@pytest.mark.recorded
def test_recorded_stations_lie_in_the_regions_of_their_addresses(recorded_data: Path) -> None:
    items = json.loads((recorded_data / "airkorea" / "getMsrstnList" / "stationInfo.json").read_bytes())
    rows, problems = air_station_rows(items, response_id=7)
    assert (len(rows), problems) == (657, {})
    assert rows["sido_name"].tolist() == [one["cityShort"] for one in items]
    assert rows["latitude"].tolist() == [float(one["dmX"]) for one in items]
    assert rows["longitude"].tolist() == [float(one["dmY"]) for one in items]
    sidos = {region.region_code: region.airkorea_names for region in REGIONS}
    at = regions_of_points(rows["longitude"], rows["latitude"])
    elsewhere = [
        station
        for station, sido, region in zip(rows["station_name"], rows["sido_name"], at, strict=True)
        if region is None or sido not in sidos[region]
    ]
    # Two of ports at the border of two regions, and one of an island more than 15 km from the next.
    assert elsewhere == ["부산항", "격렬비열도", "하동항"]
    assert max(Counter(rows["station_name"]).values()) == 1


@pytest.mark.recorded
def test_nearly_every_cell_has_a_recorded_station_near(recorded_data: Path) -> None:
    items = json.loads((recorded_data / "airkorea" / "getMsrstnList" / "stationInfo.json").read_bytes())
    stations = air_station_rows(items, response_id=7).rows
    with gzip.open(
        recorded_data / "kma" / "grid" / "kma_grid_nx_ny_20251027.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = [row for row in csv.DictReader(file) if row["1단계"] != "이어도"]
    nx, ny = np.array(sorted({(int(row["격자 X"]), int(row["격자 Y"])) for row in rows})).T
    found = nearest_stations(nx, ny, stations)
    per_cell = found.groupby(["nx", "ny"]).size()
    assert len(per_cell) / len(nx) > 0.997
    assert (per_cell == 3).sum() / len(nx) > 0.98
    assert found.loc[found["place"] == 1, "distance_km"].median() < 7
