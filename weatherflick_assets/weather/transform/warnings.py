"""The KMA's texts about warnings (기상특보): which are in force where, and what a bulletin announces. Pure.

A text in force (getPwnStatus, t6) has a line for each warning and lists zones in nested brackets, with zones left out:
`o 폭염주의보 : 전라남도(완도(여서도 제외), 무안북부)`. A preliminary text (t7) has the zones of a phenomenon by the part of a day in
which a warning is expected: `(1) 강풍 예비특보`, `o 06월 07일 아침 : 울릉도.독도`. A title (getWthrWrnList) says what happens to which
warnings: `[특보] 제08-65호 : 2026.08.21.16:10 / 호우경보 변경·호우주의보 발표 (*)`. Names of warnings and zones are not listed here,
since the KMA adds some every year.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from weatherflick_assets.settings import KST

LEVELS: Mapping[str, str] = MappingProxyType({"주의보": "advisory", "중대경보": "critical", "경보": "warning"})
"""Ends of a warning's name, longer ones before those that they end with."""

ACTIONS: Mapping[str, str] = MappingProxyType(
    {"발표": "raised", "변경": "changed", "해제": "lifted", "연장": "extended"}
)

_NOTHING = "없음"
# Some answers have spaces instead of line breaks.
_BREAK = re.compile(r"[\r\n]+|\s+(?=[oㅇ○]\s|\(\d+\)\s)")
_LINE = re.compile(r"\s*[oㅇ○]\s*(?P<name>[^:]+?)\s*:\s*(?P<zones>.+)", re.DOTALL)
_TITLE = re.compile(
    r"\s*\[특보\]\s*제(?P<number>[\d-]+)호\s*:\s*(?P<at>\d{4}\.\d{2}\.\d{2}\.\d{2}:\d{2})\s*/\s*(?P<said>.+?)\s*(?:\(\*\))?\s*"
)
_EXCLUDED = "제외"
_EXPECTED = re.compile(r"\s*\(\d+\)\s*(?P<phenomenon>\S+)\s*예비특보\s*")
_PART_OF_DAY = re.compile(
    r"(?P<month>\d{1,2})월\s*(?P<day>\d{1,2})일\s*(?P<part>[가-힣]+)?.*?(?:\((?P<hour>\d{1,2})시?\s*~.*)?"
)

FIRST_HOURS: Mapping[str, int] = MappingProxyType(
    {"새벽": 0, "아침": 6, "오전": 6, "낮": 9, "오후": 12, "저녁": 18, "밤": 18}
)
"""The hours at which the parts of a day begin in forecasts (기상청 예보용어)."""


class UnreadableWarningError(ValueError):
    """A text that is in none of the known forms."""


@dataclass(frozen=True)
class Zone:
    """A zone as a warning names it.

    Attributes:
        path: its name after those of the larger zones that it is part of, e.g. 전라남도, 완도.
        without: names of the parts that are left out.
    """

    path: tuple[str, ...]
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class InForce:
    """A warning in force: the phenomenon (폭염), the level, and the zones that it holds for."""

    phenomenon: str
    level: str
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class Expected:
    """A warning to be expected: the phenomenon, from when on (None if that can't be read), and the zones."""

    phenomenon: str
    expected_at: datetime | None
    zones: tuple[Zone, ...]


@dataclass(frozen=True)
class Announced:
    """What a bulletin does to a warning."""

    phenomenon: str
    level: str
    action: str


@dataclass(frozen=True)
class Bulletin:
    """A bulletin's number within its month, when it was announced, and what it announces."""

    number: str
    announced_at: datetime
    announced: tuple[Announced, ...]


def in_force(text: str) -> tuple[list[InForce], list[str]]:
    """The warnings of a text in force, and the lines that can't be read. A line that can't be read costs itself alone."""
    found, unreadable = [], []
    for line in _lines(text):
        try:
            found.append(_line(line))
        except UnreadableWarningError:
            unreadable.append(line)
    return found, unreadable


def expected(text: str, announced_at: datetime) -> tuple[list[Expected], list[str]]:
    """The warnings of a preliminary text, and the lines that can't be read.

    Args:
        text: t7.
        announced_at: when it was announced; the text has no years.
    """
    found, unreadable, phenomenon = [], [], None
    for line in _lines(text):
        if heading := _EXPECTED.fullmatch(line):
            phenomenon = heading["phenomenon"]
            continue
        try:
            found.append(_expected_line(line, phenomenon, announced_at))
        except UnreadableWarningError:
            unreadable.append(line)
    return found, unreadable


