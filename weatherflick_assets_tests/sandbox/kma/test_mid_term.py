"""The mid-term forecast: its days, the recorded law of probabilities and wordings, and the recorded answers."""

import csv
import gzip
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from weatherflick_assets.sandbox.kma.mid_term import LAND_REGIONS, MidTerm, cities
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets_tests.sandbox.agencies import NO_DATA, agencies, header_of, korea
from weatherflick_assets_tests.sandbox.structure import structure

MID_TERM = MidTerm(Sky(20260701))
ISSUES = st.builds(
    lambda day, hour: korea(2025, 1, 1, hour) + timedelta(days=day), st.integers(0, 364), st.sampled_from((6, 18))
)
CHANCES = {10, 20, 30, 40, 60, 70, 80, 90}
WORDINGS = {
    "맑음", "구름많음", "흐림", "구름많고 비", "구름많고 눈", "구름많고 비/눈", "구름많고 소나기", "흐리고 비", "흐리고 눈",
    "흐리고 비/눈",
}  # fmt: skip


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("getMidLandFcst", "2026-10-04_0600_11B00000"),
        ("getMidLandFcst", "2026-10-04_1800_11B00000"),
        ("getMidLandFcst", "tourlint_0600_11D20000"),
        ("getMidTa", "2026-10-04_0600_11B10101"),
        ("getMidTa", "2026-10-04_1800_11B10101"),
    ],
)
def test_an_answer_has_the_keys_of_the_recorded_one_in_order(recorded_kma: Path, operation: str, name: str) -> None:
    recorded = orjson.loads((recorded_kma / operation / f"{name}.json").read_bytes())
    hour = 6 if "0600" in name else 18
    with agencies(korea(2026, 10, 4, hour, 30)) as served:
        reply = served.weather(operation, regId=name[-8:], tmFc=f"20261004{hour:02}00", numOfRows=10)
    assert structure(reply.json) == structure(recorded)
    assert list(reply.items[0]) == list(recorded["response"]["body"]["items"]["item"][0])
    assert {key: held for key, held in reply.content.items() if key != "items"} == {
        key: held for key, held in recorded["response"]["body"].items() if key != "items"
    }


@pytest.mark.recorded
def test_a_region_that_does_not_exist_is_answered_as_recorded(recorded_kma: Path) -> None:
    path = recorded_kma / "getMidLandFcst/tourlint_unknown_region_11D20301_all_blank.json"
    with agencies(korea(2026, 10, 4, 6, 30)) as served:
        reply = served.weather("getMidLandFcst", regId="11D20301", tmFc="202610040600", numOfRows=10)
        nowhere = served.weather("getMidTa", regId="99Z", tmFc="202610040600").items[0]
    assert reply.body == orjson.dumps(orjson.loads(path.read_bytes()))
    assert {value for key, value in nowhere.items() if key != "regId"} == {0}


@settings(max_examples=60)
@given(ISSUES, st.sampled_from(list(LAND_REGIONS)))
def test_every_issue_keeps_the_law_of_probabilities_and_wordings(issued: datetime, region: str) -> None:
    row = dict(MID_TERM.land(issued, region))
    first = 4 if issued.hour == 6 else 5
    parts = [f"{day}{half}" for day in range(first, 8) for half in ("Am", "Pm")] + ["8", "9", "10"]
    assert list(row) == ["regId", *(f"rnSt{part}" for part in parts), *(f"wf{part}" for part in parts)]
    for part in parts:
        chance, words = row[f"rnSt{part}"], row[f"wf{part}"]
        assert chance in CHANCES
        assert words in WORDINGS
        assert (chance >= 60) == (" " in words)


@settings(max_examples=40)
@given(ISSUES, st.sampled_from(list(cities())))
def test_the_lowest_temperature_of_a_day_is_not_above_its_highest(issued: datetime, city: str) -> None:
    row = MID_TERM.temperatures(issued, city)
    days = range(4 if issued.hour == 6 else 5, 11)
    assert all(row[f"taMin{day}"] <= row[f"taMax{day}"] for day in days)
    assert len(row) == 1 + 6 * len(days)


