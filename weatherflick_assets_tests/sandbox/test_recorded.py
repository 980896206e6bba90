"""The sandbox compared with recorded upstream answers. Skipped with a message if the recordings are missing."""

import csv
import gzip
from itertools import islice
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import MANDATORY, ask, everything, fetch, target
from weatherflick_assets_tests.sandbox.structure import structure

pytestmark = pytest.mark.recorded

CALLS = [
    ("areaBasedList2", "kpubdata_2026-09/seoul_restaurants"),
    ("locationBasedList2", "kpubdata_2026-09/gangnam_1km"),
    ("searchKeyword2", "kpubdata_2026-09/gangnam_keyword"),
    ("searchFestival2", "kpubdata_2026-09/year_2026"),
]
LISTS = ["list_2026-06.jsonl.gz", "jeju_2026.jsonl.gz"]


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_an_answer_has_the_structure_of_the_recorded_one(
    recorded_kto: Path, korea: RunningSandbox, operation: str, call: str
) -> None:
    recording = orjson.loads((recorded_kto / operation / f"{call}.raw.json").read_bytes())
    asked = orjson.loads((recorded_kto / operation / f"{call}.meta.json").read_bytes())["params"]
    reply = fetch(korea, target(operation, asked | {"serviceKey": MANDATORY["serviceKey"]}))
    assert structure(reply.json) == structure(recording)


@pytest.mark.parametrize(("operation", "call"), CALLS)
def test_recorded_rows_come_back_as_the_recorded_answer(recorded_kto: Path, operation: str, call: str) -> None:
    recording = orjson.loads((recorded_kto / operation / f"{call}.raw.json").read_bytes())["response"]["body"]
    asked = orjson.loads((recorded_kto / operation / f"{call}.meta.json").read_bytes())["params"]
    rows = recording["items"]["item"]
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        items = fetch(sandbox, target(operation, asked | {"serviceKey": MANDATORY["serviceKey"]})).items
    distances = [float(row.pop("dist")) for row in rows if "dist" in row]
    measured = [float(item.pop("dist")) for item in items if "dist" in item]
    assert items == rows  # in the same order, too
    assert measured == pytest.approx(distances, rel=1e-12)


@pytest.mark.parametrize("name", LISTS)
def test_a_recorded_catalogue_is_served_unchanged(recorded_kto: Path, name: str) -> None:
    path = recorded_kto / "areaBasedList2" / name
    with gzip.open(path) as lines:
        rows = {row["contentid"]: row for row in map(orjson.loads, lines)}
    with RunningSandbox(catalogue=Catalogue.from_file(path)) as sandbox:
        served = everything(sandbox, "areaBasedList2")
        assert {row["contentid"]: row for row in served} == rows
        assert len(served) == len(rows)
        one_of_none = ask(sandbox, "areaBasedSyncList2", showflag="0")
        assert one_of_none.total == 0


def test_districts_are_where_recorded_places_are(recorded_kto: Path) -> None:
    districts = {(place.region_code, place.code): place for place in tables.sigungu()}
    checked = far = 0
    for name in LISTS:
        with gzip.open(recorded_kto / "areaBasedList2" / name) as lines:
            for row in islice(map(orjson.loads, lines), 0, None, 5):
                district = districts.get((row["lDongRegnCd"], row["lDongSignguCd"]))
                if district is None or not row["mapx"].startswith("12"):
                    continue
                checked += 1
                north = (float(row["mapy"]) - district.latitude) * 111.2
                east = (float(row["mapx"]) - district.longitude) * 88.5
                far += (north**2 + east**2) ** 0.5 > 1.6 * district.radius_km + 2
    assert checked > 2000
    assert far / checked < 0.05


def test_our_codes_are_the_recorded_codes(recorded_kto: Path) -> None:
    recorded = next((recorded_kto / "lclsSystmCode2").rglob("*.csv"))
    with recorded.open(encoding="utf-8-sig", newline="") as file:
        codes = {row["lclsSystm3Cd"] for row in csv.DictReader(file)}
    assert {place_class.code for place_class in tables.classes() if place_class.listed} == codes


def test_legacy_codes_of_recorded_rows_are_ours(recorded_kto: Path) -> None:
    districts = {(place.region_code, place.code): place for place in tables.sigungu()}
    agreed = disagreed = 0
    with gzip.open(recorded_kto / "areaBasedList2" / LISTS[0]) as lines:
        for row in map(orjson.loads, lines):
            district = districts.get((row["lDongRegnCd"], row["lDongSignguCd"]))
            if district and row["sigungucode"]:
                same = (row["areacode"], row["sigungucode"]) == (district.area_code, district.area_sigungu_code)
                agreed, disagreed = agreed + same, disagreed + (not same)
    assert agreed > 3000
    assert disagreed < 30  # places entered under a neighbouring district
