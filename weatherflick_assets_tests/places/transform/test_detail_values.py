"""Reading a value from a detail: what is made of the forms that were met, what has no one value, and that nothing fails."""

import re
from datetime import date

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from weatherflick_assets.places.fields import Kind
from weatherflick_assets.places.transform.detail_values import READERS, Hours, Period, hours, period


def read(kind: Kind, *texts: str) -> object:
    return READERS[kind].read(*texts)


@pytest.mark.parametrize(
    ("received", "text"),
    [
        ("상시 개방<br>\n※ 전화문의", "상시 개방\n※ 전화문의"),
        ("상시 개방<br />※ 전화문의", "상시 개방\n※ 전화문의"),
        ("가능</br>무료", "가능\n무료"),
        ("첫째\n\n\n\n둘째", "첫째\n\n둘째"),
        ("첫째<br><br>\r\n둘째", "첫째\n\n둘째"),
        ("<br>  한  줄\t뿐 <br>", "한 줄 뿐"),
        ("&nbsp;무료&nbsp;", "무료"),
        ("A &amp; B &gt; C", "A & B > C"),
        ("&lt;br&gt;", None),
        ("x?a=1&copy=2", "x?a=1&copy=2"),
        ("\u200b무료\ufeff", "무료"),
        ("&#0;", "\ufffd"),
        ("304호¸ 305호", "304호, 305호"),
        ('<a href="http://a.kr" target="_blank">누리집</a> 참조', "누리집 참조"),
        ("누리집</a", "누리집"),
        ("연극 ‹햄릿› <앵콜>", "연극 ‹햄릿› <앵콜>"),
        ("", None), ("<br>", None), ("\n", None),
    ],
)  # fmt: skip
def test_text_is_rid_of_markup_and_keeps_its_lines(received: str, text: str | None) -> None:
    assert read(Kind.TEXT, received) == text


@pytest.mark.parametrize(
    ("received", "line", "number"),
    [
        ("064-740-6000", "064-740-6000", "064-740-6000"),
        ("제주관광정보센터 064-740-6000", "제주관광정보센터 064-740-6000", "064-740-6000"),
        ("간성향교 033-681-3364<br> 고성군 033-680-3367", "간성향교 033-681-3364, 고성군 033-680-3367", "033-681-3364"),
        ("한라산국립공원(어리목분소) 064-713-9950~1", "한라산국립공원(어리목분소) 064-713-9950~1", "064-713-9950"),
        ("033- 680-3695", "033- 680-3695", "033-680-3695"),
        ("02)3700-3900", "02)3700-3900", "02-3700-3900"),
        ("010-0000–0000", "010-0000–0000", "010-0000-0000"),
        ("0507-1457-4502", "0507-1457-4502", "0507-1457-4502"),
        ("1544-2988", "1544-2988", "1544-2988"),
        ("1588-4888(통합콜센타)", "1588-4888(통합콜센타)", "1588-4888"),
        ("홈페이지", "홈페이지", None),
        ("070-4266-5367010-5149-5313", "070-4266-5367010-5149-5313", None),
        ("", None, None),
    ],
)  # fmt: skip
def test_whom_to_ask_is_one_line_and_has_a_first_number(received: str, line: str | None, number: str | None) -> None:
    assert read(Kind.CONTACT, received) == line
    assert read(Kind.PHONE, received) == number


@pytest.mark.parametrize(
    ("received", "word"), [("선택안함", None), ("", None), ("취소", "취소"), ("행사연기", "행사연기")]
)
def test_a_choice_that_was_not_made_is_missing(received: str, word: str | None) -> None:
    assert read(Kind.CHOICE, received) == word


