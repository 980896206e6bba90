"""Lists of places: filters, orders, pages."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.operations import OPERATIONS
from weatherflick_assets.sandbox.parameters import Parameters
from weatherflick_assets.sandbox.selection import Query, Selector
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, count_by, everything

LISTS = ["areaBasedList2", "areaBasedSyncList2"]
SEOUL_CITY_HALL = {"mapX": "126.9780", "mapY": "37.5665", "radius": "20000"}


def test_the_sync_list_holds_shown_and_hidden_rows_and_the_area_list_only_shown_ones(hamlet: RunningSandbox) -> None:
    counts = hamlet.status()["catalogue"]
    assert ask(hamlet, "areaBasedSyncList2").total == counts["rows"]
    assert ask(hamlet, "areaBasedList2").total == counts["shown"]
    assert ask(hamlet, "areaBasedSyncList2", showflag="0").total == counts["hidden"]
    assert ask(hamlet, "areaBasedSyncList2", showflag="1").total == counts["shown"]


def test_a_region_filter_never_returns_hidden_rows(hamlet: RunningSandbox) -> None:
    rows = everything(hamlet, "areaBasedSyncList2", lDongRegnCd="11")
    assert rows
    assert {row["showflag"] for row in rows} == {"1"}
    assert {row["lDongRegnCd"] for row in rows} == {"11"}


@pytest.mark.parametrize(
    ("parameters", "held"),
    [
        ({"contentTypeId": "39"}, {"contenttypeid": "39"}),
        ({"lDongRegnCd": "41", "lDongSignguCd": "820"}, {"lDongRegnCd": "41", "lDongSignguCd": "820"}),
        ({"lclsSystm1": "FD", "lclsSystm2": "FD01"}, {"lclsSystm1": "FD", "lclsSystm2": "FD01"}),
        (
            {"lclsSystm1": "FD", "lclsSystm2": "FD05", "lclsSystm3": "FD050100"},
            {"lclsSystm3": "FD050100", "contenttypeid": "39"},
        ),
        ({"areaCode": "1", "sigunguCode": "24"}, {"areacode": "1", "sigungucode": "24", "lDongRegnCd": "11"}),
        ({"cat1": "A05", "cat2": "A0502", "cat3": "A05020900"}, {"cat3": "A05020900"}),
    ],
)
def test_a_filter_returns_exactly_the_rows_that_hold_its_value(
    korea: RunningSandbox, country: Catalogue, parameters: dict[str, str], held: dict[str, str]
) -> None:
    rows = everything(korea, "areaBasedList2", **parameters)
    assert all(row[name] == value for row in rows for name, value in held.items())
    assert len(rows) == count_by(country, *held)[tuple(held.values())] > 0


def test_the_legacy_area_filter_loses_most_of_seoul(korea: RunningSandbox) -> None:
    assert ask(korea, "areaBasedList2", lDongRegnCd="11").total == 8007
    assert ask(korea, "areaBasedList2", areaCode="1").total == pytest.approx(2407, rel=0.02)


@pytest.mark.parametrize("value", ["36", "29", "46", "42", "45", "999"])
def test_an_abolished_or_invented_region_is_empty_and_not_an_error(hamlet: RunningSandbox, value: str) -> None:
    reply = ask(hamlet, "areaBasedList2", lDongRegnCd=value)
    assert reply.status == 200
    assert reply.body == (
        b'{"response":{"header":{"resultCode":"0000","resultMsg":"OK"},'
        b'"body":{"items":"","numOfRows":0,"pageNo":1,"totalCount":0}}}'
    )


@pytest.mark.parametrize("prefix", ["2026", "202603", "20260327"])
def test_modifiedtime_selects_the_rows_of_that_period(korea: RunningSandbox, country: Catalogue, prefix: str) -> None:
    expected = sum(str(time).startswith(prefix) for time in country.column("modifiedtime"))
    reply = ask(korea, "areaBasedSyncList2", modifiedtime=prefix, numOfRows=1000)
    assert reply.total == expected > 0
    assert all(row["modifiedtime"].startswith(prefix) for row in reply.items)


def test_rows_come_in_the_order_of_their_titles_unless_told_otherwise(hamlet: RunningSandbox) -> None:
    rows = everything(hamlet, "areaBasedList2")
    keys = [(row["title"], int(row["contentid"])) for row in rows]
    assert keys == sorted(keys)
    assert rows == everything(hamlet, "areaBasedList2", arrange="A")


@pytest.mark.parametrize(("arrange", "field"), [("C", "modifiedtime"), ("D", "createdtime")])
def test_newest_first_breaks_ties_by_contentid(hamlet: RunningSandbox, arrange: str, field: str) -> None:
    keys = [
        (-int(row[field]), int(row["contentid"])) for row in everything(hamlet, "areaBasedSyncList2", arrange=arrange)
    ]
    assert keys == sorted(keys)


@pytest.mark.parametrize(("arrange", "plain"), [("O", "A"), ("Q", "C"), ("R", "D")])
def test_the_orders_with_image_are_the_plain_ones_without_the_rows_that_have_none(
    hamlet: RunningSandbox, arrange: str, plain: str
) -> None:
    rows = everything(hamlet, "areaBasedList2", arrange=arrange)
    assert rows == [row for row in everything(hamlet, "areaBasedList2", arrange=plain) if row["firstimage"]]


def test_a_location_finds_shown_rows_within_its_radius_by_distance(korea: RunningSandbox) -> None:
    rows = everything(korea, "locationBasedList2", **SEOUL_CITY_HALL, arrange="E", contentTypeId="14")
    distances = [float(row["dist"]) for row in rows]
    assert len(rows) > 100
    assert all(near <= far for near, far in pairwise(distances))
    assert 0 <= distances[0] < distances[-1] <= 20_000


def test_the_distance_is_in_metres_on_a_flat_korea() -> None:
    rows = [{"contentid": "1", "title": "north", "mapx": "127", "mapy": "37.01"}]
    rows += [{"contentid": "2", "title": "east", "mapx": "127.01", "mapy": "37"}]
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        east, north = ask(sandbox, "locationBasedList2", mapX="127", mapY="37", radius="2000").items
        assert (east["title"], float(east["dist"])) == ("east", pytest.approx(889))
        assert (north["title"], float(north["dist"])) == ("north", pytest.approx(1110))
        assert ask(sandbox, "locationBasedList2", mapX="127", mapY="37", radius="1000").total == 1


def test_a_location_is_listed_by_distance_unless_told_otherwise(hamlet: RunningSandbox) -> None:
    rows = everything(hamlet, "locationBasedList2", **SEOUL_CITY_HALL)
    assert rows == everything(hamlet, "locationBasedList2", **SEOUL_CITY_HALL, arrange="E")
    by_title = everything(hamlet, "locationBasedList2", **SEOUL_CITY_HALL, arrange="A")
    assert [row["title"] for row in by_title] == sorted(row["title"] for row in rows)
    with_image = everything(hamlet, "locationBasedList2", **SEOUL_CITY_HALL, arrange="S")
    assert with_image == [row for row in rows if row["firstimage"]]


def test_rows_without_usable_coordinates_are_near_nothing() -> None:
    odd = [("", ""), ("0", "0"), ("46505448", "0"), ("x", "37"), ("12.7", "37.5"), ("127.0", "37.5")]
    places = Catalogue.from_rows(
        [{"contentid": str(n), "title": "", "mapx": x, "mapy": y} for n, (x, y) in enumerate(odd, 1)]
    )
    with RunningSandbox(catalogue=places) as sandbox:
        rows = everything(sandbox, "locationBasedList2", mapX="127.0", mapY="37.5", radius="20000")
    assert [row["contentid"] for row in rows] == ["6"]


def test_a_keyword_matches_any_part_of_the_title(korea: RunningSandbox, country: Catalogue) -> None:
    rows = everything(korea, "searchKeyword2", keyword="시장")
    shown = [
        title for title, flag in zip(country.column("title"), country.column("showflag"), strict=True) if flag == "1"
    ]
    assert sorted(row["title"] for row in rows) == sorted(title for title in shown if "시장" in title)
    assert rows
    assert ask(korea, "searchKeyword2", keyword="없는 이름").total == 0


def test_pages_of_more_than_a_thousand_rows_are_cut_to_a_thousand(korea: RunningSandbox) -> None:
    reply = ask(korea, "areaBasedList2", numOfRows=5000)
    assert len(reply.items) == reply.content["numOfRows"] == 1000


def test_a_page_has_ten_rows_and_is_the_first_unless_told_otherwise(hamlet: RunningSandbox) -> None:
    reply = ask(hamlet, "areaBasedList2")
    assert (reply.content["numOfRows"], reply.content["pageNo"], len(reply.items)) == (10, 1, 10)


def test_beyond_the_last_page_there_is_nothing_but_the_true_total(hamlet: RunningSandbox) -> None:
    content = ask(hamlet, "areaBasedList2", pageNo=99_999).content
    shown = hamlet.status()["catalogue"]["shown"]
    assert content == {"items": "", "numOfRows": 0, "pageNo": 99_999, "totalCount": shown}


def test_an_old_contentid_finds_the_row_that_replaced_it() -> None:
    rows = [{"contentid": "2", "title": "new", "oldContentid": "1"}, {"contentid": "3", "title": "other"}]
    with RunningSandbox(catalogue=Catalogue.from_rows(rows)) as sandbox:
        assert [row["contentid"] for row in ask(sandbox, "areaBasedSyncList2", oldContentid="1").items] == ["2"]
        assert ask(sandbox, "areaBasedSyncList2", oldContentid="9").total == 0


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(40, 1000),
    arrange=st.sampled_from("ACDOQR"),
    operation=st.sampled_from(LISTS),
    filters=st.sampled_from([{}, {"lDongRegnCd": "11"}, {"contentTypeId": "39"}, {"modifiedtime": "2026"}]),
)
def test_pages_of_any_size_hold_every_row_exactly_once(
    hamlet: RunningSandbox, rows: int, arrange: str, operation: str, filters: dict[str, str]
) -> None:
    whole = everything(hamlet, operation, arrange=arrange, **filters)
    total = ask(hamlet, operation, arrange=arrange, **filters).total
    paged: list[dict[str, Any]] = []
    for page in range(1, -(-total // rows) + 1):
        paged += ask(hamlet, operation, arrange=arrange, numOfRows=rows, pageNo=page, **filters).items
    assert paged == whole
    assert len({row["contentid"] for row in paged}) == total


def test_a_small_cache_changes_no_result(country: Catalogue) -> None:
    remembering, forgetting = Selector(country), Selector(country, remembered=1)
    for _ in range(2):
        for region in ("11", "50", "41"):
            parameters = Parameters({"lDongRegnCd": region})
            query = Query.from_parameters(OPERATIONS["areaBasedList2"], parameters)
            assert (remembering.select(query).positions == forgetting.select(query).positions).all()