@pytest.mark.recorded
def test_a_year_of_forecasts_is_distributed_like_the_recorded_one(recorded_kma: Path) -> None:
    ours, real = Counter(), Counter()
    our_leads: defaultdict[int, list[bool]] = defaultdict(list)
    real_leads: defaultdict[int, list[bool]] = defaultdict(list)
    for step in range(0, 365, 15):
        for hour in (6, 18):
            for region in LAND_REGIONS:
                row = MID_TERM.land(korea(2025, 1, 1, hour) + timedelta(days=step), region)
                for key, chance in row.items():
                    if key.startswith("rnSt"):
                        ours[chance, row[f"wf{key[4:]}"]] += 1
                        our_leads[int(key[4:].rstrip("AmP"))].append(chance >= 60)
    with gzip.open(recorded_kma / "midterm_land_archive/forecast_2025.csv.gz", "rt") as lines:
        for row in csv.DictReader(lines):
            real[int(row["강수확률(%)"]), row["예보"]] += 1
            lead = date.fromisoformat(row["예보시각"][:10]) - date.fromisoformat(row["발표시각"][:10])
            real_leads[lead.days].append(int(row["강수확률(%)"]) >= 60)
    assert {words for _, words in ours} <= {words for _, words in real} <= WORDINGS
    frequent = {kind for kind, count in real.items() if count > 0.02 * real.total()}
    assert frequent <= ours.keys()
    for kind in frequent:
        assert ours[kind] / ours.total() == pytest.approx(real[kind] / real.total(), abs=0.04), kind
    for lead, rainy in real_leads.items():  # the share of rain falls with the lead
        share = sum(our_leads[lead]) / len(our_leads[lead])
        assert share == pytest.approx(sum(rainy) / len(rainy), abs=0.06), lead


def test_an_issue_appears_after_twenty_minutes_and_is_kept_for_a_day() -> None:
    asked = {"regId": "11B00000", "tmFc": "202610040600"}
    with agencies(korea(2026, 10, 4, 6, 19)) as served:
        assert header_of(served.weather("getMidLandFcst", **asked)) == NO_DATA
        assert (
            served.weather("getMidLandFcst", **asked).body
            == b'{"response":{"header":{"resultCode":"03","resultMsg":"NO_DATA"}}}'
        )
        served.now = korea(2026, 10, 4, 6, 20)
        assert served.weather("getMidLandFcst", **asked).total == 1
        served.now = korea(2026, 10, 5, 6, 1)
        assert header_of(served.weather("getMidLandFcst", **asked)) == NO_DATA
        assert header_of(served.weather("getMidLandFcst", regId="11B00000", tmFc="202610041200")) == NO_DATA


def test_the_text_of_an_office_speaks_of_the_sky_and_of_temperatures() -> None:
    with agencies(korea(2026, 10, 4, 7)) as served:
        [row] = served.weather("getMidFcst", stnId="109", tmFc="202610040600").items
        assert list(row) == ["wfSv"]
        assert row["wfSv"].startswith("○ (하늘상태) 08일~14일 서울·인천·경기: ")
        assert "○ (기온)" in row["wfSv"]
        assert header_of(served.weather("getMidFcst", stnId="999", tmFc="202610040600")) == NO_DATA


def test_the_mid_term_continues_what_the_short_term_says() -> None:
    with agencies(korea(2026, 10, 4, 23, 30)) as served:
        rows = served.cell("getVilageFcst", korea(2026, 10, 4, 23)).items
        short = next(row for row in rows if row["category"] == "TMX" and row["fcstDate"] == "20261008")
        served.now = korea(2026, 10, 4, 6, 30)
        [row] = served.weather("getMidTa", regId="11B10101", tmFc="202610040600").items
    assert abs(row["taMax4"] - float(short["fcstValue"])) <= 3


def test_xml_says_what_json_says() -> None:
    asked = {"regId": "11B10101", "tmFc": "202610040600"}
    with agencies(korea(2026, 10, 4, 7)) as served:
        in_json = served.weather("getMidTa", **asked).items[0]
        in_xml = served.weather("getMidTa", **asked, dataType="XML").xml
    assert {part.tag: part.text for part in in_xml.find("body/items/item")} == {
        key: str(value) for key, value in in_json.items()
    }
