"""Answers about cells become rows with the values that they hold, and a bad value costs itself alone."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.outcomes import Reply, read_answer
from weatherflick_assets.weather.kma import OPERATION_BY_NAME
from weatherflick_assets.weather.transform.cell_forecasts import CellAnswer, forecast_rows, nowcast_rows

ISSUED_AT = datetime(2026, 8, 26, 5, tzinfo=KST)
COLUMN_OF = {
    "TMP": "temperature", "T1H": "temperature", "REH": "humidity", "POP": "precipitation_probability",
    "UUU": "wind_east", "VVV": "wind_north", "WAV": "wave_height_m", "LGT": "lightning_ka", "TMN": "temperature_min",
    "TMX": "temperature_max",
}  # fmt: skip
"""Columns that hold the number as written."""


def item(hours: int, category: str, value: object) -> dict[str, Any]:
    at = ISSUED_AT + timedelta(hours=hours)
    return {
        "baseDate": "20260826", "baseTime": "0500", "category": category, "fcstDate": f"{at:%Y%m%d}",
        "fcstTime": f"{at:%H%M}", "fcstValue": value, "nx": 60, "ny": 127,
    }  # fmt: skip


def rows(*items: dict[str, Any]) -> tuple[pd.DataFrame, Mapping[str, int]]:
    return forecast_rows(ISSUED_AT, [CellAnswer(60, 127, 7, items)])


def answered(recorded_data: Path, operation: str, file: str) -> list[dict[str, Any]]:
    body = (recorded_data / "kma" / operation / file).read_bytes()
    return read_answer(OPERATION_BY_NAME[operation], Reply(200, {}, body)).items


# What is recorded


@pytest.mark.recorded
def test_a_whole_issue_is_read_row_by_row(recorded_data: Path) -> None:
    items = answered(recorded_data, "getVilageFcst", "tourlint_2026-08-26/gangneung_0500_full_907.json")
    found, problems = forecast_rows(ISSUED_AT, [CellAnswer(92, 131, 7, items)])
    assert (len(items), len(found), dict(problems)) == (907, 75, {})
    assert found["valid_at"].is_monotonic_increasing
    assert (found[["nx", "ny", "source_response_id"]] == [92, 131, 7]).all(axis=None)
    by_time = {row["valid_at"]: row for row in found.to_dict("records")}
    seam = datetime(2026, 8, 29, tzinfo=KST)
    for one in items:
        at = datetime.strptime(one["fcstDate"] + one["fcstTime"], "%Y%m%d%H%M").replace(tzinfo=KST)
        row, value, category = by_time[pd.Timestamp(at)], one["fcstValue"], one["category"]
        match category:
            case "PCP" if at > seam:
                assert row["precipitation_level"] == float(value)
                assert row["precipitation_mm"] == 0 if value == "0" else pd.isna(row["precipitation_mm"])
            case "PCP":
                assert row["precipitation_mm"] == (0 if value == "강수없음" else float(value.removesuffix("mm")))
            case "SNO":
                assert (row["snow_cm"], row["snow_cm_min"], row["snow_cm_max"]) == (0, 0, 0)
            case "PTY":
                assert row["precipitation_type"] == {"0": "none", "1": "rain"}[value]
            case "SKY":
                assert row["sky"] == {"3": "mostly_cloudy", "4": "overcast"}[value]
            case "WSD":
                assert at > seam or row["wind_speed"] == float(value)
            case "VEC":
                assert row["wind_direction"] == float(value) % 360
            case _:
                assert row[COLUMN_OF[category]] == float(value)
    assert found.loc[found["valid_at"] <= seam, "precipitation_level"].isna().all()
    assert (found["valid_at"] > seam).sum() == 8


@pytest.mark.recorded
def test_the_same_answer_in_xml_and_in_json_gives_the_same_rows(recorded_data: Path) -> None:
    at = datetime(2026, 9, 8, 23, tzinfo=KST)
    written, tagged = (
        forecast_rows(
            at, [CellAnswer(55, 127, 7, answered(recorded_data, "getVilageFcst", f"kpubdata_2026-09/{name}"))]
        )
        for name in ("seoul_default.raw.json", "xml_response.raw.json")
    )
    assert len(written.rows) == 9  # the first hundred values
    pd.testing.assert_frame_equal(written.rows, tagged.rows)
    assert written.problems == tagged.problems == {}


@pytest.mark.recorded
def test_a_very_short_term_forecast_has_six_hours_of_eleven_categories(recorded_data: Path) -> None:
    items = answered(recorded_data, "getUltraSrtFcst", "kpubdata_2026-09/seoul_0600_full_page.raw.json")
    found, problems = forecast_rows(datetime(2026, 10, 1, 6, tzinfo=KST), [CellAnswer(55, 127, 7, items)])
    assert (len(items), len(found), dict(problems)) == (66, 6, {})
    needed = ["temperature", "humidity", "precipitation_probability", "precipitation_mm", "sky", "precipitation_type"]
    assert found[[*needed, "lightning_ka", "wind_speed", "wind_direction", "feels_like"]].notna().all(axis=None)


@pytest.mark.recorded
def test_a_nowcast_is_one_row_at_the_time_of_issue(recorded_data: Path) -> None:
    items = answered(recorded_data, "getUltraSrtNcst", "kpubdata_2026-09/seoul_0600.raw.json")
    at = datetime(2026, 10, 1, 6, tzinfo=KST)
    found, problems = nowcast_rows(at, [CellAnswer(55, 127, 7, items)])
    assert (len(found), dict(problems)) == (1, {})
    value = {one["category"]: one["obsrValue"] for one in items}
    row = found.iloc[0]
    assert row["valid_at"] == row["issued_at"] == at
    assert row["temperature"] == float(value["T1H"])
    assert (row["precipitation_mm"], row["humidity"]) == (float(value["RN1"]), float(value["REH"]))


# Laws


@pytest.mark.parametrize(("hour", "days"), [(2, 3), (5, 3), (14, 3), (17, 4), (20, 4), (23, 4)])
def test_after_the_seam_a_two_is_a_code_and_before_it_an_amount(hour: int, days: int) -> None:
    issued_at = datetime(2026, 8, 26, hour, tzinfo=KST)
    seam = datetime(2026, 8, 26, tzinfo=KST) + timedelta(days=days)
    items = [
        {"category": "PCP", "fcstDate": f"{at:%Y%m%d}", "fcstTime": f"{at:%H%M}", "fcstValue": "2"}
        for at in (seam, seam + timedelta(hours=3))
    ]
    found, problems = forecast_rows(issued_at, [CellAnswer(60, 127, 7, items)])
    assert not problems
    before, after = found.to_dict("records")
    assert (before["precipitation_mm"], before["precipitation_mm_min"], before["precipitation_mm_max"]) == (2, 2, 2)
    assert pd.isna(after["precipitation_mm"])
    assert (after["precipitation_level"], after["precipitation_mm_min"], after["precipitation_mm_max"]) == (2, 3, 15)


def test_after_the_seam_the_wind_is_that_of_its_components() -> None:
    found, _ = rows(item(70, "WSD", "1"), item(70, "UUU", "3"), item(70, "VVV", "-4"), item(70, "VEC", "360"))
    assert found.iloc[0][["wind_speed", "wind_direction"]].tolist() == [5, 0]


ITEMS = [item(hours, category, "3") for hours in (1, 2, 70) for category in ("TMP", "REH", "PTY", "SKY", "PCP", "WSD")]
JUNK = st.one_of(
    st.none(), st.booleans(), st.text(max_size=5), st.floats(), st.lists(st.integers(), max_size=2), st.just("-999")
)


@given(st.data())
def test_a_bad_item_costs_itself_alone(data: st.DataObject) -> None:
    good, _ = rows(*ITEMS)
    position = data.draw(st.integers(0, len(ITEMS) - 1))
    field = data.draw(st.sampled_from(["fcstValue", "category", "fcstTime", "fcstDate"]))
    spoilt = {**ITEMS[position], field: data.draw(JUNK)}
    found, _ = rows(*ITEMS[:position], *ITEMS[position + 1 :], spoilt)
    category, hours = ITEMS[position]["category"], ITEMS[position]["fcstTime"]
    touched = {"PCP": "precipitation_mm", "PTY": "precipitation_type", "SKY": "sky", "WSD": "wind_speed"}
    kept = ["temperature", "humidity", *touched.values()]
    if (column := touched.get(category, COLUMN_OF.get(category, ""))) in kept:
        kept.remove(column)
    merged = good.merge(found, on="valid_at", how="left", suffixes=("", "_found"))
    for name in kept:
        pd.testing.assert_series_equal(merged[name], merged[f"{name}_found"], check_names=False)
    assert hours in set(good["valid_at"].dt.strftime("%H%M"))


@given(st.permutations(ITEMS))
def test_the_order_of_items_does_not_matter(items: list[dict[str, Any]]) -> None:
    pd.testing.assert_frame_equal(rows(*items)[0], rows(*ITEMS)[0])


def test_times_that_cant_be_read_change_nothing_about_other_cells() -> None:
    good = CellAnswer(60, 126, 8, [{**item(hours, "TMP", str(hours)), "ny": 126} for hours in range(1, 70)])
    bad = [{**item(hours, "TMP", str(hours)), "fcstTime": "99" if hours % 9 else "0800"} for hours in range(1, 70)]
    alone = forecast_rows(ISSUED_AT, [good])
    together = forecast_rows(ISSUED_AT, [CellAnswer(60, 127, 7, bad), good])
    others = together.rows[together.rows["ny"] == 126].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, alone.rows)
    assert together.problems["time_unreadable"] == sum(1 for hours in range(1, 70) if hours % 9)


@pytest.mark.parametrize(("name", "reason"), [("nx", "other_cell"), ("ny", "other_cell"), ("baseTime", "other_issue")])
@pytest.mark.parametrize("write", [int, str], ids=["as number", "as text"])
def test_an_item_that_echoes_something_else_is_not_used(name: str, reason: str, write: type) -> None:
    right = [{**each, "nx": write(each["nx"]), "ny": write(each["ny"])} for each in ITEMS]
    found, problems = rows(*right, {**item(1, "WAV", "3"), name: write("1100")})
    pd.testing.assert_frame_equal(found, rows(*ITEMS)[0])
    assert problems == {reason: 1}


def test_what_is_unusable_is_counted_by_reason() -> None:
    _, problems = rows(
        item(1, "TMP", "hot"), item(1, "XYZ", "1"), item(1, "REH", ""), item(1, "SKY", "2"), item(1, "PCP", "많음"),
        {**item(2, "TMP", "3"), "fcstTime": "2500"}, item(3, "TMP", "3"), item(3, "TMP", "4"),
    )  # fmt: skip
    assert problems == {
        "temperature_unreadable": 1, "category_unknown": 1, "value_missing": 1, "sky_unreadable": 1,
        "precipitation_unreadable": 1, "time_unreadable": 1, "value_repeated": 1,
    }  # fmt: skip


def test_no_answers_give_no_rows_of_the_same_columns() -> None:
    assert forecast_rows(ISSUED_AT, []).rows.dtypes.equals(rows(*ITEMS)[0].dtypes)
