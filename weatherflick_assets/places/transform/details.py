"""From the items of the detail operations to typed columns and rows, as `places/fields.py` declares them. Pure.

The parsers for values are in `detail_values.py`; the catalogue says which rows are stored where. Missing fields, nulls
and values of the wrong type count as blank. No item makes a transform fail.
"""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from weatherflick_assets.places.detail_tables import DETAILS
from weatherflick_assets.places.fields import IMAGE_FIELDS, INFO_FIELDS, PET_POLICY_FIELDS, PlaceField
from weatherflick_assets.places.transform.columns import blank_as_missing, text_columns
from weatherflick_assets.places.transform.detail_values import READERS

Items = Sequence[Mapping[str, object]]

_INFO_SHAPES = {
    content_type_id: detail.fields
    for detail in DETAILS
    if detail.operation == "detailInfo2"
    for content_type_id in detail.content_type_ids
}
"""Fields of the repeating information, by content type."""

_SERIAL_NUMBER = re.compile(r"(?:.*_)?([0-9]{1,6})", re.DOTALL)
"""For images, the part after the underscore: 3026518_8 is the eighth image."""

_LAST = 10**6
"""The sort key of rows without a number."""


def columns_of(fields: Sequence[PlaceField], payloads: Items) -> pd.DataFrame:
    """The declared columns, one row per payload, in the order of both.

    Days and times of day are ISO text and lists are JSON text, as COPY accepts them. Flags, counts and measures have
    pandas' own types and are missing where the text has no value.
    """
    texts = text_columns(payloads, dict.fromkeys(name for field in fields for name in field.fields))
    return pd.DataFrame({field.column: _column(field, texts) for field in fields}, index=texts.index)


def _column(field: PlaceField, texts: pd.DataFrame) -> pd.Series:
    read, dtype = READERS[field.kind]
    received = list(zip(*(texts[name].tolist() for name in field.fields), strict=True))
    values = {text: read(*text) for text in set(received)}
    return pd.Series([values[text] for text in received], index=texts.index, dtype=dtype)  # type: ignore[call-overload]


def infos(content_id: str | Sequence[str], content_type_id: str, items: Items) -> pd.DataFrame:
    """Rows from the items of detailInfo2, in the upstream's order.

    Args:
        content_id: the requested place, or the place of each item.
        content_type_id: the kind of place, which determines the shape of the items.
        items: as received; an empty item makes no row.

    Returns:
        Columns content_id, position (from 1 within a place) and those of COURSE_STOP_FIELDS for courses, ROOM_FIELDS
        for accommodations, INFO_FIELDS for all other kinds.
    """
    rows = columns_of(_INFO_SHAPES.get(content_type_id, INFO_FIELDS), items)
    numbers = text_columns(items, ("subnum", "serialnum"))
    said = rows.notna().any(axis="columns")
    rows.insert(0, "content_id", content_id)
    return _in_order(rows[said], (numbers["subnum"] + numbers["serialnum"])[said])


def images(items: Items) -> pd.DataFrame:
    """Rows from items of detailImage2, in the upstream's order: content_id, position and the columns of IMAGE_FIELDS.

    An item without an image or without a place makes no row.
    """
    rows = columns_of(IMAGE_FIELDS, items)
    rows.insert(0, "content_id", _content_ids(items))
    rows = rows[rows["image_url"].notna() & rows["content_id"].notna()]
    return _in_order(rows, rows["serial_number"].fillna(""))


def pet_policies(items: Items) -> pd.DataFrame:
    """One row per place from items of detailPetTour2: content_id and the columns of PET_POLICY_FIELDS.

    An item that does not name its place makes no row. If a place has several items, the last one counts.
    """
    rows = columns_of(PET_POLICY_FIELDS, items)
    rows.insert(0, "content_id", _content_ids(items))
    named = rows[rows["content_id"].notna()]
    return named.drop_duplicates("content_id", keep="last").reset_index(drop=True)


def detail_rows(operation: str, answers: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table of details, for places whose answers have one shape.

    Args:
        operation: detailImage2, detailInfo2 or detailPetTour2.
        answers: one row per place: content_id, content_type_id, region_code, response_id, items (a list of mappings)
            and kept_from, the response that `items` come from if the last one had none.

    Returns:
        The columns of the table, except those that publishing sets. An item belongs to the place that was requested.
    """
    content_type_id = answers["content_type_id"].iloc[0]
    owners = [owner for owner, items in zip(answers["content_id"], answers["items"], strict=True) for _ in items]
    received = [item for items in answers["items"] for item in items]
    named = [{**item, "contentid": owner} for item, owner in zip(received, owners, strict=True)]
    match operation:
        case "detailImage2":
            rows = images(named)
        case "detailInfo2":
            rows = infos(owners, content_type_id, named)
        case _:
            rows = pet_policies(named)
    places = answers.set_index("content_id")
    sources = [
        kept_from.get("items", response_id)
        for kept_from, response_id in zip(answers["kept_from"], answers["response_id"], strict=True)
    ]
    for column in ("content_type_id", "region_code"):
        rows[column] = rows["content_id"].map(places[column])
    rows["source_response_id"] = rows["content_id"].map(dict(zip(answers["content_id"], sources, strict=True)))
    return rows


def _content_ids(items: Items) -> pd.Series:
    return blank_as_missing(text_columns(items, ("contentid",))["contentid"])


def _in_order(rows: pd.DataFrame, serial_numbers: pd.Series) -> pd.DataFrame:
    """The rows sorted by place and number, rows without a number last, with their position."""
    order = [int(found[1]) if (found := _SERIAL_NUMBER.fullmatch(text)) else _LAST for text in serial_numbers]
    ordered = rows.assign(position=order).sort_values(["content_id", "position"], kind="stable", ignore_index=True)
    positions = (ordered.groupby("content_id").cumcount() + 1).astype("Int32")
    ordered = ordered.drop(columns="position")
    ordered.insert(1, "position", positions)
    return ordered
