"""The public holidays of Korea by their rules, as the calendar of KASI lists them.

Here: the fixed days, a table of the days that follow the moon and of elections, and the rules of substitute days.

A substitute is the next day that is no holiday, Saturday or Sunday. 설날 and 추석 have one if a day of theirs is a Sunday
or another holiday; the days of `_SUBSTITUTED` if they are a Saturday, a Sunday or another holiday.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

FIRST_YEAR, LAST_YEAR = 2025, 2028

_SUNDAY = 6
_SEOLLAL, _CHUSEOK, _BUDDHA = "설날", "추석", "부처님오신날"
_FIXED = {
    (1, 1): "1월1일",
    (3, 1): "삼일절",
    (5, 1): "노동절",
    (5, 5): "어린이날",
    (6, 6): "현충일",
    (7, 17): "제헌절",
    (8, 15): "광복절",
    (10, 3): "개천절",
    (10, 9): "한글날",
    (12, 25): "기독탄신일",
}
_SINCE = {"노동절": 2026, "제헌절": 2026}
_BY_THE_MOON = {
    2025: {_SEOLLAL: date(2025, 1, 29), _BUDDHA: date(2025, 5, 5), _CHUSEOK: date(2025, 10, 6)},
    2026: {_SEOLLAL: date(2026, 2, 17), _BUDDHA: date(2026, 5, 24), _CHUSEOK: date(2026, 9, 25)},
    2027: {_SEOLLAL: date(2027, 2, 7), _BUDDHA: date(2027, 5, 13), _CHUSEOK: date(2027, 9, 15)},
    2028: {_SEOLLAL: date(2028, 1, 27), _BUDDHA: date(2028, 5, 2), _CHUSEOK: date(2028, 10, 3)},
}
_DECLARED = {
    date(2025, 1, 27): "임시공휴일",
    date(2025, 6, 3): "임시공휴일(제21대 대통령 선거)",
    date(2026, 6, 3): "전국동시지방선거",
    date(2028, 4, 12): "국회의원선거",
}
_SUBSTITUTED = frozenset(
    {"삼일절", "노동절", "어린이날", _BUDDHA, "제헌절", "광복절", "개천절", "한글날", "기독탄신일"}
)
_SECOND = frozenset({"노동절", "어린이날", "현충일"})
_NATIONAL = frozenset({"삼일절", "제헌절", "광복절", "개천절", "한글날"})


@dataclass(frozen=True)
class Holiday:
    """A public holiday."""

    day: date
    name: str

    @property
    def is_national(self) -> bool:
        """Whether it is one of the five national days."""
        return self.name in _NATIONAL

    @property
    def row(self) -> Mapping[str, str | int]:
        """Its row in an answer."""
        return {
            "dateKind": "01",
            "dateName": self.name,
            "isHoliday": "Y",
            "locdate": int(f"{self.day:%Y%m%d}"),
            "seq": 2 if self.name in _SECOND else 1,
        }


@cache
def holidays(year: int) -> tuple[Holiday, ...]:
    """The holidays of a year in order; none of a year that the table does not have."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    named = [Holiday(date(year, *day), name) for day, name in _FIXED.items() if year >= _SINCE.get(name, year)]
    for name, day in _BY_THE_MOON[year].items():
        around = (0,) if name == _BUDDHA else (-1, 0, 1)
        named += [Holiday(day + timedelta(days=step), name) for step in around]
    named += [Holiday(day, name) for day, name in _DECLARED.items() if day.year == year]
    named.sort(key=lambda holiday: holiday.day)
    taken = {holiday.day for holiday in named}
    substitutes = []
    for name in dict.fromkeys(holiday.name for holiday in named):
        own = [holiday.day for holiday in named if holiday.name == name]
        lost = [day for day in own if _is_lost(day, name, named)]
        if lost:
            day = _free_after(max(own), taken)
            taken.add(day)
            substitutes.append(Holiday(day, f"대체공휴일({name})"))
    return tuple(sorted((*named, *substitutes), key=lambda holiday: holiday.day))


def _is_lost(day: date, name: str, named: list[Holiday]) -> bool:
    """Whether a day of a holiday earns a substitute; of two on one day, the later in the list does."""
    earlier = [other for other in named if other.day == day]
    coincides = len(earlier) > 1 and earlier[-1].name == name
    if name in {_SEOLLAL, _CHUSEOK}:
        return coincides or day.weekday() == _SUNDAY
    return name in _SUBSTITUTED and (coincides or day.weekday() >= _SUNDAY - 1)


def _free_after(day: date, taken: set[date]) -> date:
    day += timedelta(days=1)
    while day in taken or day.weekday() >= _SUNDAY - 1:
        day += timedelta(days=1)
    return day
