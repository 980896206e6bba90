"""Items of the catalogue that could not become rows, and values that could not be used: why, in words, and where they are."""

from typing import TYPE_CHECKING

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.fields import BOUNDED_FIELDS, LONGEST, LOSSY_FIELDS, TOO_LONG, ListKind
from weatherflick_assets.quality.rejections import Reason, Rejections, Sample

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    import psycopg

UNREADABLE, ID_MISSING = WITHOUT_ID = ("unreadable", "content_id_missing")
"""Reasons why something listed never became an item of the raw layer: it has no id to be known by."""

_UNUSABLE = {
    ListKind.ZIP_CODE: "is not of five digits, as all have been since 2015",
    ListKind.WEB_ADDRESS: "is no web address",
    ListKind.SMALL_INTEGER: "is no number of up to four digits",
    ListKind.TIME: "is no time",
}

_REASONS = {
    **{
        f"{field.column}_{field.unusable}": Reason(
            f"What the list says for {field.column} {_UNUSABLE[field.kind]}, so it is left out. The place is published.",
            "Nothing, unless there are many: then the field has another form (places/fields.py).",
            field.fields[0],
        )
        for field in LOSSY_FIELDS
    },
    **{
        f"{field.column}_{TOO_LONG}": Reason(
            f"What the list says for {field.column} has more than {LONGEST[field.kind]} characters, so it is "
            f"{'left out' if field.kind is ListKind.CODE else 'cut'}. The place is published.",
            "Nothing, unless there are many: then longer ones are usual by now (places/fields.py).",
            field.fields[0],
        )
        for field in BOUNDED_FIELDS
    },
    "title_missing": Reason(
        "The list gives the place no title, so there is nothing to show.",
        "KTO has to write one; the place is published by itself when the list shows it.",
        "title",
    ),
    "content_id_not_a_number": Reason(
        "The id of the place is no number, so no detail can be asked about it.",
        "Look at the response. If KTO has new ids, the rule of places/transform/places.py has to know them.",
        "contentid",
    ),
    ID_MISSING: Reason(
        "The item has no id, or a damaged one, so it can't be told from others.",
        "Look at the response. If the id is there under another name, places/transform/listing.py has to know it.",
        "contentid",
    ),
    UNREADABLE: Reason(
        "The row is broken in the response, and its neighbours are not.",
        "Look at the response. A collection that finds the row whole replaces it.",
        "unreadable",
    ),
    "image_missing": Reason(
        "The item of an image has no address that a picture could be at.",
        "Nothing, unless there are many: then the field of the address has changed (places/fields.py).",
        "originimgurl",
    ),
    "says_nothing": Reason(
        "All that the item could say is blank.",
        "Nothing, unless there are many: then its fields have other names (places/fields.py).",
    ),
    "said_again": Reason(
        "The answer has several items for one place, of which the last counts.",
        "Nothing; look at the response if the items contradict each other.",
    ),
    "code_missing": Reason("The entry of a list of codes has no code.", "Look at the answer in raw.responses.", "code"),
    "name_missing": Reason("The code has no name.", "Nothing: places show the code until KTO names it.", "name"),
}

_KINDS = ", ".join(f"('{kind.content_type_id}', 'core.{kind.name}')" for kind in CONTENT_TYPES)

_OF_NO_KIND = "raw.place_items"
"""Stands for the table of an item of no known kind."""

_KEPT = f"""
SELECT coalesce(kind.table_name, '{_OF_NO_KIND}') AS table_name, item.region_code AS partition_key, item.reason, item.content_id AS subject, item.payload::text AS payload,
       item.response_id, item.rejected_at
FROM core.rejected_items AS item LEFT JOIN (VALUES {_KINDS}) AS kind (content_type_id, table_name) USING (content_type_id)
"""  # noqa: S608 - constants

_UNUSABLE_VALUES = """
SELECT 'core.{table}', place.region_code, lost.key || '_' || (lost.value ->> 'reason'), content_id, item.payload::text,
       place.source_response_id, place.updated_at
FROM core.{table} AS place CROSS JOIN LATERAL jsonb_each(place.unusable_values) AS lost JOIN raw.place_items AS item USING (content_id)
WHERE place.removed_at IS NULL AND place.unusable_values IS NOT NULL
"""


def _samples(
    connection: "psycopg.Connection", table_name: str, partition_key: str | None, reason: str, most: int
) -> list[Sample]:
    from weatherflick_assets.places.store.rejections import unusable_details  # noqa: PLC0415 - it needs data frames

    return unusable_details(connection, table_name, partition_key, reason, most)


def _again(connection: "psycopg.Connection", _at: "datetime") -> set[tuple[str, str]]:
    from weatherflick_assets.places.store.versions import made_from_raw  # noqa: PLC0415

    return made_from_raw(connection)


def _read_again(
    dsn: str,
    tables: "Collection[str] | None",
    partition_keys: "Collection[str] | None",
    reason: str | None,
    at: "datetime",
) -> None:
    from weatherflick_assets.places.collect.rejected import read_again  # noqa: PLC0415 - it needs data frames

    kinds = (
        None if tables is None else [kind.content_type_id for kind in CONTENT_TYPES if f"core.{kind.name}" in tables]
    )
    read_again(dsn, content_type_ids=kinds, region_codes=partition_keys, reason=reason, at=at)


REJECTIONS = Rejections(
    reasons=_REASONS,
    kept_tables=(*(f"core.{kind.name}" for kind in CONTENT_TYPES), _OF_NO_KIND),
    kept=" UNION ALL ".join([_KEPT, *(_UNUSABLE_VALUES.format(table=kind.name) for kind in CONTENT_TYPES)]),
    samples=_samples,
    again=_again,
    read_again=_read_again,
)
"""What the domain says of them."""
