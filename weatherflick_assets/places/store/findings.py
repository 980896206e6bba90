"""What is judged of places and their details beyond the published columns, worked out in SQL as the rows are read.

Names and rules are in `places/suites/findings.py`. What a row is compared with in other tables may be published later in a
run, or not at all in a small platform: then there is no finding.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from psycopg import sql
from sqlalchemy import Column, Integer, Text

from weatherflick_assets.korea.regions import REGION_CODES, sigungu_table
from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DetailTable
from weatherflick_assets.places.fields import (
    COMMON_FIELDS,
    LIST_FIELDS,
    LOSSY_FIELDS,
    PLACE_FIELDS,
    Kind,
    ListKind,
    PlaceField,
)
from weatherflick_assets.places.suites import findings as names
from weatherflick_assets.places.transform.text import BREAK_TAGS, OTHER_TAGS
from weatherflick_assets.warehouse.publishing import Derived

_TEXTS = {Kind.TEXT, Kind.CONTACT, Kind.CHOICE, ListKind.LINE, ListKind.PHONES}

_GREATEST = {Kind.WON: 10_000_000, Kind.MINUTES: 30 * 24 * 60, Kind.INTEGER: 10_000_000, Kind.NUMBER: 10_000}
"""No number of a kind is likely to be greater: won, minutes, people or rooms or won of a room, km or m²."""

_LOST = "\ufffd"
_MISREAD = "[ê-í][¡-¿ŒœŠšŸŽžƒˆ˜\u2013-\u2122]"
"""Hangul in UTF-8 that was read as Western text: 한글 becomes í•œê¸€. Every syllable begins with one of four letters, and nearly
all go on with a sign. Its other characters may be control characters, which become spaces."""

_NO_WORD = "null|None|NaN|undefined"
_ENTITY = "&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});"

# One pass over all texts of a row, each between two marks, tells the few rows that are looked at text by text. It asks for what a
# text with a problem has and hardly another one has: a character, or how it begins. The patterns below cost several times that.
_SUSPICIOUS = rf"[<&{_LOST}ê-í\\]|\?{{4}}|\x01[ \t\n\u3000\x01nNu]"

_PROBLEMS = {
    "markup": rf"(?i)</?(?:{BREAK_TAGS}|{OTHER_TAGS})(?![a-z0-9])[^<>]*>|{_ENTITY}",
    "characters lost or misread": rf"{_LOST}|{_MISREAD}|\?{{4}}|\\u[0-9a-fA-F]{{4}}",
    "nothing": rf"^(?:{_NO_WORD})?\s*$",
}

_CLASS = """
CASE WHEN NOT starts_with(published.class_code, published.class_group_code) THEN published.class_code || ' is not in ' || published.class_group_code
     WHEN NOT starts_with(published.class_group_code, published.class_division_code)
     THEN published.class_group_code || ' is not in ' || published.class_division_code END
"""

_CLASS_LIST = """
CASE WHEN published.class_code NOT IN (SELECT code FROM core.codes WHERE code_space = 'class' AND source_response_id IS NOT NULL)
      AND EXISTS (SELECT FROM core.codes WHERE code_space = 'class' AND source_response_id IS NOT NULL)
     THEN published.class_code || ' is not listed' END
