"""The calendar's days become rows."""

from datetime import date
from pathlib import Path

import pytest

from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.weather.kasi import OPERATIONS
from weatherflick_assets.weather.transform.holidays import holiday_rows


def test_a_holiday_has_day_name_and_whether_it_is_public() -> None:
    items = [
        {"dateKind": "01", "dateName": "설날", "isHoliday": "Y", "locdate": 20260216, "seq": 1},
        {"dateKind": "01", "dateName": "  제헌절 ", "isHoliday": "N", "locdate": "20250717", "seq": 1},
    ]
    rows, problems = holiday_rows(items, response_id=7)
    assert not problems
    assert rows.to_dict("records") == [
        {"day": date(2026, 2, 16), "name": "설날", "is_public": True, "source_response_id": 7},
        {"day": date(2025, 7, 17), "name": "제헌절", "is_public": False, "source_response_id": 7},
    ]


def test_a_day_that_cannot_be_read_costs_itself_alone() -> None:
    good = {"dateName": "설날", "isHoliday": "Y", "locdate": 20260216}
    spoilt = [{**good, "locdate": 20260230}, {**good, "dateName": None}, {**good, "isHoliday": "?"}, {}]
    rows, problems = holiday_rows([*spoilt, good], response_id=7)
    assert (len(rows), problems) == (1, {"holiday_unreadable": 4})


def test_two_holidays_on_one_day_are_two_rows() -> None:
    items = [{"dateName": name, "isHoliday": "Y", "locdate": 20250505} for name in ("어린이날", "부처님오신날")]
    assert holiday_rows(items, response_id=7).rows["name"].tolist() == ["어린이날", "부처님오신날"]


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("file", "days"),
    [("2026-01_single_object", 1), ("2026-02_array", 3), ("2026-04_empty_items_string", 0), ("2026_full_year", 19)],
)
def test_recorded_calendars_are_read_day_by_day(file: str, days: int, recorded_data: Path) -> None:
    body = (recorded_data / "holiday" / "getRestDeInfo" / f"{file}.json").read_bytes()
    items = read_answer(OPERATIONS[0], Reply(200, {}, body)).items
    rows, problems = holiday_rows(items, response_id=7)
    assert (len(rows), dict(problems)) == (days, {})
    assert [f"{day:%Y%m%d}" for day in rows["day"]] == [str(item["locdate"]) for item in items]
    assert rows["name"].tolist() == [item["dateName"] for item in items]
    assert rows["is_public"].all()
