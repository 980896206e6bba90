"""Details of synthetic places."""

import re
from collections import Counter
from typing import Any

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.detail_keys import detail_keys
from weatherflick_assets.sandbox.details import NOTHING_RECORDED, Details
from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets_tests.sandbox.calling import ask, everything

Row = dict[str, Any]
EMPTY = {"items": "", "numOfRows": 0, "pageNo": 1, "totalCount": 0}
DETAILS = ["detailCommon2", "detailIntro2", "detailInfo2", "detailImage2", "detailPetTour2"]
OF_A_TYPE = {"detailIntro2", "detailInfo2"}


def detail(sandbox: RunningSandbox, operation: str, row: Row, **parameters: Any) -> list[Row]:
    asked = {"contentId": row["contentid"], "numOfRows": 100, **parameters}
    if operation in OF_A_TYPE:
        asked.setdefault("contentTypeId", row["contenttypeid"])
    return ask(sandbox, operation, **asked).items


def places(sandbox: RunningSandbox, content_type: str, number: int = 400) -> list[Row]:
    return ask(sandbox, "areaBasedList2", contentTypeId=content_type, numOfRows=number).items


def all_details(country: Catalogue, operation: str, content_type: str) -> list[list[Row]]:
    """The details of 400 shown places of a type, without any calls."""
    details = Details(1, country, NOTHING_RECORDED)
    positions = (country.shown & country.equal("contenttypeid", content_type)).nonzero()[0].tolist()[:400]
    return [[dict(item) for item in details.items(operation, country, position)] for position in positions]


def filled(rows: list[Row], name: str) -> float:
    return sum(row[name] != "" for row in rows) / len(rows)


@pytest.mark.parametrize("operation", DETAILS)
@pytest.mark.parametrize("identifier", ["999999999", "x", "0126508"])
def test_an_unknown_place_has_no_details_and_is_not_an_error(
    hamlet: RunningSandbox, operation: str, identifier: str
) -> None:
    given = {"contentTypeId": "12"} if operation in OF_A_TYPE else {}
    assert ask(hamlet, operation, contentId=identifier, **given).content == EMPTY


@pytest.mark.parametrize("operation", DETAILS)
def test_a_hidden_place_has_no_details(hamlet: RunningSandbox, operation: str) -> None:
    hidden = ask(hamlet, "areaBasedSyncList2", showflag="0", numOfRows=20).items
    assert [detail(hamlet, operation, row) for row in hidden] == [[]] * 20


@pytest.mark.parametrize("operation", sorted(OF_A_TYPE))
@pytest.mark.parametrize("content_type", ["14", "15", "25", "32", "39", "99"])
def test_a_place_has_nothing_under_another_type(hamlet: RunningSandbox, operation: str, content_type: str) -> None:
    sights = places(hamlet, "12", 20)
    assert any(detail(hamlet, operation, row) for row in sights)
    assert not any(detail(hamlet, operation, row, contentTypeId=content_type) for row in sights)


def test_the_common_detail_repeats_the_list_row(hamlet: RunningSandbox) -> None:
    for row in everything(hamlet, "areaBasedList2")[::7]:
        (common,) = detail(hamlet, "detailCommon2", row)
        assert common.items() >= row.items()
        assert common["overview"]


@pytest.mark.parametrize("content_type", tables.CONTENT_TYPES)
def test_items_have_the_keys_of_their_type_in_order_and_text_values(country: Catalogue, content_type: str) -> None:
    for operation in DETAILS:
        for items in all_details(country, operation, content_type)[:60]:
            for item in items:
                assert tuple(item) == detail_keys(operation, content_type)
                assert {type(value) for value in item.values()} == {str}


def test_forms_are_given_for_fields_that_exist() -> None:
    for content_type, forms in tables.intro_forms().items():
        assert {form.name for form in forms} < set(detail_keys("detailIntro2", content_type))
    assert [form.name for form in tables.pet_forms()] == list(detail_keys("detailPetTour2", "")[1:])


