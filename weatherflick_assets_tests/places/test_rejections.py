"""What could not become rows is counted by reason with the verdict of its partition, and found again with samples."""

import re
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest

import weatherflick_assets
from weatherflick_assets.build import DOMAINS
from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import BOUNDED_FIELDS, LOSSY_FIELDS, TOO_LONG
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.places.rejections import REJECTIONS
from weatherflick_assets.places.transform.codes import CODE_COLUMNS, joined, legal_districts, rejections
from weatherflick_assets.quality.rejected import Rejected, Selection
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets_tests.places.collecting import CLOCK, publish
from weatherflick_assets_tests.places.store.draining import pending_keys
from weatherflick_assets_tests.places.store.stock import at, execute, item, merge, rows, tell

ATTRACTIONS = CONTENT_TYPE_BY_NAME["attractions"]
GOOD = [item(str(number)) for number in range(1, 41)]
IMAGES = next(detail for detail in DETAILS if detail.name == "place_images")


def counted(dsn: str, verdict_id: int) -> dict[str, int]:
    found = rows(dsn, "SELECT reason, rejected_count FROM quality.rejections WHERE verdict_id = %s", verdict_id)
    return {row["reason"]: row["rejected_count"] for row in found}


def rejected(dsn: str, selection: Selection | None = None, samples: int = 2) -> list[tuple[Any, list[Any]]]:
    """Groups with their samples."""
    with connect(dsn) as connection:
        measured = [table for domain in DOMAINS for table in domain.measured]
        found = Rejected(connection, measured, [domain.rejections for domain in DOMAINS if domain.rejections], now())
        return [
            (group, [sample for _, sample in found.samples([group], samples)])
            for group in found.groups(selection or Selection())
        ]


def test_a_verdict_has_what_was_rejected_by_reason(store: str) -> None:
    merge(store, 0, [*GOOD, item("41", title=" "), item("42", title=""), item("A1"), item("", title="x")])
    made = publish(store)
    expected = {"title_missing": 2, "content_id_not_a_number": 1, "content_id_missing": 1}
    assert counted(store, made.verdict_id) == made.rejections == expected
    (verdict,) = rows(store, "SELECT rejected_count FROM quality.verdicts")
    assert verdict["rejected_count"] == 4
    assert publish(store, "11").rejections == {}
    assert [row["rejected_count"] for row in rows(store, "SELECT rejected_count FROM quality.verdicts ORDER BY 1")] == [
        0,
        4,
    ]


def test_a_verdict_that_holds_back_has_what_was_rejected_although_nothing_of_it_is_kept(store: str) -> None:
    merge(store, 0, GOOD)
    publish(store)
    merge(store, 1, [item(str(number), title="") for number in range(1, 41)])
    held = publish(store)
    assert held.published is None
    assert counted(store, held.verdict_id) == {"title_missing": 40}
    assert rows(store, "SELECT FROM core.rejected_items") == []
    ((group, samples),) = rejected(store)
    assert (group.reason, group.items, group.partition_key, group.is_held_back) == ("title_missing", 40, "50", True)
    assert samples == []
    merge(store, 2, GOOD)
    publish(store)
    assert rejected(store) == []


def test_items_without_an_id_make_their_partition_pending_when_they_come_and_when_they_go(store: str) -> None:
    merge(store, 0, GOOD)
    publish(store)
    execute(store, "DELETE FROM ops.pending_publications")  # new places may have details
    merge(store, 1, [*GOOD, item("", title="x")], response_id=1)
    assert pending_keys(store) == {("core/attractions", "50")}
    made = Publisher(store, CLOCK, only_noted=True).places(ATTRACTIONS, "50")
    assert (made.items, made.rejections) == (0, {"content_id_missing": 1})
    assert pending_keys(store) == set()
    merge(store, 2, [*GOOD, item("", title="x")], response_id=1)
    assert pending_keys(store) == set()
    merge(store, 3, GOOD, response_id=1)
    assert pending_keys(store) == {("core/attractions", "50")}
    assert Publisher(store, CLOCK, only_noted=True).places(ATTRACTIONS, "50").rejections == {}


