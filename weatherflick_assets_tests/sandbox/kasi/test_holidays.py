"""Public holidays: their rules, the recorded years, and the envelope of KASI."""

import csv
from datetime import date
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.sandbox.kasi.holidays import FIRST_YEAR, LAST_YEAR, holidays
from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies, header_of, korea
from weatherflick_assets_tests.sandbox.calling import Reply


def ask(served: Agencies, operation: str = "getRestDeInfo", **parameters: object) -> Reply:
    return served.ask(operation, **{"_type": "json", "numOfRows": 100, **parameters})


@pytest.mark.recorded
@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_the_holidays_of_a_year_are_the_recorded_days(recorded_data: Path, year: int) -> None:
    lists = recorded_data / "holiday/year_lists"
    if year < 2027:
        days = set(orjson.loads((lists / f"{year}.json").read_bytes()))
    else:
        with (lists / "2027.csv").open(encoding="utf-8-sig", newline="") as file:
            days = {row["Start date"] for row in csv.DictReader(file)}
    assert {holiday.day.isoformat() for holiday in holidays(year)} == days


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "month"),
    [("2026-01_single_object", "01"), ("2026-02_array", "02"), ("2026-04_empty_items_string", "04")],
)
def test_one_row_is_an_object_some_are_a_list_and_none_is_an_empty_string(
    recorded_data: Path, name: str, month: str
) -> None:
    recorded = (recorded_data / "holiday/getRestDeInfo" / f"{name}.json").read_bytes()
    with agencies(korea(2026, 1, 1)) as served:
        assert ask(served, solYear=2026, solMonth=month).body == orjson.dumps(orjson.loads(recorded))


@pytest.mark.recorded
def test_the_year_has_every_recorded_row_and_the_substitutes_that_came_later(recorded_data: Path) -> None:
    recorded = orjson.loads((recorded_data / "holiday/getRestDeInfo/2026_full_year.json").read_bytes())
    rows = recorded["response"]["body"]["items"]["item"]
    with agencies(korea(2026, 1, 1)) as served:
        ours = ask(served, solYear=2026).items
    assert [row for row in ours if row in rows] == rows
    assert [row["locdate"] for row in ours if row not in rows] == [20260525, 20260817, 20261005]


@pytest.mark.parametrize("year", range(FIRST_YEAR, LAST_YEAR + 1))
def test_a_substitute_is_a_weekday_on_which_nothing_else_is(year: int) -> None:
    found = holidays(year)
    for holiday in found:
        if holiday.name.startswith("대체공휴일"):
            assert holiday.day.weekday() < 5
            assert [other.day for other in found].count(holiday.day) == 1
    assert [holiday.day for holiday in found] == sorted(holiday.day for holiday in found)
    assert {date(year, 1, 1), date(year, 12, 25)} <= {holiday.day for holiday in found}


def test_pages_national_days_and_years_outside_the_table() -> None:
    with agencies(korea(2026, 1, 1)) as served:
        first, second = (ask(served, solYear=2026, numOfRows=20, pageNo=page) for page in (1, 2))
        assert (first.total, len(first.items), len(second.items)) == (22, 20, 2)
        national = ask(served, "getHoliDeInfo", solYear=2026).items
        assert [row["dateName"] for row in national] == ["삼일절", "제헌절", "광복절", "개천절", "한글날"]
        assert ask(served, solYear=1999).content["items"] == ""
        assert header_of(ask(served))[0] == "11"
        assert header_of(ask(served, solYear="26"))[0] == "10"


def test_xml_says_what_json_says() -> None:
    with agencies(korea(2026, 1, 1)) as served:
        in_json = ask(served, solYear=2026).items
        in_xml = ask(served, solYear=2026, _type="xml").xml
    read = [{child.tag: child.text for child in item} for item in in_xml.iterfind("body/items/item")]
    assert read == [{key: str(value) for key, value in row.items()} for row in in_json]
    assert in_xml.findtext("header/resultMsg") == "NORMAL SERVICE."
