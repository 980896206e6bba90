"""Recorded details, served unchanged and compared with synthetic ones. Skipped with a message without recordings."""

import csv
import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.detail_keys import detail_keys
from weatherflick_assets.sandbox.details import NOTHING_RECORDED, Details, recorded_details
from weatherflick_assets.sandbox.errors import SandboxError
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox, create_application
from weatherflick_assets_tests.sandbox.calling import ask, everything

recorded = pytest.mark.recorded
ENVELOPES = ["detailCommon2", "detailIntro2", "detailImage2"]
PLACE = {"contentid": "1", "contenttypeid": "12", "title": "하나"}


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    data = b"".join(orjson.dumps(row) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        return [orjson.loads(line) for line in lines]


def header(path: Path) -> tuple[str, ...]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return tuple(next(csv.reader([text.decode("utf-8-sig").partition("\n")[0].strip()])))


def content_type_of(recording: Path, items: list[dict[str, Any]]) -> str:
    named = recording.stem.partition("-type")[2]
    return named or (items[0].get("contenttypeid", "12") if items else "12")


@recorded
@pytest.mark.parametrize("operation", ENVELOPES)
def test_recorded_answers_come_back_as_they_were(recorded_kto: Path, tmp_path: Path, operation: str) -> None:
    recordings = sorted((recorded_kto / operation / "koreamate_2026-07").glob("*.json"))
    assert len(recordings) >= 5
    answers = {path: orjson.loads(path.read_bytes()) for path in recordings}
    items = {path: body["response"]["body"]["items"] for path, body in answers.items()}
    rows = {path: held["item"] if held else [] for path, held in items.items()}
    # Of a longer list only the first page was recorded; stand-ins make up its total.
    beyond = [
        {"contentid": body["items"]["item"][0]["contentid"]}
        for body in (answer["response"]["body"] for answer in answers.values())
        for _ in range(body["numOfRows"], body["totalCount"])
    ]
    file = written(tmp_path / "details.jsonl", [*(row for held in rows.values() for row in held), *beyond])
    places = {
        path.stem.split("-")[2]: {**PLACE, "contentid": path.stem.split("-")[2], "contenttypeid": kind}
        for path in recordings
        for kind in [content_type_of(path, rows[path])]
    }
    options = SandboxOptions(details=(f"{operation}={file}",))
    with RunningSandbox(options, catalogue=Catalogue.from_rows(places.values())) as sandbox:
        for path in recordings:
            name = path.stem.split("-")[2]
            given = {"contentTypeId": places[name]["contenttypeid"]} if operation == "detailIntro2" else {}
            reply = ask(sandbox, operation, contentId=name, **given)
            assert reply.body == orjson.dumps(answers[path])  # byte for byte, so the key order is equal, too


@recorded
def test_the_recorded_details_of_jeju_fit_without_conversion(recorded_kto: Path) -> None:
    catalogue = Catalogue.from_file(recorded_kto / "areaBasedList2" / "jeju_2026.jsonl.gz")
    common = {row["contentid"]: row for row in read(recorded_kto / "detailCommon2" / "jeju_2026.jsonl.gz")}
    files = sorted((recorded_kto / "detailIntro2").glob("jeju_*.jsonl.gz"))
    intros = {row["contentid"]: row for path in files for row in read(path)}
    with RunningSandbox(SandboxOptions(details=(str(recorded_kto),)), catalogue=catalogue) as sandbox:
        places = [catalogue.row(position, ("contentid", "contenttypeid")) for position in range(0, len(catalogue), 3)]
        for place in places:
            name = place["contentid"]
            (item,) = ask(sandbox, "detailCommon2", contentId=name).items
            assert item == common[name]
            assert tuple(item) == detail_keys("detailCommon2", "")
            found = ask(sandbox, "detailIntro2", contentId=name, contentTypeId=place["contenttypeid"]).items
            assert found == ([intros[name]] if name in intros else [])
        assert sum(place["contentid"] not in intros for place in places) > 5


@recorded
def test_days_pass_over_a_recorded_catalogue_and_its_details_stay(recorded_kto: Path) -> None:
    catalogue = Catalogue.from_file(recorded_kto / "areaBasedList2" / "jeju_2026.jsonl.gz")
    common = {row["contentid"]: row for row in read(recorded_kto / "detailCommon2" / "jeju_2026.jsonl.gz")}
    behaviour = Behaviour(daily_changes={"new": 3, "changed": 5, "vanished": 4, "moved": 2, "hidden": 3, "rekeyed": 1})
    options = SandboxOptions(details=(str(recorded_kto),))
    with RunningSandbox(options, catalogue=catalogue, behaviour=behaviour) as sandbox:
        sandbox.advance()
        changes = sandbox.changes(1)
        assert sandbox.status()["catalogue"]["rows"] == len(catalogue) + 3 - 4
        found = {row["contentid"] for row in everything(sandbox, "areaBasedSyncList2")}
        assert found == ({*common} - {*changes["vanished"], *changes["rekeyed_from"]}) | {
            *changes["new"],
            *changes["rekeyed"],
        }
        for name in changes["changed"]:
            assert ask(sandbox, "detailCommon2", contentId=name).items == [common[name]]
        for kind in ("vanished", "hidden", "new"):
            for name in changes[kind]:
                assert ask(sandbox, "detailCommon2", contentId=name).total == 0


@recorded
@pytest.mark.parametrize("content_type", ["12", "14", "28", "32", "38", "39"])
def test_invented_intros_have_the_keys_and_the_fill_rates_of_recorded_ones(
    recorded_kto: Path, country: Catalogue, content_type: str
) -> None:
    rows = read(recorded_kto / "detailIntro2" / f"jeju_{content_type}.jsonl.gz")
    assert tuple(rows[0]) == detail_keys("detailIntro2", content_type)
    details = Details(1, country, NOTHING_RECORDED)
    positions = (country.shown & country.equal("contenttypeid", content_type)).nonzero()[0].tolist()[:1000]
    invented = [item for position in positions for item in details.items("detailIntro2", country, position)]
    for name in rows[0]:
        measured, ours = (sum(row[name] != "" for row in held) / len(held) for held in (rows, invented))
        assert ours == pytest.approx(measured, abs=0.05), name


@recorded
@pytest.mark.parametrize(
    ("file", "keys"),
    [
        ("searchFestival2/rootlab_2025-10/searchFestival2.csv.gz", OPERATIONS["searchFestival2"].keys),
        ("searchStay2/rootlab_2025-10/searchStay2.csv", OPERATIONS["searchStay2"].keys),
        ("detailImage2/rootlab_2025-10/detailImage2.csv.gz", detail_keys("detailImage2", "")),
        ("detailPetTour2/rootlab_2025-10/detailPetTour2.csv.gz", detail_keys("detailPetTour2", "")),
        ("detailInfo2/rootlab_2025-10/detailInfo2_12.csv", detail_keys("detailInfo2", "12")),
        ("detailInfo2/rootlab_2025-10/detailInfo2_25.csv", detail_keys("detailInfo2", "25")),
    ],
)
def test_keys_are_in_the_recorded_order(recorded_kto: Path, file: str, keys: tuple[str, ...]) -> None:
    assert header(recorded_kto / file) == keys


@recorded
def test_rooms_have_the_recorded_keys(recorded_kto: Path) -> None:
    rooms = recorded_kto / "detailInfo2" / "rootlab_2025-10" / "detailInfo2_32.csv"
    assert set(header(rooms)) == set(detail_keys("detailInfo2", "32"))


@recorded
def test_a_recorded_pet_answer_comes_back(recorded_kto: Path, tmp_path: Path) -> None:
    recording = orjson.loads((recorded_kto / "detailPetTour2" / "tourlint_2628994.json").read_bytes())
    (row,) = recording["response"]["body"]["items"]["item"]
    options = SandboxOptions(details=(f"detailPetTour2={written(tmp_path / 'pets.jsonl.gz', [row])}",))
    places = Catalogue.from_rows([PLACE | {"contentid": row["contentid"]}, PLACE])
    with RunningSandbox(options, catalogue=places) as sandbox:
        assert ask(sandbox, "detailPetTour2", contentId=row["contentid"]).body == orjson.dumps(recording)
        assert ask(sandbox, "detailPetTour2").items == [row]


def test_details_that_are_given_are_served_and_others_invented(tmp_path: Path) -> None:
    images = [{"contentid": "1", "imgname": "둘", "extra": 1}, {"imgname": "하나", "contentid": "1"}]
    options = SandboxOptions(details=(f"detailImage2={written(tmp_path / 'images.jsonl', images)}",))
    places = Catalogue.from_rows([PLACE, PLACE | {"contentid": "2"}, PLACE | {"contentid": "3", "showflag": "0"}])
    with RunningSandbox(options, catalogue=places) as sandbox:
        reply = ask(sandbox, "detailImage2", contentId="1")
        assert reply.items == images
        assert [list(item) for item in reply.items] == [["contentid", "imgname", "extra"], ["contentid", "imgname"]]
        assert ask(sandbox, "detailImage2", contentId="1", imageYN="N").total == 0
        assert ask(sandbox, "detailImage2", contentId="2").total == 0
        assert ask(sandbox, "detailCommon2", contentId="2").total == 1


def test_a_folder_has_a_folder_of_files_for_each_operation(tmp_path: Path) -> None:
    for operation, name in (("detailIntro2", "a.jsonl"), ("detailIntro2", "b.jsonl.gz"), ("detailCommon2", "a.jsonl")):
        (tmp_path / operation).mkdir(exist_ok=True)
        written(tmp_path / operation / name, [{"contentid": name}])
    found = recorded_details([str(tmp_path)])
    assert {operation: list(places) for operation, places in found.items()} == {
        "detailCommon2": ["a.jsonl"],
        "detailIntro2": ["a.jsonl", "b.jsonl.gz"],
    }


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("areaBasedList2=places.jsonl", r"are neither a folder nor OPERATION=FILE with one of detailCommon2, "),
        ("detailCommon2=", r"are neither a folder nor OPERATION=FILE"),
        ("nowhere", r"are neither a folder nor OPERATION=FILE"),
        ("detailCommon2=missing.jsonl", r"The details missing\.jsonl does not exist; give the path"),
    ],
)
def test_details_that_cannot_be_used_are_an_error_for_people(source: str, sentence: str) -> None:
    with pytest.raises(SandboxError, match=sentence):
        recorded_details([source])


def test_a_bad_line_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    file = tmp_path / "details.jsonl"
    file.write_text('{"contentid": "1"}\n[]\n')
    with pytest.raises(
        SandboxError, match=r"^Line 2 of the details .*details\.jsonl is not an object with a contentid"
    ):
        recorded_details([f"detailCommon2={file}"])
    with pytest.raises(SandboxError, match=r"^The details folder .* has no files like detailCommon2/\*\.jsonl\.gz"):
        recorded_details([str(tmp_path)])


def test_recorded_details_need_the_catalogue_they_belong_to(tmp_path: Path) -> None:
    file = written(tmp_path / "details.jsonl", [PLACE])
    with pytest.raises(SandboxError, match="need the catalogue of the places they belong to"):
        create_application(SandboxOptions(details=(f"detailCommon2={file}",), scale=0.01))
