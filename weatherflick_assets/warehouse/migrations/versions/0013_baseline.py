"""The schema of 2026-11-29 in one step: every table, and the view of responses.

It stands for revisions 0001 to 0013. The tables are written out, because the declarations go on changing. Views in
`serving` come from the files of the domains.
"""

from alembic import op
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
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0013"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = "raw", "core", "ops", "quality", "serving"
METADATA = MetaData()
Timestamp = DateTime(timezone=True)

# Servers may be built without lz4. What they have instead compresses as well but takes several times as long.
PREFER_LZ4 = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE raw.bodies ALTER body SET COMPRESSION lz4;
    END IF;
END $$
"""

# A left join, so that whoever asks for no body reads calls alone.
RESPONSES = """
CREATE VIEW raw.responses AS
SELECT
    call.response_id, call.provider, call.operation, call.request_params, call.http_status, call.result_code,
    stored.body, encode(call.body_sha256, 'hex') AS body_sha256, stored.body_bytes,
    call.api_key_id, call.duration_ms, call.fetched_at, call.expires_at, call.run_id, call.partition_key,
    stored.dropped_at AS body_dropped_at
FROM raw.calls AS call LEFT JOIN raw.bodies AS stored USING (body_sha256)
"""


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    METADATA.create_all(op.get_bind(), checkfirst=False)
    op.execute(PREFER_LZ4)
    op.execute(RESPONSES)


def downgrade() -> None:
    op.execute(f"DROP SCHEMA {', '.join(SCHEMAS)} CASCADE")


def key(name, kind, comment, *more):
    return Column(name, kind, *more, primary_key=True, comment=comment)


def required(name, kind, comment, *more, **options):
    return Column(name, kind, *more, nullable=False, comment=comment, **options)


def optional(name, kind, comment):
    return Column(name, kind, comment=comment)


def table(full_name, comment, *columns):
    schema, name = full_name.split(".")
    Table(name, METADATA, *columns, schema=schema, comment=comment)


table(
    "ops.deployment",
    "What this database is for: one row.",
    key("mode", Text, "live or sandbox: what kind of upstream fills this database; never both"),
    required("created_at", Timestamp, "when the database was first prepared"),
)

table(
    "ops.api_calls_daily",
    "The quota ledger: what each key may still call today.",
    key("provider", Text, "whose API, e.g. kto"),
    key("operation", Text, "what the limit counts: an operation, or a group of them"),
    key("api_key_id", Text, "fingerprint of the key; never the key"),
    key("day", Date, "day in Korea; of a monthly limit the first of the month"),
    required("daily_limit", Integer, "calls the upstream allows"),
    required("reserved", Integer, "calls taken from the limit; those of a process that was killed stay taken"),
    required("used", Integer, "calls sent, as far as processes have told"),
    required("refused", Integer, "of those, calls that the upstream did not answer because of a limit or the key"),
    optional("closed_until", Timestamp, "the upstream says that nothing is left, whatever the count; until then"),
)

table(
    "ops.api_key_refusals",
    "Keys that an upstream does not accept at present.",
    key("provider", Text, "whose API refused the key"),
    key("api_key_id", Text, "fingerprint of the key; never the key"),
    required("code", Text, "the upstream's code, e.g. 30"),
    required("reason", Text, "what it means"),
    required("refused_at", Timestamp, "when the upstream refused it"),
    required("refused_until", Timestamp, "when it is tried again"),
)

table(
    "ops.api_paces",
    "What the upstreams have taught about their limits per second, shared by all processes.",
    key("host", Text, "scheme and host of the API"),
    key("api_key_id", Text, "fingerprint of the key; never the key"),
    required("calls_in_flight", SmallInteger, "calls at once that were left after the last refusal"),
    required("calls_per_second", Double, "calls per second that were left after the last refusal"),
    required("most_in_flight", SmallInteger, "calls at once that the upstream is believed to bear"),
    required("most_per_second", Double, "calls per second that the upstream is believed to bear"),
    required("lowered_at", Timestamp, "when the upstream last refused a call as one too many"),
    required("times_lowered", Integer, "how often it did; the longer it takes to try more again"),
)

table(
    "ops.pending_publications",
    "The outbox: partitions to publish again, noted where raw changed, deleted where they are published.",
    key("asset_key", Text, "the published asset, e.g. core/attractions"),
    key("partition_key", Text, "its partition; empty for an asset without any"),
    required("since", Timestamp, "when it was first noted after it was last published"),
    required("cause", Text, "what changed last, in words"),
    required("change_id", BigInteger, "differs for every note", Identity(always=False)),
)

table(
    "ops.code_versions",
    "The code that published rows and views are made by: what differs is made again when the database is prepared.",
    key("asset_key", Text, "a published asset, e.g. core/attractions, or a file of views"),
    required("code_version", Text, "digest of the code that it was last made by, or that it is to be made by next"),
    required("recorded_at", Timestamp, "when the version was recorded", server_default=text("now()")),
)

table(
    "ops.collection_plan",
    "What the details that the day's quota allows are spent on: the plan that the collector follows.",
    key("content_type_id", Text, "kind of place"),
    key("region_code", Text, "region"),
    key("operation", Text, "detail operation"),
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
)

table(
    "raw.bodies",
    "What was received, each different body once, compressed by the server.",
    key("body_sha256", LargeBinary, "SHA-256 of the body, 32 bytes"),
    optional("body", LargeBinary, "the body, byte for byte; null once it has been dropped"),
    required("body_bytes", Integer, "size of the body in bytes, as received"),
    optional("dropped_at", Timestamp, "when the body was dropped, expired and not needed any more"),
)

table(
    "raw.calls",
    "Every call with what came back, committed before anything is made of it; raw.responses shows it with its body.",
    key("response_id", BigInteger, "identity of the response", Identity(always=True)),
    required("provider", Text, "who was asked, e.g. kto"),
    required("operation", Text, "which operation, e.g. areaBasedSyncList2"),
    required("request_params", JSONB, "parameters as sent, without the key"),
    optional("http_status", SmallInteger, "HTTP status; null when no answer came"),
    optional("result_code", Text, "result code inside the body; of errors in data.go.kr's two digits"),
    required(
        "body_sha256", LargeBinary, "SHA-256 of the body: which one came back", ForeignKey("raw.bodies.body_sha256")
    ),
    optional("api_key_id", Text, "fingerprint of the key that was used; never the key"),
    required("duration_ms", Integer, "from sending the request to having read the body, in milliseconds"),
    required("fetched_at", Timestamp, "when the body had been read"),
    optional("expires_at", Timestamp, "when the body may be dropped, by the operation's time to live; null: never"),
    optional("run_id", Text, "the Dagster run that asked"),
    optional("partition_key", Text, "the partition that run was for"),
    Index("calls_body_sha256_idx", "body_sha256"),
    Index("calls_provider_operation_fetched_at_idx", "provider", "operation", "fetched_at"),
)

table(
    "raw.sweeps",
    "Readings of a whole list, page by page, and whether they added up.",
    key("sweep_id", BigInteger, "identity of the sweep", Identity(always=True)),
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
)

table(
    "raw.place_items",
    "The current list item of every place ever seen.",
    key("content_id", Text, "KTO's id of the place (contentid)"),
    required("content_type_id", Text, "KTO content type (contenttypeid): 12 attractions, 39 restaurants, …"),
    required("payload", JSONB, "the list item as received"),
    optional("modified_at", Timestamp, "the upstream's modification time"),
    required("is_visible", Boolean, "false once the upstream hides the place (showflag 0)"),
    optional("absent_since", Timestamp, "when a complete sweep first missed the place; null while it is listed"),
    required("first_seen_at", Timestamp, "when the place was first listed"),
    required("last_seen_at", Timestamp, "when the place was last listed"),
    required("response_id", BigInteger, "the response that brought the present payload"),
    optional("previous_content_id", Text, "id the place had before the upstream gave it a new one (oldContentid)"),
    optional("listed_region_code", Text, "region code as received (lDongRegnCd); null where it is blank"),
    Index("place_items_content_type_id_listed_region_code_idx", "content_type_id", "listed_region_code"),
)

table(
    "raw.place_details",
    "What the detail operations last said about each place, and when: the state of the detail queue.",
    key("content_id", Text, "the place that was asked for"),
    key("operation", Text, "what was asked: detailCommon2, detailIntro2, …"),
    required(
        "items",
        JSONB,
        "the items as received; of one item, fields that came blank keep what an earlier answer said, and an answer without items keeps the items of an earlier one",
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
)

table(
    "raw.change_readings",
    "Readings of the change feed, newest first down to the watermark.",
    key("reading_id", BigInteger, "identity of the reading", Identity(always=True)),
    required("day", Date, "day in Korea that it was made for"),
    required("started_at", Timestamp, "when the first page was asked for"),
    required("finished_at", Timestamp, "when what was read had been merged"),
    optional("read_back_to", Timestamp, "modification time down to which the list was read; null: to its end"),
    optional("watermark", Timestamp, "latest modification time that was seen: the next reading goes back to it"),
    required("pages", Integer, "pages read"),
    required("total_count", Integer, "rows the upstream says there are"),
    required("known_count", Integer, "places that raw.place_items holds as listed, after merging"),
    optional("run_id", Text, "the Dagster run that read"),
)

table(
    "core.regions",
    "The regions of Korea and every code space they appear in.",
    key("region_code", Text, "current legal-dong region code (lDongRegnCd)"),
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
)

table(
    "core.kto_areas",
    "The seventeen areas the backend asks by.",
    key("kto_area_code", Text, "areaCode of the former KTO code space, 1 to 39"),
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
)

table(
    "core.place_regions",
    "The region of every place, found from its list item by one rule; found again when the rule changes.",
    key("content_id", Text, "the place"),
    required("region_code", Text, "current region, by code, address or coordinates; or unassigned"),
    required("region_source", Text, "how the region was found: code, former_code, address, coordinates, unassigned"),
    optional("sigungu_code", Text, "district within the region (시군구)"),
    required("source_response_id", BigInteger, "the response with the list item that it was found from"),
    Index("place_regions_region_code_idx", "region_code"),
)

table(
    "core.codes",
    "Names of the codes that places carry.",
    key("code_space", Text, "which list the code belongs to, e.g. class"),
    key("code", Text, "the code"),
    required("name", Text, "what it stands for"),
    optional("parent_code", Text, "the code one level up"),
    required("level", SmallInteger, "1 for the coarsest"),
    optional("content_type_id", Text, "kind of place that a class belongs to, by the official map"),
    optional("source_response_id", BigInteger, "the response it came in; null: declared"),
    optional("updated_at", Timestamp, "when its name or place in the tree last changed; null: declared"),
    optional(
        "withdrawn_at", Timestamp, "when the upstream no longer listed it; it stays, because places may carry it still"
    ),
)

table(
    "core.rejected_items",
    "Listed items that could not be published, with the reason.",
    key("content_type_id", Text, "kind of place it was listed as"),
    key("item_key", Text, "its content_id, or the SHA-256 of the payload if it has none"),
    required("region_code", Text, "partition the item was listed in"),
    optional("content_id", Text, "id of the place, when it had one"),
    required("reason", Text, "why it can't be used"),
    required("payload", JSONB, "the item as received"),
    required("response_id", BigInteger, "the response that brought it"),
    required("rejected_at", Timestamp, "when it was first rejected for this reason"),
    Index("rejected_items_content_type_id_region_code_idx", "content_type_id", "region_code"),
)

table(
    "quality.verdicts",
    "Every verdict on rows that were to be published, also where they were held back. Kept for 400 days.",
    key("verdict_id", BigInteger, "identity of the verdict", Identity(always=True)),
    required("table_name", Text, "the table whose rows were judged, e.g. core.attractions"),
    optional("partition_key", Text, "the part of it: the region; of core.codes the code space"),
    required("judged_at", Timestamp, "when"),
    required("suite_name", Text, "the rules it was judged by"),
    required("row_count", Integer, "rows judged"),
    required("passed", Boolean, "whether no blocking rule failed"),
    required("score", Double, "weight of the rules that hold as a share of the weight of those that apply, 0 to 100"),
    required("minimum_score", Double, "the score the suite asks for; falling short does not block"),
    required("published", Boolean, "whether the rows were published; if not, the last good rows stayed"),
    optional("run_id", Text, "the Dagster run that judged"),
    Index("verdicts_judged_at_idx", "judged_at"),
    Index("verdicts_table_name_partition_key_judged_at_idx", "table_name", "partition_key", "judged_at"),
)

table(
    "quality.rule_results",
    "How each rule of a verdict came out.",
    key(
        "verdict_id",
        BigInteger,
        "the verdict it belongs to",
        ForeignKey("quality.verdicts.verdict_id", ondelete="CASCADE"),
    ),
    key("rule_id", Text, "the rule; unique in its suite"),
    required("table_name", Text, "the table whose rows were judged, e.g. core.attractions"),
    optional("partition_key", Text, "the part of it: the region; of core.codes the code space"),
    required("judged_at", Timestamp, "when"),
    required("severity", Text, "what a failure means in this batch: blocking, warning or note"),
    required("passed", Boolean, "whether the rule holds"),
    required("applies", Boolean, "whether it says anything about these rows; a rule that does not apply passes"),
    required("expected", Text, "the rule as a sentence"),
    required("observed", Text, "what was found, in words"),
    optional("judged_count", Integer, "values judged; null where the rule counts none"),
    optional("unexpected_count", Integer, "of these, values that break the rule"),
    optional("observed_share", Double, "share of the values judged that are as expected, 0 to 1; also where it passed"),
    optional("required_share", Double, "the share that is asked for; null where the rule does not count values"),
    required("examples", ARRAY(Text), "at most five values that break a rule that failed, the key first"),
)

table(
    "quality.column_profiles",
    "What each column of the judged rows held, whether or not they were published.",
    key(
        "verdict_id",
        BigInteger,
        "the verdict it belongs to",
        ForeignKey("quality.verdicts.verdict_id", ondelete="CASCADE"),
    ),
    key("column_name", Text, "the column"),
    required("row_count", Integer, "rows judged"),
    required("null_count", Integer, "rows without a value"),
    optional(
        "distinct_count",
        Integer,
        "different values, texts told apart by a 64-bit hash; null of prose, JSON and arrays, which are not compared",
    ),
    optional("minimum", Text, "smallest value, times in UTC, at most 100 characters; null where they are not compared"),
    optional("maximum", Text, "largest value, likewise"),
    optional("mean", Double, "of numbers; of yes and no the share of yes"),
)


def place(name, comment, *details):
    table(
        f"core.{name}",
        comment,
        key("content_id", Text, "KTO's id of the place (contentid)"),
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
        optional("overview", Text, "description"),
        optional("homepage", Text, "web sites, with the names they were given"),
        optional("homepage_url", Text, "first of them"),
        *details,
        optional("detail_intro_info", JSONB, "the introduction as received"),
        optional("detail_additional_info", JSONB, "further information as received"),
        Index(f"{name}_region_code_idx", "region_code"),
        Index(f"{name}_serving_region_idx", text("(coalesce(kto_area_code, 'unassigned'))")),
    )


place(
    "attractions",
    "Published places of type 12 (관광지).",
    optional("opening_hours", Text, "opening hours"),
    optional("opens_at", Time, "when it opens, where that is the same every day"),
    optional("closes_at", Time, "when it closes, where that is the same every day"),
    optional("rest_days", Text, "days on which it is closed"),
    optional("open_all_year", Boolean, "whether it has no days of rest"),
    optional("season", Text, "time of the year for a visit"),
    optional("opened", Text, "when it was opened, sometimes the year alone"),
    optional("opened_on", Date, "day on which it was opened"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("activities", Text, "what one can try or take part in"),
    optional("age_limit", Text, "ages that can take part"),
    optional("capacity", Text, "how many find room"),
    optional("capacity_count", Integer, "how many people find room"),
    optional("baby_carriages", Text, "rental of baby carriages"),
    optional("baby_carriages_available", Boolean, "whether baby carriages are rented"),
    optional("pets", Text, "coming with pets"),
    optional("pets_allowed", Boolean, "whether pets may come"),
    optional("credit_cards", Text, "payment by credit card"),
    optional("credit_cards_accepted", Boolean, "whether credit cards are accepted"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
    optional("is_world_cultural_heritage", Boolean, "UNESCO world heritage, cultural"),
    optional("is_world_natural_heritage", Boolean, "UNESCO world heritage, natural"),
    optional("is_world_documentary_heritage", Boolean, "UNESCO memory of the world"),
)

place(
    "cultural_facilities",
    "Published places of type 14 (문화시설).",
    optional("opening_hours", Text, "opening hours"),
    optional("opens_at", Time, "when it opens, where that is the same every day"),
    optional("closes_at", Time, "when it closes, where that is the same every day"),
    optional("rest_days", Text, "days on which it is closed"),
    optional("open_all_year", Boolean, "whether it has no days of rest"),
    optional("admission_fee", Text, "prices of admission"),
    optional("admission_fee_won", Integer, "price of admission in won where there is one; 0: free"),
    optional("discounts", Text, "who pays less"),
    optional("visit_duration", Text, "how long a visit takes"),
    optional("visit_duration_minutes", Integer, "how long a visit takes, in minutes"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("parking_fee", Text, "price of parking"),
    optional("parking_fee_won", Integer, "price of parking in won; 0: free"),
    optional("scale", Text, "size of site and buildings"),
    optional("capacity", Text, "how many find room"),
    optional("capacity_count", Integer, "how many people find room"),
    optional("baby_carriages", Text, "rental of baby carriages"),
    optional("baby_carriages_available", Boolean, "whether baby carriages are rented"),
    optional("pets", Text, "coming with pets"),
    optional("pets_allowed", Boolean, "whether pets may come"),
    optional("credit_cards", Text, "payment by credit card"),
    optional("credit_cards_accepted", Boolean, "whether credit cards are accepted"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)

place(
    "festivals",
    "Published places of type 15 (축제공연행사).",
    optional("event_start_date", Date, "first day"),
    optional("event_end_date", Date, "last day"),
    optional("event_dates_problem", Text, "why the days are empty, and what was received"),
    optional("progress", Text, "whether cancelled (취소) or put off (행사연기)"),
    optional("festival_format", Text, "how it is held, e.g. 온라인"),
    optional("festival_grade", Text, "grade of the festival"),
    optional("event_place", Text, "where it takes place"),
    optional("place_directions", Text, "how to get there"),
    optional("event_hours", Text, "hours of the event"),
    optional("opens_at", Time, "when it begins, where that is the same every day"),
    optional("closes_at", Time, "when it ends, where that is the same every day"),
    optional("program", Text, "program"),
    optional("side_events", Text, "what takes place beside it"),
    optional("admission_fee", Text, "prices of admission"),
    optional("admission_fee_won", Integer, "price of admission in won where there is one; 0: free"),
    optional("discounts", Text, "who pays less"),
    optional("booking_place", Text, "where to book"),
    optional("age_limit", Text, "ages that may attend"),
    optional("visit_duration", Text, "how long a visit takes"),
    optional("visit_duration_minutes", Integer, "how long a visit takes, in minutes"),
    optional("sponsor", Text, "who holds it (주최)"),
    optional("sponsor_phone", Text, "their telephone"),
    optional("organizer", Text, "who runs it (주관)"),
    optional("organizer_phone", Text, "their telephone"),
    optional("event_homepage", Text, "web site of the event"),
    optional("event_homepage_url", Text, "its address"),
)

place(
    "travel_courses",
    "Published places of type 25 (여행코스).",
    optional("theme", Text, "theme of the course"),
    optional("schedule", Text, "days it takes: 당일, 1박 2일, …"),
    optional("distance", Text, "length of the course"),
    optional("distance_km", Double, "length of the course in kilometres"),
    optional("duration", Text, "how long it takes"),
    optional("duration_minutes", Integer, "how long it takes in minutes, where that is told in hours"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)

place(
    "leisure_sports",
    "Published places of type 28 (레포츠).",
    optional("opening_hours", Text, "opening hours"),
    optional("opens_at", Time, "when it opens, where that is the same every day"),
    optional("closes_at", Time, "when it closes, where that is the same every day"),
    optional("rest_days", Text, "days on which it is closed"),
    optional("open_all_year", Boolean, "whether it has no days of rest"),
    optional("season", Text, "time of the year in which it is open"),
    optional("admission_fee", Text, "prices of admission"),
    optional("admission_fee_won", Integer, "price of admission in won where there is one; 0: free"),
    optional("reservations", Text, "how to reserve"),
    optional("age_limit", Text, "ages that can take part"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("parking_fee", Text, "price of parking"),
    optional("parking_fee_won", Integer, "price of parking in won; 0: free"),
    optional("scale", Text, "size of the site"),
    optional("capacity", Text, "how many find room"),
    optional("capacity_count", Integer, "how many people find room"),
    optional("baby_carriages", Text, "rental of baby carriages"),
    optional("baby_carriages_available", Boolean, "whether baby carriages are rented"),
    optional("pets", Text, "coming with pets"),
    optional("pets_allowed", Boolean, "whether pets may come"),
    optional("credit_cards", Text, "payment by credit card"),
    optional("credit_cards_accepted", Boolean, "whether credit cards are accepted"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)

place(
    "accommodations",
    "Published places of type 32 (숙박).",
    optional("check_in", Text, "from when one can check in"),
    optional("check_in_time", Time, "from when one can check in, time of day"),
    optional("check_out", Text, "by when one checks out"),
    optional("check_out_time", Time, "by when one checks out, time of day"),
    optional("rooms", Text, "rooms"),
    optional("room_count", Integer, "number of rooms"),
    optional("room_types", Text, "types of rooms"),
    optional("capacity", Text, "how many find room"),
    optional("capacity_count", Integer, "how many people find room"),
    optional("scale", Text, "size of site and buildings"),
    optional("refund_policy", Text, "what is paid back when"),
    optional("reservations", Text, "how to reserve"),
    optional("reservation_site", Text, "web site for reservations"),
    optional("reservation_url", Text, "its address"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("pickup_service", Text, "being picked up"),
    optional("pickup_available", Boolean, "whether guests are picked up"),
    optional("cooking", Text, "cooking in the room"),
    optional("cooking_allowed", Boolean, "whether one can cook in the room"),
    optional("dining", Text, "where to eat and drink"),
    optional("other_facilities", Text, "further facilities"),
    optional("has_seminar_room", Boolean, "whether it has a seminar room"),
    optional("has_sports_facility", Boolean, "whether it has a sports facility"),
    optional("has_sauna", Boolean, "whether it has a sauna"),
    optional("has_beauty_salon", Boolean, "whether it has a beauty salon"),
    optional("has_beverage_bar", Boolean, "whether it has a place for food and drink (식음료장)"),
    optional("has_karaoke", Boolean, "whether it has karaoke"),
    optional("has_barbecue", Boolean, "whether it has a place for barbecues"),
    optional("has_campfire", Boolean, "whether it has a place for campfires"),
    optional("has_bicycle_rental", Boolean, "whether it rents bicycles"),
    optional("has_fitness_centre", Boolean, "whether it has a fitness centre"),
    optional("has_public_computers", Boolean, "whether it has computers for guests"),
    optional("has_public_bath", Boolean, "whether it has a bath for all"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)

place(
    "shopping",
    "Published places of type 38 (쇼핑).",
    optional("opening_hours", Text, "opening hours"),
    optional("opens_at", Time, "when it opens, where that is the same every day"),
    optional("closes_at", Time, "when it closes, where that is the same every day"),
    optional("rest_days", Text, "days on which it is closed"),
    optional("open_all_year", Boolean, "whether it has no days of rest"),
    optional("market_days", Text, "days of the market"),
    optional("sale_items", Text, "what is sold"),
    optional("sale_item_prices", Text, "what it costs"),
    optional("shop_guide", Text, "about the shops; refund of taxes"),
    optional("culture_centre", Text, "culture centre"),
    optional("opened", Text, "when it was opened, sometimes the year alone"),
    optional("opened_on", Date, "day on which it was opened"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("restrooms", Text, "restrooms"),
    optional("restrooms_available", Boolean, "whether there are restrooms"),
    optional("scale", Text, "size, number of shops"),
    optional("baby_carriages", Text, "rental of baby carriages"),
    optional("baby_carriages_available", Boolean, "whether baby carriages are rented"),
    optional("pets", Text, "coming with pets"),
    optional("pets_allowed", Boolean, "whether pets may come"),
    optional("credit_cards", Text, "payment by credit card"),
    optional("credit_cards_accepted", Boolean, "whether credit cards are accepted"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)

place(
    "restaurants",
    "Published places of type 39 (음식점).",
    optional("opening_hours", Text, "opening hours"),
    optional("opens_at", Time, "when it opens, where that is the same every day"),
    optional("closes_at", Time, "when it closes, where that is the same every day"),
    optional("rest_days", Text, "days on which it is closed"),
    optional("open_all_year", Boolean, "whether it has no days of rest"),
    optional("signature_dish", Text, "dish it is known for"),
    optional("menu", Text, "dishes"),
    optional("seats", Text, "seats"),
    optional("seat_count", Integer, "number of seats"),
    optional("scale", Text, "size"),
    optional("reservations", Text, "how to reserve"),
    optional("reservations_accepted", Boolean, "whether one can reserve"),
    optional("takeout", Text, "food to take away"),
    optional("takeout_available", Boolean, "whether food can be taken away"),
    optional("smoking", Text, "smoking"),
    optional("smoking_allowed", Boolean, "whether one may smoke"),
    optional("has_kids_facility", Boolean, "whether it has a playroom for children"),
    optional("parking", Text, "parking: whether, how many, at what price"),
    optional("parking_available", Boolean, "whether one can park"),
    optional("discounts", Text, "who pays less"),
    optional("credit_cards", Text, "payment by credit card"),
    optional("credit_cards_accepted", Boolean, "whether credit cards are accepted"),
    optional("opened", Text, "when it was opened, sometimes the year alone"),
    optional("opened_on", Date, "day on which it was opened"),
    optional("licence_number", Text, "number of the business licence"),
    optional("enquiries", Text, "whom to ask, with telephone numbers"),
    optional("enquiry_phone", Text, "first telephone number to ask"),
)


def details(name, comment, *columns):
    position = [key("position", Integer, "its place in the order, from 1")] if name != "pet_policies" else []
    table(
        f"core.{name}",
        comment,
        key("content_id", Text, "the place it is about"),
        *position,
        required("content_type_id", Text, "kind of that place"),
        required("region_code", Text, "its region"),
        *columns,
        required("source_response_id", BigInteger, "the response the row was made from"),
        required("updated_at", Timestamp, "when a value last changed"),
        Index(f"{name}_region_code_idx", "region_code"),
    )


details(
    "place_images",
    "Images of places, in their order.",
    optional("serial_number", Text, "the upstream's number of the image"),
    optional("caption", Text, "what the image shows"),
    optional("image_url", Text, "image, https"),
    optional("thumbnail_url", Text, "its thumbnail, https"),
    optional("licence", Text, "Type1: attribution; Type3: attribution, no alteration"),
)

details(
    "place_infos",
    "What else is said about places: names and texts.",
    optional("name", Text, "what it is about, e.g. 화장실"),
    optional("text", Text, "what is said about it"),
    optional("group_code", Text, "the upstream's grouping, 1 to 4"),
)

details(
    "course_stops",
    "The stops of courses, in order.",
    optional("stop_content_id", Text, "content id of the place where the course stops"),
    optional("name", Text, "name of the stop"),
    optional("description", Text, "description of the stop"),
    optional("image_url", Text, "image, https"),
    optional("image_caption", Text, "what the image shows"),
)

details(
    "rooms",
    "The types of rooms of accommodations.",
    optional("room_code", Text, "the upstream's code of the type of room"),
    optional("title", Text, "name of the type of room"),
    optional("description", Text, "description"),
    optional("size_pyeong", Double, "size in 평"),
    optional("size_square_metres", Double, "size in square metres"),
    optional("room_count", Integer, "rooms of this type"),
    optional("guests", Integer, "guests that the price is for"),
    optional("most_guests", Integer, "guests that find room"),
    optional("off_season_weekday_fee", Integer, "lowest price in won, off season, weekdays"),
    optional("off_season_weekend_fee", Integer, "lowest price in won, off season, weekends"),
    optional("peak_season_weekday_fee", Integer, "lowest price in won, in season, weekdays"),
    optional("peak_season_weekend_fee", Integer, "lowest price in won, in season, weekends"),
    optional("has_bath_facility", Boolean, "whether it has: bathroom"),
    optional("has_bath", Boolean, "whether it has: bath"),
    optional("has_home_theatre", Boolean, "whether it has: home theatre"),
    optional("has_air_conditioning", Boolean, "whether it has: air conditioning"),
    optional("has_television", Boolean, "whether it has: television"),
    optional("has_computer", Boolean, "whether it has: computer"),
    optional("has_cable_television", Boolean, "whether it has: cable television"),
    optional("has_internet", Boolean, "whether it has: internet"),
    optional("has_refrigerator", Boolean, "whether it has: refrigerator"),
    optional("has_toiletries", Boolean, "whether it has: toiletries"),
    optional("has_sofa", Boolean, "whether it has: sofa"),
    optional("has_cooking_facility", Boolean, "whether it has: cooking utensils"),
    optional("has_table", Boolean, "whether it has: table"),
    optional("has_hair_dryer", Boolean, "whether it has: hair dryer"),
    optional("image_urls", JSONB, "images, https; null where the upstream has none"),
    optional("image_captions", JSONB, "what each image shows"),
    optional("image_licences", JSONB, "licence of each image; Type1: attribution; Type3: attribution, no alteration"),
)

details(
    "pet_policies",
    "Whether and how pets may come.",
    optional("scope", Text, "where pets may come: everywhere, or some areas"),
    optional("animals", Text, "which animals may come"),
    optional("requirements", Text, "what is required: leash, muzzle, …"),
    optional("other_information", Text, "what else to know"),
    optional("facilities", Text, "facilities for pets"),
    optional("provided_items", Text, "what is provided for pets"),
    optional("rental_items", Text, "what can be rented for pets"),
    optional("sale_items", Text, "what can be bought for pets"),
    optional("accident_precautions", Text, "precautions and liability"),
)
