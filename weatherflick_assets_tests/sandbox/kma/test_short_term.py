"""The nowcast, the next hours and the short-term forecast of cells: their rows, and the laws that recorded issues show."""

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.sandbox.kma.short_term import SHORT_TERM_TIMES, GridForecasts, valid_times
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets_tests.sandbox.agencies import AN_HOUR, NO_DATA, Agencies, agencies, header_of, korea
from weatherflick_assets_tests.sandbox.structure import structure

FORECASTS = GridForecasts(Sky(20260701))
ISSUES = st.builds(
    lambda day, time: korea(2026, 1, 1, int(time[:2])) + timedelta(days=day),
    st.integers(0, 364),
    st.sampled_from(SHORT_TERM_TIMES),
)
CELLS = st.tuples(st.integers(1, 149), st.integers(1, 253))
ROWS_OF_RECORDED_ISSUES = {"0500": 907, "1400": 798, "2300": 980}
CATEGORIES = ["TMP", "UUU", "VVV", "VEC", "WSD", "SKY", "PTY", "POP", "WAV", "PCP", "REH", "SNO"]
PCP = re.compile(r"강수없음|1mm 미만|([1-9]|[12]\d)\.\dmm|30\.0~50\.0mm|50\.0mm 이상")
SNO = re.compile(r"적설없음|0\.5cm 미만|(0\.[5-9]|[1-4]\.\d)cm|5\.0cm 이상")


def valid(row: dict[str, Any]) -> datetime:
    return datetime.strptime(row["fcstDate"] + row["fcstTime"] + "+0900", "%Y%m%d%H%M%z")


def values(rows: list[dict[str, Any]], category: str) -> dict[datetime, str]:
    return {valid(row): row["fcstValue"] for row in rows if row["category"] == category}


@pytest.mark.recorded
def test_an_issue_has_the_rows_of_the_recorded_one_in_the_same_order(recorded_kma: Path, evening: Agencies) -> None:
    recorded = orjson.loads(
        (recorded_kma / "getVilageFcst/tourlint_2026-08-26/gangneung_0500_full_907.json").read_bytes()
    )
    reply = evening.cell("getVilageFcst", korea(2026, 8, 26, 5), 92, 131)
    assert structure(reply.json) == structure(recorded)
    assert [list(row) for row in reply.items] == [list(row) for row in recorded["response"]["body"]["items"]["item"]]
    assert list(reply.content) == list(recorded["response"]["body"])
    apart_from_value = [
        [{key: held for key, held in row.items() if key != "fcstValue"} for row in rows]
        for rows in (reply.items, recorded["response"]["body"]["items"]["item"])
    ]
    assert apart_from_value[0] == apart_from_value[1]
    assert reply.total == 907


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("operation", "call", "issued"),
    [
        ("getUltraSrtNcst", "kpubdata_2026-09/seoul_0600", korea(2026, 10, 1, 6)),
        ("getUltraSrtFcst", "kpubdata_2026-09/seoul_0600_full_page", korea(2026, 10, 1, 6)),
    ],
)
def test_the_next_hours_and_the_nowcast_have_the_recorded_categories_in_the_recorded_order(
    recorded_kma: Path, operation: str, call: str, issued: datetime
) -> None:
    recorded = orjson.loads((recorded_kma / operation / f"{call}.raw.json").read_bytes())["response"]["body"]
    with agencies(korea(2026, 10, 1, 6, 30)) as served:
        reply = served.cell(operation, issued, 55, 127)
    apart_from_value = [
        [{key: held for key, held in row.items() if not key.endswith("Value")} for row in rows]
        for rows in (reply.items, recorded["items"]["item"])
    ]
    assert apart_from_value[0] == apart_from_value[1]
    assert reply.total == recorded["totalCount"]


@pytest.mark.parametrize(("time", "rows"), ROWS_OF_RECORDED_ISSUES.items())
def test_an_issue_has_as_many_rows_as_recorded_ones_of_its_time(time: str, rows: int) -> None:
    assert len(FORECASTS.short_term(korea(2026, 9, 8, int(time[:2])), 55, 127)) == rows