@pytest.mark.parametrize(
    ("received", "flag"),
    [
        ("1", True), ("0", False), ("Y", True), ("N", False), ("가능", True), ("불가능", False), ("불가", False), ("있음", True),
        ("없음", False), ("가능 (승용차 100대)", True), ("가능<br>요금 (무료)", True), ("가능요금 (무료)", True), ("주차가능", True),
        ("가능 (14인승 이상 주차 불가)", True), ("불가 (마을 공영주차장 이용 가능)", False), ("있음(소형 100대)", True),
        ("모든 카드 사용 가능", True), ("포장불가", False), ("모두 금연석", False), ("전화 예약 가능 (064-722-3142)", True),
        ("완비", True), ("예약 가능", True),
        ("", None), ("능", None), ("10", None), ("1개소", None), ("50대", None), ("카페만 가능", None), ("가능한 경우", None),
        ("신용카드 불가", None), ("흡연실 따로 있음", None), ("유료", None), ("채움 1 : 가능 / 비움 1 : 불가능", None),
    ],
)  # fmt: skip
def test_a_flag_is_what_the_text_begins_with(received: str, flag: bool | None) -> None:
    assert read(Kind.FLAG, received) is flag


@pytest.mark.parametrize(
    ("received", "all_year"),
    [
        ("연중무휴", True), ("연중 무휴", True), ("연중무휴 (기상 악화 시 휴항)", True), ("연중무휴<br>※ 전화문의", True), ("없음", True),
        ("매주 월요일", False), ("설·추석 당일", False), ("명절", False), ("월2회", False), ("1월 1일", False), ("주말", False),
        ("[야외]<br>- 연중무휴<br>[실내]<br>- 설·추석 당일", False),
        ("", None), ("점포별로 상이함", None), ("연중무휴 (매장마다 상이)", None), ("인스타그램에 공지", None), ("기상악화 시 결항", None),
    ],
)  # fmt: skip
def test_whether_there_are_days_of_rest(received: str, all_year: bool | None) -> None:
    assert read(Kind.ALL_YEAR, received) is all_year


@pytest.mark.parametrize(
    ("received", "day"),
    [
        ("1989년 10월 12일", "1989-10-12"), ("2007-05-05", "2007-05-05"), ("2014. 7. 7", "2014-07-07"), ("2011.08.07", "2011-08-07"),
        ("2024/1/2", "2024-01-02"), ("1945년", None), ("2008년10월", None), ("2023-02-30", None), ("0000-01-01", None),
        ("Invalid date", None), ("상시 개방", None), ("2001-03-01 ~ 2001-05-01", None), ("", None),
    ],
)  # fmt: skip
def test_a_day_is_a_day_and_not_a_month_or_a_year(received: str, day: str | None) -> None:
    assert read(Kind.DATE, received) == day


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("20260916", "20260920", Period("2026-09-16", "2026-09-20", None)),
        ("20260101", "20260101", Period("2026-01-01", "2026-01-01", None)),
        ("20260920", "20260916", Period(None, None, "reversed: 20260920 to 20260916")),
        ("20260230", "20260301", Period(None, None, "not_a_date: 20260230 to 20260301")),
        ("20260916", "", Period(None, None, "not_a_date: 20260916 to blank")),
        ("2026-09-16", "20260920", Period(None, None, "not_a_date: 2026-09-16 to 20260920")),
        ("", "", Period(None, None, "blank")),
    ],
)  # fmt: skip
def test_a_period_has_both_days_or_a_reason(start: str, end: str, expected: Period) -> None:
    assert period(start, end) == expected


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_of_two_days_a_period_has_them_in_order_or_says_that_they_are_reversed(one: date, other: date) -> None:
    made = period(f"{one:%Y%m%d}", f"{other:%Y%m%d}")
    if one <= other:
        assert made == (one.isoformat(), other.isoformat(), None)
    else:
        assert made == (None, None, f"reversed: {one:%Y%m%d} to {other:%Y%m%d}")


