"""Publishing lists in tests, and reading them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from weatherflick_assets.insight.recommendations.publish import Publishing, publish_recommendations
from weatherflick_assets_tests.insight.suitability.country import ISSUE, SEOUL, TOMORROW, place, scored

PALACE, SHRINE, HILL, BEACH, MUSEUM, FESTIVAL = "HS010100", "HS030100", "NA010100", "NA020900", "VE070100", "EV010200"

SEOULS_AREA, JEJUS_AREA = "1", "39"


def spot(
    dsn: str,
    content_id: str,
    class_code: str,
    cell: tuple[int, int] = SEOUL,
    area: str | None = SEOULS_AREA,
    kind: str = "attractions",
    **more: Any,
) -> None:
    """Publish a place of an area with a picture."""
    usual = {
        "kto_area_code": area,
        "class_group_code": class_code[:4],
        "image_url": "https://picture",
        "completeness": 1,
    }
    place(dsn, content_id, class_code, cell, kind, **{**usual, **more})


def recommended(dsn: str, issue: datetime = ISSUE, minutes: int = 20) -> Publishing:
    """Score an issue, and publish its lists."""
    assert scored(dsn, issue, minutes).verdict.passed
    return publish_recommendations(dsn, issue, clock=lambda: issue + timedelta(minutes=minutes), run_id="run")


def rows(dsn: str, topic: str = "all", day: date = TOMORROW, area: str = SEOULS_AREA) -> Sequence[dict[str, Any]]:
    """A list, in its order."""
    with psycopg.connect(dsn) as connection, connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT * FROM insight.recommendations WHERE (kto_area_code, day, topic) = (%s, %s, %s) ORDER BY rank",
            (area, day, topic),
        ).fetchall()


def ids(dsn: str, topic: str = "all", day: date = TOMORROW, area: str = SEOULS_AREA) -> list[str]:
    """The places of a list, in its order."""
    return [row["content_id"] for row in rows(dsn, topic, day, area)]
