"""From raw list items and their details to typed, clean rows of a core table, with unusable items separated. Pure.

A row depends only on its item and its details, so a partition can be transformed in chunks. A doubtful value is emptied, and
one that is too long is cut; `unusable_values` has what was received. Only an item that could not be shown at all is rejected.

A list item states all fields of the list, so a blank field is blank in the row. Details fill other columns. They never
blank a column they do not mention, and within one operation the raw layer never lets a blank replace a value. Details
do not fill columns of the list: for none of 1,034 recorded places does detailCommon2 have a list value that the list
item lacks.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import orjson
import pandas as pd

from weatherflick_assets.korea.cells import cells_of
from weatherflick_assets.korea.regions import UNASSIGNED, kto_area_code
from weatherflick_assets.places.fields import (
    BOUNDED_FIELDS,
    LIST_FIELDS,
    LONGEST,
    LOSSY_FIELDS,
    RECEIVED_FIELDS,
    TOO_LONG,
    ListField,
    ListKind,
)
from weatherflick_assets.places.transform.columns import (
    blank_as_missing,
    clean_text,
    coordinates,
    kst_timestamps,
    phone_numbers,
    secure_urls,
    small_integers,
    text_columns,
    text_series,
    zip_codes,
)
from weatherflick_assets.places.transform.place_details import detail_columns
from weatherflick_assets.warehouse.json_text import as_json

FIELDS = tuple(dict.fromkeys(name for field in LIST_FIELDS for name in field.fields))
"""Fields of a list item that become columns."""

_DESCRIPTIVE = tuple(field.column for field in LIST_FIELDS if field.is_descriptive)

_LONGEST_RECEIVED = 100
"""Characters that are kept of a value that can't be used."""

_READERS: Mapping[ListKind, Callable[[pd.Series], pd.Series]] = MappingProxyType(
    {
        ListKind.LINE: clean_text,
        ListKind.PHONES: phone_numbers,
        ListKind.CODE: blank_as_missing,
        ListKind.ZIP_CODE: zip_codes,
        ListKind.WEB_ADDRESS: secure_urls,
        ListKind.SMALL_INTEGER: small_integers,
        ListKind.TIME: kst_timestamps,
    }
)
"""The parsers of columns that come from a single field. Coordinates are parsed together."""


class Places(NamedTuple):
    """Transformed items: rows for the table, and the items that cannot be used.

    Attributes:
        rows: the columns of a core table, except those that publishing sets. If no item has details, the columns from
            details are omitted, except `detail_completeness`, which is then missing in every row.
        rejected: content_id, reason, payload (JSON text), response_id.
    """

    rows: pd.DataFrame
    rejected: pd.DataFrame


def places(items: pd.DataFrame) -> Places:
    """Transform raw items.

    Args:
        items: of one kind of place; columns content_id, content_type_id, region_code, region_source, sigungu_code,
            previous_content_id, response_id, payload (a mapping), and details: None, or by operation a mapping of item
            (None if there was none), response_id and kept_from, the earlier responses that single fields or `items`
            come from. Columns of `RECEIVED_FIELDS`, which may be missing, are JSON text.

    Raises:
        KeyError: an item has details but its kind of place is not declared.
    """
    items = items.reset_index(drop=True)
    fields = text_columns(items["payload"].tolist(), FIELDS)
    listed = _list_columns(fields)
    reason = _rejection_reasons(items, listed["title"])
    unusable = reason.notna()
    rejected = pd.DataFrame(
        {
            "content_id": items.loc[unusable, "content_id"],
            "reason": reason[unusable],
            "payload": [orjson.dumps(payload).decode() for payload in items.loc[unusable, "payload"]],
            "response_id": items.loc[unusable, "response_id"],
        }
    )
    too_long = {field: rows for field in BOUNDED_FIELDS if (rows := _too_long(field, listed))}
    rows = _rows(items, _bounded(listed, too_long), _unusable_values(fields, listed, too_long))
    return Places(rows[~unusable] if unusable.any() else rows, rejected)


def _rejection_reasons(items: pd.DataFrame, title: pd.Series) -> pd.Series:
    return text_series(map(_rejection_reason, items["content_id"].tolist(), title.tolist()), items.index)


def _rejection_reason(content_id: str, title: str | None) -> str | None:
    if not (content_id.isascii() and content_id.isdigit()):
        return "content_id_not_a_number"
    return "title_missing" if title is None else None


