"""From list items to raw rows: identity, region, visibility, and a payload that PostgreSQL can hold."""

from pathlib import Path

import orjson
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.korea.regions import REGION_CODES, UNASSIGNED
from weatherflick_assets.places.store.item_stage import ITEM_COLUMNS
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.transform.received import items, place, recorded_rows


def listed(item: dict[str, object]) -> pd.Series:
    return listed_items([item], 7).iloc[0]


def test_an_item_becomes_a_row_of_the_raw_layer() -> None:
    row = listed(place())
    assert row["content_id"] == "126508"
    assert row["content_type_id"] == "12"
    assert (row["region_code"], row["region_source"], row["sigungu_code"]) == ("11", "code", "110")
    assert row["modified_at"] == pd.Timestamp(2025, 11, 12, 13, 48, 24, tz=KST)
    assert row["is_visible"]
    assert row["response_id"] == 7
    assert orjson.loads(row["payload"]) == place()


def test_the_columns_are_those_the_raw_store_takes() -> None:
    assert set(listed_items([place()], 1).columns) == set(ITEM_COLUMNS)


@pytest.mark.parametrize(("flag", "visible"), [("1", True), ("0", False), (0, False), ("", True), (None, True)])
def test_only_a_flag_of_zero_hides_a_place(flag: object, visible: bool) -> None:
    assert listed(place(showflag=flag))["is_visible"] == visible


def test_a_list_without_the_flag_holds_visible_places() -> None:
    item = place()
    del item["showflag"]
    assert listed(item)["is_visible"]


@pytest.mark.parametrize("identity", ["", "  ", None, [], {}, True, "\x00", "9" * 1_000_000])
def test_an_item_without_a_usable_id_has_a_missing_one(identity: object) -> None:
    assert pd.isna(listed(place(contentid=identity))["content_id"])


def test_an_id_written_as_a_number_is_the_same_id() -> None:
    assert listed(place(contentid=126508))["content_id"] == "126508"


def test_an_item_without_an_id_field_has_a_missing_id_and_keeps_its_payload() -> None:
    row = listed({"title": "이름뿐"})
    assert pd.isna(row["content_id"])
    assert (row["content_type_id"], row["region_code"]) == ("", UNASSIGNED)
    assert orjson.loads(row["payload"]) == {"title": "이름뿐"}


def test_a_kind_of_absurd_length_is_none() -> None:
    assert listed(place(contenttypeid="9" * 1_000_000))["content_type_id"] == ""


@pytest.mark.parametrize(
    ("title", "kept"),
    [
        ("경\x00복궁", "경복궁"),
        ("\x00\x00", ""),
        ("\\u0000", "\\u0000"),
        ("\\\\u0000", "\\\\u0000"),
        ("\\\x00u0000", "\\u0000"),
        ("back\\slash\x00", "back\\slash"),
        ('quote"\x00', 'quote"'),
    ],
)
def test_null_characters_go_and_everything_else_stays(title: str, kept: str) -> None:
    assert orjson.loads(listed(place(title=title))["payload"])["title"] == kept


def test_an_item_nested_too_deep_to_be_written_keeps_its_plain_fields() -> None:
    body = b'{"contentid":"126508","deep":' + b"[" * 500 + b"]" * 500 + b"}"
    assert orjson.loads(listed(orjson.loads(body))["payload"]) == {"contentid": "126508"}


def test_no_items_make_no_rows() -> None:
    assert len(listed_items([], 1)) == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(items, min_size=1, max_size=6), st.data())
@example([place(title="\\u0000"), place(contentid="\x00")], None)
def test_any_items_become_one_sound_row_each_whatever_stands_beside_them(
    received: list[dict[str, object]], data: st.DataObject | None
) -> None:
    whole = listed_items(received, 1)
    assert len(whole) == len(received)
    assert whole["region_code"].isin([*REGION_CODES, UNASSIGNED]).all()
    for name in ("content_id", "content_type_id", "sigungu_code"):
        assert not any("\0" in text for text in whole[name].dropna())
    for payload, item in zip(whole["payload"], received, strict=True):
        assert "\\u0000" not in payload.replace("\\\\", "")
        assert set(orjson.loads(payload)) == {name.replace("\0", "") for name in item}
    cut = data.draw(st.integers(1, len(received))) if data else 1
    chunks = [listed_items(chunk, 1) for chunk in (received[:cut], received[cut:]) if chunk]
    pd.testing.assert_frame_equal(pd.concat(chunks, ignore_index=True), whole, check_dtype=False)


@pytest.mark.recorded
def test_recorded_rows_keep_their_identity_and_their_times(recorded_data: Path) -> None:
    received = recorded_rows(recorded_data)
    made = listed_items(received, 1)
    assert made["content_id"].tolist() == [row["contentid"] for row in received]
    assert made["content_type_id"].tolist() == [row["contenttypeid"] for row in received]
    assert made["modified_at"].dt.strftime("%Y%m%d%H%M%S").tolist() == [row["modifiedtime"] for row in received]
    assert [orjson.loads(payload) for payload in made["payload"]] == received
    assert made["is_visible"].all()
    coded = [str(row["lDongRegnCd"]) for row in received]
    assert [
        code for code, source in zip(made["region_code"], made["region_source"], strict=True) if source == "code"
    ] == [code for code in coded if code in REGION_CODES]
