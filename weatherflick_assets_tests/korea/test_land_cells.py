"""Cells on land and stations: every region has some, and every station stands in its region."""

import numpy as np

from weatherflick_assets.korea.asos_stations import asos_stations
from weatherflick_assets.korea.cells import cells_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.land_cells import land_cells
from weatherflick_assets.korea.regions import REGION_CODES, SERVING_REGIONS


def test_the_seat_of_every_area_and_every_station_is_in_a_cell_on_land() -> None:
    cells = set(zip(*(axis.tolist() for axis in land_cells()), strict=True))
    stations = asos_stations().values()
    nx, ny = cells_of([one.latitude for one in stations], [one.longitude for one in stations])
    assert set(zip(nx.tolist(), ny.tolist(), strict=True)) <= cells
    assert {(area.grid_x, area.grid_y) for area in SERVING_REGIONS} <= cells
    assert len(cells) == len(land_cells()[0])


def test_every_region_but_sejong_has_a_station_and_each_stands_in_its_region() -> None:
    stations = asos_stations()
    assert {station.region_code for station in stations.values()} >= set(REGION_CODES) - {"36110"}
    found = regions_of_points(
        np.array([station.longitude for station in stations.values()]),
        np.array([station.latitude for station in stations.values()]),
    )
    # The map is drawn to a kilometre.
    assert [
        station.name for station, region in zip(stations.values(), found, strict=True) if region != station.region_code
    ] == []
    assert len({station.name for station in stations.values()}) == len(stations)