@pytest.mark.parametrize(
    ("received", "time"),
    [
        ("15:00", "15:00"), ("9:30", "09:30"), ("익일 11:00", "11:00"), ("익일11:00", "11:00"), ("다음날 11:00", "11:00"),
        ("오후 4:00 이후", "16:00"), ("오후 12:00 전까지", "12:00"), ("오전 12:00", "00:00"), ("15시", "15:00"), ("오후 3시 30분", "15:30"),
        ("24:00", "00:00"), ("PM 3:00", "15:00"),
        ("25:00", None), ("15:60", None), ("오후 15:00", None), ("15", None), ("", None), ("오전 10시~20시", None),
        ("14:00 비수기15:00 성수기", None), ("(체크인) 12:00 / (키발급) 15:00", None), ("15:00~23:59", None),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read_where_there_is_one(received: str, time: str | None) -> None:
    assert read(Kind.TIME_OF_DAY, received) == time


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("09:00~18:00", ("09:00", "18:00")),
        ("10:30 - 20:30", ("10:30", "20:30")),
        ("08:30~01:30", ("08:30", "01:30")),
        ("18:00~26:00", ("18:00", "02:00")),
        ("11:30~24:00 (라스트오더 23:10)", ("11:30", "00:00")),
        ("14:00~익일 11:00", ("14:00", "11:00")),
        ("매일 10:00~17:00", ("10:00", "17:00")),
        ("09:00~18:00 (입장 마감 17:30)", ("09:00", "18:00")),
        ("- 11:00~22:00<br>- 준비시간 15:00~17:00<br>- 마지막 주문 21:00", ("11:00", "22:00")),
        ("10:00~21:00 (브레이크타임 15:00~17:00)", ("10:00", "21:00")),
        ("09:00~18:00※ 자세한 사항은 전화문의 요망", ("09:00", "18:00")),
        ("상시 개방", ("00:00", "00:00")),
        ("24시간 영업", ("00:00", "00:00")),
    ],
)  # fmt: skip
def test_hours_are_the_one_span_of_every_day(received: str, expected: tuple[str, str]) -> None:
    assert hours(received) == expected
    assert (read(Kind.OPENS_AT, received), read(Kind.CLOSES_AT, received)) == expected


@pytest.mark.parametrize(
    "received",
    [
        "", "프로그램별 상이", "20:00", "14:00 / 17:00", "[하절기] 09:00~19:00<br>[동절기] 09:00~18:00", "09:00~18:00 (점포별 상이)",
        "09:00~18:00※ 계절별로 다름", "10:00~18:00 (평일 기준)", "17:00~21:00 매주 금, 토", "10:00~12:00 / 14:00~16:00",
        "09:00~18:00 (3월~10월)", "월요일~토요일 09:00~17:00", "06:00~일몰전", "10:00~99:00", "25:00~26:00", "11:00~19:3014:00~17:00",
        "상시 개방 (카페 10:00~18:00)",
    ],
)  # fmt: skip
def test_hours_that_differ_by_day_season_or_part_of_the_place_are_not_guessed(received: str) -> None:
    assert hours(received) == Hours(None, None)


@pytest.mark.parametrize(
    ("received", "minutes"),
    [
        ("60분", 60), ("1시간", 60), ("약 1시간", 60), ("6시간 30분", 390), ("1시간 반", 90), ("약 120분", 120), ("90분 내외", 90),
        ("1~2시간", None), ("약 30~60분", None), ("40분~1시간 30분", None), ("1박 2일", None), ("2일", None), ("0분", None),
        ("약", None), ("반", None), ("", None), ("11:00~21:00", None),
    ],
)  # fmt: skip
def test_a_length_of_time_is_in_minutes(received: str, minutes: int | None) -> None:
    assert read(Kind.MINUTES, received) == minutes