def _list_columns(fields: pd.DataFrame) -> Mapping[str, pd.Series]:
    """The columns that `LIST_FIELDS` declares, from the received fields as text."""
    place = coordinates(fields["mapx"], fields["mapy"])
    return {
        field.column: _READERS[field.kind](fields[field.fields[0]]) if field.kind in _READERS else place[field.column]
        for field in LIST_FIELDS
    }


def _unusable_values(
    fields: pd.DataFrame, listed: Mapping[str, pd.Series], too_long: Mapping[ListField, Sequence[int]]
) -> pd.Series:
    """Of each row the values that can't be used, by column, as JSON; missing where there is none."""
    found: dict[int, dict[str, object]] = {}
    for field in LOSSY_FIELDS:
        received = fields[field.fields[0]].tolist()
        for row in np.flatnonzero(listed[field.column].isna()).tolist():
            if received[row]:
                value = {"reason": field.unusable, "received": received[row][:_LONGEST_RECEIVED]}
                found.setdefault(row, {})[field.column] = value
    for field, rows in too_long.items():
        for row in rows:
            value = {"reason": TOO_LONG, "received": fields[field.fields[0]].iloc[row][:_LONGEST_RECEIVED]}
            found.setdefault(row, {})[field.column] = value
    return text_series((as_json(found[row]) if row in found else None for row in range(len(fields))), fields.index)


def _too_long(field: ListField, listed: Mapping[str, pd.Series]) -> list[int]:
    """The rows whose text in a column has more characters than are published."""
    texts, most = listed[field.column].tolist(), LONGEST[field.kind]
    # Hardly any is, and the longest is found several times as fast.
    if max(map(len, filter(None, texts)), default=0) <= most:
        return []
    return [row for row, text in enumerate(texts) if text is not None and len(text) > most]


def _bounded(listed: Mapping[str, pd.Series], too_long: Mapping[ListField, Sequence[int]]) -> Mapping[str, pd.Series]:
    """The columns with texts that are too long cut, and such codes left out."""
    bounded = dict(listed)
    for field, rows in too_long.items():
        texts = listed[field.column].tolist()
        for row in rows:
            texts[row] = None if field.kind is ListKind.CODE else texts[row][: LONGEST[field.kind]].rstrip()
        bounded[field.column] = text_series(texts, listed[field.column].index)
    return bounded


def _rows(items: pd.DataFrame, listed: Mapping[str, pd.Series], unusable_values: pd.Series) -> pd.DataFrame:
    details = detail_columns(items)
    rows = pd.DataFrame(
        {
            "content_id": items["content_id"],
            "content_type_id": items["content_type_id"],
            "region_code": items["region_code"],
            "region_source": items["region_source"],
            "sigungu_code": items["sigungu_code"],
            "kto_area_code": _kto_area_codes(items["region_code"], items["sigungu_code"]),
            **listed,
            **_cells(listed["latitude"], listed["longitude"]),
            "previous_content_id": items["previous_content_id"],
            "unusable_values": unusable_values,
            "source_response_id": items["response_id"],
            **{name: details[name] for name in details},
            **{field.column: items[field.column] for field in RECEIVED_FIELDS if field.column in items},
        },
        copy=False,
    )
    filled = np.array([rows[name].notna() for name in _DESCRIPTIVE])
    rows["completeness"] = filled.mean(axis=0).round(4)
    return rows


def _cells(latitude: pd.Series, longitude: pd.Series) -> Mapping[str, pd.Series]:
    """The column and row of the forecast grid's cell of each row, missing without a position or outside the grid."""
    cells = zip(("nx", "ny"), cells_of(latitude, longitude), strict=True)
    return {name: pd.Series(cell, latitude.index, dtype="Int16").mask(cell == 0) for name, cell in cells}


def _kto_area_codes(region_code: pd.Series, sigungu_code: pd.Series) -> pd.Series:
    """The former area of each row. There are few distinct pairs, so each is converted once."""
    pairs = list(zip(region_code.tolist(), sigungu_code.tolist(), strict=True))
    area_of = {pair: None if pair[0] == UNASSIGNED else kto_area_code(*pair) for pair in set(pairs)}
    return text_series((area_of[pair] for pair in pairs), region_code.index)
