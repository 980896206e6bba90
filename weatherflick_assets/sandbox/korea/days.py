"""The changes of one day in a catalogue.

Here: the kinds of changes, each with the places it can affect and the values it sets, and a whole day of them.

A place changes at most once a day, in office hours. The moment becomes its `modifiedtime`, unless it vanishes. A place
that an editor touches (every kind except hiding and re-keying) loses its legacy codes, as upstream does since February
2026. Contentids are never reused. Any catalogue works; new places are always invented, and a hidden row returns only if
its codes are known.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.catalogue import BLANK, CODES, KEPT_CODES, REVISION, SHOWN, Catalogue
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.country import draw_columns, written_times
from weatherflick_assets.sandbox.korea.festivals import draw_events, is_date, next_edition
from weatherflick_assets.sandbox.korea.frame import draw_elsewhere, draw_newcomers
from weatherflick_assets.sandbox.korea.histories import Histories
from weatherflick_assets.sandbox.korea.locations import draw_locations

Values = dict[str, Any]
Changes = Mapping[str, list[str]]
"""Contentids by kind of change; `rekeyed_from` has the former ones of `rekeyed`, in the same order."""

_WITHOUT_LEGACY_CODES = dict.fromkeys(("areacode", "sigungucode", "cat1", "cat2", "cat3"), BLANK)
_ADDRESSED = tuple(kind for kind in tables.CONTENT_TYPES if kind != "25")
_SUFFIXES = ("본점", "별관", "신관", "마을")
_REWRITTEN_ONLY = 0.5
_OPENS_S, _OFFICE_HOURS_S = 9 * 3600, 9 * 3600


@dataclass(frozen=True)
class Today:
    """A day in Korea on which places change: the catalogue in the morning, and contentids that no place ever had."""

    date: date
    places: Catalogue
    random: np.random.Generator
    unused: Iterator[str]

    def moments(self, count: int) -> NDArray[np.datetime64]:
        """`count` moments in office hours, in ascending order."""
        seconds = np.sort(self.random.integers(_OPENS_S, _OPENS_S + _OFFICE_HOURS_S, count))
        return np.datetime64(self.date, "s") + seconds.astype("timedelta64[s]")


@dataclass(frozen=True)
class _Kind:
    """A kind of change: the rows it can affect, and the values it sets in one."""

    among: Callable[[Today], NDArray[np.bool_]]
    values: Callable[[Today, Values], Values]


def _edited(values: Callable[[Today, Values], Values]) -> Callable[[Today, Values], Values]:
    return lambda today, row: {**values(today, row), **_WITHOUT_LEGACY_CODES}


def _shown(today: Today) -> NDArray[np.bool_]:
    return today.places.shown


def _returnable(today: Today) -> NDArray[np.bool_]:
    places = today.places
    return ~places.shown & ~places.equal(KEPT_CODES, BLANK) & ~places.equal("contenttypeid", "15")


def _movable(today: Today) -> NDArray[np.bool_]:
    places = today.places
    addressed = np.logical_or.reduce([places.equal("contenttypeid", kind) for kind in _ADDRESSED])
    return places.shown & addressed & ~places.equal("lDongRegnCd", BLANK)


def _ended(today: Today) -> NDArray[np.bool_]:
    places = today.places
    ends = places.times("eventenddate", digits=8)
    over = places.shown & places.equal("contenttypeid", "15") & (ends > 0) & (ends < int(f"{today.date:%Y%m%d}"))
    dates = [places.column(name) for name in ("eventstartdate", "eventenddate")]
    for position in np.flatnonzero(over).tolist():
        over[position] = all(is_date(str(column[position])) for column in dates)
    return over


def _under_first_key(today: Today) -> NDArray[np.bool_]:
    return today.places.shown & today.places.equal("oldContentid", BLANK)


def _changed(today: Today, row: Values) -> Values:
    if today.random.random() < _REWRITTEN_ONLY:
        return {REVISION: (row[REVISION] or 0) + 1}
    edits = (_with_telephone, _with_image, _retitled)
    return edits[int(today.random.integers(len(edits)))](today, row)


def _with_telephone(today: Today, _row: Values) -> Values:
    number = int(next(today.unused))  # unique, so that the number really changes
    return {"tel": f"070-{7000 + number // 10_000 % 1000}-{number % 10_000:04}"}


def _with_image(today: Today, _row: Values) -> Values:
    number = int(next(today.unused))  # upstream numbers images and places in one sequence
    start = f"https://tong.visitkorea.or.kr/cms/resource/{number % 100:02}/{number}"
    return {"firstimage": f"{start}_image2_1.jpg", "firstimage2": f"{start}_image3_1.jpg", "cpyrhtDivCd": "Type3"}


def _retitled(today: Today, row: Values) -> Values:
    title, suffix = str(row["title"]), f" {_SUFFIXES[int(today.random.integers(len(_SUFFIXES)))]}"
    return {"title": title.removesuffix(suffix) if title.endswith(suffix) else title + suffix}


def _hidden(_today: Today, row: Values) -> Values:
    return {**dict.fromkeys(CODES, BLANK), KEPT_CODES: tuple(row[code] for code in CODES), "showflag": "0"}


def _returned(_today: Today, row: Values) -> Values:
    return {**dict(zip(CODES, row[KEPT_CODES], strict=True)), KEPT_CODES: BLANK, "showflag": SHOWN}


def _moved(today: Today, row: Values) -> Values:
    frame = draw_elsewhere(today.random, str(row["contenttypeid"]), str(row["lDongRegnCd"]))
    location = draw_locations(today.random, frame, np.zeros(1, dtype=np.bool_))
    district = tables.sigungu()[int(frame.sigungu[0])]
    return {
        "lDongRegnCd": district.region_code,
        "lDongSignguCd": district.code,
        "addr1": location.address[0],
        "addr2": location.detail[0],
        "zipcode": location.zipcode[0],
        "mapx": location.longitude[0],
        "mapy": location.latitude[0],
    }


def _rekeyed(today: Today, row: Values) -> Values:
    return {"contentid": next(today.unused), "oldContentid": row["contentid"]}


def _next_edition(today: Today, row: Values) -> Values:
    former, title = str(row["eventstartdate"]), str(row["title"])
    start, end = next_edition(former, str(row["eventenddate"]), today.date)
    return {
        "eventstartdate": start,
        "eventenddate": end,
        "title": start[:4] + title.removeprefix(former[:4]) if title.startswith(former[:4]) else title,
        REVISION: (row[REVISION] or 0) + 1,
    }


_KINDS: dict[str, _Kind] = {
    "changed": _Kind(_shown, _edited(_changed)),
    "hidden": _Kind(_shown, _hidden),
    "vanished": _Kind(_shown, lambda _today, _row: {}),
    "returned": _Kind(_returnable, _edited(_returned)),
    "moved": _Kind(_movable, _edited(_moved)),
    "rekeyed": _Kind(_under_first_key, _rekeyed),
    "ended": _Kind(_ended, _hidden),
    "editions": _Kind(_ended, _edited(_next_edition)),
}

DAILY_CHANGES = {
    "new": 40,
    "changed": 200,
    "hidden": 20,
    "vanished": 5,
    "returned": 5,
    "moved": 5,
    "rekeyed": 2,
    "ended": 2,
    "editions": 4,
}
"""The number of changes of each kind per day in a country of full size."""


def catalogue_after(today: Today, counts: Mapping[str, int]) -> tuple[Catalogue, Changes]:
    """The catalogue in the evening, and the changes made: `counts` of each kind, or fewer if too few places qualify."""
    columns = _columns(today.places)
    identifiers = columns["contentid"]
    changes: dict[str, list[str]] = {"new": []}
    gone: list[int] = []
    # A place modified since midnight is not changed again, so that `modifiedtime` never goes back.
    free = today.places.times("modifiedtime") < int(f"{today.date:%Y%m%d}000000")
    for name, kind in _KINDS.items():
        candidates = np.flatnonzero(free & kind.among(today))
        wanted = min(counts.get(name, 0), len(candidates))
        chosen: list[int] = np.sort(today.random.choice(candidates, wanted, replace=False)).tolist()
        free[chosen] = False
        former = [str(identifiers[position]) for position in chosen]
        for position, time in zip(chosen, written_times(today.moments(wanted)), strict=True):
            row = {column: values[position] for column, values in columns.items()}
            for column, value in {"modifiedtime": time, **kind.values(today, row)}.items():
                columns[column][position] = value
        changes[name] = [str(identifiers[position]) for position in chosen]
        if name == "rekeyed":
            changes["rekeyed_from"] = former
        elif name == "vanished":
            gone = chosen
    for values in columns.values():
        for position in reversed(gone):
            del values[position]
    newcomers = _newcomers(today, counts.get("new", 0))
    changes["new"] = newcomers["contentid"]
    for name in newcomers:
        columns.setdefault(name, [BLANK] * len(identifiers))
    for name, values in columns.items():
        values.extend(newcomers.get(name, [BLANK] * len(changes["new"])))
    return Catalogue(columns, source=today.places.source), changes


def _columns(places: Catalogue) -> dict[str, list[Any]]:
    """Mutable copies of a catalogue's columns and of all others that a change may touch."""
    touched = ("contentid", "oldContentid", "showflag", "title", "tel", "modifiedtime", KEPT_CODES, REVISION, *CODES)
    located = ("contenttypeid", "addr1", "addr2", "zipcode", "mapx", "mapy")
    media = ("firstimage", "firstimage2", "cpyrhtDivCd", "eventstartdate", "eventenddate")
    names = dict.fromkeys((*places.columns, *touched, *located, *media, *_WITHOUT_LEGACY_CODES))
    return {name: list(places.column(name)) for name in names}


def _newcomers(today: Today, count: int) -> dict[str, list[Any]]:
    """The columns of places that are added today."""
    if not count:
        return {"contentid": []}
    frame = draw_newcomers(today.random, count)
    times = today.moments(count)
    histories = Histories(
        identifier=np.array([int(next(today.unused)) for _ in range(count)]),
        created=times,
        modified=times,
        legacy=np.zeros(count, dtype=np.bool_),
    )
    return {**draw_columns(today.random, frame, histories), **draw_events(today.random, frame, times)}
