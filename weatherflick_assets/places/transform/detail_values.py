"""Parsers for one value of a detail in text that people typed: one function per kind of column.

Each takes the stripped texts of a column's upstream fields. It returns the value, or None if the text states anything
other than exactly one such value. Nothing is guessed, because the text is kept as well. No text makes a parser fail,
and the time is linear in the text's length. The parsers understand the forms found in about 2,000 recorded details. The
columns are declared in `places/fields.py`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import orjson

from weatherflick_assets.places.fields import Kind
from weatherflick_assets.places.transform.text import contact, one_line, plain_text, unescaped

_LONGEST_STATEMENT = 200
"""In characters. Longer text is prose, which states more than one thing."""


def _statement(text: str) -> str:
    """The text on one line, ready for parsing; blank if it is too long to be a single statement."""
    if len(text) > 5 * _LONGEST_STATEMENT:
        return ""
    line = one_line(text) or ""
    return line if len(line) <= _LONGEST_STATEMENT else ""


_PHONE = re.compile(r"(?<![\d-])(?:0\d{1,3}-\d{3,4}|1\d{3})-\d{4}(?!\d)", re.ASCII)
_HYPHEN = re.compile(r"(?<=\d)(?: ?[-–] ?|\) ?)(?=\d)")


def phone(text: str) -> str | None:
    """The first telephone number: 064-740-6000, 0507-1457-4502 or 1544-2988."""
    found = _PHONE.search(_HYPHEN.sub("-", _statement(text)))
    return found[0] if found else None


def choice(text: str) -> str | None:
    """The chosen word; 선택안함 is the upstream's word for none."""
    return None if text == "선택안함" else plain_text(text)


_WHAT = r"(?:주차장? ?|(?:전화 ?)?예약 ?|취사 ?|포장 ?|모든 카드 (?:사용|이용) ?)?"
_YES = re.compile(rf"(?:1|Y)$|{_WHAT}(?:가능(?!한|하)|있음)|완비$")
_NO = re.compile(rf"(?:0|N)$|{_WHAT}(?:불가|없음)|(?:모두 ?)?금연")


def flag(text: str) -> bool | None:
    """Whether the text begins with yes or no. The rest of the text (for whom, at what price) does not change that."""
    line = _statement(text)
    if _NO.match(line):
        return False
    return True if _YES.match(line) else None


_NEVER_CLOSED = re.compile(r"연중 ?무휴|없음$")
_CLOSED_AT_TIMES = re.compile(r"[월화수목금토일]요일|주말|설|추석|명절|공휴일|월 ?\d회|1월 ?1일")
_DIFFERS = re.compile(r"상이|마다|다름")


def all_year(text: str) -> bool | None:
    """True if the closing days begin with 연중무휴, even with exceptions for bad weather; False if they name days."""
    line = _statement(text)
    if _DIFFERS.search(line):
        return None
    if _NEVER_CLOSED.match(line):
        return True
    return False if _CLOSED_AT_TIMES.search(line) else None


_DAY = re.compile(r"(\d{4}) ?[-./년] ?(\d{1,2}) ?[-./월] ?(\d{1,2}) ?[일.]?", re.ASCII)


def day(text: str) -> str | None:
    """The day, as in 1989년 10월 12일, 2007-05-05 or 2014. 7. 7; None for a year or a month alone."""
    found = _DAY.fullmatch(_statement(text))
    return _iso(*found.groups()) if found else None


def _iso(year: str, month: str, number: str) -> str | None:
    try:
        return date(int(year), int(month), int(number)).isoformat()
    except ValueError:  # no such day
        return None


class Period(NamedTuple):
    """Both days in ISO format, or neither and the problem."""

    start: str | None
    end: str | None
    problem: str | None


_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


def period(start: str, end: str) -> Period:
    """The period between two days written YYYYMMDD, including the last one."""
    first, last = (_iso(*found.groups()) if (found := _EIGHT_DIGITS.fullmatch(text)) else None for text in (start, end))
    if first and last and first <= last:
        return Period(first, last, None)
    if not (start or end):
        return Period(None, None, "blank")
    reason = "reversed" if first and last else "not_a_date"
    # Long text is cut; the raw item has all of it.
    return Period(None, None, f"{reason}: {start[:20].strip() or 'blank'} to {end[:20].strip() or 'blank'}")


_CLOCK = re.compile(
    r"(?:익일|다음 ?날)? ?(오전|오후|AM|PM)? ?(\d{1,2})(?: ?: ?(\d{2})| ?시 ?(?:(\d{1,2})분)?) ?(?:이후|부터|이전|전까지|까지)?",
    re.ASCII,
)