def test_items_of_details_that_are_no_rows_are_counted_and_found_again(store: str) -> None:
    merge(store, 0, GOOD)
    pictures = [{"originimgurl": f"http://tong.visitkorea.or.kr/{n}.jpg", "serialnum": f"1_{n}"} for n in range(1, 4)]
    tell(store, "1", "detailImage2", [*pictures, {"originimgurl": " ", "imgname": "\x1b[2Jgone"}], response_id=7)
    tell(store, "2", "detailImage2", pictures)
    made = Publisher(store, CLOCK).details(IMAGES, "50")
    assert counted(store, made.verdict_id) == made.rejections == {"image_missing": 1}
    ((group, (sample,)),) = rejected(store)
    assert (group.table_name, group.partition_key, group.items) == ("core.place_images", "50", 1)
    assert (sample.subject, sample.value, sample.response_id) == ("1", " ", 7)
    assert orjson.loads(sample.payload)["imgname"] == "\x1b[2Jgone"


def test_values_that_can_not_be_used_are_counted_by_column_and_found_with_the_place_that_is_published(
    store: str,
) -> None:
    merge(store, 0, [*GOOD[2:], item("1", zipcode="690-042", firstimage="a.jpg"), item("2", zipcode="690042")])
    made = publish(store)
    assert (
        counted(store, made.verdict_id)
        == made.rejections
        == {"zip_code_not_five_digits": 2, "image_url_no_web_address": 1}
    )
    assert (made.unusable, made.verdict.row_count) == (0, 40)
    assert not [each for each in made.verdict.failures if each.rule.rule_id.endswith("_usable")], "two are few"
    found = {group.reason: (group.items, samples) for group, samples in rejected(store)}
    assert {
        reason: (items, {(each.subject, each.value) for each in samples}) for reason, (items, samples) in found.items()
    } == {
        "zip_code_not_five_digits": (2, {("1", "690-042"), ("2", "690042")}),
        "image_url_no_web_address": (1, {("1", "a.jpg")}),
    }
    merge(store, 1, GOOD)
    assert publish(store).rejections == {}
    assert rejected(store) == []


@pytest.mark.parametrize(("table", "division"), [("attractions", "NA"), ("restaurants", "FD")])
def test_a_place_with_monstrous_texts_is_published_among_the_others_and_what_was_cut_is_counted(
    store: str, table: str, division: str
) -> None:
    kind = CONTENT_TYPE_BY_NAME[table]
    # Of four bytes and in no order, so that compression makes nothing of them fit.
    random = Random(1)
    monster = "".join(chr(random.randrange(0x20000, 0x2A6DF)) for _ in range(20_000))
    monstrous = {"title": monster, "addr1": monster, "addr2": monster, "lclsSystm1": monster, "cat1": monster}
    classes = {"lclsSystm1": division, "lclsSystm2": f"{division}01", "lclsSystm3": f"{division}010100"}
    same = {"contenttypeid": kind.content_type_id, **classes}
    listed = [item(str(number), **same) for number in range(2, 41)]
    merge(store, 0, [item("1", **{**same, **monstrous}), *listed], content_type_id=kind.content_type_id)
    made = Publisher(store, CLOCK).places(kind, "50")
    assert made.published is not None
    assert (made.published.added, made.published.rejected) == (40, 0)
    columns = ("title", "address", "address_detail", "class_division_code", "legacy_category_code_1")
    assert counted(store, made.verdict_id) == {f"{column}_too_long": 1 for column in columns}
    assert {group.reason for group, _ in rejected(store)} == {f"{column}_too_long" for column in columns}
    (shown,) = rows(store, f"SELECT title, address FROM core.{table} WHERE content_id = '1'")
    assert shown == {"title": monster[:200], "address": monster[:200]}


def test_codes_without_a_name_or_a_code_are_counted() -> None:
    said = [{"lDongRegnCd": "11", "lDongRegnNm": "서울", "lDongSignguCd": code, "lDongSignguNm": name}
            for code, name in (("110", "종로구"), ("140", ""), ("", "x"), ("", ""))]  # fmt: skip
    found = joined([legal_districts(said, [1, 1, 1, 1])])
    assert [*found.columns] == [*CODE_COLUMNS]
    assert rejections(found[found["code_space"] == "sigungu"]) == {"code_missing": 2, "name_missing": 1}
    assert rejections(found[found["code_space"] == "region"]) == {}


