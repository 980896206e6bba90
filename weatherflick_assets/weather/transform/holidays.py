"""From KASI's calendar to rows of days. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd

from weatherflick_assets.weather.transform.rows import Rows

_IS_PUBLIC = {"Y": True, "N": False}


def holiday_rows(items: Sequence[Mapping[str, Any]], *, response_id: int) -> Rows:
    """Rows of holidays: day (a date), name, is_public and source_response_id; several on one day are several rows."""
    problems: Counter[str] = Counter()
    found: dict[tuple[date, str], bool] = {}
    for item in items:
        day, name = _day(item.get("locdate")), " ".join(str(item.get("dateName") or "").split())
        is_public = _IS_PUBLIC.get(str(item.get("isHoliday")).strip())
        if day is None or not name or is_public is None:
            problems["holiday_unreadable"] += 1
        else:
            found[day, name] = is_public
    rows = pd.DataFrame(
        {
            "day": pd.Series([day for day, _ in found], dtype=object),
            "name": pd.Series([name for _, name in found], dtype=object),
            "is_public": pd.Series(list(found.values()), dtype=bool),
            "source_response_id": pd.Series([response_id] * len(found), dtype="int64"),
        }
    )
    return Rows(rows, problems)


def _day(written: object) -> date | None:
    try:
        return datetime.strptime(str(written).strip(), "%Y%m%d").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None
