"""Defects in lists, details and recorded places, and the clean data that they are put into."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from weatherflick_assets.places.content_types import CONTENT_TYPE_BY_NAME
from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.publish import Publisher
from weatherflick_assets.quality.verdict import Verdict
from weatherflick_assets_tests.defects import Defect, Kind, blocks, notes, warns
from weatherflick_assets_tests.places.collecting import CLOCK, publish
from weatherflick_assets_tests.places.store.stock import item, merge, tell, tell_each
from weatherflick_assets_tests.places.transform.received import recorded_rows
from weatherflick_assets_tests.recorded import RECORDED

COUNT = 60
TABLES = {detail.name: detail for detail in DETAILS}
FESTIVAL = CONTENT_TYPE_BY_NAME["festivals"]
RESTAURANT = CONTENT_TYPE_BY_NAME["restaurants"]
Item = Mapping[str, object]
Change = Callable[[int, Item], Sequence[Item]]
"""Gets the number of an item, from 1, and the item; gives what stands in its place."""


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


def festivals() -> list[dict[str, object]]:
    """The same as festivals."""
    of_events = {"contenttypeid": "15", "lclsSystm1": "EV", "lclsSystm2": "EV01", "lclsSystm3": "EV010100"}
    return [{**place, **of_events} for place in places()]


@cache
def restaurants() -> tuple[dict[str, object], ...]:
    """Recorded restaurants of Jeju."""
    found = (row for row in recorded_rows(RECORDED, "jeju_2026") if row["contenttypeid"] == "39")
    return tuple({**row, "showflag": "1"} for row in found if row["lDongRegnCd"] == "50")


def changed(items: Sequence[Item], change: Change) -> list[dict[str, object]]:
    """Items with a change in them."""
    return [{**each} for number, given in enumerate(items, 1) for each in change(number, given)]


def told(dsn: str, operation: str, make: Callable[[int], list[Any]], kind: str = "12") -> None:
    """List places of a kind, and say something about every one."""
    merge(dsn, 0, [{**place, "contenttypeid": kind} for place in places()], content_type_id=kind)
    tell_all(dsn, operation, make)


def tell_all(dsn: str, operation: str, make: Callable[[int], list[Any]]) -> None:
    """Say something about every place."""
    tell_each(dsn, operation, {str(number): make(number) for number in range(1, COUNT + 1)})


def image(place: int, number: int = 1, **changes: object) -> dict[str, object]:
    """An image of a place."""
    address = f"http://tong.visitkorea.or.kr/{place}_{number}.jpg"
    return {
        "serialnum": f"{place}_{number}",
        "imgname": "바다",
        "originimgurl": address,
        "cpyrhtDivCd": "Type1",
        **changes,
    }


def period(start: str = "20261001", end: str = "20261003") -> list[dict[str, str]]:
    """What is said of the days of a festival."""
    return [{"eventstartdate": start, "eventenddate": end}]


@dataclass(frozen=True)
class Clean:
    """Clean data of a table: how they are put into the raw layer, and how the table is published."""

    put: Callable[[str], None]
    publish: Callable[[str], Verdict]


def _details(operation: str, make: Callable[[int], list[Any]], name: str, kind: str = "12") -> Clean:
    return Clean(
        lambda dsn: told(dsn, operation, make, kind),
        lambda dsn: Publisher(dsn, CLOCK).details(TABLES[name], "50").verdict,
    )


def _put_festivals(dsn: str) -> None:
    merge(dsn, 0, festivals(), content_type_id="15")
    tell_all(dsn, "detailIntro2", lambda _: period())


INFO = {"serialnum": "0", "infoname": "화장실", "infotext": "있음"}
PET = {"acmpyTypeCd": "전구역", "acmpyNeedMtr": "목줄"}
ROOM = {"roomtitle": "온돌", "roombasecount": "4", "roommaxcount": "6"}

CLEAN: Mapping[str, Clean] = {
    "core.attractions": Clean(lambda dsn: merge(dsn, 0, places()) and None, lambda dsn: publish(dsn).verdict),
    "core.festivals": Clean(_put_festivals, lambda dsn: publish(dsn, content_type=FESTIVAL).verdict),
    "core.restaurants": Clean(
        lambda dsn: merge(dsn, 0, restaurants(), content_type_id="39") and None,
        lambda dsn: publish(dsn, content_type=RESTAURANT).verdict,
    ),
    "core.place_images": _details("detailImage2", lambda number: [image(number)], "place_images"),
    "core.place_infos": _details("detailInfo2", lambda _: [INFO], "place_infos"),
    "core.pet_policies": _details("detailPetTour2", lambda _: [PET], "pet_policies"),
    "core.rooms": _details("detailInfo2", lambda _: [ROOM], "rooms", "32"),
    "core.course_stops": _details(
        "detailInfo2", lambda number: [{"subnum": "0", "subname": "들", "subcontentid": str(9_000 + number)}], "course_stops", "25"
    ),
}  # fmt: skip
"""Clean data by table."""


def _spoil(number_of: int, changes: Mapping[str, object]) -> Change:
    return lambda number, given: [{**given, **changes} if number <= number_of else given]


def _listed(number: int, **changes: object) -> Callable[[str], object]:
    return lambda dsn: merge(dsn, 1, changed(places(), _spoil(number, changes)))


def _renamed(*names: str) -> Change:
    """Fields get other names, as an upstream renames them."""
    return lambda _, given: [{f"{name}New" if name in names else name: value for name, value in given.items()}]


def _list(change: Change) -> Callable[[str], object]:
    return lambda dsn: merge(dsn, 1, changed(places(), change))


def _recorded(change: Change) -> Callable[[str], object]:
    return lambda dsn: merge(dsn, 1, changed(restaurants(), change), content_type_id="39")


def _told(operation: str, make: Callable[[int], list[Any]]) -> Callable[[str], None]:
    return lambda dsn: tell_all(dsn, operation, make)


def _days(number_of: int, start: str, end: str) -> Callable[[str], None]:
    return _told("detailIntro2", lambda number: period(start, end) if number <= number_of else period())


def _hidden(after: int) -> Change:
    return lambda number, given: [given if number <= after else {**given, "showflag": "0"}]


def _misread(number_of: int) -> Change:
    """Titles in UTF-8 that somebody read as Latin-1."""
    return lambda number, given: [
        {**given, "title": str(given["title"]).encode().decode("latin-1")} if number <= number_of else given
    ]


def _again(number_of: int, **changes: object) -> Change:
    """Items that are listed again, and say something else."""
    return lambda number, given: [given, {**given, **changes}] if number <= number_of else [given]


_MORE = [
    item(f"9{number}", addr1=f"제주특별자치도 제주시 9{number}", mapx=f"126.4{number:02}", zipcode="63000")
    for number in range(40)
]
_A, _R = "core.attractions", "core.restaurants"
_I = "core.place_images"
K = Kind

DEFECTS: tuple[Defect, ...] = (
    # Schema: fields have other names, or other forms.
    Defect("longitudes under another name", K.SCHEMA, _A, "mapx is renamed", _list(_renamed("mapx")), blocks("latitude_filled", "longitude_filled")),
    Defect("titles under another name", K.SCHEMA, _A, "title is renamed", _list(_renamed("title")), blocks("row_count")),
    Defect("addresses under another name", K.SCHEMA, _A, "addr1 is renamed", _list(_renamed("addr1")), blocks("address_filled")),
    Defect("classes under another name", K.SCHEMA, _A, "lclsSystm1 to 3 are renamed", _list(_renamed("lclsSystm1", "lclsSystm2", "lclsSystm3")), blocks("class_code_filled")),
    Defect("times of change under another name", K.SCHEMA, _A, "modifiedtime is renamed", _list(_renamed("modifiedtime")), warns("modified_at_never_null")),
    Defect("times of change in another form", K.SCHEMA, _A, "modifiedtime is 2026-01-01 00:00 in all items", _listed(COUNT, modifiedtime="2026-01-01 00:00"), warns("modified_at_never_null", "modified_at_usable")),
    Defect("coordinates swapped", K.SCHEMA, _A, "mapx and mapy change places in all items",
           _list(lambda _, given: [{**given, "mapx": given["mapy"], "mapy": given["mapx"]}]), blocks("latitude_filled", "longitude_filled")),
    Defect("values as objects", K.SCHEMA, _A, "addr1 is an object in all items", _list(lambda _, given: [{**given, "addr1": {"text": given["addr1"]}}]), blocks("address_filled")),
    # Volume
    Defect("half of a region gone", K.VOLUME, _A, "35 of 60 items are hidden", _list(_hidden(25)), (*blocks("row_count_not_fallen"), *warns("row_count_as_usual")), before=4),
    Defect("a third of a region gone", K.VOLUME, _A, "20 of 60 items are hidden", _list(_hidden(40)), warns("row_count_as_usual"), before=4),
    Defect("a quarter of a region gone", K.VOLUME, _A, "15 of 60 items are hidden", _list(_hidden(45)), warns("row_count_as_usual"), before=4),
    Defect("nearly twice as many places", K.VOLUME, _A, "40 more items", lambda dsn: merge(dsn, 1, [*places(), *_MORE]), warns("row_count_as_usual"), before=4),
    Defect("all of a region gone", K.VOLUME, _A, "all items are hidden", _list(_hidden(0)), (*blocks("row_count_not_fallen"), *warns("row_count_as_usual")), before=4),
    Defect("half of the images gone", K.VOLUME, _I, "36 of 60 places have no image", _told("detailImage2", lambda number: [image(number)] if number > 36 else []), (*blocks("row_count_not_fallen"), *warns("row_count_as_usual")), before=4),
    Defect("a third of the images gone", K.VOLUME, _I, "20 of 60 places have no image", _told("detailImage2", lambda number: [image(number)] if number > 20 else []), warns("row_count_as_usual"), before=4),
    # Completeness
    Defect("no pictures", K.COMPLETENESS, _A, "firstimage is empty in 40 of 60 items", _listed(40, firstimage=""), notes("image_url_filled")),
    Defect("no classes", K.COMPLETENESS, _A, "lclsSystm1 to 3 are empty in 9 of 60 items", _listed(9, lclsSystm1="", lclsSystm2="", lclsSystm3=""), blocks("class_code_filled")),
    Defect("no addresses", K.COMPLETENESS, _A, "addr1 is empty in 9 of 60 items", _listed(9, addr1=""), blocks("address_filled")),
    Defect("coordinates of zero", K.COMPLETENESS, _A, "mapx and mapy are 0 in 9 of 60 items", _listed(9, mapx="0", mapy="0"), blocks("latitude_filled", "longitude_filled")),
    Defect("no time of change", K.COMPLETENESS, _A, "modifiedtime is empty in 1 item", _listed(1, modifiedtime=""), warns("modified_at_never_null")),
    Defect("titles of blanks", K.COMPLETENESS, _A, "title is blank in 20 of 60 items", _listed(20, title=" \u3000 "), blocks("row_count")),
    Defect("no licences of images", K.COMPLETENESS, _I, "cpyrhtDivCd is empty in 8 of 60", _told("detailImage2", lambda number: [image(number, cpyrhtDivCd="" if number < 9 else "Type1")]), warns("licence_filled")),
    Defect("no names of facts", K.COMPLETENESS, "core.place_infos", "infoname is empty in 19 of 60", _told("detailInfo2", lambda number: [{**INFO, "infoname": "" if number < 20 else "화장실"}]), blocks("name_filled")),
    Defect("pets nowhere", K.COMPLETENESS, "core.pet_policies", "acmpyTypeCd is empty in 19 of 60", _told("detailPetTour2", lambda number: [{**PET, "acmpyTypeCd": "" if number < 20 else "전구역"}]), blocks("scope_filled")),
    # Validity
    Defect("one place on the mainland", K.VALIDITY, _A, "1 item of Jeju lies near Seoul", _listed(1, mapx="127.7", mapy="37.5"), warns("coordinates_in_region")),
    Defect("most places on the mainland", K.VALIDITY, _A, "40 of 60 items of Jeju lie at one point elsewhere", _listed(40, mapx="127.7"),
           warns("coordinates_in_region", "few_places_at_one_point")),
    Defect("a place at sea", K.VALIDITY, _A, "1 item lies 150 km off the coast", _listed(1, mapx="124.5", mapy="33.2"), warns("coordinates_in_region")),
    Defect("another kind's division", K.VALIDITY, _A, "9 of 60 attractions have the class of a restaurant", _listed(9, lclsSystm1="FD", lclsSystm2="FD01", lclsSystm3="FD010100"),
           (*blocks("class_division_of_the_kind"), *warns("class_group_known"))),
    Defect("an unknown group", K.VALIDITY, _A, "lclsSystm2 is NA77 in 9 of 60 items", _listed(9, lclsSystm2="NA77", lclsSystm3="NA770100"), warns("class_group_known")),
    Defect("a lost character", K.VALIDITY, _A, "1 title has U+FFFD", _listed(1, title="성산\ufffd출봉"), warns("texts_clean")),
    Defect("Hangul read as Western text", K.VALIDITY, _A, "1 title is UTF-8 read as Latin-1", _listed(1, title="\u00ec\u00a0\u00b1\u00ec\u00b0\u00b0"), warns("texts_clean")),
    Defect("all Hangul read as Western text", K.VALIDITY, _A, "20 of 60 titles are UTF-8 read as Latin-1", _list(_misread(20)), (*blocks("most_texts_clean"), *warns("texts_clean"))),
    Defect("question marks for a text", K.VALIDITY, _A, "addr2 is ????? 3 in 1 item", _listed(1, addr2="????? 3"), warns("texts_clean")),
    Defect("an entity nobody knows", K.VALIDITY, _A, "1 title has &foo;", _listed(1, title="성산 &foo; 봉"), warns("texts_clean")),
    Defect("a word for nothing", K.VALIDITY, _A, "1 title is null, as a text", _listed(1, title="null"), warns("texts_clean")),
    Defect("a phone without numbers", K.VALIDITY, _A, "tel is a word in 9 of 60 items", _listed(9, tel="준비중"), warns("phone_has_a_number")),
    Defect("a licence that is none", K.VALIDITY, _A, "cpyrhtDivCd is Type9 in 9 of 60 items", _listed(9, cpyrhtDivCd="Type9"), warns("image_licence_known")),
    Defect("pictures that are no addresses", K.VALIDITY, _A, "firstimage is a file name in 40 of 60 items", _listed(40, firstimage="a.jpg"), (*warns("image_url_usable"), *notes("image_url_filled"))),
    Defect("some pictures that are no addresses", K.VALIDITY, _A, "firstimage2 is a file name in 9 of 60 items", _listed(9, firstimage2="a.jpg"), warns("thumbnail_url_usable")),
    Defect("postal codes of six digits", K.VALIDITY, _A, "zipcode is 690-042 in 9 of 60 items", _listed(9, zipcode="690-042"), warns("zip_code_usable")),
    Defect("changed in the future", K.VALIDITY, _A, "modifiedtime is in 2099 in 1 item", _listed(1, modifiedtime="20990101000000"), warns("modified_at_in_range")),
    Defect("unknown licences of images", K.VALIDITY, _I, "cpyrhtDivCd is Type9 in 8 of 60", _told("detailImage2", lambda number: [image(number, cpyrhtDivCd="Type9" if number < 9 else "Type1")]), warns("licence_known")),
    Defect("a fact of lost characters", K.VALIDITY, "core.place_infos", "1 text has U+FFFD", _told("detailInfo2", lambda number: [{**INFO, "infotext": "있\ufffd" if number == 1 else "있음"}]), warns("texts_clean")),
    Defect("a number beyond reason", K.VALIDITY, _A, "accomcount is a phone number in 1 item", lambda dsn: tell(dsn, "1", "detailIntro2", [{"accomcount": "15881234명"}]), warns("numbers_plausible")),
    Defect("festivals of years", K.VALIDITY, "core.festivals", "20 of 60 last four years", _days(20, "20260101", "20291231"), warns("events_of_a_year_at_most")),
    Defect("a festival in a hundred years", K.VALIDITY, "core.festivals", "1 begins in 2126", _days(1, "21260101", "21260103"), warns("events_in_our_time")),
    Defect("a festival a hundred years ago", K.VALIDITY, "core.festivals", "1 began in 1926", _days(1, "19260101", "19260103"), warns("events_in_our_time")),
    # Uniqueness
    Defect("a place under two ids", K.UNIQUENESS, _A, "2 items have one title and address", _listed(2, title="성산 일출봉", addr1="제주특별자치도 서귀포시 1"), notes("title_and_address_once")),
    Defect("places under two ids", K.UNIQUENESS, _A, "3 of 60 items have one title and address", _listed(3, title="성산 일출봉", addr1="제주특별자치도 서귀포시 1"),
           (*warns("few_titles_and_addresses_twice"), *notes("title_and_address_once"))),
    Defect("many places at one point", K.UNIQUENESS, _A, "21 of 60 items have the same coordinates", _listed(21, mapx="126.51"), warns("few_places_at_one_point")),
    Defect("a place twice in a list", K.UNIQUENESS, _A, "1 item is listed again with another title", _list(_again(1, title="성산")), warns("listed_once")),
    Defect("an image twice", K.UNIQUENESS, _I, "1 image is listed twice", _told("detailImage2", lambda number: [image(number), image(number, 1 if number == 1 else 2)]), warns("images_once")),
    # Consistency
    Defect("a postal code of Seoul", K.CONSISTENCY, _A, "1 item of Jeju has zipcode 06234", _listed(1, zipcode="06234"), warns("zip_codes_of_region")),
    Defect("a district that is none", K.CONSISTENCY, _A, "lDongSignguCd is 999 in 1 item", _listed(1, lDongSignguCd="999"), warns("districts_of_region")),
    Defect("a class of another group", K.CONSISTENCY, _A, "lclsSystm3 is of another group than lclsSystm2 in 1 item", _listed(1, lclsSystm3="NA020100"), warns("classes_consistent")),
    Defect("created in the future", K.CONSISTENCY, _A, "createdtime is in 2099, after modifiedtime, in 1 item", _listed(1, createdtime="20990101000000"),
           warns("created_at_in_range")),
    Defect("created after they were changed", K.CONSISTENCY, _A, "createdtime is later than modifiedtime in 3 of 60 items", _listed(3, createdtime="20260301000000"), warns("modified_at_not_before_created_at")),
    Defect("festivals that end before they begin", K.CONSISTENCY, "core.festivals", "the days of 10 of 60 are reversed", _days(10, "20261003", "20261001"), warns("event_dates_usable")),
    Defect("most festivals end before they begin", K.CONSISTENCY, "core.festivals", "the days of 40 of 60 are reversed", _days(40, "20261003", "20261001"), (*blocks("most_event_dates_usable"), *warns("event_dates_usable"))),
    Defect("rooms for fewer than they are let to", K.CONSISTENCY, "core.rooms", "roommaxcount is below roombasecount in 8 of 60",
           _told("detailInfo2", lambda number: [{**ROOM, "roommaxcount": "2" if number < 9 else "6"}]), warns("most_guests_not_below_guests")),
    Defect("courses that stop at themselves", K.CONSISTENCY, "core.course_stops", "subcontentid is the course in all items",
           _told("detailInfo2", lambda number: [{"subnum": "0", "subname": "들", "subcontentid": str(number)}]), warns("stops_known")),
    # Recorded restaurants of Jeju
    Defect("recorded: longitudes under another name", K.SCHEMA, _R, "mapx is renamed", _recorded(_renamed("mapx")), blocks("latitude_filled", "longitude_filled"), is_recorded=True),
    Defect("recorded: most places gone", K.VOLUME, _R, "all but 100 items are hidden", _recorded(_hidden(100)), (*blocks("row_count_not_fallen"), *warns("row_count_as_usual")), is_recorded=True, before=4),
    Defect("recorded: no addresses", K.COMPLETENESS, _R, "addr1 is empty in 150 items", _recorded(_spoil(150, {"addr1": ""})), blocks("address_filled"), is_recorded=True),
    Defect("recorded: places in Busan", K.VALIDITY, _R, "100 items lie in Busan, at one point", _recorded(_spoil(100, {"mapx": "129.07", "mapy": "35.18"})), warns("coordinates_in_region", "few_places_at_one_point"), is_recorded=True),
    Defect("recorded: lost characters", K.VALIDITY, _R, "1 title has U+FFFD", _recorded(_spoil(1, {"title": "흑\ufffd지"})), warns("texts_clean"), is_recorded=True),
    Defect("recorded: places under two ids", K.UNIQUENESS, _R, "30 items are listed again with another id",
           _recorded(lambda number, given: [given, {**given, "contentid": f"99{number}"}] if number <= 30 else [given]), (*warns("few_titles_and_addresses_twice"), *notes("title_and_address_once")), is_recorded=True),
    Defect("recorded: places twice in a list", K.UNIQUENESS, _R, "10 items are listed again with other coordinates", _recorded(_again(10, mapx="126.2")), warns("listed_once"), is_recorded=True),
    Defect("recorded: postal codes of six digits", K.VALIDITY, _R, "zipcode is 690-042 in 60 items", _recorded(_spoil(60, {"zipcode": "690-042"})), warns("zip_code_usable"), is_recorded=True),
    Defect("recorded: postal codes of Seoul", K.CONSISTENCY, _R, "zipcode is 06234 in 10 items", _recorded(_spoil(10, {"zipcode": "06234"})), warns("zip_codes_of_region"), is_recorded=True),
)  # fmt: skip
