"""The kinds of places, declared once: one line per content type of the Korea Tourism Organization.

Assets, tables, transforms and suites are made from these lines. Every kind listed here is collected. The columns and
rules of a table are in `places/tables.py`, `places/fields.py` and `places/suites/places.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContentType:
    """One kind of place.

    Attributes:
        name: the plural that table, asset and option names use.
        content_type_id: the upstream's code (관광타입).
        classes: the codes of KTO's classification that belong to it, by the official map. The longest match wins.
    """

    name: str
    content_type_id: str
    korean_name: str
    classes: tuple[str, ...]


CONTENT_TYPES = (
    ContentType("attractions", "12", "관광지", ("EX", "HS", "NA", "VE12")),
    ContentType("cultural_facilities", "14", "문화시설", ("VE",)),
    ContentType("festivals", "15", "축제공연행사", ("EV",)),
    ContentType("travel_courses", "25", "여행코스", ("C01",)),
    ContentType("leisure_sports", "28", "레포츠", ("LS", "VE10", "AC05")),
    ContentType("accommodations", "32", "숙박", ("AC",)),
    ContentType("shopping", "38", "쇼핑", ("SH",)),
    ContentType("restaurants", "39", "음식점", ("FD",)),
)

CONTENT_TYPE_BY_NAME = {content_type.name: content_type for content_type in CONTENT_TYPES}


def content_type_id_of_class(class_code: str) -> str | None:
    """The kind of place that a class belongs to by the official map. Live data has a few exceptions."""
    fitting = [
        (len(prefix), content_type.content_type_id)
        for content_type in CONTENT_TYPES
        for prefix in content_type.classes
        if class_code.startswith(prefix)
    ]
    return max(fitting)[1] if fitting else None
