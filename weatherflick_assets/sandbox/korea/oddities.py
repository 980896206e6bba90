"""Errors of real rows, reproduced in synthetic ones at the measured rates.

Here: each oddity with its count in a country of 50,700 shown places; every scale has at least one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.frame import Frame

Columns = dict[str, list[str]]
Change = Callable[[Columns, int, int], None]

_ADDRESSED = ("12", "14", "15", "28", "32", "38", "39")


@dataclass(frozen=True)
class Oddity:
    """A change to some shown rows: the count at scale 1, the region, the types, and the change itself.

    `change` gets the columns, the row to change, and a running number.
    """

    count: int
    change: Change
    region: str = ""
    content_types: tuple[str, ...] = _ADDRESSED


def _set(**values: str) -> Change:
    def change(columns: Columns, row: int, _number: int) -> None:
        for name, value in values.items():
            columns[name][row] = value

    return change


def _lose_digit(columns: Columns, row: int, _number: int) -> None:
    longitude = columns["mapx"][row]
    columns["mapx"][row] = longitude[:2] + longitude[3:]  # 126.797 becomes 12.797, which is also well-formed


def _odd_zipcode(columns: Columns, row: int, number: int) -> None:
    zipcode = columns["zipcode"][row]
    old = f"{zipcode[:3]}{number * 37 % 1000:03}"  # six digits, as before 2015
    forms = (old, f"{old[:3]}-{old[3:]},1", old, f"{old[:3]}-{old[3:]},1", f"우편번호{zipcode}")
    columns["zipcode"][row] = forms[number % len(forms)]


def _former_region_name(columns: Columns, row: int, number: int) -> None:
    address = columns["addr1"][row]
    region = next(region for region in tables.regions() if address.startswith(region.name))
    former = region.former_names[number % len(region.former_names)]
    columns["addr1"][row] = former + address.removeprefix(region.name)


def _double_spaces(columns: Columns, row: int, number: int) -> None:
    address = columns["addr1"][row]
    columns["addr1"][row] = address.replace(" ", "  ", 2) if number % 8 == 0 else f"{address}  "


def _cedilla(columns: Columns, row: int, number: int) -> None:
    columns["addr1"][row] += f"¸ {number % 5 + 1}층"


_ODDITIES = (
    Oddity(53, _set(mapx="117.9925662504", mapy="19.6944274800")),
    Oddity(60, _set(mapx="0", mapy="0")),
    Oddity(2, _set(mapx="9.9997", mapy="9.9998")),
    Oddity(1, _set(mapx="46505448", mapy="0")),
    Oddity(2, _lose_digit),
    Oddity(4, _set(lDongRegnCd="", lDongSignguCd=""), region="52"),
    Oddity(8, _set(lDongSignguCd=""), region="11"),
    Oddity(180, _odd_zipcode),
    Oddity(200, _set(zipcode="")),
    Oddity(95, _former_region_name),
    Oddity(620, _double_spaces, region="12"),
    Oddity(40, _double_spaces),
    Oddity(25, _cedilla),
    Oddity(4, _set(addr1=""), content_types=("12",)),
)


def apply_oddities(random: np.random.Generator, frame: Frame, columns: Columns, scale: float) -> None:
    """Change rows in place. No row gets two oddities."""
    free = ~frame.hidden & (frame.location == np.arange(len(frame)))
    codes = [region.code for region in tables.regions()]
    for oddity in _ODDITIES:
        wanted = free & frame.of_type(*oddity.content_types)
        if oddity.region:
            wanted &= frame.region == codes.index(oddity.region)
        rows = _some(random, wanted, max(1, round(oddity.count * scale)))
        free[rows] = False
        for number, row in enumerate(rows.tolist()):
            oddity.change(columns, row, number)


def draw_doubles(random: np.random.Generator, frame: Frame, scale: float) -> list[tuple[int, int]]:
    """Pairs of shown rows that describe the same place, with one region and type: the second repeats the first."""
    settled = ~frame.hidden & frame.of_type(*_ADDRESSED) & (frame.location == np.arange(len(frame)))
    same = (np.diff(frame.region) == 0) & (np.diff(frame.content_type) == 0) & settled[:-1] & settled[1:]
    candidates = np.zeros(len(frame), dtype=np.bool_)
    candidates[:-1:2] = same[::2]  # every other row, so that pairs never overlap
    # A shopping centre must stay at the location of its shops.
    crowded = np.flatnonzero(np.bincount(frame.location, minlength=len(frame)) > 1)
    candidates[crowded] = False
    candidates[np.maximum(crowded - 1, 0)] = False
    return [(row, row + 1) for row in _some(random, candidates, max(1, round(20 * scale))).tolist()]


def _some(random: np.random.Generator, wanted: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(wanted)
    return random.choice(rows, size=min(count, len(rows)), replace=False)
