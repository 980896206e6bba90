r"""Texts in the style of real details, with gaps that are filled with words drawn for the place.

Here: parsing the forms of the CSV files, and the words for their gaps.

Forms are separated by `|`; `20*가능` counts twenty times. A gap names a kind of word, with a number if a form has several
of a kind: `{fee}`, `{fee2}`. `\n` is a newline.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.draws import Draws

_CRAFTS = ("도자기", "한지", "천연염색", "목공예", "가죽", "매듭", "민화", "향초", "비누", "떡", "전통차", "솟대")
_DISHES = (
    "고기국수", "갈치조림", "전복죽", "아메리카노", "흑돼지", "고추짬뽕", "한우국밥", "칼국수", "비빔밥", "막국수", "순두부", "생선구이",
    "물회", "돈가스", "카페라테", "해물파전", "청국장", "삼계탕", "갈비탕", "꼬막무침", "보리밥", "만두전골",
)  # fmt: skip
_DIGITS = "0123456789"
_WEEKDAYS = "월화수목금토일"
_MINUTES = ("00", "00", "30")
_TELEPHONE_PREFIXES = {
    "11": "02", "26": "051", "27": "053", "28": "032", "30": "042", "31": "052", "36110": "044", "41": "031", "43": "043",
    "44": "041", "47": "054", "48": "055", "50": "064", "51": "033", "52": "063", "12": "061",
}  # fmt: skip

Row = Mapping[str, Any]
_Word = Callable[[Draws, str, Row], str]


def _between(least: int, most: int, *, step: int = 1, form: str = "{}") -> _Word:
    def word(draws: Draws, name: str, _row: Row) -> str:
        return form.format(least + step * draws.number(name, (most - least) // step + 1))

    return word


def _one_of(words: tuple[str, ...] | str) -> _Word:
    """A word of a list. Gaps with different numbers in one text get different words."""

    def word(draws: Draws, name: str, _row: Row) -> str:
        kind = name.rstrip(_DIGITS)
        return draws.pick(kind, words, shift=int(name[len(kind) :] or 0))

    return word


def _telephone(draws: Draws, name: str, row: Row) -> str:
    prefix = _TELEPHONE_PREFIXES.get(str(row["lDongRegnCd"]), "070")
    return f"{prefix}-{200 + draws.number(name, 800)}-{draws.number(f'{name}:line', 10_000):04}"


def _clock(least: int, most: int) -> _Word:
    def word(draws: Draws, name: str, _row: Row) -> str:
        hour = least + draws.number(name, most - least + 1)
        return f"{hour:02}:{draws.pick(f'{name}:minutes', _MINUTES)}"

    return word


def _before_close(draws: Draws, name: str, row: Row) -> str:
    hour, _, minutes = _clock(17, 22)(draws, name.replace("before_close", "close"), row).partition(":")
    return f"{int(hour) - 1:02}:{minutes}"


def _region(_draws: Draws, _name: str, row: Row) -> str:
    return next((known.name for known in tables.regions() if known.code == row["lDongRegnCd"]), "전국")


def _district(draws: Draws, name: str, row: Row) -> str:
    codes = row["lDongRegnCd"], row["lDongSignguCd"]
    named = (known.name for known in tables.sigungu() if (known.region_code, known.code) == codes)
    return next(named, None) or _region(draws, name, row)


def _page_number(draws: Draws, _name: str, _row: Row) -> str:
    return str(draws.number("page", 100_000))  # the same in all texts of the place


def _topic(_draws: Draws, _name: str, row: Row) -> str:
    """The topic particle of the title: 은 after a consonant, otherwise 는."""
    last = str(row["title"])[-1:]
    return "은" if "가" <= last <= "힣" and (ord(last) - ord("가")) % 28 else "는"


_WORDS: dict[str, _Word] = {
    "title": lambda _draws, _name, row: str(row["title"]),
    "particle": _topic,
    "region": _region,
    "district": _district,
    "telephone": _telephone,
    "page_number": _page_number,
    "page": lambda draws, name, row: f"https://www.example.kr/{_page_number(draws, name, row)}",
    "open": _clock(7, 11),
    "close": _clock(17, 22),
    "before_close": _before_close,
    "weekday": _one_of(_WEEKDAYS),
    "craft": _one_of(_CRAFTS),
    "dish": _one_of(_DISHES),
    "year": _between(1955, 2024),
    "month": _between(1, 12),
    "day": _between(1, 28),
    "two_month": _between(1, 12, form="{:02}"),
    "two_day": _between(1, 28, form="{:02}"),
    "n": _between(1, 9),
    "tens": _between(10, 95, step=5),
    "hundreds": _between(100, 950, step=50),
    "thousands": _between(1000, 9900, step=100, form="{:,}"),
    "two": _between(10, 99),
    "three": _between(100, 999),
    "four": _between(1000, 9999),
    "small_fee": _between(500, 5000, step=500, form="{:,}"),
    "fee": _between(6000, 30_000, step=1000, form="{:,}"),
    "license": _between(19_800_627_000, 20_240_627_999, step=1009),
}


class _Gaps(Mapping[str, str]):
    """The words of one text, drawn on demand."""

    def __init__(self, draws: Draws, text: str, row: Row) -> None:
        self._draws, self._text, self._row = draws, text, row

    def __getitem__(self, gap: str) -> str:
        return _WORDS[gap.rstrip(_DIGITS)](self._draws, f"{self._text}:{gap}", self._row)

    def __iter__(self) -> Iterator[str]:
        return iter(_WORDS)

    def __len__(self) -> int:
        return len(_WORDS)


@cache
def _forms(written: str) -> tuple[str, ...]:
    forms: list[str] = []
    for part in written.split("|"):
        weight, star, form = part.partition("*")
        forms += [form.replace("\\n", "\n")] * int(weight) if star else [part.replace("\\n", "\n")]
    return tuple(forms)


def phrase(draws: Draws, name: str, forms: str, row: Row, shift: int = 0) -> str:
    """One of `forms` with its gaps filled, drawn as `name` for the place with the list row `row`.

    The next `shift` gives the next form.
    """
    return draws.pick(name, _forms(forms), shift).format_map(_Gaps(draws, name, row))
