"""Tables that belong to no domain, declared once: columns with their meaning, keys, indexes.

A domain's tables are in its own `tables.py`, declared with the same words. Migrations, loading, the column schemas in
the Dagster UI and the data catalogue are made from these declarations. Layers are PostgreSQL schemas: `raw` (what the
API said), `core` (typed, clean, judged), `insight` (what follows), `ops` (the platform itself). A test checks that declarations and migrated
database agree.
"""

from sqlalchemy import (
    BigInteger,
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


IS_PROSE = "is_prose"
"""Key in `Column.info` of a text written for people: it can be long, and its smallest value means nothing."""


def optional(name: str, kind: object, comment: str, **options: object) -> Column:
    """A column that may be empty."""
    return Column(name, kind, nullable=True, comment=comment, **options)  # type: ignore[arg-type]


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
    Column("request", Text, comment="the only request that was refused so far, as a hash; none if different ones were"),
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

PENDING_PUBLICATIONS = Table(
    "pending_publications",
    METADATA,
    Column("asset_key", Text, primary_key=True, comment="the published asset, e.g. core/attractions"),
    Column("partition_key", Text, primary_key=True, comment="its partition; empty for an asset without any"),
    required("since", Timestamp, "when it was first noted after it was last published"),
    required("cause", Text, "what changed last, in words"),
    Column("change_id", BigInteger, Identity(always=False), nullable=False, comment="differs for every note"),
    optional("keys", ARRAY(Text), "what changed in the partition, e.g. ids of places; null: everything"),
    schema="ops",
    comment="The outbox: partitions to publish again, noted where raw changed, deleted where they are published.",
)

CODE_VERSIONS = Table(
    "code_versions",
    METADATA,
    Column("asset_key", Text, primary_key=True, comment="a published asset, e.g. core/attractions, or a file of views"),
    required("code_version", Text, "digest of the code that it was last made by, or that it is to be made by next"),
    required("recorded_at", Timestamp, "when the version was recorded", server_default=text("now()")),
    schema="ops",
    comment="The code that published rows and views are made by: what differs is made again when the database is prepared.",
)

SIZES_DAILY = Table(
    "sizes_daily",
    METADATA,
    Column("day", Date, primary_key=True, comment="day in Korea"),
    Column(
        "subject",
        Text,
        primary_key=True,
        comment="a table, e.g. raw.bodies or dagster.event_logs; or database, dagster, files, disk used, disk free",
    ),
    required("bytes", BigInteger, "its size, with indexes, when it was last measured on that day"),
    schema="ops",
    comment="How much everything takes, day by day: what growth is worked out from.",
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