@pytest.mark.parametrize(
    ("received", "count"),
    [
        ("7", 7), ("46실", 46), ("7,000명", 7000), ("최대 7,000명(1일)", 7000), ("약 7,000명 수용 가능", 7000), ("50명 내외", 50),
        ("50석", 50), ("좌석수 175석", 175), ("최대 4인", 4),
        ("0", None), ("", None), ("38객실, 카라반 15대", None), ("10~20명", None), ("2층", None), ("7,00명", None), ("9" * 10, None),
        ("9" * 5000, None), ("٧", None),
    ],
)  # fmt: skip
def test_a_count_is_read_where_there_is_one(received: str, count: int | None) -> None:
    assert read(Kind.INTEGER, received) == count


@pytest.mark.parametrize(
    ("received", "measure"),
    [
        ("13km", 13.0), ("63.68km", 63.68), ("125㎞", 125.0), ("약 100km", 100.0), ("1,200", 1200.0), ("42.33", 42.33),
        ("0", None), ("0.0", None), ("500m", None), ("3~5km", None), ("1e400", None), ("nan", None), ("9" * 500, None), ("", None),
    ],
)  # fmt: skip
def test_a_measure_is_read_where_there_is_one(received: str, measure: float | None) -> None:
    assert read(Kind.NUMBER, received) == measure


@pytest.mark.parametrize(
    ("received", "price"),
    [
        ("무료", 0), ("입장료 무료", 0), ("60,000원", 60000), ("1인당 10,000원", 10000), ("유료 (1인 35,000원)", 35000),
        ("유료 (입장료 1,000원)", 1000),
        ("", None), ("유료", None), ("없음", None), ("무료 (일부 유료)", None), ("무료※ 부분 유료", None), ("성인 2,000원", None),
        ("- 성인 2,000원<br>- 청소년 1,000원", None), ("8,000원(사전 등록 5,000원)", None), ("1,000원~5,000원", None), ("5000", None),
    ],
)  # fmt: skip
def test_a_price_is_read_where_all_pay_the_same(received: str, price: int | None) -> None:
    assert read(Kind.WON, received) == price


@pytest.mark.parametrize(
    ("received", "url"),
    [
        ('<a href="https://a.kr/b?c=1" target="_blank" title="새창">a.kr</a>', "https://a.kr/b?c=1"),
        ('<a title="새창" href="http://a.kr"target="_blank">a</a>', "http://a.kr"),
        ('<a href="https://a.kr/\nb " target="_blank">a</a>', "https://a.kr/b"),
        ("<a href='http://a.kr/b'>a</a>", "http://a.kr/b"),
        ('<a href="https://a.kr/?b=1&amp;c=2">a</a>', "https://a.kr/?b=1&c=2"),
        ("https://a.kr/?a=1&copy=2", "https://a.kr/?a=1&copy=2"),
        ('문화관광 <a href="https://a.kr">a</a><br>공식 <a href="https://b.kr">b</a>', "https://a.kr"),
        ("공식 홈페이지 http://www.a.or.kr국가유산청 https://b.kr/", "http://www.a.or.kr"),
        ("https://www.a.kr/kr", "https://www.a.kr/kr"),
        ("HTTP://a.kr", "http://a.kr"),
        ("http:///www.a.kr/b", "http://www.a.kr/b"),
        ("www.a.co.kr/", "http://www.a.co.kr/"),
        ("a.kr/ko/jeju", "http://a.kr/ko/jeju"),
        ("http://www.거진어촌체험마을.kr/", "http://www.거진어촌체험마을.kr/"),
        ("http://xn--vv5bni8w.xn--3e0b707e/", "http://xn--vv5bni8w.xn--3e0b707e/"),
        ("홈페이지, 전화", None), ("covernat,co,kr", None), ("Garden saty_15", None), ("someone@a.kr", None), ("http://", None), ("", None),
        ("javascript:alert(1)", None), ('<a href="javascript:alert(1)">x</a>', None), ("https://a.kr/" + "b" * 5000, None),
    ],
)  # fmt: skip
def test_a_homepage_is_the_first_web_address(received: str, url: str | None) -> None:
    assert read(Kind.URL, received) == url


