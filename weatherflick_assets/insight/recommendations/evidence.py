"""What lists are made from, as the database has it: what speaks for places, and their scores.

Everything is read in the transaction that publishes. The temporary table `numbered_places` has a number for each place, in the
order of their ids.
"""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from weatherflick_assets.insight.recommendations import ranking
from weatherflick_assets.insight.recommendations.lists import KINDS, Places, Scores
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.tables import APPEAL_OF_PLACES
from weatherflick_assets.places.tables import PLACE_TABLES
from weatherflick_assets.warehouse.loading import load_temporary
from weatherflick_assets.warehouse.replacing import follow
from weatherflick_assets.warehouse.statements import identifier

_PLACE = """
SELECT content_id, content_type_id, kto_area_code, coalesce(class_group_code, class_code) AS class_group, class_code,
    (image_url IS NOT NULL)::integer AS picture, completeness AS listed, detail_completeness AS details, NULL::real AS popularity,
    published_at
FROM {} WHERE removed_at IS NULL AND kto_area_code IS NOT NULL AND class_code IS NOT NULL
"""
"""Nothing says yet how many go to a place."""

_TEXTS = ("content_id", "content_type_id", "kto_area_code", "class_group", "class_code")
_NUMBERS = ("picture", "listed", "details", "popularity")

_READ = """
COPY (
    SELECT DISTINCT ON (content_id) content_id, content_type_id, kto_area_code, class_group, class_code, picture, listed, details, popularity
    FROM ({}) AS place ORDER BY content_id, published_at DESC, content_type_id
) TO STDOUT (FORMAT csv)
"""
"""Of a place that is published as two kinds, what it became last, as for its scores."""

_APPEAL = "content_id text, kto_area_code text, class_group text, picture real, listed real, details real, popularity real, appeal real"
"""The columns of `insight.appeal_of_places`."""

_SCORES = """
COPY (
    SELECT numbered.number, array_position({activities}, scored.activity) - 1, scored.score
    FROM insight.suitability AS scored JOIN numbered_places AS numbered USING (content_id)
    WHERE scored.issued_at = {issue} AND scored.day = {day} AND scored.score >= {least}
) TO STDOUT (FORMAT csv)
"""

_DAYS = "SELECT DISTINCT day FROM insight.suitability_of_cells WHERE issued_at = %s ORDER BY day"


def note_places(cursor: psycopg.Cursor) -> Places:
    """Read what speaks for places, number them, and bring `insight.appeal_of_places` up to date."""
    found = _read(cursor, sql.SQL(_READ).format(_places()), _TEXTS, _NUMBERS)
    appealing = ranking.appeal(*(found[name].to_numpy(dtype=np.float64) for name in _NUMBERS)).round(4)
    kept = found.assign(appeal=appealing)[[column.name for column in APPEAL_OF_PLACES.columns]]
    load_temporary(cursor, "found_appeal", _APPEAL, kept)
    follow(cursor, APPEAL_OF_PLACES, "found_appeal")
    numbered = "number integer, content_id text PRIMARY KEY"
    load_temporary(
        cursor,
        "numbered_places",
        numbered,
        pd.DataFrame({"number": np.arange(len(found)), "content_id": found["content_id"]}),
    )
    area, areas = pd.factorize(found["kto_area_code"], sort=True)
    return Places(
        content_id=found["content_id"].to_numpy(dtype=object),
        kind=pd.Index(KINDS).get_indexer(pd.Index(found["content_type_id"])),
        area=area,
        areas=np.asarray(areas, dtype=object),
        group=pd.factorize(found["class_group"], sort=True)[0],
        klass=pd.factorize(found["class_code"], sort=True)[0],
        appeal=appealing,
    )


def days_of(cursor: psycopg.Cursor, issue: datetime) -> list[date]:
    """The days that were scored at an issue."""
    return [day for (day,) in cursor.execute(_DAYS, (issue,))]


def read_scores(cursor: psycopg.Cursor, issue: datetime, day: date) -> Scores:
    """Read the scores of a day."""
    statement = sql.SQL(_SCORES).format(
        activities=list(ACTIVITIES), issue=issue, day=day, least=ranking.LEAST_SUITABILITY
    )
    found = _read(cursor, statement, (), ("place", "activity", "suitability"))
    return Scores(
        found["place"].to_numpy(dtype=np.int64),
        found["activity"].to_numpy(dtype=np.int64),
        found["suitability"].to_numpy(dtype=np.float64),
    )


def _places() -> sql.Composable:
    return sql.SQL(" UNION ALL ").join(sql.SQL(_PLACE).format(identifier(table)) for table in PLACE_TABLES.values())


def _read(
    cursor: psycopg.Cursor, statement: sql.Composed, texts: tuple[str, ...], numbers: tuple[str, ...]
) -> pd.DataFrame:
    with cursor.copy(statement) as copy:
        text = b"".join(bytes(block) for block in copy)
    types: dict[str, Any] = {**dict.fromkeys(texts, object), **dict.fromkeys(numbers, "float64")}
    if not text:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
    return pd.read_csv(
        BytesIO(text), header=None, names=list(types), dtype=types, keep_default_na=False, na_values=[""]
    )
