"""From AirKorea's forecasts of dust and ozone to rows of zones and days. Pure.

A text lists the grades of all zones (권역): `서울 : 나쁨,제주 : 보통,…,영동 : 보통`. Spaces vary. A zone is a region as the
measurements name it, or a part of one. Where there is no forecast yet, the text says so (예보없음), and there is no row.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.air_quality import GRADES
from weatherflick_assets.weather.transform.rows import Rows

FORECAST_COLUMNS = ("zone_name", "region_code", "pollutant", "day", "issued_at", "grade", "source_response_id")

ZONES: Mapping[str, str] = MappingProxyType(
    {name: region.region_code for region in REGIONS for name in region.airkorea_names if name not in {"경기", "강원"}}
    | {"경기남부": "41", "경기북부": "41", "영동": "51", "영서": "51"}
)
"""The region of each zone. Gyeonggi and Gangwon are divided."""

POLLUTANTS: Mapping[str, str] = MappingProxyType({"PM10": "pm10", "PM25": "pm25", "O3": "o3"})

_GRADES: Mapping[str, str] = MappingProxyType(dict(zip(("좋음", "보통", "나쁨", "매우나쁨"), GRADES, strict=True)))
_NOT_YET = "예보없음"
_ISSUED = re.compile(r"\s*(\d{4}-\d{2}-\d{2})\s*(\d{1,2})시(?:\s*발표)?\s*")


def air_forecast_rows(items: Sequence[Mapping[str, Any]], *, response_id: int) -> Rows:
    """Rows of `FORECAST_COLUMNS`; a grade or an item that can't be read costs itself alone, of repeated ones the first counts."""
    problems: Counter[str] = Counter()
    found: dict[tuple[str, str, date, datetime], str] = {}
    for item in items:
        at, day = issued_at(item.get("dataTime")), _day(item.get("informData"))
        pollutant = POLLUTANTS.get(str(item.get("informCode")).strip())
        if at is None or day is None or pollutant is None:
            problems["forecast_unreadable"] += 1
            continue
        for zone, grade in _grades(str(item.get("informGrade") or ""), problems):
            found.setdefault((zone, pollutant, day, at), grade)
    rows = [
        (zone, ZONES[zone], pollutant, day.isoformat(), at, grade, response_id)
        for (zone, pollutant, day, at), grade in found.items()
    ]
    frame = pd.DataFrame(rows, columns=list(FORECAST_COLUMNS), dtype=object)
    kinds = {"issued_at": pd.DatetimeTZDtype("us", KST), "source_response_id": "int64"}
    return Rows(frame.astype(kinds), problems)


def issued_at(text: object) -> datetime | None:
    """The time of an issue, such as `2024-09-18 05시 발표`; None if it is none."""
    read = _ISSUED.fullmatch(text) if isinstance(text, str) else None
    try:
        return read and datetime.strptime(f"{read[1]} {read[2]}", "%Y-%m-%d %H").replace(tzinfo=KST)
    except ValueError:
        return None


def _grades(text: str, problems: Counter[str]) -> Iterator[tuple[str, str]]:
    """The zones of a text with their grades."""
    for part in filter(None, map(str.strip, text.split(","))):
        zone, _, word = ("".join(side.split()) for side in part.partition(":"))
        if zone not in ZONES:
            problems["zone_unknown"] += 1
        elif word in _GRADES:
            yield zone, _GRADES[word]
        elif word != _NOT_YET:
            problems["grade_unknown"] += 1


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text).strip())
    except ValueError:
        return None
