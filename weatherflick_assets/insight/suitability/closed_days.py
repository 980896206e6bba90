"""On which days a place is closed, from the text that says so (쉬는날), as far as it says so.

A weekday, days in a row (월요일~수요일), 설·추석, 공휴일 and 1월 1일 are understood. Whether a text says anything else as well decides
whether a place is known to be open on all other days. What is not understood (매월 둘째 화요일, 점포별 상이) is not guessed.
"""

import re
from dataclasses import dataclass

_WEEKDAYS = "월화수목금토일"
_DAY = rf"([{_WEEKDAYS}])요일"
_ROW = re.compile(rf"{_DAY} ?[~∼\-–] ?{_DAY}")
_ONE = re.compile(_DAY)
_WEEKEND = re.compile(r"주말")
_ALL_YEAR = re.compile(r"연중 ?무휴|없음")
_HOLIDAYS = {
    "seollal": re.compile(r"설날|설 ?(?=[·,/ ]|당일|연휴|$)|명절"),
    "chuseok": re.compile(r"추석|명절"),
    "new_year": re.compile(r"(?<!\d)1월 ?1일|신정"),
    "public": re.compile(r"(?<!비)공휴일|국경일"),
}
_EXCEPTION = re.compile(r"\([^()]*(?:공휴일|휴일|명절|국경일)[^()]*(?:경우|때|이면)[^()]*\)")
_NOTE = re.compile(r"※.*|\([^()]*\)", re.DOTALL)
_SOMETIMES = re.compile(
    r"매[월달]|월 ?\d ?회|격주|첫|둘째|셋째|넷째|다섯|마지막|\d ?주|부정기|비정기|상이|다름|마다|제외|\["
)
_LEFT_OVER = re.compile(
    r"매주|정기 ?휴[무관일]*|휴[무관일]*|당일|전날|다음 ?날|연휴|전일|익일|임시|대체|법정|및|와|과|매년|\d일|[\s·,/.():~\-]+"
)

EVERY_DAY = 0b1111111


@dataclass(frozen=True)
class ClosedDays:
    """What a text says.

    Attributes:
        weekdays: a bit for each weekday on which it is closed, 1 for Monday, 2 for Tuesday, … 64 for Sunday.
        holidays: of seollal, chuseok, new_year and public those on which it is closed.
        shifts: whether a holiday on such a weekday moves the day of rest.
        is_whole: whether the text says nothing else, so that the place is open on all other days.
    """

    weekdays: int = 0
    holidays: tuple[str, ...] = ()
    shifts: bool = False
    is_whole: bool = False


def closed_days(text: str | None) -> ClosedDays:
    """What the text says; nothing, if there is none or it says that it depends."""
    if not text or len(text) > 300:
        return ClosedDays()
    shifts = _EXCEPTION.search(text) is not None
    said = _NOTE.sub(" ", text)
    if _SOMETIMES.search(said):
        return ClosedDays()
    has_note = _NOTE.search(_EXCEPTION.sub(" ", text)) is not None
    weekdays, rest = 0, said
    for first, last in _ROW.findall(said):
        start, end = _WEEKDAYS.index(first), _WEEKDAYS.index(last)
        for step in range((end - start) % 7 + 1):
            weekdays |= 1 << (start + step) % 7
    rest = _ROW.sub(" ", rest)
    for day in _ONE.findall(rest):
        weekdays |= 1 << _WEEKDAYS.index(day)
    if _WEEKEND.search(rest):
        weekdays |= 0b1100000
    holidays = tuple(name for name, pattern in _HOLIDAYS.items() if pattern.search(rest))
    is_all_year = _ALL_YEAR.search(rest) is not None
    for pattern in (_ONE, _WEEKEND, _ALL_YEAR, *_HOLIDAYS.values(), _LEFT_OVER):
        rest = pattern.sub("", rest)
    is_said = bool(weekdays or holidays or is_all_year)
    return ClosedDays(weekdays, holidays, shifts, is_said and not rest and not has_note)
