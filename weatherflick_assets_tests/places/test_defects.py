"""Defects in lists, details and codes, each found by the rule that is meant for it; what is clean raises nothing.

Places and details are put into the raw layer as the upstream says them, and published; what is asked is what the recorded
verdict names.
"""

from collections.abc import Callable
from typing import Any

import pytest

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.publish import Publisher, Publishing
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.quality.verdict import RuleResult
from weatherflick_assets_tests.places.collecting import CLOCK, publish
from weatherflick_assets_tests.places.store.stock import execute, item, merge, rows, tell

COUNT = 60
TABLES = {detail.name: detail for detail in DETAILS}


def places(count: int = COUNT) -> list[dict[str, object]]:
    """Attractions in Jeju against which nothing is to be said, each at its own place."""
    return [
        item(
            str(number),
            addr1=f"제주특별자치도 제주시 {number}",
            mapx=f"126.5{number:02}",
            zipcode="63000",
            firstimage2="http://tong.visitkorea.or.kr/a_s.jpg",
            cpyrhtDivCd="Type1",
            tel="064-123-4567",
        )
        for number in range(1, count + 1)
    ]


def spoiled(number: int, **changes: object) -> list[dict[str, object]]:
    """The same with changes in the first ones."""
    return [{**place, **changes} if row < number else place for row, place in enumerate(places())]


def found(made: Publishing) -> dict[str, RuleResult]:
    return {result.rule.rule_id: result for result in made.verdict.failures}


def test_clean_places_raise_nothing(store: str) -> None:
    merge(store, 0, places())
    made = publish(store)
    assert found(made) == {}
    assert made.verdict.score == 100


LISTED: dict[str, tuple[list[dict[str, object]], set[str], str]] = {
    "one place on the mainland": (
        spoiled(1, mapx="127.7", mapy="37.5"),
        {"all_coordinates_in_region"},
        "1: 37.5000 127.7000 is not in 50",
    ),
    "most places on the mainland": (
        spoiled(40, mapx="127.7"),
        {"coordinates_in_region", "all_coordinates_in_region", "few_places_at_one_point"},
        "1: 33.4000 127.7000 is not in 50",
    ),
    "a place at sea": (
        spoiled(1, mapx="124.5", mapy="33.2"),
        {"all_coordinates_in_region"},
        "1: 33.2000 124.5000 is not in 50",
    ),
    "a postal code of Seoul": (spoiled(1, zipcode="06234"), {"zip_codes_of_region"}, "1: 06234 is of 11"),
    "a district that is none": (spoiled(1, lDongSignguCd="999"), {"districts_of_region"}, "1: 999 is not of 50"),
    "a class of another group": (
        spoiled(1, lclsSystm3="NA020100"),
        {"classes_consistent"},
        "1: NA020100 is not in NA01",
    ),
    "an unknown group": (
        spoiled(9, lclsSystm2="NA77", lclsSystm3="NA770100"),
        {"class_group_known"},
        "1: NA77",
    ),
    "another kind's division": (
        spoiled(9, lclsSystm1="FD", lclsSystm2="FD01", lclsSystm3="FD010100"),
        {"class_division_of_the_kind", "class_group_known"},
        "1: FD",
    ),
    "a place under two ids": (
        spoiled(2, title="성산 일출봉", addr1="제주특별자치도 서귀포시 1"),
        {"title_and_address_once", "few_titles_and_addresses_twice"},
        "1 and 2: 성산일출봉제주특별자치도서귀포시1",
    ),
    "many places at one point": (spoiled(21, mapx="126.51"), {"few_places_at_one_point"}, "1: 21"),
    "a lost character": (spoiled(1, title="성산\ufffd출봉"), {"texts_clean"}, "1: title: characters lost or misread"),
    "Hangul read as Western text": (
        spoiled(1, title="\u00ec\u00a0\u00b1\u00ec\u00b0\u00b0"),
        {"texts_clean"},
        "1: title: characters lost or misread",
    ),
    "question marks for a text": (spoiled(1, addr2="????? 3"), {"texts_clean"}, "1: address_detail: characters lost"),
    "an entity nobody knows": (spoiled(1, title="성산 &foo; 봉"), {"texts_clean"}, "1: title: markup"),
    "a word for nothing": (spoiled(1, title="null"), {"texts_clean"}, "1: title: nothing"),
    "a phone without numbers": (spoiled(9, tel="준비중"), {"phone_has_a_number"}, "1: 준비중"),
    "a licence that is none": (spoiled(9, cpyrhtDivCd="Type9"), {"image_licence_known"}, "1: Type9"),
    "changed tomorrow": (spoiled(1, modifiedtime="20990101000000"), {"modified_at_in_range"}, "1: 2099-01-01"),
    "created tomorrow": (
        spoiled(1, createdtime="20990101000000"),
        {"created_at_in_range", "modified_at_not_before_created_at"},
        "1: 2099-01-01",
    ),
    "no time of change": (spoiled(1, modifiedtime=""), {"modified_at_never_null"}, "1"),
    "no pictures": (spoiled(40, firstimage=""), {"image_url_filled"}, "1"),
    "no classes": (spoiled(9, lclsSystm1="", lclsSystm2="", lclsSystm3=""), {"class_code_filled"}, "1"),
    "no addresses": (spoiled(9, addr1=""), {"address_filled"}, "1"),
    "coordinates of zero": (spoiled(9, mapx="0", mapy="0"), {"latitude_filled", "longitude_filled"}, "1"),
}


