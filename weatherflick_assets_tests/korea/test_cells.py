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

KM_PER_DEGREE = 6371.00877 * np.pi / 180

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


WITHOUT_POSITION = {"5019000000", "5019099000"}
"""The ocean station 이어도, for which the table has a cell and zeros for a position."""

UNDATED = {
    "1162054500": "관악구 청림동", "1162057500": "관악구 행운동", "1162062500": "관악구 인헌동", "2653068000": "사상구 엄궁동",
    "4128557000": "일산동구 마두2동", "4315057700": "제천시 신백동", "4775000000": "청송군", "4775025000": "청송군 청송읍",
    "4775034000": "청송군 현서면", "4784031000": "성주군 선남면", "4784033000": "성주군 수륜면", "4825063000": "김해시 장유3동",
}  # fmt: skip
"""Rows whose position lies in a neighbouring cell, without a date on which it was corrected."""

MOST_KM_BEYOND = 0.85
"""How far beyond the border of the table's cell a position lies, at most; one that was corrected, 관평동, lies 2.6 km beyond."""


@pytest.mark.recorded
def test_the_official_table_agrees_but_for_positions_that_were_corrected_and_named_neighbours(
    recorded_data: Path,
) -> None:
    """Of 3,834 rows, 3,789 agree.

    31 of the others have a date on which the position of the office was corrected (위치업데이트), and kept their cell. In
    every row the formula that the KMA publishes gives our cell.
    """
    table = _official_table(recorded_data)
    assert len(table) == 3834
    assert {row["행정구역코드"] for row in table if float(row["위도(초/100)"]) == 0} == WITHOUT_POSITION
    table = [row for row in table if row["행정구역코드"] not in WITHOUT_POSITION]
    latitude, longitude = (np.array([float(row[name]) for row in table]) for name in ("위도(초/100)", "경도(초/100)"))
    found = list(zip(*map(np.ndarray.tolist, cells_of(latitude, longitude)), strict=True))
    official = [(int(row["격자 X"]), int(row["격자 Y"])) for row in table]
    assert found == [kma_cell(*position) for position in zip(latitude.tolist(), longitude.tolist(), strict=True)]

    differing = [number for number, cells in enumerate(zip(found, official, strict=True)) if cells[0] != cells[1]]
    dated = {table[number]["행정구역코드"] for number in differing if table[number]["위치업데이트"]}
    assert {table[number]["행정구역코드"] for number in differing} == dated | UNDATED.keys()
    assert (len(differing), len(dated)) == (43, 31)
    beyond = {
        table[number]["3단계"]: max(
            abs(latitude[number] - centre_latitude) * KM_PER_DEGREE - CELL_KM / 2,
            abs(longitude[number] - centre_longitude) * KM_PER_DEGREE * np.cos(np.radians(centre_latitude))
            - CELL_KM / 2,
        )
        for number in differing
        for centre_latitude, centre_longitude in [map(float, centre_of(*official[number]))]
    }
    assert beyond.pop("관평동") < 2.7
    assert max(beyond.values()) < MOST_KM_BEYOND
