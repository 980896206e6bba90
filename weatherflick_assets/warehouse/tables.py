"""Every table of the platform but those of the places, declared once: columns with their meaning, keys, indexes.

The tables that are published, one per kind of place and one per kind of detail, stand in `place_tables.py`. Migrations, loading, the column schemas shown in the Dagster UI and the data catalogue are made from these declarations.
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
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

Timestamp = DateTime(timezone=True)


def required(name: str, kind: object, comment: str, **options: object) -> Column:
    """A column that always has a value."""
    return Column(name, kind, nullable=False, comment=comment, **options)  # type: ignore[arg-type]


def optional(name: str, kind: object, comment: str) -> Column:
    """A column that may be empty."""
    return Column(name, kind, nullable=True, comment=comment)  # type: ignore[arg-type]


DEPLOYMENT = Table(
    "deployment",
    METADATA,
    required("mode", Text, "live or sandbox: what kind of upstream fills this database; never both", primary_key=True),
    required("created_at", Timestamp, "when the database was first prepared"),
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
    required("daily_limit", Integer, "calls the upstream allows"),
    required("reserved", Integer, "calls taken from the limit; those of a process that was killed stay taken"),
    required("used", Integer, "calls sent, as far as processes have told"),
    required("refused", Integer, "of those, calls that the upstream did not answer because of a limit or the key"),
    optional("closed_until", Timestamp, "the upstream says that nothing is left, whatever the count; until then"),
    schema="ops",
    comment="The quota ledger: what each key may still call today.",
)

API_KEY_REFUSALS = Table(
    "api_key_refusals",
    METADATA,
    Column("provider", Text, primary_key=True, comment="whose API refused the key"),
    Column("api_key_id", Text, primary_key=True, comment="fingerprint of the key; never the key"),
    required("code", Text, "the upstream's code, e.g. 30"),
    required("reason", Text, "what it means"),
    required("refused_at", Timestamp, "when the upstream refused it"),
    required("refused_until", Timestamp, "when it is tried again"),
    schema="ops",
    comment="Keys that an upstream does not accept at present.",
)

API_PACES = Table(
    "api_paces",
    METADATA,
    Column("host", Text, primary_key=True, comment="scheme and host of the API"),
    Column("api_key_id", Text, primary_key=True, comment="fingerprint of the key; never the key"),
    required("calls_in_flight", SmallInteger, "calls at once that were left after the last refusal"),
    required("calls_per_second", Double, "calls per second that were left after the last refusal"),
    required("most_in_flight", SmallInteger, "calls at once that the upstream is believed to bear"),
    required("most_per_second", Double, "calls per second that the upstream is believed to bear"),
    required("lowered_at", Timestamp, "when the upstream last refused a call as one too many"),
    required("times_lowered", Integer, "how often it did; the longer it takes to try more again"),
    schema="ops",
    comment="What the upstreams have taught about their limits per second, shared by all processes.",
)

BODIES = Table(
    "bodies",
    METADATA,
    Column("body_sha256", LargeBinary, primary_key=True, comment="SHA-256 of the body, 32 bytes"),
    optional("body", LargeBinary, "the body, byte for byte; null once it has been dropped"),
    required("body_bytes", Integer, "size of the body in bytes, as received"),
    optional("dropped_at", Timestamp, "when the body was dropped, expired and not needed any more"),
    schema="raw",
    comment="What was received, each different body once, compressed by the server.",
)

CALLS = Table(
    "calls",
    METADATA,
    Column("response_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the response"),
    required("provider", Text, "who was asked, e.g. kto"),
    required("operation", Text, "which operation, e.g. areaBasedSyncList2"),
    required("request_params", JSONB, "parameters as sent, without the key"),
    optional("http_status", SmallInteger, "HTTP status; null when no answer came"),
    optional("result_code", Text, "result code inside the body; of errors in data.go.kr's two digits"),
    Column(
        "body_sha256",
        LargeBinary,
        ForeignKey("raw.bodies.body_sha256", name="calls_body_sha256_fkey"),
        nullable=False,
        comment="SHA-256 of the body: which one came back",
    ),
    optional("api_key_id", Text, "fingerprint of the key that was used; never the key"),
    required("duration_ms", Integer, "from sending the request to having read the body, in milliseconds"),
    required("fetched_at", Timestamp, "when the body had been read"),
    optional("expires_at", Timestamp, "when the body may be dropped, by the operation's time to live; null: never"),
    optional("run_id", Text, "the Dagster run that asked"),
    optional("partition_key", Text, "the partition that run was for"),
    Index("calls_body_sha256_idx", "body_sha256"),
    Index("calls_provider_operation_fetched_at_idx", "provider", "operation", "fetched_at"),
    schema="raw",
    comment="Every call with what came back, committed before anything is made of it; raw.responses shows it with its body.",
)

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
    required("region_code", Text, "current region, by code, address or coordinates; or unassigned"),
    required("region_source", Text, "how the region was found: code, former_code, address, coordinates, unassigned"),
    optional("sigungu_code", Text, "district within the region (시군구)"),
    required("payload", JSONB, "the list item as received"),
    optional("modified_at", Timestamp, "the upstream's modification time"),
    required("is_visible", Boolean, "false once the upstream hides the place (showflag 0)"),
    optional("absent_since", Timestamp, "when a complete sweep first missed the place; null while it is listed"),
    required("first_seen_at", Timestamp, "when the place was first listed"),
    required("last_seen_at", Timestamp, "when the place was last listed"),
    required("response_id", BigInteger, "the response that brought the present payload"),
    optional("previous_content_id", Text, "id the place had before the upstream gave it a new one (oldContentid)"),
    Index("place_items_content_type_id_region_code_idx", "content_type_id", "region_code"),
    schema="raw",
    comment="The current list item of every place ever seen.",
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
    required("touched", JSONB, "kinds and regions whose places changed: [[content_type_id, region_code], …]"),
    optional("run_id", Text, "the Dagster run that read"),
    schema="raw",
    comment="Readings of the change feed, newest first down to the watermark.",
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
    required("calls", Integer, "calls that are planned"),
    required("value", Double, "worth of these calls together, by the policy"),
    required("reason", Text, "why, in words"),
    schema="ops",
    comment="What the details that the day's quota allows are spent on: the plan that the collector follows.",
)

REGIONS = Table(
    "regions",
    METADATA,
    Column("region_code", Text, primary_key=True, comment="current legal-dong region code (lDongRegnCd)"),
    required("name", Text, "official name"),
    required("short_name", Text, "everyday name"),
    required("english_name", Text, "name in English"),
    optional("kto_area_code", Text, "areaCode of the former KTO code space; for 12 the one of its larger part"),
    required("kto_area_codes", ARRAY(Text), "all former KTO area codes of the region"),
    required("former_region_codes", ARRAY(Text), "legal-dong codes the region had before a reform"),
    optional("latitude", Double, "of the provincial office, degrees north"),
    optional("longitude", Double, "of the provincial office, degrees east"),
    optional("kma_nx", SmallInteger, "column of the KMA forecast grid"),
    optional("kma_ny", SmallInteger, "row of the KMA forecast grid"),
    required("kma_land_region_ids", ARRAY(Text), "mid-term land forecast regions (중기육상예보구역)"),
    required("kma_temperature_region_ids", ARRAY(Text), "mid-term temperature forecast points (중기기온예보구역)"),
    required("airkorea_names", ARRAY(Text), "names AirKorea uses for the region"),
    schema="core",
    comment="The regions of Korea and every code space they appear in.",
)

KTO_AREAS = Table(
    "kto_areas",
    METADATA,
    Column("kto_area_code", Text, primary_key=True, comment="areaCode of the former KTO code space, 1 to 39"),
    required("region_code", Text, "current region that the area lies in"),
    required("name", Text, "short name as the backend shows it"),
    required("full_name", Text, "official name"),
    required("english_name", Text, "name in English"),
    required("administrative_code", Text, "two-digit administrative code the backend expects"),
    required("latitude", Double, "representative point, degrees north"),
    required("longitude", Double, "representative point, degrees east"),
    required("grid_x", SmallInteger, "column of the KMA forecast grid"),
    required("grid_y", SmallInteger, "row of the KMA forecast grid"),
    required(
        "sigungu_codes",
        ARRAY(Text),
        "districts of the region that the area consists of; none: all that no other area names",
    ),
    schema="core",
    comment="The seventeen areas the backend asks by.",
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
        "withdrawn_at",
        Timestamp,
        "when the upstream no longer listed it; it stays, because places may carry it still",
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