@pytest.mark.parametrize(("listed", "rules", "example"), LISTED.values(), ids=LISTED)
def test_a_defect_in_a_list_is_found(
    store: str, listed: list[dict[str, object]], rules: set[str], example: str
) -> None:
    merge(store, 0, listed)
    failures = found(publish(store))
    assert failures.keys() == rules
    assert any(shown.startswith(example) for failure in failures.values() for shown in failure.examples), failures


def test_a_class_that_the_published_codes_lack_is_found_once_there_are_any(store: str) -> None:
    merge(store, 0, spoiled(9, lclsSystm3="NA010900"))
    assert found(publish(store)) == {}
    execute(
        store,
        "INSERT INTO core.codes (code_space, code, name, level, source_response_id) VALUES ('class', 'NA010100', '산', 3, 1)",
    )
    failures = found(publish(store))
    execute(store, "DELETE FROM core.codes WHERE source_response_id IS NOT NULL")  # tables of reference are not emptied
    assert failures.keys() == {"class_code_listed"}
    assert failures["class_code_listed"].examples[0] == "1: NA010900 is not listed"


def test_a_partition_is_compared_with_what_was_published_of_it(store: str) -> None:
    def volume(made: Publishing) -> dict[str, tuple[bool, bool, str]]:
        return {
            result.rule.rule_id: (result.applies, result.passed, result.observed)
            for result in made.verdict.results
            if result.rule.rule_id.startswith("row_count_")
        }

    merge(store, 0, places(40))
    for _ in range(3):
        unknown = (False, True, "does not apply: usual_rows is not known")
        assert volume(publish(store)) == {"row_count_not_fallen": unknown, "row_count_as_usual": unknown}
    assert volume(publish(store))["row_count_as_usual"] == (True, True, "40 rows")

    merge(
        store, 1, [*places(60), *(item(str(number), addr1=f"{number}", mapx=f"126.4{number}") for number in (61, 62))]
    )
    grown = publish(store)
    assert grown.verdict.passed
    assert [warning.rule.rule_id for warning in grown.verdict.warnings] == ["row_count_as_usual"]
    assert grown.verdict.warnings[0].expected == "There are 0.7 to 1.5 times as many rows as usual, which is 40."

    execute(store, "UPDATE raw.place_items SET is_visible = false WHERE content_id::int > 10")
    held = publish(store)
    assert held.published is None
    assert [failure.rule.rule_id for failure in held.verdict.blocking_failures] == ["row_count_not_fallen"]
    assert rows(store, "SELECT count(*) AS shown FROM core.attractions WHERE removed_at IS NULL") == [{"shown": 62}]
    # What was held back does not become usual. A person who asks for the table publishes it all the same.
    assert publish(store).published is None
    asked = Publisher(store, CLOCK, accepts_fewer=True).places(CONTENT_TYPE_BY_NAME["attractions"], "50")
    assert asked.published is not None
    assert {warning.rule.rule_id for warning in asked.verdict.warnings} == {
        "row_count_not_fallen",
        "row_count_as_usual",
    }


