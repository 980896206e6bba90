"""What the tests of details share: the recorded items of the detail operations, by operation and content type."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path

import orjson

from weatherflick_assets_tests.places.transform.received import GYEONGBOKGUNG

CONTENT_TYPE_IDS = {
    "attractions": "12", "cultural_facilities": "14", "festivals": "15", "travel_courses": "25", "leisure_sports": "28",
    "accommodations": "32", "shopping": "38", "restaurants": "39",
}  # fmt: skip

Items = list[dict[str, object]]


def recorded_items(recorded_data: Path, operation: str, content_type_id: str = "") -> Items:
    """All recorded items of an operation, or those of one content type, from files of every form."""
    if (operation, content_type_id) == ("detailIntro2", "15"):
        return _festivals(recorded_data)
    ending = f"{content_type_id}." if content_type_id else ""  # …_12.csv, …-type12.json, jeju_12.jsonl.gz
    files = sorted(path for path in (recorded_data / "kto" / operation).rglob("*") if path.is_file())
    return [item for path in files if ending in path.name and ".meta." not in path.name for item in _items(path)]


def _items(path: Path) -> Iterator[dict[str, object]]:
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if ".jsonl" in path.name:
        yield from map(orjson.loads, body.splitlines())
    elif ".json" in path.name:
        found = orjson.loads(body)["response"]["body"]["items"]
        yield from found["item"] if found else []
    else:
        for row in csv.DictReader(body.decode("utf-8-sig").splitlines(keepends=True)):
            # These files went through a program that wrote underlines for commas; codes and addresses have their own.
            yield {name: value.replace("_", ",") if not value.isascii() else value for name, value in row.items()}


def _festivals(recorded_data: Path) -> Items:
    """Introductions of festivals, which were recorded merged into their list items."""
    merged: Items = []
    for path in sorted((recorded_data / "kto" / "searchFestival2_detailIntro2_merged").rglob("*.json")):
        merged += orjson.loads(path.read_bytes())["items"]
    of_the_list = GYEONGBOKGUNG.keys() - {"contentid", "contenttypeid"}
    return [{name: value for name, value in item.items() if name not in of_the_list} for item in merged]
