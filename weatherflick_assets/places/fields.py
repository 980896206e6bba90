"""The columns of published places, declared once: each column, its kind, and the upstream fields it comes from.

Tables, transforms, the data catalogue and the rules for each kind of column are made from these declarations. Columns
come from the list item, which every place has, and from the detail operations of KorService2. Parsers for list values
are in `places/transform/places.py`, those for details in `places/transform/detail_values.py`. Columns that come from no
single field (region, completeness, provenance) are in `places/tables.py`.

Details are text that people typed. A typed column keeps its text column next to it (`check_in_time` and `check_in`).
The typed column is null where the text does not state exactly one such value. Only codes (0 and 1, Y, YYYYMMDD) have no
text column, because they contain nothing but the value; `event_dates_problem` reports dates that cannot be used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

OPERATIONS_OF_PLACES = ("areaBasedSyncList2", "detailCommon2", "detailIntro2", "searchFestival2", "detailInfo2")
"""The operations that fill the row of a place. Other operations fill rows of separate tables."""


class Kind(StrEnum):
    """The kind of value in a column. Data frames hold what COPY accepts: days and times as ISO text, lists as JSON."""

    TEXT = "text"  # text for people: markup removed, lines kept
    CONTACT = "contact"  # names and telephone numbers on one line
    PHONE = "phone"  # the first telephone number in the text
    CHOICE = "choice"  # one of few words; 선택안함 (nothing chosen) counts as blank
    FLAG = "flag"  # yes or no: 1 or 0, Y or N, 가능 or 불가, 있음 or 없음; text after such a word is ignored
    ALL_YEAR = "all_year"  # whether there are no closing days
    DATE = "date"  # a day, if the text names an exact date
    PERIOD_START = "period_start"  # first day of a period written YYYYMMDD in two fields; both days or neither
    PERIOD_END = "period_end"  # its last day
    PERIOD_PROBLEM = "period_problem"  # why there is none: blank, not_a_date or reversed, and the two texts
    TIME_OF_DAY = "time_of_day"  # the time of day, if the text has exactly one
    OPENS_AT = "opens_at"  # start of the one span of hours in the text; 00:00 if always open
    CLOSES_AT = "closes_at"  # its end, on the next day unless after the start; 00:00 is midnight, or always open
    MINUTES = "minutes"  # a duration in minutes; null for ranges and days
    INTEGER = "integer"  # a count, if the text has exactly one number; 0 means unknown
    NUMBER = "number"  # a measure, in the unit that the column's comment names; 0 means unknown
    WON = "won"  # the price in won, if the text has exactly one; 0 means free of charge without exceptions
    URL = "url"  # the first web address in the text, with its scheme
    IMAGE_URL = "image_url"  # an image on the upstream's host, with https
    IMAGE_URLS = "image_urls"  # one entry per field, null where it has none; the column is null if all are
    TEXTS = "texts"  # the texts of several fields, in the positions of their images


class ListKind(StrEnum):
    """The kind of value in a column from the list item. Whole columns are parsed at once (`transform/places.py`)."""

    LINE = "line"  # text for people, on one line
    PHONES = "phones"  # telephone numbers on one line
    CODE = "code"  # as received
    ZIP_CODE = "zip_code"  # five digits
    WEB_ADDRESS = "web_address"  # with https
    SMALL_INTEGER = "small_integer"  # up to four digits
    TIME = "time"  # a time written YYYYMMDDHHMMSS, in Korean time
    DEGREES = "degrees"  # a coordinate, WGS 84; both coordinates or neither
    COORDINATES_PROBLEM = "coordinates_problem"  # why there are no coordinates


UNUSABLE: Mapping[ListKind, str] = MappingProxyType(
    {
        ListKind.ZIP_CODE: "not_five_digits",
        ListKind.WEB_ADDRESS: "no_web_address",
        ListKind.SMALL_INTEGER: "no_small_number",
        ListKind.TIME: "no_time",
    }
)
"""Why a received value of a kind may be unusable. It becomes null, and `unusable_values` has it."""

LONGEST: Mapping[ListKind, int] = MappingProxyType({ListKind.LINE: 200, ListKind.CODE: 20})
"""Characters of a published text of a kind. Of the recorded names and addresses none has more than 50, of the codes than 9.

