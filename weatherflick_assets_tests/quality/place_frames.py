"""Batches for the tests of judging: a good one, and one way to break it for every rule of the place suites."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from weatherflick_assets.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.settings import KST

JUDGED_AT = pd.Timestamp("2026-10-01 09:00", tz=KST)
GIVEN: Mapping[str, str | float] = {"minimum_rows": 1, "region_code": "50", "judged_at": JUDGED_AT.isoformat()}

_CLASS_CODES = {"attractions": ("NA", "NA01", "NA010100"), "restaurants": ("FD", "FD01", "FD010100")}


def good_places(table_name: str, rows: int = 40) -> pd.DataFrame:
    """Places of Jeju against which no rule of the table's suite has anything to say."""
    name = table_name.removeprefix("core.")
    division, group, class_code = _CLASS_CODES[name]
    numbers = range(rows)
    return pd.DataFrame(
        {
            "content_id": [str(126_000 + number) for number in numbers],
            "content_type_id": [CONTENT_TYPE_BY_NAME[name].content_type_id] * rows,
            "title": [f"장소 {number}" for number in numbers],
            "region_code": ["50"] * rows,
            "address": [f"제주특별자치도 제주시 {number}" for number in numbers],
            "zip_code": ["63000"] * rows,
            "latitude": [33.3 + number / 1000 for number in numbers],
            "longitude": [126.5 + number / 1000 for number in numbers],
            "class_code": [class_code] * rows,
            "class_group_code": [group] * rows,
            "class_division_code": [division] * rows,
            "image_url": [f"https://images.example/{number}.jpg" for number in numbers],
            "created_at": pd.Series([pd.Timestamp("2020-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
            "modified_at": pd.Series([pd.Timestamp("2025-01-01", tz=KST)] * rows, dtype="datetime64[us, Asia/Seoul]"),
        }
    )


@dataclass(frozen=True)
class Break:
    """One way to break a good batch: what it does to the frame, and what is given differently."""

    change: Callable[[pd.DataFrame], None]
    given: Mapping[str, str | float] = field(default_factory=dict)


def _in_one_row(column: str, value: Any) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[0], column] = value

    return Break(change)


def _in_half_of_the_rows(column: str, value: Any) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame.loc[frame.index[::2], column] = value

    return Break(change)


def _in_all_rows(column: str, value: Any, given: Mapping[str, str | float]) -> Break:
    def change(frame: pd.DataFrame) -> None:
        frame[column] = value

    return Break(change, given)


BREAKS: Mapping[str, Break] = {
    "row_count": Break(lambda _: None, {"minimum_rows": 1_000}),
    "content_id_never_null": _in_one_row("content_id", None),
    "content_id_unique": _in_one_row("content_id", "126001"),
    "content_id_digits": _in_one_row("content_id", "12600a"),
    "title_never_null": _in_one_row("title", None),
    "title_not_blank": _in_one_row("title", "  "),
    "content_type_id_never_null": _in_one_row("content_type_id", None),
    "content_type_of_the_table": _in_one_row("content_type_id", "99"),
    "region_code_never_null": _in_one_row("region_code", None),
    "region_code_known": _in_all_rows("region_code", "46", {"region_code": "46"}),
    "region_code_of_the_partition": _in_one_row("region_code", "11"),
    "latitude_in_range": _in_one_row("latitude", 19.69),
    "longitude_in_range": _in_one_row("longitude", 12.797),
    "latitude_filled": _in_half_of_the_rows("latitude", None),
    "longitude_filled": _in_half_of_the_rows("longitude", None),
    "address_filled": _in_half_of_the_rows("address", None),
    "address_not_blank": _in_one_row("address", ""),
    "zip_code_five_digits": _in_half_of_the_rows("zip_code", "612-040"),
    "class_code_filled": _in_half_of_the_rows("class_code", None),
    "class_division_known": _in_half_of_the_rows("class_division_code", "ZZ"),
    "class_group_known": _in_half_of_the_rows("class_group_code", "NA99"),
    "image_url_https": _in_half_of_the_rows("image_url", "http://images.example/1.jpg"),
    "image_url_filled": _in_half_of_the_rows("image_url", None),
    "modified_at_never_null": _in_one_row("modified_at", None),
    "modified_at_in_range": _in_one_row("modified_at", JUDGED_AT + pd.Timedelta(seconds=1)),
    "modified_at_not_before_created_at": _in_half_of_the_rows("created_at", pd.Timestamp("2025-06-01", tz=KST)),
}
"""Per rule id the break that this rule, and no other, must see."""