def bulletin(title: str) -> Bulletin:
    """What a title says.

    Raises:
        UnreadableWarningError: it is in no known form, or names an action that is not known.
    """
    read = _TITLE.fullmatch(title)
    if read is None:
        raise UnreadableWarningError(title)
    try:
        at = datetime.strptime(read["at"], "%Y.%m.%d.%H:%M").replace(tzinfo=KST)
    except ValueError:
        raise UnreadableWarningError(title) from None
    announced: list[Announced] = []
    for part in read["said"].split("·"):
        name, _, action = part.strip().rpartition(" ")
        if not name or action not in ACTIONS:
            raise UnreadableWarningError(title)
        # Several warnings may share an action: 강풍주의보, 풍랑주의보 발표.
        announced += [Announced(*warning(one.strip()), ACTIONS[action]) for one in re.split(r"[,、]", name)]
    return Bulletin(read["number"], at, tuple(announced))


def warning(name: str) -> tuple[str, str]:
    """Phenomenon and level of a warning: 폭염중대경보 is 폭염 and critical.

    Raises:
        UnreadableWarningError: the name ends in no known level.
    """
    for end, level in LEVELS.items():
        if name.endswith(end) and name != end:
            return name.removesuffix(end), level
    raise UnreadableWarningError(name)


def _lines(text: str) -> Iterator[str]:
    """The lines that say something."""
    for line in filter(None, map(str.strip, _BREAK.split(text))):
        if "".join(line.split()).lstrip("oㅇ○") != _NOTHING:
            yield line


def _expected_line(line: str, phenomenon: str | None, announced_at: datetime) -> Expected:
    read = _LINE.fullmatch(line)
    if read is None or phenomenon is None:
        raise UnreadableWarningError(line)
    return Expected(phenomenon, _begins(read["name"], announced_at), tuple(_zones(read["zones"])))


def _begins(part_of_day: str, announced_at: datetime) -> datetime | None:
    """When a part of a day begins, such as `03월 25일 오후(12시~18시)`."""
    read = _PART_OF_DAY.fullmatch(part_of_day)
    if read is None:
        return None
    hour = int(read["hour"]) if read["hour"] else FIRST_HOURS.get(read["part"] or "새벽")
    if hour is None:
        return None
    year = announced_at.year + (int(read["month"]) < announced_at.month)  # in December of January
    try:
        day = datetime(year, int(read["month"]), int(read["day"]), tzinfo=KST)
    except ValueError:
        return None
    return day + timedelta(hours=hour)


def _line(line: str) -> InForce:
    read = _LINE.fullmatch(line)
    if read is None:
        raise UnreadableWarningError(line)
    return InForce(*warning(read["name"]), tuple(_zones(read["zones"])))


def _zones(text: str, above: tuple[str, ...] = ()) -> Iterator[Zone]:
    """The zones of a list, those in brackets instead of the zone before the bracket, unless they are only exclusions."""
    for name, inside in _parts(text):
        path = (*above, name)
        parts = [part for part, _ in _parts(inside)] if inside else []
        if parts and not any(part.endswith(_EXCLUDED) for part in parts):
            yield from _zones(inside, path)
        else:
            # 제주도(제주도산지, 추자도 제외) leaves out all that is listed up to the last word.
            yield Zone(path, tuple(part.removesuffix(_EXCLUDED).strip() for part in parts))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The names of a list, each with what is in the brackets after it.

    Raises:
        UnreadableWarningError: brackets don't match, or a name is missing.
    """
    for part in _split(text):
        name, bracket, inside = map(str.strip, part.partition("("))
        if not name or (bracket and not inside.endswith(")")):
            raise UnreadableWarningError(text)
        yield name, inside.removesuffix(")")


def _split(text: str) -> Iterator[str]:
    """Split a list at the commas that are in no brackets."""
    depth = start = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise UnreadableWarningError(text)
        if depth == 0 and character == ",":
            yield text[start:position]
            start = position + 1
    if depth:
        raise UnreadableWarningError(text)
    yield text[start:]