def test_samples_are_the_newest_and_have_the_value_that_is_wrong(store: str) -> None:
    merge(store, 0, [*GOOD, item("A1"), item("B\x002"), item("", title="\x1b]0;evil\x07")])
    publish(store)
    found = {group.reason: (group, samples) for group, samples in rejected(store)}
    assert found.keys() == {"content_id_not_a_number", "content_id_missing"}
    group, samples = found["content_id_not_a_number"]
    assert (group.table_name, group.items, len(samples)) == ("core.attractions", 2, 2)
    assert {(sample.subject, sample.value, sample.response_id) for sample in samples} == {
        ("A1", "A1", 1),
        ("B2", "B2", 1),
    }
    _, (sample,) = found["content_id_missing"]
    assert (sample.subject, sample.value) == (None, "")
    assert [len(samples) for _, samples in rejected(store, samples=1)] == [1, 1]
    assert [len(samples) for _, samples in rejected(store, samples=0)] == [0, 0]


def test_tables_regions_and_reasons_are_selected(store: str) -> None:
    merge(
        store,
        0,
        [item("A1"), item("A2", lDongRegnCd="11"), item("A3", contenttypeid="39"), item("")],
        is_complete=False,
    )
    for kind, region in (("attractions", "50"), ("attractions", "11"), ("restaurants", "50")):
        publish(store, region, CONTENT_TYPE_BY_NAME[kind])

    def keys(**selected: Any) -> set[tuple[str, str | None]]:
        return {(group.table_name, group.partition_key) for group, _ in rejected(store, Selection(**selected), 0)}

    everything = {("core.attractions", "50"), ("core.attractions", "11"), ("core.restaurants", "50")}
    assert keys() == everything
    assert keys(tables=["core.restaurants"]) == {("core.restaurants", "50")}
    assert keys(regions=["11"]) == {("core.attractions", "11")}
    assert keys(reason="content_id_missing") == {("core.attractions", "50")}
    assert keys(tables=["core.restaurants"], regions=["11"]) == set()


def test_an_item_of_no_known_kind_is_shown_as_well(store: str) -> None:
    merge(store, 0, [item("", contenttypeid="77")])
    ((group, _),) = rejected(store)
    assert (group.table_name, group.reason) == ("raw.place_items", "content_id_missing")


def test_every_reason_that_the_code_gives_is_explained() -> None:
    package = Path(weatherflick_assets.__file__).parent
    names = set()
    for path in [*package.glob("weather/**/*.py"), *package.glob("places/**/*.py")]:
        text = path.read_text(encoding="utf-8")
        names |= {re.sub(r"\{\w+\}", "some", name) for name in re.findall(r'problems\[f?"([a-z_{}]+)"\]', text)}
        names |= set(re.findall(r'"((?:probability|temperature)_unreadable)"', text))
    names |= {detail.unusable for detail in DETAILS}
    names |= {f"{field.column}_{field.unusable}" for field in LOSSY_FIELDS}
    names |= {f"{field.column}_{TOO_LONG}" for field in BOUNDED_FIELDS}
    names |= {
        "title_missing",
        "content_id_not_a_number",
        "content_id_missing",
        "unreadable",
        "code_missing",
        "name_missing",
    }
    said = [domain.rejections for domain in DOMAINS if domain.rejections]
    assert len(names) > 30
    assert {name for name in names if not any(each.reason(name) for each in said)} == set()
    for each in said:
        for reason in each.reasons.values():
            assert re.fullmatch(r"[A-Z].*\.", reason.means)
            assert re.fullmatch(r"[A-Z].*\.", reason.to_do)


def test_a_domain_says_nothing_of_a_reason_that_it_does_not_have() -> None:
    assert REJECTIONS.reason("bad_moon") is None


def test_a_rejection_has_the_time_at_which_it_was_first_rejected(store: str) -> None:
    merge(store, 0, [*GOOD, item("A1")])
    publish(store)
    execute(store, "UPDATE core.rejected_items SET rejected_at = %s", at(5))
    publish(store)
    ((group, _),) = rejected(store)
    assert group.newest_at == at(5)