# Measured on details recorded in July 2026.
@pytest.mark.parametrize(
    ("content_type", "name", "rate"),
    [
        ("12", "usetime", 0.964),
        ("12", "restdate", 0.971),
        ("12", "chkbabycarriage", 0.28),
        ("12", "chkpet", 0.0),
        ("14", "usefee", 0.911),
        ("15", "sponsor2", 0.7),
        ("28", "parkingfeeleports", 0.343),
        ("32", "roomtype", 0.873),
        ("32", "subfacility", 0.382),
        ("38", "restdateshopping", 0.474),
        ("39", "packing", 0.272),
        ("39", "firstmenu", 0.997),
    ],
)
def test_fields_are_filled_at_the_recorded_rates(country: Catalogue, content_type: str, name: str, rate: float) -> None:
    rows = [item for items in all_details(country, "detailIntro2", content_type) for item in items]
    assert filled(rows, name) == pytest.approx(rate, abs=0.08)


def test_about_seven_in_a_hundred_places_have_no_intro_and_half_of_the_leisure_ones(
    country: Catalogue,
) -> None:
    details = Details(1, country, NOTHING_RECORDED)
    sample = country.shown.nonzero()[0].tolist()[::25]
    missing = sum(not details.items("detailIntro2", country, position) for position in sample)
    assert missing / len(sample) == pytest.approx(0.07, abs=0.02)
    leisure = all_details(country, "detailIntro2", "28")
    assert sum(not items for items in leisure) / len(leisure) == pytest.approx(0.47, abs=0.08)


