"""The tables of places: received lists and details (`raw`), published data (`core`) and the next calls (`ops`).

The published tables are made from declarations: one per kind of place and one per kind of detail, with the columns that
`fields.py` declares. Columns that come from no single upstream field are declared here.
"""

from collections.abc import Sequence
from types import MappingProxyType

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from weatherflick_assets.places.content_types import CONTENT_TYPES, ContentType
from weatherflick_assets.places.detail_tables import DETAILS, DetailTable
from weatherflick_assets.places.fields import (
    COMMON_FIELDS,
    LIST_FIELDS,
    PLACE_FIELDS,
    RECEIVED_FIELDS,
    Kind,
    ListKind,
    PlaceField,
)
from weatherflick_assets.warehouse.tables import IS_PROSE, METADATA, Timestamp, optional, required

SWEEPS = Table(
    "sweeps",
    METADATA,
    Column("sweep_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the sweep"),
    required("provider", Text, "who was asked"),
    required("operation", Text, "which list was swept"),
    required("content_type_id", Text, "kind of place swept"),
    required("region_code", Text, "partition swept"),
    required("started_at", Timestamp, "when the first page was asked for"),
    required("finished_at", Timestamp, "when the last page had been loaded"),
    required("pages", Integer, "pages read, re-read ones included"),
    required("total_count", Integer, "rows the upstream says there are"),
    required("items_seen", Integer, "different ids received"),
    required("is_complete", Boolean, "whether the pages add up; only a complete sweep proves an absence"),
    optional("run_id", Text, "the Dagster run that swept"),
    Index("sweeps_content_type_id_region_code_idx", "content_type_id", "region_code", "started_at"),
    schema="raw",
    comment="Readings of a whole list, page by page, and whether they added up.",
)

PLACE_ITEMS = Table(
    "place_items",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="KTO's id of the place (contentid)"),
    required("content_type_id", Text, "KTO content type (contenttypeid): 12 attractions, 39 restaurants, …"),
    optional("listed_region_code", Text, "region code as received (lDongRegnCd); null where it is blank"),
    required("payload", JSONB, "the list item as received"),
    optional("modified_at", Timestamp, "the upstream's modification time"),
    required("is_visible", Boolean, "false once the upstream hides the place (showflag 0)"),
    optional("absent_since", Timestamp, "when a complete sweep first missed the place; null while it is listed"),
    required("first_seen_at", Timestamp, "when the place was first listed"),
    required(
        "last_seen_at",
        Timestamp,
        "when a list last showed something new about the place; unchanged, it is also in every later complete sweep of its "
        "kind and region until absent_since",
    ),
    required("response_id", BigInteger, "the response that brought the present payload"),
    optional("previous_content_id", Text, "id the place had before the upstream gave it a new one (oldContentid)"),
    optional(
        "also_listed",
        JSONB,
        "what another item with this id and modification time in the same list says otherwise, by field; null: there was none",
    ),
    Index("place_items_content_type_id_listed_region_code_idx", "content_type_id", "listed_region_code"),
    Index("place_items_also_listed_idx", "content_id", postgresql_where=text("also_listed IS NOT NULL")),
    schema="raw",
    comment="The current list item of every place ever seen.",
)

PLACE_REGIONS = Table(
    "place_regions",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="the place"),
    required("region_code", Text, "current region, by code, address or coordinates; or unassigned"),
    required("region_source", Text, "how the region was found: code, former_code, address, coordinates, unassigned"),
    optional("sigungu_code", Text, "district within the region (시군구)"),
    required("source_response_id", BigInteger, "the response with the list item that it was found from"),
    Index("place_regions_region_code_idx", "region_code"),
    schema="core",
    comment="The region of every place, found from its list item by one rule; found again when the rule changes.",
)

