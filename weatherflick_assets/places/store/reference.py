"""Prepares a database for places: names of class divisions, the views, and what follows from changed code."""

from pathlib import Path

from sqlalchemy import Connection

from weatherflick_assets.places.class_codes import CLASS_DIVISIONS
from weatherflick_assets.places.content_types import content_type_id_of_class
from weatherflick_assets.places.tables import CODES
from weatherflick_assets.settings import now
from weatherflick_assets.warehouse.reference import upsert

SERVING = Path(__file__).parents[1] / "serving.sql"
"""The views that the backend reads."""


def load(connection: Connection) -> None:
    """Bring rows and views up to date on `connection`; the caller commits. Collected codes stay unchanged."""
    from weatherflick_assets.places.store.versions import follow_code  # noqa: PLC0415 - definitions load light
    from weatherflick_assets.warehouse.code_versions import apply_views  # noqa: PLC0415

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
    driver = connection.connection.driver_connection
    assert driver is not None
    apply_views(driver, "places/serving.sql", SERVING)
    follow_code(driver, since=now())
