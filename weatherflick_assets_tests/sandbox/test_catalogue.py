"""Catalogues from rows and files."""

import gzip
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox, create_application
from weatherflick_assets_tests.sandbox.calling import ask, everything

ROWS = [
    {"contentid": "7", "title": "나", "contenttypeid": "12", "lDongRegnCd": "11"},
    {"contentid": "8", "title": "가", "contenttypeid": "39", "lDongRegnCd": "50", "showflag": "0"},
]


def written(path: Path, lines: list[bytes]) -> Path:
    data = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["places.jsonl", "places.jsonl.gz"])
def test_a_file_is_served_under_its_name_plain_or_compressed(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, [orjson.dumps(ROWS[0]), b"", orjson.dumps(ROWS[1])])
    with RunningSandbox(SandboxOptions(catalogue=path)) as sandbox:
        assert sandbox.status()["catalogue"] == {"rows": 2, "shown": 1, "hidden": 1, "source": name}
        assert [row["contentid"] for row in everything(sandbox, "areaBasedSyncList2")] == ["8", "7"]


def test_a_row_without_showflag_is_shown_and_lacking_keys_are_blank() -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows(ROWS)) as sandbox:
        (row,) = ask(sandbox, "areaBasedSyncList2", showflag="1").items
    assert row["contentid"] == "7"
    assert len(row) == 26
    assert {value for name, value in row.items() if name not in {*ROWS[0], "showflag"}} == {""}


def test_values_of_a_catalogue_are_served_as_they_are() -> None:
    odd = {"contentid": "9", "title": None, "mapx": 127.5, "tel": ["02"]}
    with RunningSandbox(catalogue=Catalogue.from_rows([odd])) as sandbox:
        (row,) = ask(sandbox, "areaBasedList2").items
    assert odd.items() <= row.items()


def test_an_empty_catalogue_is_served_as_empty() -> None:
    with RunningSandbox(catalogue=Catalogue.from_rows([])) as sandbox:
        assert ask(sandbox, "areaBasedList2").total == 0
        assert ask(sandbox, "locationBasedList2", mapX="127", mapY="37", radius="1").total == 0


def test_contentids_that_are_not_numbers_still_order_the_rows() -> None:
    rows = [{"contentid": identifier, "title": "same"} for identifier in ("b", "c", "a")]
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        assert [row["contentid"] for row in ask(sandbox, "areaBasedList2").items] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{nonsense", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[1, 2]", "is not an object with a contentid"),
        (b'{"title":"x"}', "is not an object with a contentid"),
        (b'{"contentid":""}', "is not an object with a contentid"),
    ],
)
def test_a_bad_line_is_named_by_its_number(tmp_path: Path, line: bytes, complaint: str) -> None:
    path = written(tmp_path / "places.jsonl", [orjson.dumps(ROWS[0]), b"", line])
    with pytest.raises(SandboxError, match=f"^Line 3 of the catalogue .*places.jsonl {complaint}; .*\\.$"):
        Catalogue.from_file(path)


def test_a_missing_file_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"missing\.jsonl does not exist; give the path"):
        create_application(SandboxOptions(catalogue=tmp_path / "missing.jsonl"))


@pytest.mark.parametrize(
    "data",
    [b"plain text", gzip.compress(b'{"contentid":"1"}\n' * 100)[:-10], b"\x1f\x8b\x08\x00broken"],
    ids=["not packed", "cut off", "broken"],
)
def test_a_broken_archive_is_an_error_for_people(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "places.jsonl.gz"
    path.write_bytes(data)
    with pytest.raises(SandboxError, match=r"cannot be read .*; give an intact"):
        Catalogue.from_file(path)


def test_a_folder_is_not_a_catalogue(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="cannot be read"):
        Catalogue.from_file(tmp_path)


@pytest.mark.parametrize("scale", [0.0, 0.001, 11.0, float("nan")])
def test_a_scale_out_of_range_is_an_error_for_people(scale: float) -> None:
    with pytest.raises(SandboxError, match="is out of range; give one from"):
        create_application(SandboxOptions(scale=scale))