def time_of_day(text: str) -> str | None:
    """The time as HH:MM, from text such as 15:00, 익일 11:00 or 오후 4:00 이후. Midnight is 00:00, even if written 24:00."""
    found = _CLOCK.fullmatch(_statement(text))
    if not found:
        return None
    half, digits, minute, spoken_minute = found.groups()
    hour = int(digits)
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in ("오후", "PM") else 0)
    return _hour_and_minute(hour, int(minute or spoken_minute or 0))


def _hour_and_minute(hour: int, minute: int) -> str | None:
    if (hour, minute) == (24, 0):
        return "00:00"
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


class Hours(NamedTuple):
    """Opening and closing time, HH:MM; both or neither."""

    opens: str | None
    closes: str | None


_NO_HOURS = Hours(None, None)
_SPAN = r"\d{1,2}:\d{2} ?[~∼\-–] ?(?:익일 ?|다음 ?날 ?)?\d{1,2}:\d{2}"
_ONLY_SPAN = re.compile(
    r"(?:- ?)?(?:매일 ?)?(\d{1,2}):(\d{2}) ?[~∼\-–] ?(?:익일 ?|다음 ?날 ?)?(\d{1,2}):(\d{2})(?!\d)(.*)", re.ASCII
)
_PAUSE = re.compile(rf"(?:준비|휴게|휴식|브레이크|정비|점검|점심)[가-힣 :]{{0,10}}{_SPAN}", re.ASCII | re.IGNORECASE)
_ANOTHER_SPAN = re.compile(_SPAN, re.ASCII)
_VARIES = re.compile(r"상이|변동|매주|계절|시즌|[하동]절기|성수기|비수기|평일|주말|[월화수목금토일]요일|공휴일|\d ?월")
_ALWAYS = re.compile(r"(?:연중 ?)?상시 ?(?:개방|이용 ?가능)|24시간(?: ?(?:개방|영업|운영|이용 ?가능))?")


def hours(text: str) -> Hours:
    """The hours, if one span applies to every day. Breaks, last orders and last admissions do not count as spans.

    A place that is always open opens and closes at 00:00. There are no hours if the text distinguishes seasons,
    weekdays or parts of the place, or says that hours change.
    """
    line = _statement(text)
    if _ALWAYS.fullmatch(line):
        return Hours("00:00", "00:00")
    found = _ONLY_SPAN.fullmatch(line)
    if not found:
        return _NO_HOURS
    *numbers, rest = found.groups()
    if _VARIES.search(rest) or _ANOTHER_SPAN.search(_PAUSE.sub("", rest)):
        return _NO_HOURS
    hour, minute, last_hour, last_minute = map(int, numbers)
    # Bars write 26:00 for 2 a.m.
    last_hour = last_hour - 24 if 24 < last_hour <= 30 else last_hour
    opens, closes = _hour_and_minute(hour, minute), _hour_and_minute(last_hour, last_minute)
    return Hours(opens, closes) if opens and closes else _NO_HOURS


_LENGTH = re.compile(r"(?:약 ?|총 ?)?(?:(\d{1,2}) ?시간)? ?(?:(\d{1,3}) ?분|(반))? ?(?:내외|정도|소요|이내)?", re.ASCII)


def minutes(text: str) -> int | None:
    """A duration in minutes, as in 60분, 약 1시간 or 6시간 30분; None for 1~2시간 or 1박 2일."""
    found = _LENGTH.fullmatch(_statement(text))
    if not found or not any(found.groups()):
        return None
    whole_hours, rest, half = found.groups()
    if half and not whole_hours:
        return None
    return int(whole_hours or 0) * 60 + (30 if half else int(rest or 0)) or None


_AMOUNT = r"(\d{1,3}(?:,\d{3}){1,2}|\d{1,9})"
_COUNT = re.compile(
    rf"(?:약|최대|총|객실|좌석 ?수)? ?{_AMOUNT} ?(?:명|인|석|실|객실|개)? ?(?:내외|정원|정도|수용|수용 가능)? ?(?:\([^()]*\))?",
    re.ASCII,
)


def integer(text: str) -> int | None:
    """The number, as in 7, 46실, 50명 내외 or 최대 7,000명(1일); None for 0 and for ranges."""
    found = _COUNT.fullmatch(_statement(text))
    return int(found[1].replace(",", "")) or None if found else None


_MEASURE = re.compile(r"약? ?(\d{1,3}(?:,\d{3})+|\d{1,7})(\.\d{1,6})? ?(?:km|㎞|㎡|m²|평)?", re.ASCII | re.IGNORECASE)


