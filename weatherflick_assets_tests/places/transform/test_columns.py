"""The building blocks of the transforms: what each makes of the oddities that were met, and that none ever fails."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.transform.columns import (
    blank_as_missing,
    clean_text,
    coordinates,
    kst_timestamps,
    phone_numbers,
    secure_urls,
    small_integers,
    text_columns,
    zip_codes,
)
from weatherflick_assets.settings import KST
from weatherflick_assets_tests.places.transform.received import values


def column(*texts: str) -> pd.Series:
    return pd.Series(texts, dtype="str")


def values_of(series: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in series.tolist()]


def only(series: pd.Series) -> Any:
    (value,) = values_of(series)
    return value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("경복궁", "경복궁"), ("  경복궁 \n", "경복궁"), ("\u3000경복궁\xa0", "경복궁"), (126508, "126508"), (37.5, "37.5"),
        (None, ""), (True, ""), ([], ""), ({"a": 1}, ""), (["경복궁"], ""), ("\x00", ""), ("경\x00복궁", "경복궁"), ("", ""),
    ],
)  # fmt: skip
def test_a_value_of_any_type_becomes_stripped_text_or_blank(value: object, text: str) -> None:
    assert only(text_columns([{"field": value}], ["field"])["field"]) == text


def test_a_field_that_an_item_lacks_is_blank() -> None:
    frame = text_columns([{"title": "a"}, {}], ["title", "tel"])
    assert frame["title"].tolist() == ["a", ""]
    assert frame["tel"].tolist() == ["", ""]


def test_no_items_make_empty_columns() -> None:
    frame = text_columns([], ["title", "tel"])
    assert list(frame.columns) == ["title", "tel"]
    assert len(frame) == 0


def test_blank_is_missing() -> None:
    assert values_of(blank_as_missing(column("", "a"))) == [None, "a"]


@pytest.mark.parametrize(
    ("received", "clean"),
    [
        ("경복궁", "경복궁"),
        ("올림픽로 300¸ 2층", "올림픽로 300, 2층"),
        ("부산진구  중앙번영로 (6)", "부산진구 중앙번영로 (6)"),
        ("첫 줄<br>둘째 줄", "첫 줄 둘째 줄"),
        ("첫 줄<br />\n둘째 줄", "첫 줄 둘째 줄"),
        ("첫 줄 <BR/> 둘째 줄", "첫 줄 둘째 줄"),
        ("<br>", None),
        ("끝<br>", "끝"),
        ("<br><br/>끝", "끝"),
        ("책 ‹…› 읽기 <달>", "책 ‹…› 읽기 <달>"),
        ("<b>굵게</b>", "굵게"),
        ("B&amp;B", "B&B"),
        ("탭\t줄\r\n바꿈", "탭 줄 바꿈"),
        ("제어\x01문자", "제어 문자"),
        ("\x07", None),
        ("", None),
    ],
)
def test_text_for_people_is_one_tidy_line(received: str, clean: str | None) -> None:
    assert only(clean_text(column(received))) == clean


@pytest.mark.parametrize(
    ("received", "clean"),
    [
        ("02-3700-3900", "02-3700-3900"),
        ("02-123-4567<br>02-765-4321", "02-123-4567, 02-765-4321"),
        ("02-123-4567<br />\n02-765-4321", "02-123-4567, 02-765-4321"),
        ("02-123-4567\n02-765-4321", "02-123-4567, 02-765-4321"),
        ("02-123-4567<br><br>\r\n02-765-4321", "02-123-4567, 02-765-4321"),
        ("02-123-4567<br>", "02-123-4567"),
        ("<br/>", None),
        ("1330 (관광  안내)", "1330 (관광 안내)"),
        ("", None),
    ],
)
def test_telephone_numbers_under_each_other_come_into_one_line(received: str, clean: str | None) -> None:
    assert only(phone_numbers(column(received))) == clean


@pytest.mark.parametrize(
    ("received", "address"),
    [
        ("http://tong.visitkorea.or.kr/a.jpg", "https://tong.visitkorea.or.kr/a.jpg"),
        ("HTTP://tong.visitkorea.or.kr/A.JPG", "https://tong.visitkorea.or.kr/A.JPG"),
        ("https://tong.visitkorea.or.kr/a.png", "https://tong.visitkorea.or.kr/a.png"),
        ("HTTPS://tong.visitkorea.or.kr/a.png", "https://tong.visitkorea.or.kr/a.png"),
        ("https://a/?next=http://b", "https://a/?next=http://b"),
        ("//tong.visitkorea.or.kr/a.png", None), ("ftp://a", None), ("a.jpg", None), ("", None), ("javascript:x", None),
    ],
)  # fmt: skip
def test_images_are_addressed_by_https_or_not_at_all(received: str, address: str | None) -> None:
    assert only(secure_urls(column(received))) == address


@pytest.mark.parametrize(
    ("received", "code"),
    [
        ("03045", "03045"), ("(03045)", "03045"), ("우 03045", "03045"), ("612040", None), ("612-040", None),
        ("612-020,1", None), ("3045", None), ("", None), ("٠٣٠٤٥", None), ("０３０４５", None), ("03045, 03046", None),
    ],
)  # fmt: skip
def test_only_five_digits_are_a_postal_code(received: str, code: str | None) -> None:
    assert only(zip_codes(column(received))) == code


@pytest.mark.parametrize(
    ("received", "moment"),
    [
        ("20251112134824", datetime(2025, 11, 12, 4, 48, 24, tzinfo=UTC)),
        ("20260101000000", datetime(2025, 12, 31, 15, 0, 0, tzinfo=UTC)),
        ("20240229235959", datetime(2024, 2, 29, 14, 59, 59, tzinfo=UTC)),
        ("20250229000000", None),
        ("20251301000000", None),
        ("20251112240000", None),
        ("20251112134860", None),
        ("20251112", None),
        ("202511121348240", None),
        ("00000000000000", None),
        ("00010101000000", None),
        ("99991231235959", None),
        ("19880508023000", None),
        ("19871011023000", None),
        ("２０２５１１１２１３４８２４", None),
        ("선택안함", None),
        ("", None),
    ],
)
def test_times_are_korean_and_real_or_missing(received: str, moment: datetime | None) -> None:
    parsed = kst_timestamps(column(received, "20260101000000"))
    assert str(parsed.dtype) == f"datetime64[us, {KST.key}]"
    assert values_of(parsed)[0] == moment


@pytest.mark.parametrize(
    ("received", "number"),
    [
        ("6", 6),
        ("06", 6),
        ("9999", 9999),
        ("10000", None),
        ("-1", None),
        ("6.0", None),
        ("", None),
        ("육", None),
        ("６", None),
    ],
)
def test_map_levels_are_small_whole_numbers_or_missing(received: str, number: int | None) -> None:
    parsed = small_integers(column(received))
    assert str(parsed.dtype) == "Int16"
    assert only(parsed) == number


@pytest.mark.parametrize(
    ("longitude", "latitude", "problem"),
    [
        ("126.9767375783", "37.5760836609", None),
        ("129.35033033262354", "35.1", None),
        ("131.8698", "37.2394", None),  # Dokdo
        ("126.2683", "33.1186", None),  # Marado
        ("", "", "blank"),
        ("126.9", "", "blank"),
        ("0", "0", "zero"),
        ("0.0", "0.000", "zero"),
        ("117.9925662504", "19.6944274800", "outside_korea"),
        ("9.9997", "9.9998", "outside_korea"),
        ("46505448", "0", "outside_korea"),
        ("12.797", "37.5", "outside_korea"),
        ("37.5760836609", "126.9767375783", "outside_korea"),
        ("-126.9", "37.5", "outside_korea"),
        ("inf", "37.5", "outside_korea"),
        ("9" * 400, "37.5", "outside_korea"),
        ("9" * 5000, "37.5", "not_a_number"),
        ("126,97", "37.5", "not_a_number"),
        ("동경 126도", "37.5", "not_a_number"),
        ("nan", "37.5", "not_a_number"),
    ],
)
def test_coordinates_lie_in_korea_or_are_missing_with_the_reason(
    longitude: str, latitude: str, problem: str | None
) -> None:
    found = coordinates(column(longitude, "127.0"), column(latitude, "36.0"))
    row = found.iloc[0]
    if problem is None:
        assert (row["longitude"], row["latitude"]) == (float(longitude), float(latitude))
        assert pd.isna(row["coordinates_problem"])
    else:
        assert pd.isna(row["longitude"])
        assert pd.isna(row["latitude"])
        assert row["coordinates_problem"] == problem
    assert found.iloc[1][["longitude", "latitude"]].tolist() == [127.0, 36.0]


TRANSFORMS = {
    "clean_text": clean_text,
    "phone_numbers": phone_numbers,
    "secure_urls": secure_urls,
    "zip_codes": zip_codes,
    "kst_timestamps": kst_timestamps,
    "small_integers": small_integers,
    "coordinates": lambda series: coordinates(series, series)["longitude"],
}


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=TRANSFORMS)
@settings(max_examples=30, deadline=None)
@given(received=st.lists(values, max_size=6))
def test_a_column_of_anything_is_transformed_value_by_value(transform: Any, received: list[object]) -> None:
    whole = text_columns([{"field": value} for value in received], ["field"])["field"]
    whole.index = pd.RangeIndex(7, 7 + len(received))
    made = transform(whole)
    assert made.index.equals(whole.index)
    one_by_one = [only(transform(whole.iloc[[position]])) for position in range(len(whole))]
    assert values_of(made) == one_by_one
    assert "" not in one_by_one
    assert not any(
        isinstance(value, str) and value.strip() != value for value in one_by_one if transform is not secure_urls
    )
