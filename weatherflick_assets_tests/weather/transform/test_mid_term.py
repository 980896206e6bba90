"""Mid-term forecasts become rows with the values that they hold."""

import csv
import gzip
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.weather.kma import OPERATION_BY_NAME
from weatherflick_assets.weather.transform.mid_term import (
    DAYS,
    HALVED_DAYS,
    RegionAnswer,
    land_rows,
    sky_and_precipitation,
    temperature_rows,
)

MORNING, EVENING = datetime(2026, 10, 4, 6, tzinfo=KST), datetime(2026, 10, 4, 18, tzinfo=KST)

WORDINGS = {
    "맑음": ("clear", "none"),
    "구름많음": ("mostly_cloudy", "none"),
    "흐림": ("overcast", "none"),
    "구름많고 비": ("mostly_cloudy", "rain"),
    "구름많고 눈": ("mostly_cloudy", "snow"),
    "구름많고 비/눈": ("mostly_cloudy", "rain_and_snow"),
    "구름많고 소나기": ("mostly_cloudy", "shower"),
    "흐리고 비": ("overcast", "rain"),
    "흐리고  눈": ("overcast", "snow"),
    " 흐리고 비/눈 ": ("overcast", "rain_and_snow"),
    "흐리고 소나기": ("overcast", "shower"),
    "안개": None,
    "흐리고 우박": None,
}


@pytest.mark.parametrize(("wording", "meaning"), WORDINGS.items())
def test_wordings_say_what_the_sky_does(wording: str, meaning: tuple[str, str] | None) -> None:
    assert sky_and_precipitation(wording) == meaning


def answer(recorded_data: Path, operation: str, file: str, issued_at: datetime) -> RegionAnswer:
    body = (recorded_data / "kma" / operation / file).read_bytes()
    (item,) = read_answer(OPERATION_BY_NAME[operation], Reply(200, {}, body)).items
    return RegionAnswer(str(item["regId"]), issued_at, 7, item)


@pytest.mark.recorded
@pytest.mark.parametrize(("issued_at", "first", "entries"), [(MORNING, 4, 11), (EVENING, 5, 9)])
def test_a_recorded_land_forecast_has_a_row_for_every_entry(
    issued_at: datetime, first: int, entries: int, recorded_data: Path
) -> None:
    given = answer(recorded_data, "getMidLandFcst", f"2026-10-04_{issued_at:%H%M}_11B00000.json", issued_at)
    rows, problems = land_rows([given])
    assert (len(rows), dict(problems)) == (entries, {})
    assert set(rows["day"]) == {date(2026, 10, 4) + timedelta(days=day) for day in range(first, 11)}
    for row in rows.to_dict("records"):
        day, suffix = (row["day"] - date(2026, 10, 4)).days, {"am": "Am", "pm": "Pm", "day": ""}[row["part"]]
        assert row["precipitation_probability"] == given.item[f"rnSt{day}{suffix}"]
        assert (row["sky"], row["precipitation_type"]) == WORDINGS[given.item[f"wf{day}{suffix}"]]


@pytest.mark.recorded
@pytest.mark.parametrize(("issued_at", "first"), [(MORNING, 4), (EVENING, 5)])
def test_recorded_temperatures_have_a_row_for_every_day(issued_at: datetime, first: int, recorded_data: Path) -> None:
    given = answer(recorded_data, "getMidTa", f"2026-10-04_{issued_at:%H%M}_11B10101.json", issued_at)
    rows, problems = temperature_rows([given])
    assert (len(rows), dict(problems)) == (11 - first, {})
    for row in rows.to_dict("records"):
        day, item = (row["day"] - date(2026, 10, 4)).days, given.item
        assert (row["temperature_min"], row["temperature_max"]) == (item[f"taMin{day}"], item[f"taMax{day}"])
        assert row["temperature_min_least"] == item[f"taMin{day}"] - item[f"taMin{day}Low"]
        assert row["temperature_max_most"] == item[f"taMax{day}"] + item[f"taMax{day}High"]


@pytest.mark.recorded
def test_an_unknown_region_has_no_rows(recorded_data: Path) -> None:
    given = answer(recorded_data, "getMidLandFcst", "tourlint_unknown_region_11D20301_all_blank.json", MORNING)
    assert land_rows([given]).rows.empty


def year_of_answers(recorded_data: Path) -> list[RegionAnswer]:
    """The answers of the archived year; its regions have names instead of ids."""
    path = recorded_data / "kma" / "midterm_land_archive" / "forecast_2025.csv.gz"
    items: dict[tuple[str, datetime], dict[str, Any]] = defaultdict(dict)
    with gzip.open(path, "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            issued_at = datetime.strptime(row["발표시각"], "%Y-%m-%d %H시").replace(tzinfo=KST)
            when, _, part = row["예보시각"].partition(" ")
            day = (date.fromisoformat(when) - issued_at.date()).days
            suffix = {"오전": "Am", "오후": "Pm"}[part] if day in HALVED_DAYS else ""
            items[row["지역"], issued_at][f"wf{day}{suffix}"] = row["예보"]
            items[row["지역"], issued_at][f"rnSt{day}{suffix}"] = row["강수확률(%)"]
    return [RegionAnswer(region, issued_at, 1, item) for (region, issued_at), item in items.items()]


@pytest.mark.recorded
def test_a_year_of_forecasts_obeys_its_law(recorded_data: Path) -> None:
    """Precipitation is in the wording exactly where its probability is 60 % or more, with two exceptions in a year."""
    rows, problems = land_rows(year_of_answers(recorded_data))
    assert not problems
    assert len(rows) == 59_200
    entries = rows.groupby(["region_id", "issued_at"]).size()
    hours = np.array([issued_at.hour for _, issued_at in entries.index])
    assert set(entries[hours == 6]) == {11}
    assert set(entries[hours == 18]) == {9}
    assert set(rows["precipitation_probability"]) == {10, 20, 30, 40, 60, 70, 80, 90}
    is_wet = rows["precipitation_type"] != "none"
    assert (is_wet != (rows["precipitation_probability"] >= 60)).sum() == 2


def test_a_bad_value_costs_itself_alone() -> None:
    item = {f"wf{day}": "맑음" for day in DAYS} | {f"rnSt{day}": 20 for day in DAYS}
    item |= {"wf8": "안개", "rnSt9": "많음", "rnSt10": -999}
    rows, problems = land_rows([RegionAnswer("11B00000", MORNING, 1, item)])
    assert problems == {"wording_unknown": 1, "probability_unreadable": 1}
    by_day = {row["day"].day: row for row in rows.to_dict("records")}
    assert [by_day[day]["sky"] for day in (12, 13, 14)] == [None, "clear", "clear"]
    assert by_day[12]["precipitation_probability"] == 20
    assert rows["precipitation_probability"].isna().sum() == 2