PLACE_DETAILS = Table(
    "place_details",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="the place that was asked for"),
    Column("operation", Text, primary_key=True, comment="what was asked: detailCommon2, detailIntro2, …"),
    required(
        "items",
        JSONB,
        "the items as received; of one item, fields that came blank keep what an earlier answer said, and an answer "
        "without items keeps the items of an earlier one",
    ),
    required(
        "kept_from",
        JSONB,
        "fields that came blank in the last answer, and the response whose value they keep; items: all of them",
        server_default=text("'{}'::jsonb"),
    ),
    required("response_id", BigInteger, "the last response"),
    required("fetched_at", Timestamp, "when it was read"),
    optional("place_modified_at", Timestamp, "modification time of the place's list item when it was asked for"),
    Index("place_details_operation_fetched_at_idx", "operation", "fetched_at"),
    schema="raw",
    comment="What the detail operations last said about each place, and when: the state of the detail queue.",
)

CHANGE_READINGS = Table(
    "change_readings",
    METADATA,
    Column("reading_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the reading"),
    required("day", Date, "day in Korea that it was made for"),
    required("started_at", Timestamp, "when the first page was asked for"),
    required("finished_at", Timestamp, "when what was read had been merged"),
    optional("read_back_to", Timestamp, "modification time down to which the list was read; null: to its end"),
    optional("watermark", Timestamp, "latest modification time that was seen: the next reading goes back to it"),
    required("pages", Integer, "pages read"),
    required("total_count", Integer, "rows the upstream says there are"),
    required("known_count", Integer, "places that raw.place_items holds as listed, after merging"),
    optional("run_id", Text, "the Dagster run that read"),
    schema="raw",
    comment="Readings of the change feed, newest first down to the watermark.",
)

UNREADABLE_DETAILS = Table(
    "unreadable_details",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="the place that was asked for"),
    Column("operation", Text, primary_key=True, comment="what was asked"),
    required("failures", Integer, "collections in a row that failed to read it"),
    required("reason", Text, "how the last one failed"),
    required("failed_at", Timestamp, "when"),
    required("not_before", Timestamp, "when it may be asked again; the distance doubles with every failure"),
    schema="ops",
    comment="Details that could not be read although the operation answers about other places.",
)

COLLECTION_PLAN = Table(
    "collection_plan",
    METADATA,
    Column("content_type_id", Text, primary_key=True, comment="kind of place"),
    Column("region_code", Text, primary_key=True, comment="region"),
    Column("operation", Text, primary_key=True, comment="detail operation"),
    required("planned_at", Timestamp, "when the plan was made"),
    required("rank", Integer, "1: worth most for each call, among kinds and regions"),
    required("places", Integer, "places that are shown"),
    required("never_collected", Integer, "of these, places of which the operation was never asked"),
    required("changed", Integer, "places that changed since it was asked"),
    required("stale", Integer, "places of which it was asked longer ago than it lives"),
    required("thin", Integer, "places of which it was asked and few details are known"),
    required("unreadable", Integer, "places whose answer could not be read, and which are not asked again yet"),
    required("calls", Integer, "calls that are planned"),
    required("value", Double, "worth of these calls together, by the policy"),
    required("reason", Text, "why, in words"),
    schema="ops",
    comment="What the details that the day's quota allows are spent on: the plan that the collector follows.",
)

CODES = Table(
    "codes",
    METADATA,
    Column("code_space", Text, primary_key=True, comment="which list the code belongs to, e.g. class"),
    Column("code", Text, primary_key=True, comment="the code"),
    required("name", Text, "what it stands for"),
    optional("parent_code", Text, "the code one level up"),
    required("level", SmallInteger, "1 for the coarsest"),
    optional("content_type_id", Text, "kind of place that a class belongs to, by the official map"),
    optional("source_response_id", BigInteger, "the response it came in; null: declared"),
    optional("updated_at", Timestamp, "when its name or place in the tree last changed; null: declared"),
    optional(
        "withdrawn_at", Timestamp, "when the upstream no longer listed it; it stays, because places may carry it still"
    ),
    schema="core",
    comment="Names of the codes that places carry.",
)