An index row holds a name, two lines of address and a code, and 2,704 bytes at most: what is longer could not be published, nor
its region with it. A character has up to four bytes.
"""

TOO_LONG = "too_long"
"""Why a text was cut or a code left out, in `unusable_values` likewise: a part of a code is another one."""


@dataclass(frozen=True)
class ListField:
    """One column made from upstream fields of the list item.

    An item without a required column is rejected. The completeness of a row counts the descriptive ones.
    """

    column: str
    kind: ListKind
    fields: tuple[str, ...]
    comment: str
    is_required: bool = False
    is_descriptive: bool = False

    @property
    def source(self) -> tuple[str, ...]:
        """The operation, then the field or fields of its items."""
        return ("areaBasedSyncList2", *self.fields)

    @property
    def unusable(self) -> str | None:
        """Why a received value may be unusable; None: every text is a value, or another column has the reason."""
        return UNUSABLE.get(self.kind)


@dataclass(frozen=True)
class ReceivedField:
    """One column that holds an operation's answer as received: a list of all items, or the single item."""

    column: str
    operation: str
    is_list: bool
    comment: str


@dataclass(frozen=True)
class PlaceField:
    """One column made from details: `source` is the operation, then the field or fields of its items."""

    column: str
    kind: Kind
    source: tuple[str, ...]
    comment: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The upstream fields the column is read from."""
        return self.source[1:]


LIST_FIELDS = (
    ListField("title", ListKind.LINE, ("title",), "name of the place", is_required=True),
    ListField("address", ListKind.LINE, ("addr1",), "address (addr1)", is_descriptive=True),
    ListField("address_detail", ListKind.LINE, ("addr2",), "rest of the address (addr2)"),
    ListField("zip_code", ListKind.ZIP_CODE, ("zipcode",), "five-digit postal code", is_descriptive=True),
    ListField("latitude", ListKind.DEGREES, ("mapy",), "degrees north, WGS 84", is_descriptive=True),
    ListField("longitude", ListKind.DEGREES, ("mapx",), "degrees east, WGS 84"),
    ListField(
        "coordinates_problem", ListKind.COORDINATES_PROBLEM, ("mapx", "mapy"), "why latitude and longitude are empty"
    ),
    ListField("phone", ListKind.PHONES, ("tel",), "telephone, first number first", is_descriptive=True),
    ListField("image_url", ListKind.WEB_ADDRESS, ("firstimage",), "main image, https", is_descriptive=True),
    ListField("thumbnail_url", ListKind.WEB_ADDRESS, ("firstimage2",), "its thumbnail, https"),
    ListField(
        "image_licence", ListKind.CODE, ("cpyrhtDivCd",), "Type1: attribution; Type3: attribution, no alteration"
    ),
    ListField("class_division_code", ListKind.CODE, ("lclsSystm1",), "classification, first level (lclsSystm1)"),
    ListField("class_group_code", ListKind.CODE, ("lclsSystm2",), "classification, second level (lclsSystm2)"),
    ListField(
        "class_code", ListKind.CODE, ("lclsSystm3",), "classification, third level (lclsSystm3)", is_descriptive=True
    ),
    ListField(
        "legacy_area_code", ListKind.CODE, ("areacode",), "areacode as received; blank on rows edited since 2026"
    ),
    ListField("legacy_sigungu_code", ListKind.CODE, ("sigungucode",), "sigungucode as received"),
    ListField("legacy_category_code_1", ListKind.CODE, ("cat1",), "cat1 as received"),
    ListField("legacy_category_code_2", ListKind.CODE, ("cat2",), "cat2 as received"),
    ListField("legacy_category_code_3", ListKind.CODE, ("cat3",), "cat3 as received"),
    ListField("map_level", ListKind.SMALL_INTEGER, ("mlevel",), "the upstream's map zoom (mlevel)"),
    ListField("created_at", ListKind.TIME, ("createdtime",), "when the upstream created the place"),
    ListField("modified_at", ListKind.TIME, ("modifiedtime",), "when the upstream last changed the place"),
)
"""Columns from the list item, common to every kind of place."""

LOSSY_FIELDS = tuple(field for field in LIST_FIELDS if field.unusable)
"""Those of which a received value may be unusable."""

BOUNDED_FIELDS = tuple(field for field in LIST_FIELDS if field.kind in LONGEST)
"""Those of which a received value may be too long."""

RECEIVED_FIELDS = (
    ReceivedField("detail_intro_info", "detailIntro2", is_list=False, comment="the introduction as received"),
    ReceivedField("detail_additional_info", "detailInfo2", is_list=True, comment="further information as received"),
)
"""Columns passed on as received, common to every kind of place, for consumers that parse them."""


def _intro(column: str, kind: Kind, field: str, comment: str) -> PlaceField:
    return PlaceField(column, kind, ("detailIntro2", field), comment)


def _enquiries(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("enquiries", Kind.CONTACT, field, "whom to ask, with telephone numbers"),
        _intro("enquiry_phone", Kind.PHONE, field, "first telephone number to ask"),
    )


def _opening_hours(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("opening_hours", Kind.TEXT, field, "opening hours"),
        _intro("opens_at", Kind.OPENS_AT, field, "when it opens, where that is the same every day"),
        _intro("closes_at", Kind.CLOSES_AT, field, "when it closes, where that is the same every day"),
    )


def _rest_days(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("rest_days", Kind.TEXT, field, "days on which it is closed"),
        _intro("open_all_year", Kind.ALL_YEAR, field, "whether it has no days of rest"),
    )


def _opened(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("opened", Kind.TEXT, field, "when it was opened, sometimes the year alone"),
        _intro("opened_on", Kind.DATE, field, "day on which it was opened"),
    )


def _parking(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("parking", Kind.TEXT, field, "parking: whether, how many, at what price"),
        _intro("parking_available", Kind.FLAG, field, "whether one can park"),
    )


def _parking_fee(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("parking_fee", Kind.TEXT, field, "price of parking"),
        _intro("parking_fee_won", Kind.WON, field, "price of parking in won; 0: free"),
    )


def _admission_fee(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("admission_fee", Kind.TEXT, field, "prices of admission"),
        _intro("admission_fee_won", Kind.WON, field, "price of admission in won where there is one; 0: free"),
    )


def _visit_duration(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("visit_duration", Kind.TEXT, field, "how long a visit takes"),
        _intro("visit_duration_minutes", Kind.MINUTES, field, "how long a visit takes, in minutes"),
    )


def _capacity(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("capacity", Kind.TEXT, field, "how many find room"),
        _intro("capacity_count", Kind.INTEGER, field, "how many people find room"),
    )


def _credit_cards(field: str) -> tuple[PlaceField, ...]:
    return (
        _intro("credit_cards", Kind.TEXT, field, "payment by credit card"),
        _intro("credit_cards_accepted", Kind.FLAG, field, "whether credit cards are accepted"),
    )


def _visitors(suffix: str) -> tuple[PlaceField, ...]:
    """The chk… fields, common to places that people visit on foot."""
    return (
        _intro("baby_carriages", Kind.TEXT, f"chkbabycarriage{suffix}", "rental of baby carriages"),
        _intro("baby_carriages_available", Kind.FLAG, f"chkbabycarriage{suffix}", "whether baby carriages are rented"),
        _intro("pets", Kind.TEXT, f"chkpet{suffix}", "coming with pets"),
        _intro("pets_allowed", Kind.FLAG, f"chkpet{suffix}", "whether pets may come"),
        *_credit_cards(f"chkcreditcard{suffix}"),
    )


COMMON_FIELDS = (
    PlaceField("overview", Kind.TEXT, ("detailCommon2", "overview"), "description"),
    PlaceField("homepage", Kind.TEXT, ("detailCommon2", "homepage"), "web sites, with the names they were given"),
    PlaceField("homepage_url", Kind.URL, ("detailCommon2", "homepage"), "first of them"),
)
"""Columns from detailCommon2, common to every kind of place."""

_EVENT_DATES = ("detailIntro2", "eventstartdate", "eventenddate")

PLACE_FIELDS: Mapping[str, tuple[PlaceField, ...]] = MappingProxyType(
    {
        "attractions": (
            *_opening_hours("usetime"),
            *_rest_days("restdate"),
            _intro("season", Kind.TEXT, "useseason", "time of the year for a visit"),
            *_opened("opendate"),
            *_parking("parking"),
            _intro("activities", Kind.TEXT, "expguide", "what one can try or take part in"),
            _intro("age_limit", Kind.TEXT, "expagerange", "ages that can take part"),
            *_capacity("accomcount"),
            *_visitors(""),
            *_enquiries("infocenter"),
            _intro("is_world_cultural_heritage", Kind.FLAG, "heritage1", "UNESCO world heritage, cultural"),
            _intro("is_world_natural_heritage", Kind.FLAG, "heritage2", "UNESCO world heritage, natural"),
            _intro("is_world_documentary_heritage", Kind.FLAG, "heritage3", "UNESCO memory of the world"),
        ),
        "cultural_facilities": (
            *_opening_hours("usetimeculture"),
            *_rest_days("restdateculture"),
            *_admission_fee("usefee"),
            _intro("discounts", Kind.TEXT, "discountinfo", "who pays less"),
            *_visit_duration("spendtime"),
            *_parking("parkingculture"),
            *_parking_fee("parkingfee"),
            _intro("scale", Kind.TEXT, "scale", "size of site and buildings"),
            *_capacity("accomcountculture"),
            *_visitors("culture"),
            *_enquiries("infocenterculture"),
        ),
        "festivals": (
            PlaceField("event_start_date", Kind.PERIOD_START, _EVENT_DATES, "first day"),
            PlaceField("event_end_date", Kind.PERIOD_END, _EVENT_DATES, "last day"),
            PlaceField(
                "event_dates_problem",
                Kind.PERIOD_PROBLEM,
                _EVENT_DATES,
                "why the days are empty, and what was received",
            ),
            PlaceField(
                "progress",
                Kind.CHOICE,
                ("searchFestival2", "progresstype"),
                "whether cancelled (취소) or put off (행사연기)",
            ),
            PlaceField(
                "festival_format", Kind.CHOICE, ("searchFestival2", "festivaltype"), "how it is held, e.g. 온라인"
            ),
            _intro("festival_grade", Kind.TEXT, "festivalgrade", "grade of the festival"),
            _intro("event_place", Kind.TEXT, "eventplace", "where it takes place"),
            _intro("place_directions", Kind.TEXT, "placeinfo", "how to get there"),
            _intro("event_hours", Kind.TEXT, "playtime", "hours of the event"),
            _intro("opens_at", Kind.OPENS_AT, "playtime", "when it begins, where that is the same every day"),
            _intro("closes_at", Kind.CLOSES_AT, "playtime", "when it ends, where that is the same every day"),
            _intro("program", Kind.TEXT, "program", "program"),
            _intro("side_events", Kind.TEXT, "subevent", "what takes place beside it"),
            *_admission_fee("usetimefestival"),
            _intro("discounts", Kind.TEXT, "discountinfofestival", "who pays less"),
            _intro("booking_place", Kind.TEXT, "bookingplace", "where to book"),
            _intro("age_limit", Kind.TEXT, "agelimit", "ages that may attend"),
            *_visit_duration("spendtimefestival"),
            _intro("sponsor", Kind.TEXT, "sponsor1", "who holds it (주최)"),
            _intro("sponsor_phone", Kind.CONTACT, "sponsor1tel", "their telephone"),
            _intro("organizer", Kind.TEXT, "sponsor2", "who runs it (주관)"),
            _intro("organizer_phone", Kind.CONTACT, "sponsor2tel", "their telephone"),
            _intro("event_homepage", Kind.TEXT, "eventhomepage", "web site of the event"),
            _intro("event_homepage_url", Kind.URL, "eventhomepage", "its address"),
        ),
        "travel_courses": (
            _intro("theme", Kind.TEXT, "theme", "theme of the course"),
            _intro("schedule", Kind.TEXT, "schedule", "days it takes: 당일, 1박 2일, …"),
            _intro("distance", Kind.TEXT, "distance", "length of the course"),
            _intro("distance_km", Kind.NUMBER, "distance", "length of the course in kilometres"),
            _intro("duration", Kind.TEXT, "taketime", "how long it takes"),
            _intro(
                "duration_minutes",
                Kind.MINUTES,
                "taketime",
                "how long it takes in minutes, where that is told in hours",
            ),
            *_enquiries("infocentertourcourse"),
        ),
        "leisure_sports": (
            *_opening_hours("usetimeleports"),
            *_rest_days("restdateleports"),
            _intro("season", Kind.TEXT, "openperiod", "time of the year in which it is open"),
            *_admission_fee("usefeeleports"),
            _intro("reservations", Kind.TEXT, "reservation", "how to reserve"),
            _intro("age_limit", Kind.TEXT, "expagerangeleports", "ages that can take part"),
            *_parking("parkingleports"),
            *_parking_fee("parkingfeeleports"),
            _intro("scale", Kind.TEXT, "scaleleports", "size of the site"),
            *_capacity("accomcountleports"),
            *_visitors("leports"),
            *_enquiries("infocenterleports"),
        ),
        "accommodations": (
            _intro("check_in", Kind.TEXT, "checkintime", "from when one can check in"),
            _intro("check_in_time", Kind.TIME_OF_DAY, "checkintime", "from when one can check in, time of day"),
            _intro("check_out", Kind.TEXT, "checkouttime", "by when one checks out"),
            _intro("check_out_time", Kind.TIME_OF_DAY, "checkouttime", "by when one checks out, time of day"),
            _intro("rooms", Kind.TEXT, "roomcount", "rooms"),
            _intro("room_count", Kind.INTEGER, "roomcount", "number of rooms"),
            _intro("room_types", Kind.TEXT, "roomtype", "types of rooms"),
            *_capacity("accomcountlodging"),
            _intro("scale", Kind.TEXT, "scalelodging", "size of site and buildings"),
            _intro("refund_policy", Kind.TEXT, "refundregulation", "what is paid back when"),
            _intro("reservations", Kind.TEXT, "reservationlodging", "how to reserve"),
            _intro("reservation_site", Kind.TEXT, "reservationurl", "web site for reservations"),
            _intro("reservation_url", Kind.URL, "reservationurl", "its address"),
            *_parking("parkinglodging"),
            _intro("pickup_service", Kind.TEXT, "pickup", "being picked up"),
            _intro("pickup_available", Kind.FLAG, "pickup", "whether guests are picked up"),
            _intro("cooking", Kind.TEXT, "chkcooking", "cooking in the room"),
            _intro("cooking_allowed", Kind.FLAG, "chkcooking", "whether one can cook in the room"),
            _intro("dining", Kind.TEXT, "foodplace", "where to eat and drink"),
            _intro("other_facilities", Kind.TEXT, "subfacility", "further facilities"),
            _intro("has_seminar_room", Kind.FLAG, "seminar", "whether it has a seminar room"),
            _intro("has_sports_facility", Kind.FLAG, "sports", "whether it has a sports facility"),
            _intro("has_sauna", Kind.FLAG, "sauna", "whether it has a sauna"),
            _intro("has_beauty_salon", Kind.FLAG, "beauty", "whether it has a beauty salon"),
            _intro("has_beverage_bar", Kind.FLAG, "beverage", "whether it has a place for food and drink (식음료장)"),
            _intro("has_karaoke", Kind.FLAG, "karaoke", "whether it has karaoke"),
            _intro("has_barbecue", Kind.FLAG, "barbecue", "whether it has a place for barbecues"),
            _intro("has_campfire", Kind.FLAG, "campfire", "whether it has a place for campfires"),
            _intro("has_bicycle_rental", Kind.FLAG, "bicycle", "whether it rents bicycles"),
            _intro("has_fitness_centre", Kind.FLAG, "fitness", "whether it has a fitness centre"),
            _intro("has_public_computers", Kind.FLAG, "publicpc", "whether it has computers for guests"),
            _intro("has_public_bath", Kind.FLAG, "publicbath", "whether it has a bath for all"),
            *_enquiries("infocenterlodging"),
        ),
        "shopping": (
            *_opening_hours("opentime"),
            *_rest_days("restdateshopping"),
            _intro("market_days", Kind.TEXT, "fairday", "days of the market"),
            _intro("sale_items", Kind.TEXT, "saleitem", "what is sold"),
            _intro("sale_item_prices", Kind.TEXT, "saleitemcost", "what it costs"),
            _intro("shop_guide", Kind.TEXT, "shopguide", "about the shops; refund of taxes"),
            _intro("culture_centre", Kind.TEXT, "culturecenter", "culture centre"),
            *_opened("opendateshopping"),
            *_parking("parkingshopping"),
            _intro("restrooms", Kind.TEXT, "restroom", "restrooms"),
            _intro("restrooms_available", Kind.FLAG, "restroom", "whether there are restrooms"),
            _intro("scale", Kind.TEXT, "scaleshopping", "size, number of shops"),
            *_visitors("shopping"),
            *_enquiries("infocentershopping"),
        ),
        "restaurants": (
            *_opening_hours("opentimefood"),
            *_rest_days("restdatefood"),
            _intro("signature_dish", Kind.TEXT, "firstmenu", "dish it is known for"),
            _intro("menu", Kind.TEXT, "treatmenu", "dishes"),
            _intro("seats", Kind.TEXT, "seat", "seats"),
            _intro("seat_count", Kind.INTEGER, "seat", "number of seats"),
            _intro("scale", Kind.TEXT, "scalefood", "size"),
            _intro("reservations", Kind.TEXT, "reservationfood", "how to reserve"),
            _intro("reservations_accepted", Kind.FLAG, "reservationfood", "whether one can reserve"),
            _intro("takeout", Kind.TEXT, "packing", "food to take away"),
            _intro("takeout_available", Kind.FLAG, "packing", "whether food can be taken away"),
            _intro("smoking", Kind.TEXT, "smoking", "smoking"),
            _intro("smoking_allowed", Kind.FLAG, "smoking", "whether one may smoke"),
            _intro("has_kids_facility", Kind.FLAG, "kidsfacility", "whether it has a playroom for children"),
            *_parking("parkingfood"),
            _intro("discounts", Kind.TEXT, "discountinfofood", "who pays less"),
            *_credit_cards("chkcreditcardfood"),
            *_opened("opendatefood"),
            _intro("licence_number", Kind.TEXT, "lcnsno", "number of the business licence"),
            *_enquiries("infocenterfood"),
        ),
    }
)
"""The columns specific to each kind of place, by the name of its content type."""


def _info(column: str, kind: Kind, field: str, comment: str) -> PlaceField:
    return PlaceField(column, kind, ("detailInfo2", field), comment)


INFO_FIELDS = (
    _info("name", Kind.TEXT, "infoname", "what it is about, e.g. 화장실"),
    _info("text", Kind.TEXT, "infotext", "what is said about it"),
    _info("group_code", Kind.TEXT, "fldgubun", "the upstream's grouping, 1 to 4"),
)
"""Columns from detailInfo2 for all types except 25 and 32: pairs of name and text."""

COURSE_STOP_FIELDS = (
    _info("stop_content_id", Kind.TEXT, "subcontentid", "content id of the place where the course stops"),
    _info("name", Kind.TEXT, "subname", "name of the stop"),
    _info("description", Kind.TEXT, "subdetailoverview", "description of the stop"),
    _info("image_url", Kind.IMAGE_URL, "subdetailimg", "image, https"),
    _info("image_caption", Kind.TEXT, "subdetailalt", "what the image shows"),
)
"""Columns from detailInfo2 for travel courses (25): their stops."""

_ROOM_IMAGES = range(1, 6)

_ROOM_AMENITIES = (
    ("has_bath_facility", "roombathfacility", "bathroom"),
    ("has_bath", "roombath", "bath"),
    ("has_home_theatre", "roomhometheater", "home theatre"),
    ("has_air_conditioning", "roomaircondition", "air conditioning"),
    ("has_television", "roomtv", "television"),
    ("has_computer", "roompc", "computer"),
    ("has_cable_television", "roomcable", "cable television"),
    ("has_internet", "roominternet", "internet"),
    ("has_refrigerator", "roomrefrigerator", "refrigerator"),
    ("has_toiletries", "roomtoiletries", "toiletries"),
    ("has_sofa", "roomsofa", "sofa"),
    ("has_cooking_facility", "roomcook", "cooking utensils"),
    ("has_table", "roomtable", "table"),
    ("has_hair_dryer", "roomhairdryer", "hair dryer"),
)

ROOM_FIELDS = (
    _info("room_code", Kind.TEXT, "roomcode", "the upstream's code of the type of room"),
    _info("title", Kind.TEXT, "roomtitle", "name of the type of room"),
    _info("description", Kind.TEXT, "roomintro", "description"),
    _info("size_pyeong", Kind.NUMBER, "roomsize1", "size in 평"),
    _info("size_square_metres", Kind.NUMBER, "roomsize2", "size in square metres"),
    _info("room_count", Kind.INTEGER, "roomcount", "rooms of this type"),
    _info("guests", Kind.INTEGER, "roombasecount", "guests that the price is for"),
    _info("most_guests", Kind.INTEGER, "roommaxcount", "guests that find room"),
    _info("off_season_weekday_fee", Kind.INTEGER, "roomoffseasonminfee1", "lowest price in won, off season, weekdays"),
    _info("off_season_weekend_fee", Kind.INTEGER, "roomoffseasonminfee2", "lowest price in won, off season, weekends"),
    _info("peak_season_weekday_fee", Kind.INTEGER, "roompeakseasonminfee1", "lowest price in won, in season, weekdays"),
    _info("peak_season_weekend_fee", Kind.INTEGER, "roompeakseasonminfee2", "lowest price in won, in season, weekends"),
    *(_info(column, Kind.FLAG, field, f"whether it has: {what}") for column, field, what in _ROOM_AMENITIES),
    PlaceField(
        "image_urls",
        Kind.IMAGE_URLS,
        ("detailInfo2", *(f"roomimg{number}" for number in _ROOM_IMAGES)),
        "images, https; null where the upstream has none",
    ),
    PlaceField(
        "image_captions",
        Kind.TEXTS,
        ("detailInfo2", *(f"roomimg{number}alt" for number in _ROOM_IMAGES)),
        "what each image shows",
    ),
    PlaceField(
        "image_licences",
        Kind.TEXTS,
        ("detailInfo2", *(f"cpyrhtDivCd{number}" for number in _ROOM_IMAGES)),
        "licence of each image; Type1: attribution; Type3: attribution, no alteration",
    ),
)
"""Columns from detailInfo2 for accommodations (32): their room types."""

IMAGE_FIELDS = (
    PlaceField("serial_number", Kind.TEXT, ("detailImage2", "serialnum"), "the upstream's number of the image"),
    PlaceField("caption", Kind.TEXT, ("detailImage2", "imgname"), "what the image shows"),
    PlaceField("image_url", Kind.IMAGE_URL, ("detailImage2", "originimgurl"), "image, https"),
    PlaceField("thumbnail_url", Kind.IMAGE_URL, ("detailImage2", "smallimageurl"), "its thumbnail, https"),
    PlaceField(
        "licence", Kind.TEXT, ("detailImage2", "cpyrhtDivCd"), "Type1: attribution; Type3: attribution, no alteration"
    ),
)
"""Columns from detailImage2: the images of a place."""

PET_POLICY_FIELDS = (
    PlaceField("scope", Kind.TEXT, ("detailPetTour2", "acmpyTypeCd"), "where pets may come: everywhere, or some areas"),
    PlaceField("animals", Kind.TEXT, ("detailPetTour2", "acmpyPsblCpam"), "which animals may come"),
    PlaceField("requirements", Kind.TEXT, ("detailPetTour2", "acmpyNeedMtr"), "what is required: leash, muzzle, …"),
    PlaceField("other_information", Kind.TEXT, ("detailPetTour2", "etcAcmpyInfo"), "what else to know"),
    PlaceField("facilities", Kind.TEXT, ("detailPetTour2", "relaPosesFclty"), "facilities for pets"),
    PlaceField("provided_items", Kind.TEXT, ("detailPetTour2", "relaFrnshPrdlst"), "what is provided for pets"),
    PlaceField("rental_items", Kind.TEXT, ("detailPetTour2", "relaRntlPrdlst"), "what can be rented for pets"),
    PlaceField("sale_items", Kind.TEXT, ("detailPetTour2", "relaPurcPrdlst"), "what can be bought for pets"),
    PlaceField("accident_precautions", Kind.TEXT, ("detailPetTour2", "relaAcdntRiskMtr"), "precautions and liability"),
)
"""Columns from detailPetTour2: the rules for pets, one row for each place with known rules."""
