"""Observations of stations become rows with the values that they hold."""

import csv
import gzip
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from weatherflick_assets.sandbox.clock import KOREA
from weatherflick_assets.sandbox.kma.asos import Asos, stations
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.station_days import DAILY_FIELDS, HOURLY_FIELDS, day_rows, hour_rows


def day(**changes: Any) -> dict[str, Any]:
    return {
        "stnId": "108", "stnNm": "서울", "tm": "2026-08-26", "avgTa": "26.3", "minTa": "22.1", "maxTa": "31.0",
        "sumRn": "12.5", "sumRnDur": "3.17", "ddMes": "", "ddMefs": "", "avgWs": "2.3", "maxWs": "5.1",
        "maxInsWs": "9.8", "avgRhm": "71.3", "minRhm": "48", "avgTca": "6.5", "sumSsHr": "7.2", "sumGsr": "18.44", **changes,
    }  # fmt: skip


def test_a_day_has_its_values() -> None:
    rows, problems = day_rows([day()], response_id=7)
    assert not problems
    (row,) = rows.to_dict("records")
    assert (row["station_id"], row["station_name"], row["day"]) == ("108", "서울", date(2026, 8, 26))
    assert row["source_response_id"] == 7
    values = [row[column] for column in DAILY_FIELDS if not column.endswith("snow_cm") and column != "snow_depth_cm"]
    assert values == [26.3, 22.1, 31.0, 12.5, 3.17, 2.3, 5.1, 9.8, 71.3, 48, 6.5, 7.2, 18.44]
    assert np.isnan([row["snow_depth_cm"], row["new_snow_cm"]]).all()


def test_a_blank_amount_of_rain_is_missing_and_not_none() -> None:
    rows, problems = day_rows([day(sumRn="")], response_id=7)
    assert rows["precipitation_mm"].isna().all()
    assert not problems


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"avgTa": "-"}, "temperature_mean_unreadable"),
        ({"avgTa": "-999.0"}, None),
        ({"avgTa": None}, None),
        ({"avgTa": "NaN"}, "temperature_mean_unreadable"),
    ],
)
def test_a_bad_value_costs_itself_alone(changes: dict[str, Any], reason: str | None) -> None:
    rows, problems = day_rows([day(**changes)], response_id=7)
    assert problems == ({reason: 1} if reason else {})
    assert rows["temperature_mean"].isna().all()
    assert rows["temperature_max"].tolist() == [31.0]


def test_what_can_not_be_negative_is_missing_and_counted() -> None:
    rows, problems = day_rows([day(sumRn="-9.0", minTa="-12.5", avgWs="-0.1")], response_id=7)
    assert problems == {"precipitation_mm_negative": 1, "wind_speed_mean_negative": 1}
    assert rows["precipitation_mm"].isna().all()
    assert rows["temperature_min"].tolist() == [-12.5]


def test_rows_without_a_station_or_day_and_repeated_ones_are_counted() -> None:
    given = [day(), day(avgTa="0"), day(stnId="109"), day(stnId=""), day(tm="20260826x"), day(tm=None)]
    rows, problems = day_rows(given, response_id=7)
    assert problems == {"observation_repeated": 1, "station_missing": 1, "time_unreadable": 2}
    assert rows["temperature_mean"].tolist() == [26.3, 26.3]
    assert day_rows([], response_id=7).rows.empty


def hour(**changes: Any) -> dict[str, Any]:
    return {
        "stnId": "108", "stnNm": "서울", "tm": "2026-08-26 00:00", "ta": "23.4", "taQcflg": "", "rn": "0.5", "rnQcflg": "0",
        "ws": "1.2", "wd": "360", "hm": "88", "td": "21.2", "pa": "998.1", "ps": "1008.3", "ss": "", "icsr": "",
        "dsnw": "", "dc10Tca": "9", "vs": "1450", **changes,
    }  # fmt: skip


def test_an_hour_has_its_values() -> None:
    rows, problems = hour_rows([hour()], response_id=7)
    assert not problems
    (row,) = rows.to_dict("records")
    assert row["observed_at"] == datetime(2026, 8, 26, tzinfo=KST)
    assert (row["temperature"], row["precipitation_mm"], row["wind_direction"], row["visibility_10m"]) == (
        23.4, 0.5, 0, 1450,
    )  # fmt: skip
    assert np.isnan([row["sunshine_hours"], row["snow_depth_cm"]]).all()