@pytest.mark.parametrize(
    ("received", "url"),
    [
        ("http://a/b.jpg", "https://a/b.jpg"),
        ("HTTPS://a", "https://a"),
        ("a.jpg", None),
        ("ftp://a", None),
        ("http://", None),
    ],
)
def test_images_are_asked_over_https(received: str, url: str | None) -> None:
    assert read(Kind.IMAGE_URL, received) == url


def test_lists_keep_the_place_of_what_is_missing_and_are_missing_when_empty() -> None:
    assert read(Kind.IMAGE_URLS, "http://a/1.jpg", "", "http://a/3.jpg") == '["https://a/1.jpg",null,"https://a/3.jpg"]'
    assert read(Kind.TEXTS, "", "둘") == '[null,"둘"]'
    assert read(Kind.IMAGE_URLS, "", "") is None
    assert read(Kind.TEXTS, "", "<br>") is None


_PIECES = [
    "09:00", "~", "24:00", "1", "0", "년", "월", "일", "시간", "분", "반", "원", "무료", "가능", "불가", "연중무휴", "상시 개방", "(", ")", " ",
    "<br>", "\n", "-", ",", ".", "http", "://", "a.kr", "href=\"", "<a ", "</a", "&#", "&amp;", ";", "※", "약 ", "km", "명", "오후 ", "999999999",
    "\u200b", "\ud7a3", "\x1f",
]  # fmt: skip

_hostile = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
)

_FORMS = {
    Kind.PHONE: r"[0-9-]{9,14}", Kind.DATE: r"\d{4}-\d\d-\d\d", Kind.PERIOD_START: r"\d{4}-\d\d-\d\d",
    Kind.PERIOD_END: r"\d{4}-\d\d-\d\d", Kind.TIME_OF_DAY: r"([01]\d|2[0-3]):[0-5]\d", Kind.OPENS_AT: r"([01]\d|2[0-3]):[0-5]\d",
    Kind.CLOSES_AT: r"([01]\d|2[0-3]):[0-5]\d", Kind.URL: r"https?://\S+", Kind.IMAGE_URL: r"https://\S+",
    Kind.CONTACT: r"[^\n]+",
}  # fmt: skip

_BOUNDS = {
    Kind.MINUTES: (1, 99 * 60 + 999),
    Kind.INTEGER: (1, 999_999_999),
    Kind.NUMBER: (1e-6, 1e15),
    Kind.WON: (0, 999_999_999),
}


@settings(max_examples=300, deadline=None)
@given(_hostile, _hostile)
@example("9" * 5000, "9" * 5000)
@example("<a " * 300, "http" * 900)
def test_any_text_has_a_value_of_the_right_form_or_none(one: str, other: str) -> None:
    for kind, reader in READERS.items():
        texts = (one.strip(), other.strip()) if kind.startswith("period") else (one.strip(),)
        value = reader.read(*texts)
        if value is None:
            continue
        if kind in _FORMS:
            assert re.fullmatch(_FORMS[kind], str(value)), kind
        elif kind in _BOUNDS:
            least, most = _BOUNDS[kind]
            assert isinstance(value, int | float)
            assert least <= value <= most, kind
        elif kind in (Kind.FLAG, Kind.ALL_YEAR):
            assert isinstance(value, bool)
        elif kind in (Kind.IMAGE_URLS, Kind.TEXTS):
            assert len(orjson.loads(str(value))) == 1
        else:
            assert isinstance(value, str)
            assert value.strip() == value != ""


@given(_hostile)
def test_text_that_was_cleaned_stays_as_it_is(text: str) -> None:
    once = read(Kind.TEXT, text)
    if once is not None and "&" not in str(once) and "<" not in str(once):
        assert read(Kind.TEXT, str(once)) == once