def test_texts_have_the_forms_of_recorded_ones(country: Catalogue) -> None:
    sights = [item for items in all_details(country, "detailIntro2", "12") for item in items]
    assert Counter(row["parking"] for row in sights).most_common(1)[0][0] == "가능"
    assert Counter(row["restdate"] for row in sights).most_common(1)[0][0] == "연중무휴"
    assert any("<br>\n" in row["usetime"] for row in sights)
    assert any(re.fullmatch(r"\d\d:\d\d~\d\d:\d\d", row["usetime"]) for row in sights)
    homepages = [row["homepage"] for items in all_details(country, "detailCommon2", "12") for row in items]
    assert any(re.match(r'<a href="[^"]+" target="_blank" title="새창', page) for page in homepages)
    assert any("</a><br>" in page for page in homepages)
    assert any(page.startswith("http") for page in homepages)
    assert filled([{"homepage": page} for page in homepages], "homepage") == pytest.approx(0.75, abs=0.07)
    overviews = [row["overview"] for items in all_details(country, "detailCommon2", "39") for row in items]
    assert any("\n" in text for text in overviews)
    assert 150 < sorted(map(len, overviews))[len(overviews) // 2] < 350


def test_the_dates_of_an_event_are_the_same_in_search_and_intro(hamlet: RunningSandbox) -> None:
    found = everything(hamlet, "searchFestival2", eventStartDate="20000101")
    answers = [(row, detail(hamlet, "detailIntro2", row)) for row in found]
    assert sum(bool(items) for _, items in answers) > len(found) / 2
    for row, items in answers:
        for item in items:
            assert (item["eventstartdate"], item["eventenddate"]) == (row["eventstartdate"], row["eventenddate"])


def test_a_course_stops_at_places_of_the_catalogue_that_are_near_it(korea: RunningSandbox, country: Catalogue) -> None:
    rows = {str(name): position for name, position in country.positions.items()}
    near = 0
    courses = places(korea, "25", 60)
    for course in courses:
        stops = detail(korea, "detailInfo2", course)
        assert [stop["subnum"] for stop in stops] == [str(number) for number in range(len(stops))]
        assert 2 <= len({stop["subcontentid"] for stop in stops}) == len(stops)
        for stop in stops:
            position = rows[stop["subcontentid"]]
            assert country.column("title")[position] == stop["subname"]
            assert country.shown[position]
            near += country.column("lDongRegnCd")[position] == course["lDongRegnCd"]
    assert near > 2 * len(courses)


def test_a_stay_has_several_rooms_or_none(country: Catalogue) -> None:
    stays = all_details(country, "detailInfo2", "32")
    assert sum(not rooms for rooms in stays) / len(stays) == pytest.approx(0.5, abs=0.08)
    assert {len(rooms) for rooms in stays} == {0, *range(2, 10)}
    for rooms in stays:
        for room in rooms:
            assert int(room["roombasecount"]) <= int(room["roommaxcount"])
            assert int(room["roomoffseasonminfee1"]) <= int(room["roompeakseasonminfee1"])


def test_info_items_are_numbered_from_zero(country: Catalogue) -> None:
    for items in all_details(country, "detailInfo2", "12"):
        assert [item["serialnum"] for item in items] == [str(number) for number in range(len(items))]


def test_images_are_numbered_in_an_order_of_their_own(country: Catalogue) -> None:
    galleries = [images for images in all_details(country, "detailImage2", "12") if images]
    assert len(galleries) / 400 == pytest.approx(0.84, abs=0.07)
    for images in galleries:
        serials = [int(image["serialnum"].partition("_")[2]) for image in images]
        assert sorted(serials) == list(range(1, len(images) + 1))
        assert len({image["originimgurl"] for image in images}) == len(images)


def test_images_are_paged_with_their_true_total(korea: RunningSandbox) -> None:
    galleries = ((row, detail(korea, "detailImage2", row)) for row in places(korea, "12"))
    row, images = next((row, images) for row, images in galleries if len(images) > 10)
    first, second = (ask(korea, "detailImage2", contentId=row["contentid"], pageNo=page) for page in (1, 2))
    assert first.items + second.items == images[:20]
    assert (first.content["numOfRows"], first.total) == (10, len(images))


def test_only_restaurants_have_images_of_their_menu(korea: RunningSandbox) -> None:
    menus = [detail(korea, "detailImage2", row, imageYN="N") for row in places(korea, "39", 100)]
    assert 5 < sum(map(bool, menus)) < 40
    assert not any(detail(korea, "detailImage2", row, imageYN="N") for row in places(korea, "12", 50))
    place = places(korea, "12", 1)[0]
    assert detail(korea, "detailImage2", place, imageYN="Y") == detail(korea, "detailImage2", place)


def test_without_a_place_all_pet_rows_come_page_by_page(korea: RunningSandbox) -> None:
    rows = everything(korea, "detailPetTour2")
    identifiers = [row["contentid"] for row in rows]
    assert identifiers == sorted(set(identifiers))
    assert len(rows) == pytest.approx(1355, rel=0.15)
    for row in rows[::100]:
        assert ask(korea, "detailPetTour2", contentId=row["contentid"]).items == [row]
    listed = {row["contentid"] for row in everything(korea, "areaBasedList2")}
    assert listed.issuperset(identifiers)


def test_details_depend_on_seed_and_place_and_on_nothing_else() -> None:
    def answered(rows: list[Row], seed: int) -> list[list[Row]]:
        with RunningSandbox(SandboxOptions(seed=seed), catalogue=Catalogue.from_rows(rows)) as sandbox:
            return [detail(sandbox, operation, rows[0]) for operation in DETAILS]

    place = {"contentid": "7", "contenttypeid": "39", "title": "곳", "lDongRegnCd": "50", "lDongSignguCd": "110"}
    other = {"contentid": "8", "contenttypeid": "12", "title": "딴 곳"}
    assert answered([place], 1) == answered([place, other], 1) != answered([place], 2)


def test_a_row_without_any_values_still_has_details() -> None:
    rows = [{"contentid": str(number), "contenttypeid": kind} for number, kind in enumerate(tables.CONTENT_TYPES, 1)]
    with RunningSandbox(catalogue=Catalogue.from_rows([*rows, {"contentid": "99"}])) as sandbox:
        for row in rows:
            assert [len(detail(sandbox, "detailCommon2", row)) for _ in DETAILS] == [1] * 5
            for operation in DETAILS:
                detail(sandbox, operation, row)
        assert len(ask(sandbox, "detailCommon2", contentId="99").items) == 1