@pytest.mark.parametrize(("flag", "value", "flagged"), [("0", 0.5, 0), ("", 0.5, 0), ("1", None, 1), ("9", None, 1)])
def test_a_value_that_its_flag_says_is_wrong_is_missing(flag: str, value: float | None, flagged: int) -> None:
    rows, problems = hour_rows([hour(rnQcflg=flag)], response_id=7)
    assert problems["value_flagged"] == flagged
    assert rows["precipitation_mm"].tolist() == [value] if value else rows["precipitation_mm"].isna().all()


def test_the_sandbox_is_read_whole() -> None:
    asos, seoul = Asos(Sky(20260701)), stations()["108"]
    start = datetime(2026, 8, 20, tzinfo=KOREA)
    days, problems = day_rows(asos.daily(seoul, start, 5), response_id=7)
    assert not problems
    assert days["day"].tolist() == [start.date() + timedelta(days=number) for number in range(5)]
    hours, problems = hour_rows(asos.hourly(seoul, start, 5 * 24, 1), response_id=7)
    assert not problems
    by_day = hours.groupby(hours["observed_at"].dt.date)["temperature"]
    assert days["temperature_mean"].tolist() == pytest.approx(by_day.mean().tolist(), abs=0.051)
    assert days["temperature_max"].tolist() == by_day.max().tolist()
    assert days["temperature_min"].tolist() == by_day.min().tolist()
    rain = hours["precipitation_mm"].groupby(hours["observed_at"].dt.date).sum(min_count=1)
    assert (days["precipitation_mm"].notna() == rain.notna().to_numpy()).all()


HUB = {
    "ta": "TA", "td": "TD", "rn": "RN", "dsnw": "SD_TOT", "ws": "WS", "hm": "HM", "pa": "PA", "ps": "PS", "dc10Tca": "CA_TOT",
    "ss": "SS", "icsr": "SI", "vs": "VS",
}  # fmt: skip
"""The fields of the service, and the columns of the recorded tables; the wind's direction is in sixteenths there."""

MISSING = {"-9", "-9.0", "-99", "-99.0", "-999"}
LEGITIMATE = {"ta", "td"}  # temperatures may be -9


@pytest.mark.recorded
@pytest.mark.parametrize("station", ["seoul", "andong"])
def test_a_recorded_year_of_hours_has_the_values_that_were_observed(station: str, recorded_data: Path) -> None:
    path = recorded_data / "kma" / "asos_hourly" / "2022" / f"kma_2022_{station}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    items = [
        {
            "stnId": row["STN"],
            "stnNm": station,
            "tm": f"{datetime.strptime(row['TM'], '%Y%m%d%H%M').replace(tzinfo=KST):%Y-%m-%d %H:%M}",
            **{
                field: "" if row[name] in MISSING and field not in LEGITIMATE else row[name]
                for field, name in HUB.items()
            },
            "wd": "" if row["WD"] in MISSING else str(float(row["WD"]) * 10),
        }
        for row in table
    ]
    rows, problems = hour_rows(items, response_id=7)
    assert not {reason for reason in problems if reason.endswith(("unreadable", "negative", "missing"))}
    assert len(rows) == len(items) - problems["observation_repeated"] > 7500
    given = pd.DataFrame(items).drop_duplicates(["stnId", "tm"])
    for column, field in HOURLY_FIELDS.items():
        expected = pd.to_numeric(given[field].replace("", np.nan)).to_numpy()
        expected = expected % 360 if column == "wind_direction" else expected
        np.testing.assert_array_equal(rows[column].to_numpy(), expected)
    assert rows["temperature"].between(-25, 42).mean() > 0.999
    assert rows["observed_at"].is_monotonic_increasing


@pytest.mark.recorded
def test_recorded_days_of_rain_have_their_amounts(recorded_data: Path) -> None:
    with gzip.open(recorded_data / "kma" / "asos_daily_rain" / "rainfall_daily.csv.gz", "rt", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    items = [
        {
            "stnId": row["stn_id"],
            "tm": f"{row['date'][:4]}-{row['date'][4:6]}-{row['date'][6:]}",
            "sumRn": "" if row["rain_d99"] == "-9.0" else row["rain_d99"],
            "sumRnDur": "" if row["rain_dur"] == "-9.0" else row["rain_dur"],
        }
        for row in table
    ]
    rows, problems = day_rows(items, response_id=7)
    assert not problems
    assert len(rows) == len(table) == 29181
    has_amount = [row["rain_d99"] != "-9.0" for row in table]
    assert rows["precipitation_mm"].notna().tolist() == has_amount
    # A dry day and one of drizzle alike have no amount: blank does not tell them apart.
    wet = [row["rain_yn"] == "True" for row in table]
    assert sum(one and not amount for one, amount in zip(wet, has_amount, strict=True)) > 0
