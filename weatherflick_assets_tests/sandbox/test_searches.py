"""Festivals by date, and stays."""

from typing import Any

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything

EVENTS = [
    ("1", "20251219", "20260103"),
    ("2", "20260101", "20260101"),
    ("3", "20260501", "20260503"),
    ("4", "20251201", "20251231"),
    ("5", "", ""),
]


def found(events: list[tuple[str, str, str]], **dates: str) -> list[str]:
    rows = [
        {"contentid": name, "contenttypeid": "15", "title": name, "eventstartdate": start, "eventenddate": end}
        for name, start, end in events
    ]
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        return [row["contentid"] for row in everything(sandbox, "searchFestival2", **dates)]


def test_festivals_are_those_that_end_on_or_after_the_start_date() -> None:
    assert found(EVENTS, eventStartDate="20260101") == ["1", "2", "3"]
    assert found(EVENTS, eventStartDate="20260103") == ["1", "3"]
    assert found(EVENTS, eventStartDate="20260104") == ["3"]


def test_an_end_date_leaves_out_festivals_that_start_after_it() -> None:
    assert found(EVENTS, eventStartDate="20260101", eventEndDate="20260430") == ["1", "2"]
    assert found(EVENTS, eventStartDate="20251220", eventEndDate="20251220") == ["1", "4"]


def test_festivals_of_the_country_are_the_events_of_its_list(korea: RunningSandbox) -> None:
    dated = {row["contentid"]: row for row in everything(korea, "searchFestival2", eventStartDate="20000101")}
    listed = {row["contentid"]: row for row in everything(korea, "areaBasedList2", contentTypeId="15")}
    assert dated.keys() < listed.keys()
    assert len(dated) / len(listed) == pytest.approx(0.98, abs=0.015)
    for identifier, row in dated.items():
        assert row.items() >= listed[identifier].items()
        assert "2000" < row["eventstartdate"] <= row["eventenddate"]
    states = {row["progresstype"] for row in dated.values()}
    assert {"", "선택안함", "취소"} <= states


def test_most_events_are_entered_a_few_weeks_ahead_and_last_a_few_days(korea: RunningSandbox) -> None:
    rows = everything(korea, "searchFestival2", eventStartDate="20000101")
    short = sum(int(row["eventenddate"]) - int(row["eventstartdate"]) <= 3 for row in rows)
    ahead = sum(row["eventstartdate"] >= row["modifiedtime"][:8] for row in rows)
    assert 0.5 < short / len(rows) < 0.75  # a few cross the end of a month
    assert ahead / len(rows) == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize("filters", [{"lDongRegnCd": "11"}, {"areaCode": "1"}, {"modifiedtime": "2026"}])
def test_searches_take_the_filters_of_lists(hamlet: RunningSandbox, filters: dict[str, Any]) -> None:
    stays = everything(hamlet, "searchStay2", **filters)
    assert [row["contentid"] for row in stays] == [
        row["contentid"] for row in everything(hamlet, "areaBasedList2", contentTypeId="32", **filters)
    ]
    festivals = everything(hamlet, "searchFestival2", eventStartDate="20000101", **filters)
    listed = everything(hamlet, "areaBasedList2", contentTypeId="15", **filters)
    assert {row["contentid"] for row in festivals} <= {row["contentid"] for row in listed}


def test_searches_can_be_ordered_like_lists(hamlet: RunningSandbox) -> None:
    for operation, given in (("searchStay2", {}), ("searchFestival2", {"eventStartDate": "20250101"})):
        times = [row["modifiedtime"] for row in everything(hamlet, operation, arrange="C", **given)]
        assert times == sorted(times, reverse=True)
        assert len(times) > 3
        titles = [row["title"] for row in everything(hamlet, operation, **given)]
        assert titles == sorted(titles)


def test_stays_are_exactly_the_shown_places_to_sleep(korea: RunningSandbox) -> None:
    rows = everything(korea, "searchStay2")
    assert {row["contenttypeid"] for row in rows} == {"32"}
    assert len(rows) == ask(korea, "areaBasedList2", contentTypeId="32").total
