"""Warnings: bulletins and what is in force, their texts, and that the one follows from the other."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from weatherflick_assets.sandbox.kma.warnings import Bulletin, Warnings
from weatherflick_assets.sandbox.kma.zones import listed, zones
from weatherflick_assets.sandbox.weather.sky import Sky
from weatherflick_assets_tests.sandbox.agencies import NO_DATA, agencies, header_of, korea

WARNINGS = Warnings(Sky(20260701))
TITLE = re.compile(
    r"\[특보\] 제(\d\d)-(\d+)호 : (\d{4}\.\d\d\.\d\d\.\d\d:\d\d) / "
    r"[가-힣]+(주의보|경보) (발표|변경|해제)(·[가-힣]+(주의보|경보) (발표|변경|해제))*( \(\*\))?"
)
LINE = re.compile(r"o [가-힣]+(주의보|경보) : .+")
LATER = korea(2026, 12, 31, 23)


def year() -> list[Bulletin]:
    return WARNINGS.bulletins(date(2026, 1, 1), date(2026, 12, 31), LATER)


def names_in(t6: str) -> set[str]:
    return set() if t6 == "o 없음" else {line[2:].partition(" : ")[0] for line in t6.split("\r\n")}


def test_titles_have_the_recorded_grammar_and_number_the_bulletins_of_an_office_within_a_month() -> None:
    numbers: dict[tuple[str, int], list[int]] = {}
    for bulletin in reversed(year()):
        row = bulletin.row
        written = TITLE.fullmatch(row["title"])
        assert written, row["title"]
        assert written[1] == f"{bulletin.at:%m}"
        assert int(written[2]) == row["tmSeq"]
        assert written[3].replace(".", "").replace(":", "") == str(row["tmFc"])
        numbers.setdefault((bulletin.office, bulletin.at.month), []).append(row["tmSeq"])
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())


@pytest.mark.recorded
def test_recorded_titles_have_the_grammar_that_ours_are_held_to(recorded_kma: Path) -> None:
    recorded = orjson.loads((recorded_kma / "warnings_text/t6_and_titles_2026.json").read_bytes())
    assert all(TITLE.fullmatch(row["title"]) for row in recorded["titles"])
    lines = [line for sample in recorded["samples"] for line in sample["t6"].split("\r\n")]
    assert all(LINE.fullmatch(line) or line == "o 없음" for line in lines)


def test_a_year_has_warnings_of_every_phenomenon_each_in_its_season() -> None:
    months: dict[str, set[int]] = {}
    for bulletin in year():
        months.setdefault(re.split("주의보|중대경보|경보", bulletin.changes)[0], set()).add(bulletin.at.month)
    assert {"호우", "대설", "폭염", "한파", "강풍"} <= months.keys()
    assert months["폭염"] <= {5, 6, 7, 8, 9, 10}
    assert months["한파"] <= {10, 11, 12, 1, 2, 3, 4, 5}


def test_a_warning_lives_from_its_announcement_until_it_is_lifted() -> None:
    """What is in force changes exactly with the bulletins."""
    raised: dict[tuple[str, str], int] = {}
    at = korea(2026, 7, 1, 4)
    while at < korea(2026, 7, 28):
        out = [found for found in WARNINGS.bulletins(at.date(), at.date(), at) if found.at == at]
        before, after = (names_in(WARNINGS.status(moment)["t6"]) for moment in (at - timedelta(minutes=1), at))
        announced = {
            said.removesuffix(" 발표") for found in out for said in found.changes.split("·") if said.endswith("발표")
        }
        lifted = {
            said.removesuffix(" 해제") for found in out for said in found.changes.split("·") if said.endswith("해제")
        }
        changed = {
            said.removesuffix(" 변경") for found in out for said in found.changes.split("·") if said.endswith("변경")
        }
        assert announced <= after
        assert lifted <= before
        assert after - before <= announced | changed
        for name in announced:
            raised[name, "raised"] = raised.get((name, "raised"), 0) + 1
        at += timedelta(hours=6)
    assert raised


def test_texts_list_regions_districts_exclusions_and_parts() -> None:
    every = list(zones())
    assert listed(every).startswith("서울, 인천, 경기도, 강원도, ")
    assert listed([zone for zone in every if zone.name in {"보령", "태안"}]) == "충청남도(보령(보령도서 제외), 태안)"
    assert listed([zone for zone in every if zone.name == "여서도"]) == "전라남도(완도(여서도))"
    gangwon = [zone for zone in every if zone.region == "강원도"]
    assert listed(gangwon[:-1]) == f"강원도({gangwon[-1].name} 제외)"
    assert listed(gangwon) == "강원도"
    # An exclusion leaves out all parts of a zone, so that it is not written where one of them stays.
    but_wando = listed([zone for zone in every if zone.region == "전라남도" and zone.name != "완도"])
    assert but_wando.endswith("완도(여서도), 진도, 신안, 흑산도.홍도)")


def test_the_status_names_what_is_in_force_and_from_when() -> None:
    found: list[str] = []
    for day in range(0, 365, 9):
        row = WARNINGS.status(korea(2026, 1, 1, 12) + timedelta(days=day))
        assert list(row) == ["tmFc", "tmEf", "tmSeq", "t6", "t7", "other"]
        announced, in_force = (datetime.strptime(str(row[key]) + "+0900", "%Y%m%d%H%M%z") for key in ("tmFc", "tmEf"))
        assert in_force == announced + timedelta(hours=2)
        assert row["t6"] == "o 없음" or all(LINE.fullmatch(line) for line in row["t6"].split("\r\n"))
        assert row["t7"] == "o 없음" or row["t7"].startswith("(1) ")
        found += row["t6"].split("\r\n")
    assert "o 없음" in found
    assert any("제외)" in line for line in found)


def test_bulletins_are_answered_for_up_to_six_days_newest_first_and_by_office() -> None:
    with agencies(korea(2026, 8, 10, 12)) as served:
        reply = served.weather("getWthrWrnList", fromTmFc="20260805", toTmFc="20260810", stnId="108")
        times = [row["tmFc"] for row in reply.items]
        assert times == sorted(times, reverse=True)
        assert max(times) <= 202608101200
        assert list(reply.items[0]) == ["stnId", "title", "tmFc", "tmSeq"]
        office = reply.items[0]["stnId"]
        own = served.weather("getWthrWrnList", fromTmFc="20260805", toTmFc="20260810", stnId=office)
        assert own.items == [row for row in reply.items if row["stnId"] == office]
        assert header_of(served.weather("getWthrWrnList", fromTmFc="20260804", toTmFc="20260810"))[0] == "10"
        assert header_of(served.weather("getWthrWrnList", fromTmFc="20260811", toTmFc="20260812")) == NO_DATA


def test_the_status_is_answered_without_dates_only() -> None:
    with agencies(korea(2026, 8, 10, 12)) as served:
        assert served.weather("getPwnStatus").total == 1
        assert header_of(served.weather("getPwnStatus", fromTmFc="20260810"))[0] == "99"
        row = served.weather("getPwnStatus").items[0]
        read = {
            part.tag: part.text for part in served.weather("getPwnStatus", dataType="XML").xml.find("body/items/item")
        }
    assert read == {key: str(value) for key, value in row.items()}
