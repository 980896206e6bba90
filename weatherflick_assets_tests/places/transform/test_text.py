"""Cleaning what people typed: lists and details alike, and a name of nothing visible is no name."""

import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.places.transform.columns import clean_text, text_columns
from weatherflick_assets.places.transform.listing import listed_items
from weatherflick_assets.places.transform.places import places
from weatherflick_assets.places.transform.text import contact, one_line, plain_text, visible
from weatherflick_assets_tests.places.store.stock import item

NOTHING = (
    "", " ", "\u200b", "\ufeff", "\xad", "\u3164", "\u2800", "\u115f\u1160", "\u202e\u202c", "\u2066\u2069", "\u200e\u200f",
    "\u2060\u2063", "\ufe0f", "\u034f", "\u180e", "\uffa0", "\x00", "\x07", "\x7f", "\x85", "\u2028", "\xa0", "\u3000",
    "&nbsp;", "&#8203;", "&#x3164;", "&amp;nbsp;", "&amp;#8203;", "&zwnj;", "&shy;", "<br>", "<b></b>", "<p>&nbsp;</p>", "&lt;br&gt;",
    "<!-- x -->", "<span style='color:red'> </span>", "<font size=3></font>", "\U000e0041", "\u200b<br/>\ufeff&nbsp;",
)  # fmt: skip

CLEAN = {
    "경\u200b복\ufeff궁": "경복궁",
    "soft\xadhyphen": "softhyphen",
    unicodedata.normalize("NFD", "제주특별자치도 제주시"): "제주특별자치도 제주시",
    "\u202e경복궁\u202c": "경복궁",
    "B&amp;B &lt;춘향전&gt;": "B&B <춘향전>",
    "A &amp;amp; B": "A & B",
    "&#44221;복궁": "경복궁",
    "<b>굵게</b> <FONT color='red'>빨강</FONT>": "굵게 빨강",
    '<a href="http://a.kr">누리집</a>': "누리집",
    "연극 <햄릿> ‹앵콜›": "연극 <햄릿> ‹앵콜›",
    "x?a=1&copy=2": "x?a=1&copy=2",
    "3 < 5 > 2": "3 < 5 > 2",
    "가¸ 나": "가, 나",
    "é": "é",
    "❤\ufe0f": "❤",
}


@pytest.mark.fault("Blast radius", "a title shows nothing", "the place is rejected with that reason")
@pytest.mark.parametrize("title", NOTHING)
def test_a_title_of_nothing_visible_is_rejected(title: str) -> None:
    assert plain_text(title) is one_line(title) is contact(title) is None
    listed = pd.DataFrame(
        [
            {
                "content_id": "1", "content_type_id": "12", "region_code": "50", "region_source": "code", "sigungu_code": None,
                "previous_content_id": None, "response_id": 1, "payload": item("1", title=title), "details": None,
            }
        ]
    )  # fmt: skip
    made = places(listed)
    assert made.rejected["reason"].tolist() == ["title_missing"]
    assert len(made.rows) == 0


@pytest.mark.parametrize(("received", "clean"), CLEAN.items())
def test_lists_and_details_are_cleaned_alike(received: str, clean: str) -> None:
    assert plain_text(received) == clean
    assert clean_text(text_columns([{"title": received}], ["title"])["title"]).tolist() == [clean]
    # Also where the whole column is not plain, or all of it is.
    assert clean_text(pd.Series(["x", received, "<br>"], dtype=object)).tolist() == ["x", clean, None]


@pytest.mark.fault("Blast radius", "an address is decomposed or holds invisible characters", "it finds its region")
@pytest.mark.parametrize(
    "spell",
    [
        lambda text: unicodedata.normalize("NFD", text),
        "\u200b".join,
        lambda text: f"\ufeff{text}",
        lambda text: text.replace(" ", "\xa0"),
        lambda text: text.replace(" ", "\u3000"),
        lambda text: text[:2] + "\xad" + text[2:],
        lambda text: f"\u202a{text}\u202c",
        lambda text: unicodedata.normalize("NFD", "\u200b".join(text)),
    ],
)
def test_an_address_finds_its_region_however_it_is_encoded(spell: object) -> None:
    address = spell("제주특별자치도 제주시 애월읍 1")  # type: ignore[operator]
    found = listed_items([item("1", lDongRegnCd="", lDongSignguCd="", addr1=address, mapx="", mapy="")], 1)
    assert found[["region_code", "sigungu_code", "region_source"]].to_numpy().tolist() == [["50", "110", "address"]]


@given(st.text(st.characters(), max_size=60) | st.text("<>&;#ab/br x\u200b\u1100\u1161amplt\n", max_size=40))
def test_what_is_clean_stays_as_it_is_and_shows_something(text: str) -> None:
    once = plain_text(text)
    assert once is None or once.strip()
    if once is not None:
        assert unicodedata.is_normalized("NFC", once)
        assert visible(once) == once
        assert all(
            character.isprintable()
            or character == "\n"
            or character.isspace()
            or unicodedata.category(character) in ("Co", "Cn")
            for character in once
        )


@pytest.mark.parametrize("hostile", ["&amp;", "<a", "<!--", "&", "\u200b", "<br", "<b>", "&lt;", "\u1100"])
def test_a_hostile_text_is_cleaned_in_good_time(hostile: str) -> None:
    plain_text(hostile * (300_000 // len(hostile)))