@given(ISSUES)
def test_valid_times_are_hourly_up_to_a_midnight_then_three_hourly_and_end_at_the_next_midnight(
    issued: datetime,
) -> None:
    times = valid_times(issued)
    steps = [(later - earlier) // AN_HOUR for earlier, later in zip(times.times, times.times[1:], strict=False)]
    seam = times.times[times.hourly - 1]
    days = 4 if issued.hour >= 17 else 3
    assert times.times[0] == issued + AN_HOUR
    assert seam == issued.replace(hour=0) + timedelta(days=days)
    assert times.times[-1] == seam + timedelta(days=1)
    assert steps == [1] * (times.hourly - 1) + [3] * 8


@settings(max_examples=40)
@given(ISSUES, CELLS)
def test_every_valid_time_has_twelve_categories_and_extremes_stand_where_the_issue_allows(
    issued: datetime, cell: tuple[int, int]
) -> None:
    rows = FORECASTS.short_term(issued, *cell)
    assert [row["category"] for row in rows if row["category"] not in {"TMN", "TMX"}] == CATEGORIES * len(
        valid_times(issued).times
    )
    times = [valid(row) for row in rows]
    assert times == sorted(times)
    lows, highs = values(rows, "TMN"), values(rows, "TMX")
    assert {time.hour for time in lows} == {6}
    assert {time.hour for time in highs} == {15}
    last = 4 if issued.hour >= 17 else 3
    later_days = {issued.date() + timedelta(days=day) for day in range(1, last + 1)}
    assert {time.date() for time in lows} == later_days | ({issued.date()} if issued.hour == 2 else set())
    assert {time.date() for time in highs} == later_days | ({issued.date()} if issued.hour <= 11 else set())
    assert all(re.fullmatch(r"-?\d+\.0", value) for value in (*lows.values(), *highs.values()))


@settings(max_examples=40)
@given(ISSUES, CELLS)
def test_values_have_the_written_forms_and_after_the_seam_the_codes(issued: datetime, cell: tuple[int, int]) -> None:
    rows, seam = FORECASTS.short_term(issued, *cell), valid_times(issued).times[valid_times(issued).hourly - 1]
    for category, text, codes in (("PCP", PCP, "0123"), ("SNO", SNO, "012"), ("WSD", re.compile(r"\d+(\.\d)?"), "123")):
        for time, value in values(rows, category).items():
            assert text.fullmatch(value) if time <= seam else value in codes
    kinds, chances, amounts, snows = (values(rows, category) for category in ("PTY", "POP", "PCP", "SNO"))
    for time, kind in kinds.items():
        assert (kind != "0") == (int(chances[time]) >= 60) == (amounts[time] not in {"강수없음", "0"})
        assert kind in {"2", "3"} or snows[time] in {"적설없음", "0"}
    assert set(kinds.values()) <= set("01234")
    assert set(values(rows, "SKY").values()) <= set("134")
    assert all(int(value) % 5 == 0 for value in values(rows, "REH").values())


@settings(max_examples=40)
@given(ISSUES, CELLS)
def test_wind_speed_direction_and_components_agree(issued: datetime, cell: tuple[int, int]) -> None:
    rows = FORECASTS.short_term(issued, *cell)
    east, north, blows = (values(rows, category) for category in ("UUU", "VVV", "VEC"))
    speeds = values(rows, "WSD")
    for time in valid_times(issued).times[: valid_times(issued).hourly]:
        assert float(speeds[time]) == pytest.approx((float(east[time]) ** 2 + float(north[time]) ** 2) ** 0.5, abs=0.16)
        assert 0 <= int(blows[time]) <= 360


def test_all_forms_of_amounts_and_kinds_occur_within_a_year() -> None:
    seen: dict[str, Counter[str]] = {category: Counter() for category in ("PCP", "SNO", "PTY", "SKY")}
    for day in range(0, 365, 3):
        for cell in ((60, 127), (85, 140), (53, 38)):
            for row in FORECASTS.short_term(korea(2026, 1, 1, 5) + timedelta(days=day), *cell):
                if row["category"] in seen:
                    seen[row["category"]][row["fcstValue"]] += 1
    assert {"강수없음", "1mm 미만", "30.0~50.0mm", "50.0mm 이상", "0", "1", "2"} <= seen["PCP"].keys()
    assert {"적설없음", "0.5cm 미만", "5.0cm 이상", "0", "1"} <= seen["SNO"].keys()
    assert seen["PTY"].keys() == set("01234")
    assert seen["SKY"].keys() == set("134")


def test_an_issue_can_be_read_from_ten_minutes_past_its_hour_and_for_a_day() -> None:
    with agencies(korea(2026, 8, 26, 14, 9)) as served:
        fourteen = korea(2026, 8, 26, 14)
        assert header_of(served.cell("getVilageFcst", fourteen)) == NO_DATA
        assert "body" not in served.cell("getVilageFcst", fourteen).json["response"]
        served.now = korea(2026, 8, 26, 14, 10)
        assert served.cell("getVilageFcst", fourteen).total == 798
        served.now = korea(2026, 8, 27, 14)
        assert served.cell("getVilageFcst", fourteen).total == 798
        served.now = korea(2026, 8, 28, 9)
        assert header_of(served.cell("getVilageFcst", fourteen)) == NO_DATA
        served.now = korea(2026, 8, 29, 0)
        assert header_of(served.cell("getVilageFcst", fourteen)) == ("10", "최근 3일 간의 자료만 제공합니다.")


@pytest.mark.parametrize(
    ("operation", "issued", "published"),
    [
        ("getUltraSrtNcst", korea(2026, 8, 26, 14), korea(2026, 8, 26, 14, 10)),
        ("getUltraSrtFcst", korea(2026, 8, 26, 14, 30), korea(2026, 8, 26, 14, 45)),
    ],
)
def test_hourly_issues_appear_after_their_delay(operation: str, issued: datetime, published: datetime) -> None:
    with agencies(published - timedelta(seconds=1)) as served:
        assert header_of(served.cell(operation, issued)) == NO_DATA
        served.now = published
        assert header_of(served.cell(operation, issued)) == ("00", "NORMAL_SERVICE")


@pytest.mark.parametrize(
    ("operation", "time"), [("getVilageFcst", 6), ("getUltraSrtNcst", 6.5), ("getUltraSrtFcst", 6.25)]
)
def test_a_time_that_is_no_time_of_issue_has_no_data(evening: Agencies, operation: str, time: float) -> None:
    issued = korea(2026, 8, 26) + time * AN_HOUR
    assert header_of(evening.cell(operation, issued)) == NO_DATA


def test_the_next_hours_are_the_same_six_for_a_full_and_a_half_hour(evening: Agencies) -> None:
    for minute in (0, 30):
        rows = evening.cell("getUltraSrtFcst", korea(2026, 8, 26, 20, minute)).items
        assert sorted({row["fcstTime"] for row in rows}) == ["0000", "0100", "0200", "2100", "2200", "2300"]


def test_an_issue_of_more_than_a_thousand_rows_takes_two_pages(evening: Agencies) -> None:
    issued = korea(2026, 8, 26, 17)
    first, second = (evening.cell("getVilageFcst", issued, pageNo=page) for page in (1, 2))
    assert (first.total, len(first.items), len(second.items)) == (1052, 1000, 52)
    assert first.items + second.items == FORECASTS.short_term(issued, 60, 127)
    assert header_of(evening.cell("getVilageFcst", issued, pageNo=3)) == NO_DATA


def test_a_mandatory_parameter_and_a_cell_of_the_grid_are_required(evening: Agencies) -> None:
    assert header_of(evening.weather("getVilageFcst", base_date="20260826", base_time="0500", nx=60))[0] == "11"
    for changed in ({"nx": 0}, {"ny": 254}, {"nx": "x"}, {"base_date": "20260231"}, {"base_time": "2460"}):
        asked = {"base_date": "20260826", "base_time": "0500", "nx": 60, "ny": 127} | changed
        assert header_of(evening.weather("getVilageFcst", **asked))[0] == "10"


def test_a_cell_at_sea_has_no_observations_but_a_forecast_with_waves(evening: Agencies) -> None:
    observed = evening.cell("getUltraSrtNcst", korea(2026, 8, 26, 22), 10, 60).items
    assert all(abs(float(row["obsrValue"])) >= 900 for row in observed)
    assert float(values(evening.cell("getVilageFcst", korea(2026, 8, 26, 20), 10, 60).items, "WAV").popitem()[1]) > 0


@pytest.mark.parametrize("operation", ["getVilageFcst", "getUltraSrtFcst", "getUltraSrtNcst"])
def test_xml_says_what_json_says(evening: Agencies, operation: str) -> None:
    issued = korea(2026, 8, 26, 20)
    in_json, in_xml = evening.cell(operation, issued), evening.cell(operation, issued, dataType="XML")
    read = [{child.tag: child.text for child in item} for item in in_xml.xml.iterfind("body/items/item")]
    assert read == [{key: str(value) for key, value in row.items()} for row in in_json.items]
    assert in_xml.xml.findtext("body/dataType") == "XML"
    assert int(in_xml.xml.findtext("body/totalCount")) == in_json.total
    assert in_xml.headers["Content-Type"].startswith("application/xml")


def test_an_error_in_xml_has_a_header_and_no_body(evening: Agencies) -> None:
    root = evening.cell("getVilageFcst", korea(2026, 8, 27, 2), dataType="XML").xml
    assert [part.tag for part in root] == ["header"]
    assert (root.findtext("header/resultCode"), root.findtext("header/resultMsg")) == NO_DATA


def test_a_version_is_known_from_the_time_its_issue_appears(evening: Agencies) -> None:
    [row] = evening.weather("getFcstVersion", ftype="SHRT", basedatetime="202608262000").items
    assert row == {"version": "20260826201000", "filetype": "SHRT"}
    assert header_of(evening.weather("getFcstVersion", ftype="SHRT", basedatetime="202608270200")) == NO_DATA
    assert header_of(evening.weather("getFcstVersion", ftype="SHRT", basedatetime="202608262100")) == NO_DATA
    assert header_of(evening.weather("getFcstVersion", ftype="LONG", basedatetime="202608262000"))[0] == "10"


def test_two_sandboxes_with_one_seed_say_the_same_and_another_seed_says_something_else() -> None:
    issued = korea(2026, 8, 26, 5)
    assert GridForecasts(Sky(20260701)).short_term(issued, 60, 127) == FORECASTS.short_term(issued, 60, 127)
    assert GridForecasts(Sky(7)).short_term(issued, 60, 127) != FORECASTS.short_term(issued, 60, 127)
