"""The kinds of places, declared once: one line per content type of the Korea Tourism Organization.

Assets, tables, transforms and suites are made from these lines; a kind that is listed here is collected. What a column
or a rule of a table is stands in `warehouse/tables.py` and `quality/suites.py`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ContentType:
    """One kind of place.

    Attributes:
        name: the plural used in table, asset and option names.
        content_type_id: the upstream's code (관광타입).
        korean_name: the upstream's word, for people.
    """

    name: str
    content_type_id: str
    korean_name: str


CONTENT_TYPES = (
    ContentType("attractions", "12", "관광지"),
    ContentType("restaurants", "39", "음식점"),
)

CONTENT_TYPE_BY_NAME = {content_type.name: content_type for content_type in CONTENT_TYPES}
