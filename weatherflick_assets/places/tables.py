"""The published tables of places, made from declarations: one per kind of place, one per kind of detail.

Columns that every place has from its list item stand here, those from details in `places/fields.py`; what a kind of value is
in the database stands in `_TYPES`. Migrations, loading, upsert keys, column checks, the schemas in the Dagster UI and the
data catalogue are made from these tables.
"""

from collections.abc import Sequence
from types import MappingProxyType

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Index, Integer, SmallInteger, Table, Text, Time, text
from sqlalchemy.dialects.postgresql import JSONB

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.fields import COMMON_FIELDS, PLACE_FIELDS, Kind, PlaceField
from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

_TYPES = MappingProxyType(
    {
        Kind.FLAG: Boolean,
        Kind.ALL_YEAR: Boolean,
        Kind.DATE: Date,
        Kind.PERIOD_START: Date,
        Kind.PERIOD_END: Date,
        Kind.TIME_OF_DAY: Time,
        Kind.OPENS_AT: Time,
        Kind.CLOSES_AT: Time,
        Kind.MINUTES: Integer,
        Kind.INTEGER: Integer,
        Kind.WON: Integer,
        Kind.NUMBER: Double,
        Kind.IMAGE_URLS: JSONB,
        Kind.TEXTS: JSONB,
    }
)
"""Database type of a kind of value; all others are text."""


def field_columns(fields: Sequence[PlaceField]) -> list[Column]:
    """Columns of declared fields; any of them may be empty."""
    return [optional(field.column, _TYPES.get(field.kind, Text), field.comment) for field in fields]


def place_columns() -> list[Column]:
    """The columns that every kind of place has from its list item; a kind's own columns come after them."""
    return [
        Column("content_id", Text, primary_key=True, comment="KTO's id of the place (contentid)"),
        required("content_type_id", Text, "KTO content type: 12 attractions, 39 restaurants, …"),
        required("title", Text, "name of the place"),
        required("region_code", Text, "current region, or unassigned"),
        required("region_source", Text, "how the region was found"),
        optional("sigungu_code", Text, "district within the region (시군구)"),
        optional("kto_area_code", Text, "area in the former KTO code space that the backend asks by"),
        optional("address", Text, "address (addr1)"),
        optional("address_detail", Text, "rest of the address (addr2)"),
        optional("zip_code", Text, "five-digit postal code"),
        optional("latitude", Double, "degrees north, WGS 84"),
        optional("longitude", Double, "degrees east, WGS 84"),
        optional("coordinates_problem", Text, "why latitude and longitude are empty"),
        optional("phone", Text, "telephone, first number first"),
        optional("image_url", Text, "main image, https"),
        optional("thumbnail_url", Text, "its thumbnail, https"),
        optional("image_licence", Text, "Type1: attribution; Type3: attribution, no alteration"),
        optional("class_division_code", Text, "classification, first level (lclsSystm1)"),
        optional("class_group_code", Text, "classification, second level (lclsSystm2)"),
        optional("class_code", Text, "classification, third level (lclsSystm3)"),
        optional("legacy_area_code", Text, "areacode as received; blank on rows edited since 2026"),
        optional("legacy_sigungu_code", Text, "sigungucode as received"),
        optional("legacy_category_code_1", Text, "cat1 as received"),
        optional("legacy_category_code_2", Text, "cat2 as received"),
        optional("legacy_category_code_3", Text, "cat3 as received"),
        optional("map_level", SmallInteger, "the upstream's map zoom (mlevel)"),
        optional("created_at", Timestamp, "when the upstream created the place"),
        optional("modified_at", Timestamp, "when the upstream last changed the place"),
        optional("previous_content_id", Text, "id the place had before the upstream gave it a new one"),
        required("completeness", Double, "share of the descriptive columns that are filled, 0 to 1"),
        optional(
            "detail_completeness", Double, "likewise of the columns from details; null before these are collected"
        ),
        required("source_response_id", BigInteger, "the response with the list item the row was made from"),
        optional("detail_sources", JSONB, "the response each value from details came from, by column"),
        required("published_at", Timestamp, "when the row was first published"),
        required("updated_at", Timestamp, "when a published value last changed"),
        optional("removed_at", Timestamp, "when the place was proven gone; null while it exists"),
    ]


KEPT_BY_THE_TABLE = ("published_at", "updated_at", "removed_at")
"""Columns of a core table that publishing sets and transforms do not."""


def _place_table(content_type: ContentType) -> Table:
    return Table(
        content_type.name,
        METADATA,
        *place_columns(),
        *field_columns((*COMMON_FIELDS, *PLACE_FIELDS[content_type.name])),
        Index(f"{content_type.name}_region_code_idx", "region_code"),
        # What the serving views call region_code.
        Index(f"{content_type.name}_serving_region_idx", text("(coalesce(kto_area_code, 'unassigned'))")),
        schema="core",
        comment=f"Published places of type {content_type.content_type_id} ({content_type.korean_name}).",
    )


PLACE_TABLES = {content_type.name: _place_table(content_type) for content_type in CONTENT_TYPES}
"""One table per kind of place, by its name."""


def _detail_table(detail: DetailTable) -> Table:
    position = [Column("position", Integer, primary_key=True, comment="its place in the order, from 1")]
    return Table(
        detail.name,
        METADATA,
        Column("content_id", Text, primary_key=True, comment="the place it is about"),
        *(position if detail.in_order else ()),
        required("content_type_id", Text, "kind of that place"),
        required("region_code", Text, "its region"),
        *field_columns(detail.fields),
        required("source_response_id", BigInteger, "the response the row was made from"),
        required("updated_at", Timestamp, "when a value last changed"),
        Index(f"{detail.name}_region_code_idx", "region_code"),
        schema="core",
        comment=detail.description,
    )


DETAIL_TABLES = {detail.name: _detail_table(detail) for detail in DETAILS}
"""The tables of details, by name."""
