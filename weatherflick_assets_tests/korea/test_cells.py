"""Points lie in the cells that the KMA says they lie in."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.korea.cells import CELL_KM, COLUMNS, ROWS, cells_of, centre_of
from weatherflick_assets_tests.korea.test_regions import kma_cell

EARTH_RADIUS_KM = 6371.00877

PLACES = {
    "the guide's example": (37.488201, 126.929810, 59, 125),
    "Seoul City Hall": (37.5663, 126.9779, 60, 127),
    "Busan": (35.1798, 129.0750, 98, 76),
    "Jeju": (33.4996, 126.5312, 53, 38),
    "Seogwipo": (33.2541, 126.5601, 53, 33),
    "Gangneung": (37.7519, 128.8761, 92, 132),
    "Haeundae": (35.1587, 129.1604, 99, 75),
    "Ulleung": (37.4845, 130.9057, 127, 127),
    "Baengnyeong": (37.9670, 124.6300, 20, 135),
    "Dokdo": (37.2426, 131.8597, 144, 123),
    "Marado": (33.1190, 126.2680, 48, 30),
}


@pytest.mark.parametrize(("latitude", "longitude", "nx", "ny"), PLACES.values(), ids=PLACES)
def test_known_places_lie_in_their_cells(latitude: float, longitude: float, nx: int, ny: int) -> None:
    assert tuple(map(int, cells_of(latitude, longitude))) == (nx, ny)


@given(st.floats(33, 39), st.floats(124.5, 131.9))
def test_every_point_of_korea_lies_where_the_published_formula_puts_it(latitude: float, longitude: float) -> None:
    nx, ny = kma_cell(latitude, longitude)
    is_inside = 1 <= nx <= COLUMNS and 1 <= ny <= ROWS
    assert tuple(map(int, cells_of(latitude, longitude))) == ((nx, ny) if is_inside else (0, 0))


@given(st.integers(1, COLUMNS), st.integers(1, ROWS))
def test_the_centre_of_a_cell_lies_in_it(nx: int, ny: int) -> None:
    assert tuple(map(int, cells_of(*centre_of(nx, ny)))) == (nx, ny)


def test_what_is_outside_or_has_no_position_is_in_no_cell() -> None:
    nx, ny = cells_of([37.5, 0.0, np.nan, 37.5, 48.9], [127.0, 0.0, 127.0, np.nan, 2.3])
    assert (nx[0], ny[0]) == (60, 125)
    assert not nx[1:].any()
    assert not ny[1:].any()


def _official_table(recorded_data: Path) -> list[dict[str, str]]:
    path = recorded_data / "kma" / "grid" / "kma_grid_nx_ny_20251027.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.mark.recorded
def test_the_official_table_agrees_but_for_offices_at_the_border_of_two_cells(recorded_data: Path) -> None:
    """3,789 of 3,834 rows agree.

    Two are the ocean station 이어도, whose position the table leaves 0. The other 43 lie just over the border of the cell
    that the table names, mostly because an office moved and its cell stayed.
    """
    table = [row for row in _official_table(recorded_data) if row["위도(초/100)"] != "0"]
    assert len(table) == 3832
    latitude, longitude = (np.array([float(row[name]) for row in table]) for name in ("위도(초/100)", "경도(초/100)"))
    nx, ny = (np.array([int(row[name]) for row in table]) for name in ("격자 X", "격자 Y"))
    found_nx, found_ny = cells_of(latitude, longitude)
    differs = (found_nx != nx) | (found_ny != ny)
    assert differs.sum() == 43
    assert max(abs(found_nx - nx).max(), abs(found_ny - ny).max()) == 1
    # How far the point is from the centre of the cell that the table names: at most half a cell's diagonal and a little.
    to_latitude, to_longitude = centre_of(nx, ny)
    east = np.radians(longitude - to_longitude) * np.cos(np.radians(latitude)) * EARTH_RADIUS_KM
    north = np.radians(latitude - to_latitude) * EARTH_RADIUS_KM
    assert np.maximum(abs(east), abs(north)).max() < CELL_KM / 2 * 1.1 + 2.7
