"""The rule that gives every row of a KTO list its region: from its code, else its address, else its coordinates.

The facts behind it (codes, spellings, the map) are in `korea/`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.korea.geography import regions_of_points
from weatherflick_assets.korea.regions import (
    CURRENT_REGION_CODE_OF,
    REGIONS,
    UNASSIGNED,
    current_sigungu_code_of,
    sigungu_table,
)

REGION_FIELDS = ("lDongRegnCd", "lDongSignguCd", "addr1", "mapx", "mapy")
"""Fields of a list item that say where a place is."""


def resolve_regions(frame: pd.DataFrame) -> pd.DataFrame:
    """Find the region of each row of a KTO list.

    The rule: the row's lDongRegnCd, converted to the current code; else its address; else its coordinates; else
    `UNASSIGNED`. The sigungu is the row's own lDongSignguCd: as received if the region code is current, converted if it
    is a former one. If that gives none, it is taken from the address, provided that the address names the same region.
    Coordinates never give a sigungu. A row's result depends only on that row.

    Args:
        frame: as received, with the columns `REGION_FIELDS` as strings. "" and missing values mean nothing. A whole
            column may be missing.

    Returns:
        Objects with the same index: `region_code` (a current code or "unassigned"), `sigungu_code` (None when unknown)
        and `region_source` ("code", "former_code", "address", "coordinates" or "unassigned").
    """
    region_code, sigungu_code, region_source, complete = _places_of_codes(
        _received(frame, "lDongRegnCd"), _received(frame, "lDongSignguCd")
    )

    # Where KTO fills in its codes few rows are left. Only for these are addresses and coordinates worth parsing.
    left = np.flatnonzero(~complete)
    address_region, address_sigungu = _places_of_addresses(_received(frame, "addr1")[left])
    found = pd.isna(region_code[left]) & pd.notna(address_region)
    region_code[left[found]] = address_region[found]
    region_source[left[found]] = "address"
    agreeing = address_region == region_code[left]
    sigungu_code[left[agreeing]] = address_sigungu[agreeing]

    left = left[pd.isna(region_code[left])]
    region_code[left] = regions_of_points(
        _degrees(_received(frame, "mapx")[left]), _degrees(_received(frame, "mapy")[left])
    )
    region_source[left] = "coordinates"
    left = left[pd.isna(region_code[left])]
    region_code[left] = UNASSIGNED
    region_source[left] = "unassigned"

    columns = {"region_code": region_code, "sigungu_code": sigungu_code, "region_source": region_source}
    return pd.DataFrame(columns, index=frame.index, dtype=object)


def place_of_codes(region: str | None, sigungu: str | None) -> tuple[str | None, str | None, str | None]:
    """Return the current region code and sigungu code of received codes, and "code" or "former_code".

    All three are `None` if the region code is unknown, because a sigungu code means nothing without it.
    """
    region_code = None if region is None else CURRENT_REGION_CODE_OF.get(region)
    if region is None or region_code is None:
        return None, None, None
    if region_code == region:
        return region_code, sigungu or None, "code"
    return region_code, current_sigungu_code_of().get(f"{region}{sigungu}"), "former_code"


def place_of_address(address: str) -> tuple[str | None, str | None]:
    """Return the current region code and the sigungu code that an address names, each `None` if it names none.

    The address begins with a region in any of its spellings; the longest match wins. The sigungu follows, or begins the
    address itself (제주시 애월읍). Spaces between words may be missing. A region's two-letter name counts only as a separate
    word or before one of its sigungu: 광주시 is a city in 경기도, and 세종로 is a street in Seoul. A city divided into wards
    is ambiguous without the ward, so it gives no sigungu.
    """
    words = address.split(maxsplit=_WORDS_TO_A_WARD)[:_WORDS_TO_A_WARD]
    spelling = _SPELLINGS.match(words[0]) if words else None
    if spelling is None:
        return None, None
    region_code = _REGION_OF_SPELLING[spelling.group()]
    names = _sigungu_names(region_code)
    beginning = "".join(words)
    sigungu = names.pattern.match(beginning, spelling.end()) or names.pattern.match(beginning)
    is_glued = spelling.end() < len(words[0])
    if is_glued and len(spelling.group()) == _SHORT_NAME_LENGTH and sigungu is None:
        return None, None
    return region_code, names.only_code if sigungu is None else names.code_of[sigungu.group()]


def _places_of_codes(
    regions: NDArray[Any], sigungus: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[np.bool_]]:
    """Return region codes, sigungu codes, sources, and whether both codes are known; convert distinct pairs once."""
    region_positions, distinct_regions = pd.factorize(regions)
    sigungu_positions, distinct_sigungus = pd.factorize(sigungus)
    # Missing values have position -1. Shifted to 0, they come before the distinct values.
    region_of, sigungu_of = [None, *distinct_regions], [None, *distinct_sigungus]
    width = len(sigungu_of)
    positions, pairs = pd.factorize((region_positions + 1) * width + sigungu_positions + 1)
    places = [place_of_codes(region_of[pair // width], sigungu_of[pair % width]) for pair in pairs]
    complete = np.array([None not in place for place in places], dtype=np.bool_)[positions]
    columns = np.array(places, dtype=object).reshape(-1, 3).T
    return columns[0][positions], columns[1][positions], columns[2][positions], complete


def _places_of_addresses(addresses: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the region codes and the sigungu codes of addresses, parsing each distinct address once."""
    positions, distinct = pd.factorize(addresses)
    places = np.array([*map(place_of_address, distinct), (None, None)], dtype=object)[positions]
    return places[:, 0], places[:, 1]


def _longest_first(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))


_REGION_OF_SPELLING = {spelling: region.region_code for region in REGIONS for spelling in region.address_prefixes}
_SPELLINGS = _longest_first(_REGION_OF_SPELLING)
_SHORT_NAME_LENGTH = 2
_WORDS_TO_A_WARD = 3  # 전북특별자치도 전주시 완산구


@dataclass(frozen=True, slots=True)
class _SigunguNames:
    """The sigungu of one region, by name. A divided city has no code. A region with one sigungu has only that one."""

    pattern: re.Pattern[str]
    code_of: Mapping[str, str | None]
    only_code: str | None


@lru_cache(maxsize=len(REGIONS))
def _sigungu_names(region_code: str) -> _SigunguNames:
    codes = {row.name: row.sigungu_code for row in sigungu_table() if row.region_code == region_code}
    divided = {city for city in codes for ward in codes if ward != city and ward.startswith(city)}
    return _SigunguNames(
        pattern=_longest_first(codes),
        code_of={name: None if name in divided else code for name, code in codes.items()},
        only_code=next(iter(codes.values())) if len(codes) == 1 else None,
    )


def _received(frame: pd.DataFrame, column: str) -> NDArray[Any]:
    """Return a column as an array of objects; a missing column is empty in every row."""
    return frame[column].to_numpy(dtype=object) if column in frame else np.full(len(frame), None, dtype=object)


def _degrees(texts: NDArray[Any]) -> NDArray[np.float64]:
    """Return coordinates as numbers; text that is not a number becomes NaN."""
    return np.asarray(pd.to_numeric(texts, errors="coerce"), dtype=np.float64)