"""

_DISTRICT = """
CASE WHEN NOT published.sigungu_code = ANY ({codes}) THEN published.sigungu_code || ' is not of ' || published.region_code END
"""

# The places that a list contradicts itself about are few, and have an index of their own. Without OFFSET, all items of the
# country may be read for every list.
_LISTED = """
CASE WHEN EXISTS (
    SELECT FROM raw.place_items WHERE content_id = published.content_id AND also_listed IS NOT NULL OFFSET 0
) THEN (
    SELECT 'also listed with ' || coalesce(string_agg(said.key || ' ' || coalesce(said.value #>> '{{}}', 'null'), ', ' ORDER BY said.key), 'fewer fields')
    FROM raw.place_items AS item LEFT JOIN LATERAL jsonb_each(item.also_listed) AS said ON TRUE
    WHERE item.content_id = published.content_id
) END
"""

_SAME = "lower(replace(published.title || ' ' || published.address, ' ', ''))"

_AT_POINT = """
CASE WHEN published.latitude IS NOT NULL THEN count(*) OVER (PARTITION BY published.latitude, published.longitude) END
"""

_PERIOD = "CASE WHEN published.event_dates_problem NOT LIKE 'blank%' THEN published.event_dates_problem END"

_IMAGE = "published.content_id || ' ' || published.image_url"

# A place that is still to be published says nothing, nor one that can't be shown, which is reported with its list.
_PLACE = """
CASE WHEN EXISTS (
    SELECT FROM ops.pending_publications WHERE asset_key = {asset_key} AND partition_key = {region}
) OR EXISTS (
    SELECT FROM {table} AS place WHERE place.content_id = published.content_id AND place.removed_at IS NULL
) OR EXISTS (
    SELECT FROM core.rejected_items WHERE content_type_id = {kind} AND item_key = published.content_id
) THEN NULL ELSE 'is not in {name}' END
"""

# Every region and kind was listed if a complete reading of each is on record.
_STOP = """
CASE WHEN published.stop_content_id = published.content_id THEN published.stop_content_id || ' is the course itself'
     WHEN NOT EXISTS (SELECT FROM raw.place_items AS item WHERE item.content_id = published.stop_content_id)
      AND (SELECT count(DISTINCT (content_type_id, region_code)) FROM raw.sweeps WHERE is_complete AND region_code = ANY ({regions})) >= {lists}
     THEN published.stop_content_id || ' is no place' END
"""


def of_places(content_type: ContentType, region_code: str, *, now: datetime, has_details: bool) -> list[Derived]:
    """The columns that are judged of places of a kind in a region; those of details if there are any."""
    fields = (*COMMON_FIELDS, *PLACE_FIELDS[content_type.name]) if has_details else ()
    districts = [each.sigungu_code for each in sigungu_table() if each.region_code == region_code]
    found = [
        _text(names.LISTED_FINDING, sql.SQL(_LISTED)),
        *(
            _text(
                names.value_finding(field.column),
                sql.SQL("published.unusable_values #>> {}").format(sql.Literal([field.column, "received"])),
            )
            for field in LOSSY_FIELDS
        ),
        _text(names.DISTRICT_FINDING, sql.SQL(_DISTRICT).format(codes=sql.Literal(districts))),
        _text(names.CLASS_FINDING, sql.SQL(_CLASS)),
        _text(names.CLASS_LIST_FINDING, sql.SQL(_CLASS_LIST)),
        _text(names.TITLE_AND_ADDRESS, sql.SQL(_SAME)),
        Derived(Column(names.PLACES_AT_POINT, Integer), sql.SQL(_AT_POINT)),
        _text(names.TEXT_FINDING, _text_finding([*_texts(LIST_FIELDS), *_texts(fields)])),
        *_number_findings(fields),
    ]
    if has_details and content_type.name == "festivals":
        found += [
            _text(names.PERIOD_FINDING, sql.SQL(_PERIOD)),
            Derived(
                Column(names.EVENT_DAYS, Integer), sql.SQL("published.event_end_date - published.event_start_date")
            ),
            Derived(
                Column(names.DAYS_TO_EVENT, Integer),
                sql.SQL("published.event_start_date - {}::date").format(sql.Literal(now.date())),
            ),
        ]
    return found


def of_details(detail: DetailTable, region_code: str) -> list[Derived]:
    """The columns that are judged of a table of details."""
    kinds = [kind for kind in CONTENT_TYPES if kind.content_type_id in detail.content_type_ids]
    cases = [
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(kind.content_type_id), _place(kind, region_code))
        for kind in kinds
    ]
    found = [
        _text(
            names.PLACE_FINDING,
            sql.SQL("CASE published.content_type_id {} END").format(sql.SQL(" ").join(cases)),
        ),
        *(_text(names.TEXT_FINDING, _text_finding(texts)) for texts in [list(_texts(detail.fields))] if texts),
        *_number_findings(detail.fields),
    ]
    if detail.name == "place_images":
        found.append(_text(names.IMAGE_OF_PLACE, sql.SQL(_IMAGE)))
    if detail.name == "course_stops":
        listed = {
            "regions": sql.Literal(list(REGION_CODES)),
            "lists": sql.Literal(len(REGION_CODES) * len(CONTENT_TYPES)),
        }
        found.append(_text(names.STOP_FINDING, sql.SQL(_STOP).format(**listed)))
    return found


def _place(kind: ContentType, region_code: str) -> sql.Composed:
    return sql.SQL(_PLACE).format(
        asset_key=sql.Literal(f"core/{kind.name}"),
        region=sql.Literal(region_code),
        table=sql.Identifier("core", kind.name),
        kind=sql.Literal(kind.content_type_id),
        name=sql.SQL(f"core.{kind.name}"),  # type: ignore[arg-type] # a declared name
    )


def _texts(fields: Iterable) -> Iterable[str]:
    return (field.column for field in fields if field.kind in _TEXTS)


def _text_finding(columns: Sequence[str]) -> sql.Composed:
    """Which text has which problem; null if none has one."""
    texts = [sql.Identifier("published", column) for column in columns]
    looked_at = [
        sql.SQL("CASE WHEN {} ~ {} THEN {} END").format(text, sql.Literal(pattern), sql.Literal(f"{column}: {problem}"))
        for text, column in zip(texts, columns, strict=True)
        for problem, pattern in _PROBLEMS.items()
    ]
    return sql.SQL(
        "CASE WHEN chr(1) || concat_ws(chr(1), {texts}) || chr(1) ~ {suspicious} THEN nullif(concat_ws(', ', {found}), '') END"
    ).format(texts=sql.SQL(", ").join(texts), suspicious=sql.Literal(_SUSPICIOUS), found=sql.SQL(", ").join(looked_at))


def _number_findings(fields: Iterable[PlaceField]) -> list[Derived]:
    numbers = [(field.column, _GREATEST[field.kind]) for field in fields if field.kind in _GREATEST]
    found = [
        sql.SQL("CASE WHEN {number} > {greatest} THEN {name} || {number} END").format(
            number=sql.Identifier("published", column), greatest=sql.Literal(greatest), name=sql.Literal(f"{column}: ")
        )
        for column, greatest in numbers
    ]
    finding = sql.SQL("nullif(concat_ws(', ', {}), '')").format(sql.SQL(", ").join(found))
    return [_text(names.NUMBER_FINDING, finding)] if numbers else []


def _text(name: str, expression: sql.Composable) -> Derived:
    return Derived(Column(name, Text), expression)
