"""From the items of the code operations to rows of `core.codes`. Pure.

Where the upstream gives a tree as one list of its leaves, the upper levels are derived from the leaves. A district's
code is the five-digit legal-dong code. A former district's code is its area's code and its own (`1-23`), because its
own code is ambiguous.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from weatherflick_assets.places.content_types import content_type_id_of_class
from weatherflick_assets.places.transform.columns import text_columns, text_series

Items = Sequence[Mapping[str, object]]
ResponseIds = Sequence[int]

CODE_COLUMNS = ("code_space", "code", "name", "parent_code", "level", "content_type_id", "source_response_id")
"""Columns of the rows. A blank name or code is missing."""

_CLASS_LEVELS = (1, 2, 3)


def classes(items: Items, response_ids: ResponseIds) -> pd.DataFrame:
    """Divisions, groups and classes from lclsSystmCode2 with lclsSystmListYn=Y: code space `class`."""
    texts = _texts(items, [f"lclsSystm{level}{end}" for level in _CLASS_LEVELS for end in ("Cd", "Nm")])
    levels = [
        _rows(
            "class",
            level,
            texts[f"lclsSystm{level}Cd"],
            texts[f"lclsSystm{level}Nm"],
            response_ids,
            parents=texts[f"lclsSystm{level - 1}Cd"] if level > 1 else None,
        )
        for level in _CLASS_LEVELS
    ]
    rows = joined(levels)
    rows["content_type_id"] = [code and content_type_id_of_class(code) for code in rows["code"]]
    return rows


def legal_districts(items: Items, response_ids: ResponseIds) -> pd.DataFrame:
    """Regions and their districts from ldongCode2 with lDongListYn=Y: code spaces `region` and `sigungu`."""
    texts = _texts(items, ("lDongRegnCd", "lDongRegnNm", "lDongSignguCd", "lDongSignguNm"))
    regions, districts = texts["lDongRegnCd"], texts["lDongSignguCd"]
    # Sejong's only code already has five digits.
    full = [
        region[:2] + district[-3:] if region and district else None
        for region, district in zip(regions, districts, strict=True)
    ]
    return joined(
        [
            _rows("region", 1, regions, texts["lDongRegnNm"], response_ids),
            _rows("sigungu", 2, full, texts["lDongSignguNm"], response_ids, parents=regions),
        ]
    )


def areas(items: Items, response_ids: ResponseIds, area_code: str | None = None) -> pd.DataFrame:
    """Former areas from areaCode2, or the former districts of one area: code space `area`."""
    texts = _texts(items, ("code", "name"))
    if area_code is None:
        return _rows("area", 1, texts["code"], texts["name"], response_ids)
    full = [code and f"{area_code}-{code}" for code in texts["code"]]
    return _rows("area", 2, full, texts["name"], response_ids, parents=[area_code] * len(items))


def categories(items: Items, response_ids: ResponseIds, level: int, parent_code: str | None = None) -> pd.DataFrame:
    """Former categories from categoryCode2, of one level under one parent: code space `category`."""
    texts = _texts(items, ("code", "name"))
    return _rows("category", level, texts["code"], texts["name"], response_ids, parents=[parent_code] * len(items))


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The distinct rows of several answers."""
    return _once(pd.concat(parts, ignore_index=True))


def rejections(rows: pd.DataFrame) -> Mapping[str, int]:
    """How many rows can't be published, by reason."""
    codes, names = (rows[name].isna() for name in ("code", "name"))
    counted = {"code_missing": int(codes.sum()), "name_missing": int((names & ~codes).sum())}
    return {reason: count for reason, count in counted.items() if count}


def _texts(items: Items, fields: Sequence[str]) -> dict[str, list[str | None]]:
    columns = text_columns(items, fields)
    return {name: [text or None for text in columns[name]] for name in fields}


def _rows(
    code_space: str,
    level: int,
    codes: Sequence[str | None],
    names: Sequence[str | None],
    response_ids: ResponseIds,
    parents: Sequence[str | None] | None = None,
) -> pd.DataFrame:
    count = len(codes)
    rows = pd.DataFrame(
        {
            "code_space": text_series([code_space] * count),
            "code": text_series(codes),
            "name": text_series(names),
            "parent_code": text_series(parents or [None] * count),
            "level": pd.Series([level] * count, dtype="int16"),
            "content_type_id": text_series([None] * count),
            "source_response_id": pd.Series(list(response_ids), dtype="int64"),
        }
    )
    return _once(rows)


def _once(rows: pd.DataFrame) -> pd.DataFrame:
    """The distinct rows. A code with two names stays twice, so that the suite can find it."""
    return rows.drop_duplicates(["code_space", "code", "name", "parent_code"], keep="last", ignore_index=True)
