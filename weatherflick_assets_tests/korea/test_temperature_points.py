"""Every cell gets a point of the mid-term temperatures and a land region of its own region."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.korea.cells import COLUMNS, ROWS, cells_of, centre_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.regions import REGION_CODES, REGIONS
from weatherflick_assets.korea.temperature_points import mid_term_places_of_cells, temperature_points
from weatherflick_assets.sandbox.kma.mid_term import LAND_REGIONS, cities

PLACES = {
    "Seoul City Hall": (37.5663, 126.9779, "서울", "11B00000"),
    "Suwon": (37.2636, 127.0286, "수원", "11B00000"),
    "Chuncheon": (37.8813, 127.7298, "춘천", "11D10000"),
    "Gangneung": (37.7519, 128.8761, "강릉", "11D20000"),
    "Goseong in Gangwon": (38.3806, 128.4678, "고성", "11D20000"),
    "Goseong in Gyeongnam": (34.9730, 128.3223, "고성", "11H20000"),
    "Wonju": (37.3422, 127.9202, "원주", "11D10000"),
    "Daegwallyeong": (37.6771, 128.7183, "대관령", "11D20000"),
    "Gwangju": (35.1601, 126.8514, "광주", "11F20000"),
    "Mokpo": (34.8118, 126.3922, "목포", "11F20000"),
    "Seongsan": (33.4581, 126.9426, "성산", "11G00000"),
    "Dokdo": (37.2426, 131.8597, "울릉도", "11H10000"),
    "Baengnyeongdo": (37.9670, 124.7100, "백령도", "11B00000"),
}


@pytest.mark.parametrize(("latitude", "longitude", "point", "land"), PLACES.values(), ids=PLACES)
def test_known_places_get_their_points(latitude: float, longitude: float, point: str, land: str) -> None:
    found = mid_term_places_of_cells(*cells_of([latitude], [longitude]))
    assert temperature_points()[found.point_ids[0]].name == point
    assert found.land_region_ids[0] == land


def test_points_lie_in_the_regions_that_they_are_declared_in() -> None:
    points = temperature_points().values()
    at = regions_of_points([point.longitude for point in points], [point.latitude for point in points])
    assert [point.region_code for point in points] == at.tolist()
    assert {point.region_code for point in points} == set(REGION_CODES)


def test_points_and_land_regions_agree_with_those_of_the_regions() -> None:
    for region in REGIONS:
        inside = [point for point in temperature_points().values() if point.region_code == region.region_code]
        assert set(region.kma_temperature_region_ids) <= {point.point_id for point in inside}
        assert {point.land_region_id for point in inside} == set(region.kma_land_region_ids)


def test_the_sandbox_has_every_point_and_land_region_that_is_asked_for() -> None:
    assert {point.point_id for point in temperature_points().values()} <= set(cities())
    assert {point.land_region_id for point in temperature_points().values()} == set(LAND_REGIONS)


@given(st.integers(1, COLUMNS), st.integers(1, ROWS))
def test_no_point_of_a_cells_region_is_nearer_than_its_own(nx: int, ny: int) -> None:
    latitude, longitude = centre_of(nx, ny)
    (region,) = regions_of_points([longitude], [latitude])
    (own,), (land,) = mid_term_places_of_cells([nx], [ny])
    if region is None:
        assert own is land is None
        return
    point = temperature_points()[own]
    assert (point.region_code, point.land_region_id) == (region, land)
    others = [other for other in temperature_points().values() if other.region_code == region]
    away = {
        other.point_id: np.hypot(
            other.latitude - latitude, (other.longitude - longitude) * np.cos(np.radians(float(latitude)))
        )
        for other in others
    }
    assert away[own] <= min(away.values()) * 1.001


@pytest.mark.recorded
def test_every_cell_of_the_official_table_has_a_point_of_its_region(recorded_data: Path) -> None:
    with gzip.open(
        recorded_data / "kma" / "grid" / "kma_grid_nx_ny_20251027.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = [row for row in csv.DictReader(file) if row["1단계"] != "이어도"]
    nx, ny = np.array(sorted({(int(row["격자 X"]), int(row["격자 Y"])) for row in rows})).T
    latitude, longitude = centre_of(nx, ny)
    points, lands = mid_term_places_of_cells(nx, ny)
    regions = regions_of_points(longitude, latitude)
    assert [temperature_points()[point].region_code for point in points] == regions.tolist()
    assert [temperature_points()[point].land_region_id for point in points] == lands.tolist()


@pytest.mark.recorded
def test_the_points_are_those_of_the_official_table(recorded_data: Path) -> None:
    with (recorded_data / "kma" / "zones" / "forecast_location.csv").open(encoding="utf-8", newline="") as file:
        official = {row["regId"]: row for row in csv.DictReader(file) if row["tmEd"].startswith("2100")}
    far = []
    for point in temperature_points().values():
        row = official[point.point_id]
        assert point.name == row["regName"]
        if np.hypot(float(row["lat"]) - point.latitude, float(row["lon"]) - point.longitude) > 0.15:
            far.append(point.name)
    # The official positions of these are not in the cities that they name, but for 신안, which consists of islands.
    assert far == ["연천", "하남", "순천시", "봉화", "신안"]
