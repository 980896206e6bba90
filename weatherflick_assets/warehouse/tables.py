"""Every table of the platform, declared once: columns with their meaning, keys, indexes.

Migrations, loading, the column schemas shown in the Dagster UI and the data catalogue are made from these declarations.
Layers are PostgreSQL schemas: `raw` (what the API said), `core` (typed, clean, judged), `ops` (the platform itself). Views
(`serving`, and `raw.responses`) are written in SQL in the migrations. A test holds declarations and migrated database together.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from weatherflick_assets.content_types import CONTENT_TYPES, ContentType

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

Timestamp = DateTime(timezone=True)


def _required(name: str, kind: object, comment: str, **options: object) -> Column:
    return Column(name, kind, nullable=False, comment=comment, **options)  # type: ignore[arg-type]


def _optional(name: str, kind: object, comment: str) -> Column:
    return Column(name, kind, nullable=True, comment=comment)  # type: ignore[arg-type]


DEPLOYMENT = Table(
    "deployment",
    METADATA,
    _required("mode", Text, "live or sandbox: what kind of upstream fills this database; never both", primary_key=True),
    _required("created_at", Timestamp, "when the database was first prepared"),
    schema="ops",
    comment="What this database is for: one row.",
)

API_CALLS_DAILY = Table(
    "api_calls_daily",
    METADATA,
    Column("provider", Text, primary_key=True, comment="whose API, e.g. kto"),
    Column("operation", Text, primary_key=True, comment="what the limit counts: an operation, or a group of them"),
    Column("api_key_id", Text, primary_key=True, comment="fingerprint of the key; never the key"),
    Column("day", Date, primary_key=True, comment="day in Korea; of a monthly limit the first of the month"),
    _required("daily_limit", Integer, "calls the upstream allows"),
    _required("reserved", Integer, "calls taken from the limit; those of a process that was killed stay taken"),
    _required("used", Integer, "calls sent, as far as processes have told"),
    _required("refused", Integer, "of those, calls that the upstream did not answer because of a limit or the key"),
    _optional("closed_until", Timestamp, "the upstream says that nothing is left, whatever the count; until then"),
    schema="ops",
    comment="The quota ledger: what each key may still call today.",
)

API_KEY_REFUSALS = Table(
    "api_key_refusals",
    METADATA,
    Column("provider", Text, primary_key=True, comment="whose API refused the key"),
    Column("api_key_id", Text, primary_key=True, comment="fingerprint of the key; never the key"),
    _required("code", Text, "the upstream's code, e.g. 30"),
    _required("reason", Text, "what it means"),
    _required("refused_at", Timestamp, "when the upstream refused it"),
    _required("refused_until", Timestamp, "when it is tried again"),
    schema="ops",
    comment="Keys that an upstream does not accept at present.",
)

API_PACES = Table(
    "api_paces",
    METADATA,
    Column("host", Text, primary_key=True, comment="scheme and host of the API"),
    Column("api_key_id", Text, primary_key=True, comment="fingerprint of the key; never the key"),
    _required("calls_in_flight", SmallInteger, "calls at once that were left after the last refusal"),
    _required("calls_per_second", Double, "calls per second that were left after the last refusal"),
    _required("most_in_flight", SmallInteger, "calls at once that the upstream is believed to bear"),
    _required("most_per_second", Double, "calls per second that the upstream is believed to bear"),
    _required("lowered_at", Timestamp, "when the upstream last refused a call as one too many"),
    _required("times_lowered", Integer, "how often it did; the longer it takes to try more again"),
    schema="ops",
    comment="What the upstreams have taught about their limits per second, shared by all processes.",
)

BODIES = Table(
    "bodies",
    METADATA,
    Column("body_sha256", LargeBinary, primary_key=True, comment="SHA-256 of the body, 32 bytes"),
    _optional("body", LargeBinary, "the body, byte for byte; null once it has been dropped"),
    _required("body_bytes", Integer, "size of the body in bytes, as received"),
    _optional("dropped_at", Timestamp, "when the body was dropped, expired and not needed any more"),
    schema="raw",
    comment="What was received, each different body once, compressed by the server.",
)

CALLS = Table(
    "calls",
    METADATA,
    Column("response_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the response"),
    _required("provider", Text, "who was asked, e.g. kto"),
    _required("operation", Text, "which operation, e.g. areaBasedSyncList2"),
    _required("request_params", JSONB, "parameters as sent, without the key"),
    _optional("http_status", SmallInteger, "HTTP status; null when no answer came"),
    _optional("result_code", Text, "result code inside the body; of errors in data.go.kr's two digits"),
    Column(
        "body_sha256",
        LargeBinary,
        ForeignKey("raw.bodies.body_sha256", name="calls_body_sha256_fkey"),
        nullable=False,
        comment="SHA-256 of the body: which one came back",
    ),
    _optional("api_key_id", Text, "fingerprint of the key that was used; never the key"),
    _required("duration_ms", Integer, "from sending the request to having read the body, in milliseconds"),
    _required("fetched_at", Timestamp, "when the body had been read"),
    _optional("expires_at", Timestamp, "when the body may be dropped, by the operation's time to live; null: never"),
    _optional("run_id", Text, "the Dagster run that asked"),
    _optional("partition_key", Text, "the partition that run was for"),
    Index("calls_body_sha256_idx", "body_sha256"),
    Index("calls_provider_operation_fetched_at_idx", "provider", "operation", "fetched_at"),
    schema="raw",
    comment="Every call with what came back, committed before anything is made of it; raw.responses shows it with its body.",
)

SWEEPS = Table(
    "sweeps",
    METADATA,
    Column("sweep_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the sweep"),
    _required("provider", Text, "who was asked"),
    _required("operation", Text, "which list was swept"),
    _required("content_type_id", Text, "kind of place swept"),
    _required("region_code", Text, "partition swept"),
    _required("started_at", Timestamp, "when the first page was asked for"),
    _required("finished_at", Timestamp, "when the last page had been loaded"),
    _required("pages", Integer, "pages read, re-read ones included"),
    _required("total_count", Integer, "rows the upstream says there are"),
    _required("items_seen", Integer, "different ids received"),
    _required("is_complete", Boolean, "whether the pages add up; only a complete sweep proves an absence"),
    _optional("run_id", Text, "the Dagster run that swept"),
    Index("sweeps_content_type_id_region_code_idx", "content_type_id", "region_code", "started_at"),
    schema="raw",
    comment="Readings of a whole list, page by page, and whether they added up.",
)

PLACE_ITEMS = Table(
    "place_items",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="KTO's id of the place (contentid)"),
    _required("content_type_id", Text, "KTO content type (contenttypeid): 12 attractions, 39 restaurants, …"),
    _required("region_code", Text, "current region, by code, address or coordinates; or unassigned"),
    _required("region_source", Text, "how the region was found: code, former_code, address, coordinates, unassigned"),
    _optional("sigungu_code", Text, "district within the region (시군구)"),
    _required("payload", JSONB, "the list item as received"),
    _optional("modified_at", Timestamp, "the upstream's modification time"),
    _required("is_visible", Boolean, "false once the upstream hides the place (showflag 0)"),
    _optional("absent_since", Timestamp, "when a complete sweep first missed the place; null while it is listed"),
    _required("first_seen_at", Timestamp, "when the place was first listed"),
    _required("last_seen_at", Timestamp, "when the place was last listed"),
    _required("response_id", BigInteger, "the response that brought the present payload"),
    Index("place_items_content_type_id_region_code_idx", "content_type_id", "region_code"),
    schema="raw",
    comment="The current list item of every place ever seen.",
)

REGIONS = Table(
    "regions",
    METADATA,
    Column("region_code", Text, primary_key=True, comment="current legal-dong region code (lDongRegnCd)"),
    _required("name", Text, "official name"),
    _required("short_name", Text, "everyday name"),
    _required("english_name", Text, "name in English"),
    _optional("kto_area_code", Text, "areaCode of the former KTO code space; for 12 the one of its larger part"),
    _required("kto_area_codes", ARRAY(Text), "all former KTO area codes of the region"),
    _required("former_region_codes", ARRAY(Text), "legal-dong codes the region had before a reform"),
    _optional("latitude", Double, "of the provincial office, degrees north"),
    _optional("longitude", Double, "of the provincial office, degrees east"),
    _optional("kma_nx", SmallInteger, "column of the KMA forecast grid"),
    _optional("kma_ny", SmallInteger, "row of the KMA forecast grid"),
    _required("kma_land_region_ids", ARRAY(Text), "mid-term land forecast regions (중기육상예보구역)"),
    _required("kma_temperature_region_ids", ARRAY(Text), "mid-term temperature forecast points (중기기온예보구역)"),
    _required("airkorea_names", ARRAY(Text), "names AirKorea uses for the region"),
    schema="core",
    comment="The regions of Korea and every code space they appear in.",
)

KTO_AREAS = Table(
    "kto_areas",
    METADATA,
    Column("kto_area_code", Text, primary_key=True, comment="areaCode of the former KTO code space, 1 to 39"),
    _required("region_code", Text, "current region that the area lies in"),
    _required("name", Text, "short name as the backend shows it"),
    _required("full_name", Text, "official name"),
    _required("english_name", Text, "name in English"),
    _required("administrative_code", Text, "two-digit administrative code the backend expects"),
    _required("latitude", Double, "representative point, degrees north"),
    _required("longitude", Double, "representative point, degrees east"),
    _required("grid_x", SmallInteger, "column of the KMA forecast grid"),
    _required("grid_y", SmallInteger, "row of the KMA forecast grid"),
    schema="core",
    comment="The seventeen areas the backend asks by.",
)

CODES = Table(
    "codes",
    METADATA,
    Column("code_space", Text, primary_key=True, comment="which list the code belongs to, e.g. class"),
    Column("code", Text, primary_key=True, comment="the code"),
    _required("name", Text, "what it stands for"),
    _optional("parent_code", Text, "the code one level up"),
    _required("level", SmallInteger, "1 for the coarsest"),
    schema="core",
    comment="Names of the codes that places carry.",
)

REJECTED_ITEMS = Table(
    "rejected_items",
    METADATA,
    Column("content_type_id", Text, primary_key=True, comment="kind of place it was listed as"),
    Column("item_key", Text, primary_key=True, comment="its content_id, or the SHA-256 of the payload if it has none"),
    _required("region_code", Text, "partition the item was listed in"),
    _optional("content_id", Text, "id of the place, when it had one"),
    _required("reason", Text, "why it can't be used"),
    _required("payload", JSONB, "the item as received"),
    _required("response_id", BigInteger, "the response that brought it"),
    _required("rejected_at", Timestamp, "when it was first rejected for this reason"),
    Index("rejected_items_content_type_id_region_code_idx", "content_type_id", "region_code"),
    schema="core",
    comment="Listed items that could not be published, with the reason.",
)


def place_columns() -> list[Column]:
    """The columns that every kind of place has from its list item; a kind's own columns come after them."""
    return [
        Column("content_id", Text, primary_key=True, comment="KTO's id of the place (contentid)"),
        _required("content_type_id", Text, "KTO content type: 12 attractions, 39 restaurants, …"),
        _required("title", Text, "name of the place"),
        _required("region_code", Text, "current region, or unassigned"),
        _required("region_source", Text, "how the region was found"),
        _optional("sigungu_code", Text, "district within the region (시군구)"),
        _optional("kto_area_code", Text, "area in the former KTO code space that the backend asks by"),
        _optional("address", Text, "address (addr1)"),
        _optional("address_detail", Text, "rest of the address (addr2)"),
        _optional("zip_code", Text, "five-digit postal code"),
        _optional("latitude", Double, "degrees north, WGS 84"),
        _optional("longitude", Double, "degrees east, WGS 84"),
        _optional("coordinates_problem", Text, "why latitude and longitude are empty"),
        _optional("phone", Text, "telephone, first number first"),
        _optional("image_url", Text, "main image, https"),
        _optional("thumbnail_url", Text, "its thumbnail, https"),
        _optional("image_licence", Text, "Type1: attribution; Type3: attribution, no alteration"),
        _optional("class_division_code", Text, "classification, first level (lclsSystm1)"),
        _optional("class_group_code", Text, "classification, second level (lclsSystm2)"),
        _optional("class_code", Text, "classification, third level (lclsSystm3)"),
        _optional("legacy_area_code", Text, "areacode as received; blank on rows edited since 2026"),
        _optional("legacy_sigungu_code", Text, "sigungucode as received"),
        _optional("legacy_category_code_1", Text, "cat1 as received"),
        _optional("legacy_category_code_2", Text, "cat2 as received"),
        _optional("legacy_category_code_3", Text, "cat3 as received"),
        _optional("map_level", SmallInteger, "the upstream's map zoom (mlevel)"),
        _optional("created_at", Timestamp, "when the upstream created the place"),
        _optional("modified_at", Timestamp, "when the upstream last changed the place"),
        _required("completeness", Double, "share of the descriptive columns that are filled, 0 to 1"),
        _required("source_response_id", BigInteger, "the response the row was made from"),
        _required("published_at", Timestamp, "when the row was first published"),
        _required("updated_at", Timestamp, "when a published value last changed"),
        _optional("removed_at", Timestamp, "when the place was proven gone; null while it exists"),
    ]


KEPT_BY_THE_TABLE = ("published_at", "updated_at", "removed_at")
"""Columns of a core table that publishing sets and transforms do not."""


def _place_table(content_type: ContentType) -> Table:
    return Table(
        content_type.name,
        METADATA,
        *place_columns(),
        Index(f"{content_type.name}_region_code_idx", "region_code"),
        Index(f"{content_type.name}_kto_area_code_idx", "kto_area_code"),
        schema="core",
        comment=f"Published places of type {content_type.content_type_id} ({content_type.korean_name}).",
    )


PLACE_TABLES = {content_type.name: _place_table(content_type) for content_type in CONTENT_TYPES}
"""One table per kind of place, by its name."""