REJECTED_ITEMS = Table(
    "rejected_items",
    METADATA,
    Column("content_type_id", Text, primary_key=True, comment="kind of place it was listed as"),
    Column("item_key", Text, primary_key=True, comment="its content_id, or the SHA-256 of the payload if it has none"),
    required("region_code", Text, "partition the item was listed in"),
    optional("content_id", Text, "id of the place, when it had one"),
    required("reason", Text, "why it can't be used"),
    required("payload", JSONB, "the item as received"),
    required("response_id", BigInteger, "the response that brought it"),
    required("rejected_at", Timestamp, "when it was first rejected for this reason"),
    Index("rejected_items_content_type_id_region_code_idx", "content_type_id", "region_code"),
    schema="core",
    comment="Listed items that could not be published, with the reason.",
)

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

_LIST_TYPES = MappingProxyType(
    {ListKind.DEGREES: Double, ListKind.SMALL_INTEGER: SmallInteger, ListKind.TIME: Timestamp}
)
"""Database type of a kind of column from the list item; all others are text."""


def field_columns(fields: Sequence[PlaceField]) -> list[Column]:
    """Columns of declared fields, all nullable."""
    return [
        optional(field.column, _TYPES.get(field.kind, Text), field.comment, info={IS_PROSE: field.kind is Kind.TEXT})
        for field in fields
    ]


def place_columns() -> list[Column]:
    """The columns that every kind of place has without details. The columns specific to a kind come after them."""
    return [
        Column("content_id", Text, primary_key=True, comment="KTO's id of the place (contentid)"),
        required("content_type_id", Text, "KTO content type: 12 attractions, 39 restaurants, …"),
        required("region_code", Text, "current region, or unassigned"),
        required("region_source", Text, "how the region was found"),
        optional("sigungu_code", Text, "district within the region (시군구)"),
        optional("kto_area_code", Text, "area in the former KTO code space that the backend asks by"),
        *(
            Column(
                field.column, _LIST_TYPES.get(field.kind, Text), nullable=not field.is_required, comment=field.comment
            )
            for field in LIST_FIELDS
        ),
        optional("nx", SmallInteger, "column of the KMA forecast grid's cell that it lies in; null without a position"),
        optional("ny", SmallInteger, "row of that cell"),
        optional("previous_content_id", Text, "id the place had before the upstream gave it a new one"),
        optional(
            "unusable_values",
            JSONB,
            "values of the list that are empty or cut here because they can't be used, by column: the reason and what was received",
        ),
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


_SEARCHED = ("attractions", "restaurants")
"""The kinds that are searched by words through their serving views."""

_COMPARED = ("title", "address", "address_detail", "class_division_code", "kto_area_code", "published_at")
"""What their views compare: an index holds it, a fourteenth as wide as the rows. Texts in it are bounded; see `LONGEST`."""

_OFTEN_VACUUMED = MappingProxyType(
    {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_insert_scale_factor": 0.02}
)
"""An index answers alone for pages that were vacuumed since their last change; by default a fifth of the rows may change."""


def _words_index(name: str) -> Index:
    return Index(
        f"{name}_words_idx",
        text("(coalesce(kto_area_code, 'unassigned'))"),  # else it would be read whole for those of a region
        "content_id",
        postgresql_include=list(_COMPARED),
        postgresql_where=text("removed_at IS NULL"),
    )


def _place_table(content_type: ContentType) -> Table:
    is_searched = content_type.name in _SEARCHED
    return Table(
        content_type.name,
        METADATA,
        *place_columns(),
        *field_columns((*COMMON_FIELDS, *PLACE_FIELDS[content_type.name])),
        *(optional(field.column, JSONB, field.comment) for field in RECEIVED_FIELDS),
        Index(f"{content_type.name}_region_code_idx", "region_code"),
        # The expressions are those that the serving views call region_code and location, and that places_named looks for.
        Index(f"{content_type.name}_newest_idx", text("(coalesce(kto_area_code, 'unassigned'))"), "published_at"),
        Index(f"{content_type.name}_location_idx", text("point(longitude, latitude)"), postgresql_using="gist"),
        Index(f"{content_type.name}_letters_idx", text("string_to_array(lower(title), NULL)"), postgresql_using="gin"),
        *([_words_index(content_type.name)] if is_searched else ()),
        postgresql_with=dict(_OFTEN_VACUUMED) if is_searched else None,
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
