"""Zones of warnings: every cell is in one of its own region, and every name that a text writes means zones."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.korea.cells import COLUMNS, ROWS, cells_of, centre_of
from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.regions import REGION_CODES
from weatherflick_assets.korea.warning_zone_names import resolve
from weatherflick_assets.korea.warning_zones import NATIONWIDE, leaves_below, warning_zones, zones_of_cells
from weatherflick_assets.sandbox.kma import zones as sandbox
from weatherflick_assets.weather.transform.warnings import in_force


def names(codes: tuple[str, ...]) -> list[str]:
    return [warning_zones()[code].name for code in codes]


def test_the_code_table_is_a_tree_over_all_regions() -> None:
    zones = warning_zones()
    leaves = leaves_below(NATIONWIDE)
    assert (len(zones), len(leaves)) == (301, 235)
    assert {zone.code for zone in zones.values() if zone.parent not in zones} == {NATIONWIDE}
    assert {zones[code].region_code for code in leaves} == set(REGION_CODES)
    assert {code for codes in zones_of_cells(*_listed_cells()) for code in codes} == set(leaves)


def _listed_cells() -> tuple[list[int], list[int]]:
    path = Path(sandbox.__file__).parents[2] / "korea" / "warning_zone_cells.csv"
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    return [int(row["nx"]) for row in rows], [int(row["ny"]) for row in rows]


PLACES = {
    "Seoul City Hall": (37.5663, 126.9779, "서울서북권"),
    "Gangnam station": (37.4979, 127.0276, "서울동남권"),
    "Incheon airport": (37.4602, 126.4407, "인천영종"),
    "Chuncheon": (37.8813, 127.7298, "춘천"),
    "Daegwallyeong": (37.6771, 128.7183, "평창산지"),
    "Gangneung": (37.7519, 128.8761, "강릉평지"),
    "Sejong": (36.4800, 127.2890, "세종남부"),
    "Haeundae": (35.1587, 129.1604, "부산동부"),
    "the top of Hallasan": (33.3617, 126.5292, "제주도산지"),
    "Seongsan": (33.4581, 126.9426, "서귀포시동부"),
    "Ulleungdo": (37.4845, 130.9057, "울릉도.독도"),
    "Dokdo": (37.2426, 131.8597, "울릉도.독도"),
    "Baengnyeongdo": (37.9670, 124.7100, "백령도.대청도"),
    "Heuksando": (34.6872, 125.4510, "흑산도.홍도"),
    "Yeoseodo": (33.9862, 126.9201, "완도여서도"),
    "Eocheongdo": (36.1251, 125.9682, "군산어청도"),
    "Seongsamjae": (35.3067, 127.5108, "구례산간"),
}


@pytest.mark.parametrize(("latitude", "longitude", "zone"), PLACES.values(), ids=PLACES)
def test_known_places_are_in_their_zones(latitude: float, longitude: float, zone: str) -> None:
    (found,) = zones_of_cells(*cells_of([latitude], [longitude]))
    assert zone in names(found)


@given(st.integers(1, COLUMNS), st.integers(1, ROWS))
def test_every_cell_near_land_is_first_in_a_zone_of_its_own_region(nx: int, ny: int) -> None:
    latitude, longitude = centre_of(nx, ny)
    (region,) = regions_of_points([longitude], [latitude])
    (codes,) = zones_of_cells([nx], [ny])
    if region is None:
        assert not codes or (nx, ny) in set(zip(*_listed_cells(), strict=True))
    else:
        assert warning_zones()[codes[0]].region_code == region
    assert all(leaves_below(code) == (code,) for code in codes)
    assert len(set(codes)) == len(codes)


@pytest.mark.recorded
def test_every_cell_of_the_official_table_has_a_zone_of_its_region(recorded_data: Path) -> None:
    with gzip.open(
        recorded_data / "kma" / "grid" / "kma_grid_nx_ny_20251027.csv.gz", "rt", encoding="utf-8-sig"
    ) as file:
        rows = [row for row in csv.DictReader(file) if row["1단계"] != "이어도"]  # an ocean station, 150 km from land
    cells = sorted({(int(row["격자 X"]), int(row["격자 Y"])) for row in rows})
    assert len(cells) == 1630
    nx, ny = np.array(cells).T
    latitude, longitude = centre_of(nx, ny)
    regions = regions_of_points(longitude, latitude)
    found = zones_of_cells(nx, ny)
    assert [warning_zones()[codes[0]].region_code for codes in found] == regions.tolist()
    # A cell that is cut by the border of zones is in all of them.
    assert sum(len(codes) > 1 for codes in found) > 50


NAMED = {
    ("인천",): 5,
    ("경기도", "시흥"): ["시흥"],
    ("강원도", "고성"): ["고성평지", "고성산지"],
    ("경상남도", "고성"): ["고성"],
    ("광주",): ["광주서부", "광주동부"],
    ("경기도", "광주"): ["광주"],
    ("강원특별자치도", "춘천시"): ["춘천"],
    ("전북특별자치도", "전주"): ["전주"],
    ("전라남도", "무안북부"): ["무안북부"],
    ("전라남도", "무안군북부"): ["무안북부"],
    ("전라남도", "흑산도.홍도"): ["흑산도.홍도"],
    ("전라남도", "신안", "흑산도"): ["흑산도.홍도"],
    ("전라남도", "완도", "여서도"): ["완도여서도"],
    ("대구", "군위"): ["군위"],
    ("대구", "대구"): 4,
    ("인천", "인천"): ["인천영종", "인천남부", "인천북부"],
    ("서해5도", "백령도.대청도"): ["백령도.대청도"],
    ("울릉도",): ["울릉도.독도"],
    ("울릉도·독도",): ["울릉도.독도"],
    ("경상북도", "울릉"): ["울릉도.독도"],
    ("제주도", "제주시"): ["제주시서부", "제주시북부", "제주시동부", "제주시중산간"],
    ("제주",): 10,
    ("전국",): 235,
    ("전라남도", "해남남부"): ["해남남부"],
    ("경상북도", "안동동남부"): ["안동동남부"],
    ("충청남도", "홍성서부"): ["홍성서부"],
    ("전북자치도", "부안위도면"): ["부안위도면"],
    ("강원도", "평창산지"): ["평창산지"],
    ("인천", "인천북부"): ["인천북부"],
}


@pytest.mark.parametrize(("path", "expected"), NAMED.items(), ids=str)
def test_a_name_means_the_smallest_zones_below_it(path: tuple[str, ...], expected: list[str] | int) -> None:
    codes, unknown = resolve(path)
    assert not unknown
    assert (names(codes) if isinstance(expected, list) else len(codes)) == expected


LEFT_OUT = {
    (("서울",), ("서울서북권",)): ["서울동남권", "서울동북권", "서울서남권"],
    (("전라남도", "완도"), ("여서도",)): ["완도(여서도 제외)"],
    (("충청남도", "보령"), ("도서",)): ["보령(도서제외)"],
    (("충청남도", "보령"), ("보령도서",)): ["보령(도서제외)"],
    (("전라남도", "신안"), ("흑산면",)): ["신안(흑산면제외)"],
    (("전북자치도", "군산옥도면"), ("어청도",)): ["군산옥도면(어청도 제외)"],
    (("인천",), ("강화군", "옹진군")): ["인천영종", "인천남부", "인천북부"],
}


@pytest.mark.parametrize(("named", "expected"), LEFT_OUT.items(), ids=str)
def test_what_is_left_out_is_subtracted(named: tuple[tuple[str, ...], tuple[str, ...]], expected: list[str]) -> None:
    codes, unknown = resolve(*named)
    assert (names(codes), unknown) == (expected, ())


# From texts of 2026-07-29, 08-31 and 10-06.
WRITTEN = (
    "o 폭염경보 : 전라남도(완도(여서도 제외), 무안북부, 흑산도.홍도), 서울(서울서북권 제외), 인천(인천북부), 대전, 광주, 세종",
    "o 열대야주의보 : 서울, 인천(옹진 제외), 제주도(제주시서부, 서귀포시남부), 경상남도(양산, 김해, 밀양, 의령, 창녕)",
    "o 호우주의보 : 충청남도(태안, 보령(도서제외), 보령도서, 홍성서부), 경상북도(안동북부), 부산(부산동부), 울산, 대구",
    "o 강풍주의보 : 서해5도(백령도.대청도), 전북자치도(부안위도면, 군산옥도면(어청도 제외), 군산어청도), 울릉도.독도",
    "o 풍랑주의보 : 서해남부전해상, 서해중부앞바다(충남북부앞바다, 충남남부앞바다), 제주도남쪽바깥먼바다",
)


@pytest.mark.parametrize("line", WRITTEN)
def test_every_zone_of_a_text_is_known(line: str) -> None:
    ((warning,), unreadable) = in_force(line)
    assert not unreadable
    for zone in warning.zones:
        codes, unknown = resolve(zone.path, zone.without)
        assert not unknown
        assert bool(codes) == (warning.phenomenon != "풍랑")


def test_the_whole_province_without_mountains_and_an_island() -> None:
    codes, unknown = resolve(["제주도"], ["제주도산지", "추자도"])
    assert not unknown
    assert set(names(resolve(["제주도"]).codes)) - set(names(codes)) == {"제주도산지", "추자도"}


def test_a_name_of_two_zones_or_of_none_is_unknown_and_costs_itself_alone() -> None:
    assert resolve(["고성"]) == ((), ("고성",))
    assert resolve(["강원도", "강원북부산지"]) == ((), ("강원도, 강원북부산지",))
    codes, unknown = resolve(["서울"], ["서울중앙권", "서울서북권"])
    assert (len(codes), unknown) == (3, ("서울중앙권",))


@pytest.mark.parametrize(
    "path", [("제주도앞바다", "제주도서부앞바다"), ("서해남부전해상",), ("남해동부안쪽먼바다",)], ids=str
)
def test_a_zone_at_sea_concerns_no_place_on_land(path: tuple[str, ...]) -> None:
    assert resolve(path) == ((), ())


@given(st.sampled_from(sorted(warning_zones())))
def test_every_zone_is_found_by_its_names_in_the_zones_above(code: str) -> None:
    zones, above = warning_zones(), []
    zone = zones[code]
    while zone.code != NATIONWIDE:
        above.insert(0, zone)
        zone = zones[zone.parent]
    for attribute in ("name", "full_name"):
        path = list(dict.fromkeys(getattr(part, attribute).partition("(")[0] for part in above)) or ["전국"]
        codes, unknown = resolve(path)
        assert not unknown
        # 인천(인천) is written 인천 here, and 완도(여서도 제외) 완도: the whole.
        assert set(leaves_below(code)) <= set(codes)


def test_every_zone_that_the_sandbox_names_is_known_and_lies_in_its_region() -> None:
    for zone in sandbox.zones():
        path = dict.fromkeys(name for name in (zone.region, zone.part_of, zone.name) if name)
        codes, unknown = resolve(list(path))
        assert codes
        assert not unknown
        regions = {warning_zones()[code].region_code for code in codes}
        assert regions == set(regions_of_points([zone.longitude], [zone.latitude]))


@pytest.mark.recorded
def test_every_zone_of_the_recorded_texts_is_known(recorded_data: Path) -> None:
    recorded = json.loads((recorded_data / "kma" / "warnings_text" / "t6_and_titles_2026.json").read_bytes())
    found = [zone for sample in recorded["samples"] for one in in_force(sample["t6"])[0] for zone in one.zones]
    assert len(found) == 10
    for zone in found:
        codes, unknown = resolve(zone.path, zone.without)
        assert codes
        assert not unknown


@pytest.mark.recorded
def test_stations_stand_in_cells_of_the_zones_that_the_kma_has_for_them(recorded_data: Path) -> None:
    """The list is of 2024: of zones that were divided since, the cell must be in a part."""
    with (recorded_data / "kma" / "zones" / "station_to_zone_20240715.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    found = zones_of_cells(*cells_of([float(row["lat"]) for row in rows], [float(row["lon"]) for row in rows]))
    known = {zone.full_name.partition("(")[0] for zone in warning_zones().values()}
    elsewhere, compared = [], 0
    for row, codes in zip(rows, found, strict=True):
        name = row["wrnZoneKo"].partition("(")[0]
        if name in known and codes:
            compared += 1
            elsewhere += [row["stnKo"]] if not any(name in _names_above(code) for code in codes) else []
    assert compared > 590
    assert len(elsewhere) / compared < 0.02, elsewhere


def _names_above(code: str) -> set[str]:
    zone, found = warning_zones()[code], set()
    while zone.parent:
        found.add(zone.full_name.partition("(")[0])
        zone = warning_zones()[zone.parent]
    return found
