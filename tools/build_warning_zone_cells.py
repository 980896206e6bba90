# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy", "pyproj"]
# ///
"""Rebuilds warning_zone_cells.csv: `python tools/build_warning_zone_cells.py grid.csv.gz stations.csv > …/warning_zone_cells.csv`.

grid.csv.gz is the KMA's table of cells (동네예보 지점 좌표): a row for each town (읍면동) with its district, cell and office.
stations.csv is the KMA's list of stations with their forecast and warning zones (2024-07).

An office belongs to the zone whose `districts` name its town, or else its district. Wards (동) of a city that is divided
are not named; they belong to the plain where there is one, and otherwise to the zone of the nearest office of the city
that is named. Stations belong to the zone that the list has for them, if that still is one. Mountains and islands without
an office are found by the stations that stand there.
"""

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from math import cos, hypot, radians

from weatherflick_assets.korea.cells import cells_of
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.korea.warning_zones import leaves_below, warning_zones

STATIONS = {
    "여서도": "L1053320", "어청도": "L1061630", "성삼재": "L1053020", "외연도": "L1031920", "삽시도": "L1031920",
    "말도": "L1061620", "선유도": "L1061620",
}  # fmt: skip
"""Zones of stations on islands and mountains that the list of 2024 did not tell apart."""

ELSEWHERE = {("군산시", "옥도면"): "L1061630"}
"""Offices whose position in the table lies in another zone: that of 옥도면 is on 어청도."""

OLD_ZONES = {"제주도산간": "L1090500", "제주도북부중산간": "L1091340", "제주도남부중산간": "L1091440"}


def main(grid: str, stations: str) -> None:
    zones = warning_zones()
    cities = {(zone.region_code, zone.full_name.partition("(")[0]): zone for zone in zones.values()}
    leaves = [zone for zone in zones.values() if leaves_below(zone.code) == (zone.code,)]
    named = {}
    for zone in leaves:
        city = zones[zone.parent].full_name.partition("(")[0]
        for district in zone.districts:
            place = tuple(district.split("/")) if "/" in district else (city, district)
            named[zone.region_code, *place] = zone.code
            named.setdefault((zone.region_code, "", district), zone.code)
    region_of = {prefix: region.region_code for region in REGIONS for prefix in region.address_prefixes}
    offices, unnamed = defaultdict(list), []
    with gzip.open(grid, "rt", encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["2단계"] and row["1단계"] in region_of]
    for row in rows:
        region, district, town = region_of[row["1단계"]], row["2단계"], row["3단계"].partition("/")[0]
        city, ward = re.fullmatch(r"(.+?시)?(.+?[구군])?", district).groups()
        at = float(row["위도(초/100)"]), float(row["경도(초/100)"]), int(row["격자 X"]), int(row["격자 Y"])
        city = city or ward
        zone = cities.get((region, city))
        code = ELSEWHERE.get((city, town)) or named.get((region, city, town))
        code = code or named.get((region, city, ward)) or named.get((region, "", district))
        if code is None and zone is not None and leaves_below(zone.code) == (zone.code,):
            code = zone.code
        if code is not None:
            offices[region, city].append((*at, code))
        elif town:
            unnamed.append((region, city, zone, at))
    for region, city, zone, at in unnamed:
        plain = [code for code in leaves_below(zone.code) if zones[code].name.endswith("평지")] if zone else []
        code = plain[0] if plain else min(offices[region, city], key=lambda office: _km(office, at))[4]
        offices[region, f"{city} wards"].append((*at, code))
    points = [office for found in offices.values() for office in found]
    points += _stations(stations, cities, {zone.code for zone in leaves})
    by_cell = defaultdict(Counter)
    for *_, nx, ny, code in points:
        by_cell[nx, ny][code] += 1
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["nx", "ny", "zone_codes"])
    for (nx, ny), codes in sorted(by_cell.items()):
        writer.writerow([nx, ny, " ".join(code for code, _ in codes.most_common())])
    if missing := {zone.code for zone in leaves} - {code for *_, code in points}:
        sys.exit(f"Zones without a cell: {sorted(zones[code].name for code in missing)}")


def _stations(path, cities, leaves):
    with open(path, encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            old, name = row["wrnZoneId"], row["wrnZoneKo"].replace("산간", "산지")
            code = STATIONS.get(row["stnKo"]) or OLD_ZONES.get(row["wrnZoneKo"])
            if code is None and old in leaves:
                code = old
            elif code is None and name.endswith(("산지", "평지")):
                code = cities["51" if old.startswith("L102") else "47", name].code
            if code is not None:
                nx, ny = map(int, cells_of(float(row["lat"]), float(row["lon"])))
                yield float(row["lat"]), float(row["lon"]), nx, ny, code


def _km(first, second):
    return hypot(first[0] - second[0], (first[1] - second[1]) * cos(radians(36)))


if __name__ == "__main__":
    main(*sys.argv[1:])