FESTIVAL = CONTENT_TYPE_BY_NAME["festivals"]


def festivals() -> list[dict[str, object]]:
    return [
        {**place, "contenttypeid": "15", "lclsSystm1": "EV", "lclsSystm2": "EV01", "lclsSystm3": "EV010100"}
        for place in places()
    ]


@pytest.mark.parametrize(
    ("start", "end", "count", "rule", "example"),
    [
        ("20261003", "20261001", 10, "event_dates_usable", "1: reversed"),
        ("20260101", "20291231", 20, "events_of_a_year_at_most", "1: 1460"),
        ("21260101", "21260103", 1, "events_in_our_time", "1: 36"),
        ("19260101", "19260103", 1, "events_in_our_time", "1: -36"),
    ],
    ids=["reversed", "of years", "in a hundred years", "a hundred years ago"],
)
def test_a_defect_in_the_days_of_festivals_is_found(
    store: str, start: str, end: str, count: int, rule: str, example: str
) -> None:
    merge(store, 0, festivals(), content_type_id="15")
    for number in range(1, COUNT + 1):
        period = (start, end) if number <= count else ("20261001", "20261003")
        tell(store, str(number), "detailIntro2", [dict(zip(("eventstartdate", "eventenddate"), period, strict=True))])
    failures = found(publish(store, content_type=FESTIVAL))
    assert failures.keys() == {rule}
    assert failures[rule].examples[0].startswith(example)


def test_a_number_beyond_reason_is_found(store: str) -> None:
    merge(store, 0, places())
    tell(store, "1", "detailIntro2", [{"accomcount": "15881234명"}])
    failures = found(publish(store))
    assert failures["numbers_plausible"].examples == ("1: capacity_count: 15881234",)
    assert failures["numbers_plausible"].severity is Severity.WARNING


def told(dsn: str, operation: str, make: Callable[[int], list[Any]], kind: str = "12") -> None:
    """Say something about every place of a kind."""
    merge(dsn, 0, [{**place, "contenttypeid": kind} for place in places()], content_type_id=kind)
    for number in range(1, COUNT + 1):
        tell(dsn, str(number), operation, make(number))


def image(place: int, number: int = 1, **changes: object) -> dict[str, object]:
    address = f"http://tong.visitkorea.or.kr/{place}_{number}.jpg"
    return {
        "serialnum": f"{place}_{number}",
        "imgname": "바다",
        "originimgurl": address,
        "cpyrhtDivCd": "Type1",
        **changes,
    }


def details(dsn: str, name: str) -> dict[str, RuleResult]:
    return found(Publisher(dsn, CLOCK).details(TABLES[name], "50"))


def test_details_published_before_their_places_raise_nothing_and_those_of_no_place_do(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number)])
    assert details(store, "place_images") == {}
    publish(store)
    assert details(store, "place_images") == {}
    execute(store, "UPDATE core.attractions SET removed_at = now() WHERE content_id = '7'")
    failures = details(store, "place_images")
    assert failures.keys() == {"place_published"}
    assert failures["place_published"].examples == ("7: is not in core.attractions",)
    assert failures["place_published"].severity is Severity.WARNING


def test_details_of_a_place_that_was_rejected_or_is_held_back_are_reported_with_the_place(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number)])
    execute(store, "UPDATE raw.place_items SET payload = payload || '{\"title\": \"\"}' WHERE content_id = '7'")
    assert publish(store).unusable == 1
    assert details(store, "place_images") == {}