def number(text: str) -> float | None:
    """The measure, as in 63.68km, 약 100km or 95.88; None for 0."""
    found = _MEASURE.fullmatch(_statement(text))
    return float(found[1].replace(",", "") + (found[2] or "")) or None if found else None


_FREE = re.compile(r"(?:(?:축제 ?)?입장료 ?|관람료 ?|이용료 ?|요금 ?)?무료(?: ?입장)?")
_PRICE = re.compile(rf"[ (:]*(?:(?:유료|입장료|관람료|이용료|참가비|1인당?|인당)[ (:]*)*{_AMOUNT} ?원[ )]*", re.ASCII)


def won(text: str) -> int | None:
    """The price, as in 60,000원, 유료 (1인 35,000원) or 무료 (0); None if another price applies to anyone or anything."""
    line = _statement(text)
    if _FREE.fullmatch(line):
        return 0
    found = _PRICE.fullmatch(line)
    return int(found[1].replace(",", "")) if found else None


_HREF = re.compile(r"href\s{0,9}=\s{0,9}(?:\"([^\"<>]*)|'([^'<>]*))", re.IGNORECASE)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z][a-z0-9-]{1,30}"
_KOREAN_HOST = r"(?:[a-z0-9가-힣][a-z0-9가-힣-]{0,62}\.){1,8}[a-z]{2,30}"
_PATH = r"(?::\d{1,5})?(?:[/?#][^\s<>\"'\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]*)?"
_WITH_SCHEME = re.compile(rf"(https?):/{{1,9}}((?:{_HOST}|{_KOREAN_HOST}){_PATH})", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\b[^<>]*>|</a\b\s*>?", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(rf"(?<![@\w./-])(?:{_HOST}){_PATH}", re.IGNORECASE)
_LONGEST_WEB_TEXT = 4000


def url(text: str) -> str | None:
    """The first web address: that of a link, else one with a scheme, else a bare host, which gets http.

    Labels often follow an address without a space, so the address ends where Korean text begins, except in the host
    name.
    """
    if len(text) > _LONGEST_WEB_TEXT:
        return None
    text = unescaped(text)
    targets = ["".join((link[1] or link[2] or "").split()) for link in _HREF.finditer(text)]
    for candidate in (*targets, text):
        if found := _WITH_SCHEME.search(candidate):
            return f"{found[1].lower()}://{found[2]}"
    found = _WITHOUT_SCHEME.search(_ANCHOR.sub(" ", text))
    return f"http://{found[0]}" if found else None


def image_url(text: str) -> str | None:
    """An address with https: the image host serves both schemes."""
    scheme, separator, rest = text.partition("://")
    return f"https://{''.join(rest.split())}" if separator and rest and scheme.lower() in ("http", "https") else None


def _listed(read: Callable[[str], str | None]) -> Callable[..., str | None]:
    def read_all(*texts: str) -> str | None:
        values = [read(text) for text in texts]
        return orjson.dumps(values).decode() if any(values) else None

    return read_all


class Reader(NamedTuple):
    """The parser for columns of one kind, and their pandas type."""

    read: Callable[..., object]
    dtype: str


READERS: Mapping[Kind, Reader] = MappingProxyType(
    {
        Kind.TEXT: Reader(plain_text, "object"),
        Kind.CONTACT: Reader(contact, "object"),
        Kind.PHONE: Reader(phone, "object"),
        Kind.CHOICE: Reader(choice, "object"),
        Kind.FLAG: Reader(flag, "boolean"),
        Kind.ALL_YEAR: Reader(all_year, "boolean"),
        Kind.DATE: Reader(day, "object"),
        Kind.PERIOD_START: Reader(lambda start, end: period(start, end).start, "object"),
        Kind.PERIOD_END: Reader(lambda start, end: period(start, end).end, "object"),
        Kind.PERIOD_PROBLEM: Reader(lambda start, end: period(start, end).problem, "object"),
        Kind.TIME_OF_DAY: Reader(time_of_day, "object"),
        Kind.OPENS_AT: Reader(lambda text: hours(text).opens, "object"),
        Kind.CLOSES_AT: Reader(lambda text: hours(text).closes, "object"),
        Kind.MINUTES: Reader(minutes, "Int32"),
        Kind.INTEGER: Reader(integer, "Int32"),
        Kind.NUMBER: Reader(number, "float64"),
        Kind.WON: Reader(won, "Int32"),
        Kind.URL: Reader(url, "object"),
        Kind.IMAGE_URL: Reader(image_url, "object"),
        Kind.IMAGE_URLS: Reader(_listed(image_url), "object"),
        Kind.TEXTS: Reader(_listed(plain_text), "object"),
    }
)
