"""The columns of a place that come from its details, combined from several answers. Pure.

The parsing of columns is in `details.py`. Two operations may give the same field of a festival: the list of festivals
and the introduction both have its days. The newer response then wins, and a blank never replaces a value.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
import pandas as pd

from weatherflick_assets.places.content_types import CONTENT_TYPES
from weatherflick_assets.places.fields import COMMON_FIELDS, PLACE_FIELDS, Kind, PlaceField
from weatherflick_assets.places.transform.columns import text_series
from weatherflick_assets.places.transform.details import columns_of

_NAMES = {content_type.content_type_id: content_type.name for content_type in CONTENT_TYPES}

Details = Mapping[str, Mapping[str, Any]]
"""By operation: item, response_id, kept_from."""


class _Statement(NamedTuple):
    """The details of a place: values by field, and the response of each group of fields that are read together."""

    values: dict[str, object]
    sources: dict[tuple[str, ...], int]


def detail_columns(items: pd.DataFrame) -> pd.DataFrame:
    """The columns from details for every row: those of its kind of place, `detail_completeness` and `detail_sources`.

    If no row has details, only `detail_completeness`, with every value missing. `items` are as for `places`, with an
    index that counts from 0.
    """
    known = [row for row, details in enumerate(items["details"]) if details]
    if not known:
        return pd.DataFrame({"detail_completeness": np.nan}, index=items.index)
    details = items["details"].iloc[known].tolist()
    own_fields = PLACE_FIELDS[_NAMES[items["content_type_id"].iloc[known[0]]]]
    parts, sources = [], [{} for _ in known]
    for fields, operations in ((COMMON_FIELDS, ("detailCommon2",)), (own_fields, ("detailIntro2", "searchFestival2"))):
        said = [_statement(of_place, operations, fields) for of_place in details]
        answered = [row for row, statement in enumerate(said) if statement]
        made = columns_of(fields, [statement.values for statement in said if statement])
        made.index = pd.Index(answered, dtype="int64")
        parts.append(made.reindex(range(len(known))))
        for row, of_row in zip(answered, _sources(made, fields, [s for s in said if s]), strict=True):
            sources[row] |= of_row
    columns = pd.concat(parts, axis="columns")
    columns["detail_completeness"] = (
        columns[_counted((*COMMON_FIELDS, *own_fields))].notna().mean(axis="columns").round(4)
    )
    columns["detail_sources"] = text_series([orjson.dumps(of_row).decode() for of_row in sources])
    columns.index = items.index[known]
    return columns.reindex(items.index)


def _counted(fields: Sequence[PlaceField]) -> list[str]:
    """The columns that completeness counts. The reason for a missing value does not count as a value."""
    return [field.column for field in fields if field.kind is not Kind.PERIOD_PROBLEM]


def _statement(details: Details, operations: Sequence[str], fields: Sequence[PlaceField]) -> _Statement | None:
    """The combined details from these operations; None if none of them had an item."""
    answers = [answer for operation in operations if (answer := details.get(operation)) and answer["item"]]
    if not answers:
        return None
    values: dict[str, object] = {}
    sources: dict[tuple[str, ...], int] = {}
    for answer in answers:
        item, kept_from = answer["item"], answer["kept_from"]
        whole = kept_from.get("items", answer["response_id"])
        for names in {field.fields: None for field in fields}:
            if any(_is_filled(item.get(name)) for name in names):
                source = max(kept_from.get(name, whole) for name in names)
                if source >= sources.get(names, source):
                    sources[names] = source
                    values.update((name, item.get(name)) for name in names)
    return _Statement(values, sources)


def _is_filled(value: object) -> bool:
    return value is not None and str(value).strip() != ""


def _sources(made: pd.DataFrame, fields: Sequence[PlaceField], said: Sequence[_Statement]) -> list[dict[str, int]]:
    """For each row, the response that each filled column was read from."""
    filled = [(field.column, field.fields, made[field.column].notna().tolist()) for field in fields]
    return [
        {
            column: statement.sources[names]
            for column, names, is_filled in filled
            if is_filled[row] and names in statement.sources
        }
        for row, statement in enumerate(said)
    ]