DETAILED: dict[str, tuple[str, Callable[[int], list[Any]], str, str, str]] = {
    "an image twice": (
        "detailImage2",
        lambda number: [image(number), image(number, 1 if number == 1 else 2)],
        "place_images",
        "images_once",
        "1: 1 https://tong.visitkorea.or.kr/1_1.jpg",
    ),
    "unknown licences": (
        "detailImage2",
        lambda number: [image(number, cpyrhtDivCd="Type9" if number < 9 else "Type1")],
        "place_images",
        "licence_known",
        "1: Type9",
    ),
    "no licences": (
        "detailImage2",
        lambda number: [image(number, cpyrhtDivCd="" if number < 9 else "Type1")],
        "place_images",
        "licence_filled",
        "1",
    ),
    "a text of lost characters": (
        "detailInfo2",
        lambda number: [{"serialnum": "0", "infoname": "화장실", "infotext": "있\ufffd" if number == 1 else "있음"}],
        "place_infos",
        "texts_clean",
        "1: text: characters lost or misread",
    ),
    "no names": (
        "detailInfo2",
        lambda number: [{"serialnum": "0", "infoname": "" if number < 20 else "화장실", "infotext": "있음"}],
        "place_infos",
        "name_filled",
        "1",
    ),
    "pets nowhere": (
        "detailPetTour2",
        lambda number: [{"acmpyTypeCd": "" if number < 20 else "전구역", "acmpyNeedMtr": "목줄"}],
        "pet_policies",
        "scope_filled",
        "1",
    ),
}


@pytest.mark.parametrize(("operation", "make", "name", "rule", "example"), DETAILED.values(), ids=DETAILED)
def test_a_defect_in_details_is_found(
    store: str, operation: str, make: Callable[[int], list[Any]], name: str, rule: str, example: str
) -> None:
    told(store, operation, make)
    failures = details(store, name)
    assert failures.keys() == {rule}
    assert failures[rule].examples[0].startswith(example)


def test_rooms_for_fewer_than_they_are_let_to_are_found(store: str) -> None:
    told(
        store,
        "detailInfo2",
        lambda number: [{"roomtitle": "온돌", "roombasecount": "4", "roommaxcount": "2" if number < 9 else "6"}],
        kind="32",
    )
    assert details(store, "rooms").keys() == {"most_guests_not_below_guests"}


def test_stops_that_are_no_places_are_found_once_every_region_was_listed(store: str) -> None:
    told(
        store,
        "detailInfo2",
        lambda number: [{"subnum": "0", "subname": "들", "subcontentid": str(9_000 + number)}],
        "25",
    )
    assert details(store, "course_stops") == {}
    execute(
        store,
        "INSERT INTO raw.sweeps (provider, operation, content_type_id, region_code, started_at, finished_at, pages, "
        "total_count, items_seen, is_complete) SELECT 'kto', 'x', kind, region_code, now(), now(), 1, 0, 0, true "
        "FROM core.regions, unnest(ARRAY['12','14','15','25','28','32','38','39']) AS kind WHERE region_code <> 'unassigned'",
    )
    failures = details(store, "course_stops")
    assert failures.keys() == {"stops_known"}
    assert failures["stops_known"].examples[0] == "1: 9001 is no place"


def test_a_course_that_stops_at_itself_is_found(store: str) -> None:
    told(store, "detailInfo2", lambda number: [{"subnum": "0", "subname": "들", "subcontentid": str(number)}], "25")
    assert details(store, "course_stops")["stops_known"].examples[0] == "1: 1 is the course itself"


def test_fewer_details_than_usual_are_found_and_more_are_not(store: str) -> None:
    told(store, "detailImage2", lambda number: [image(number), image(number, 2)])
    for _ in range(3):
        details(store, "place_images")
    for number in range(1, COUNT + 1):
        tell(store, str(number), "detailImage2", [image(number)])
    failures = details(store, "place_images")
    assert failures.keys() == {"row_count_as_usual"}
    for number in range(1, COUNT + 1):
        tell(store, str(number), "detailImage2", [image(number, each) for each in range(1, 6)])
    assert details(store, "place_images") == {}
