"""Reference rows of places: names of class divisions, so that there are some before codes are first collected."""

from sqlalchemy import Connection

from weatherflick_assets.places.class_codes import CLASS_DIVISIONS
from weatherflick_assets.places.content_types import content_type_id_of_class
from weatherflick_assets.places.tables import CODES
from weatherflick_assets.warehouse.reference import upsert


def load(connection: Connection) -> None:
    """Insert or update the rows on `connection`; the caller commits. Codes that were collected stay as they are."""
    divisions = [
        {
            "code_space": "class",
            "code": code,
            "name": name,
            "level": 1,
            "content_type_id": content_type_id_of_class(code),
        }
        for code, name in CLASS_DIVISIONS.items()
    ]
    upsert(connection, CODES, divisions, only_where=CODES.c.source_response_id.is_(None))
