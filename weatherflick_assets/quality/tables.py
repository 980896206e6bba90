"""The tables of quality: what was judged and how each rule came out, what the columns held, and how that changes over days.

Only their declarations belong here. `store.py` writes verdicts, `statistics.py` and `trends.py` what follows from them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required


def _of_verdict() -> Column:
    verdict = ForeignKey("quality.verdicts.verdict_id", ondelete="CASCADE")
    return Column("verdict_id", BigInteger, verdict, primary_key=True, comment="the verdict it belongs to")


def _about() -> tuple[Column, ...]:
    return (
        required("table_name", Text, "the table whose rows were judged, e.g. core.attractions"),
        optional("partition_key", Text, "the part of it: the region; of core.codes the code space"),
        required("judged_at", Timestamp, "when"),
    )


VERDICTS = Table(
    "verdicts",
    METADATA,
    Column("verdict_id", BigInteger, Identity(always=True), primary_key=True, comment="identity of the verdict"),
    *_about(),
    required("suite_name", Text, "the rules it was judged by"),
    required("row_count", Integer, "rows judged"),
    required("passed", Boolean, "whether no blocking rule failed"),
    optional(
        "score",
        Double,
        "weight of the rules that hold as a share of the weight of those that apply, 0 to 100; null if there are no rows",
    ),
    required("minimum_score", Double, "the score the suite asks for; falling short does not block"),
    required("published", Boolean, "whether the rows were published; if not, the last good rows stayed"),
    optional("run_id", Text, "the Dagster run that judged"),
    optional(
        "data_as_of",
        Timestamp,
        "time of the newest data among the rows: of weather when it was said or seen, of places when their list was last read "
        "whole; null where that is not known",
    ),
    optional("rejected_count", Integer, "items that could not become rows; null where they were not counted"),
    Index("verdicts_table_name_partition_key_judged_at_idx", "table_name", "partition_key", "judged_at"),
    Index("verdicts_judged_at_idx", "judged_at"),
    schema="quality",
    comment="Every verdict on rows that were to be published, also where they were held back. Kept for 400 days.",
)

RULE_RESULTS = Table(
    "rule_results",
    METADATA,
    _of_verdict(),
    Column("rule_id", Text, primary_key=True, comment="the rule; unique in its suite"),
    *_about(),
    required("severity", Text, "what a failure means in this batch: blocking, warning or note"),
    required("passed", Boolean, "whether the rule holds"),
    required("applies", Boolean, "whether it says anything about these rows; a rule that does not apply passes"),
    required("expected", Text, "the rule as a sentence"),
    required("observed", Text, "what was found, in words"),
    optional("judged_count", Integer, "values judged; null where the rule counts none"),
    optional("unexpected_count", Integer, "of these, values that break the rule"),
    optional("observed_share", Double, "share of the values judged that are as expected, 0 to 1; null where none were"),
    optional("required_share", Double, "the share that is asked for; null where the rule does not count values"),
    required("examples", ARRAY(Text), "at most five values that break a rule that failed, the key first"),
    schema="quality",
    comment="How each rule of a verdict came out.",
)

COLUMN_PROFILES = Table(
    "column_profiles",
    METADATA,
    _of_verdict(),
    Column("column_name", Text, primary_key=True, comment="the column"),
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
    schema="quality",
    comment="What each column of the judged rows held, whether or not they were published.",
)

REJECTIONS = Table(
    "rejections",
    METADATA,
    _of_verdict(),
    Column("reason", Text, primary_key=True, comment="why, e.g. no_title"),
    required("rejected_count", Integer, "items of the partition that could not become rows for this reason"),
    schema="quality",
    comment="What could not become rows when a verdict was given, by reason; quality.verdicts has the sum.",
)


def _measured() -> tuple[Column, ...]:
    return (
        Column("day", Date, primary_key=True, comment="the day in Korea; what held at its end"),
        Column("table_name", Text, primary_key=True, comment="the table, e.g. core.attractions"),
        Column("region_code", Text, primary_key=True, comment="the region; all: the whole table"),
    )


STATISTICS = Table(
    "statistics",
    METADATA,
    *_measured(),
    Column(
        "metric",
        Text,
        primary_key=True,
        comment="rows, partitions, duplicates, filled:COLUMN (share of the rows with a value, 0 to 1), rejected, "
        "rejected:REASON, age_hours, score (0 to 100), previous_score (0 to 100), held_back (partitions), warnings (rules)",
    ),
    required("value", Double, "its value; what is not known has no row"),
    required("measured_at", Timestamp, "when this was worked out"),
    Index("statistics_metric_day_idx", "metric", "day"),
    schema="quality",
    comment="The quality of every table and region, day by day, worked out of the verdicts.",
)

TRENDS = Table(
    "trends",
    METADATA,
    *_measured(),
    Column("metric", Text, primary_key=True, comment="what is compared, as in quality.statistics"),
    Column("days_before", SmallInteger, primary_key=True, comment="how many days before it is compared with: 1, 7, 30"),
    required("value", Double, "its value"),
    required("value_before", Double, "its value so many days before"),
    required("change", Double, "the first less the second"),
    required("got_worse", Boolean, "whether it changed for the worse by more than what is declared to be noise"),
    optional(
        "worse_since",
        Date,
        "the first of the days in a row, up to this one, that were worse than the day that it is compared with",
    ),
    required("compared_at", Timestamp, "when this was worked out"),
    schema="quality",
    comment="The quality of every table and region, compared with that of days before.",
)

UPSTREAM_FIELDS = Table(
    "upstream_fields",
    METADATA,
    Column("provider", Text, primary_key=True, comment="whose API, e.g. kto"),
    Column("operation", Text, primary_key=True, comment="which operation, e.g. detailIntro2"),
    Column(
        "shape",
        Text,
        primary_key=True,
        comment="what tells these items apart from others of the operation, e.g. contentTypeId=39; empty: nothing does",
    ),
    Column("field", Text, primary_key=True, comment="the field, as the upstream writes it"),
    Column(
        "json_type",
        Text,
        primary_key=True,
        comment="type of its values: text, number, boolean, object, list; blank: an empty text or null; untyped: in XML",
    ),
    required("first_seen", Timestamp, "when the answer was fetched that first had such a value"),
    required("last_seen", Timestamp, "likewise the last"),
    required("first_response_id", BigInteger, "the response that first had it: an example to look at"),
    required("last_response_id", BigInteger, "the last one"),
    required("items_seen", BigInteger, "items that had it, of those that were looked at"),
    required("items_looked_at", BigInteger, "items that were looked at since it was first seen"),
    required("items_since", BigInteger, "of these, those after the last one that had it"),
    optional("known_since", Timestamp, "since when it counts as known; null: it is new"),
    optional("told_since", Timestamp, "since when a difference is told that it is part of; null: of none"),
    optional("gone_since", Timestamp, "since when it counts as gone; null: it is there"),
    schema="quality",
    comment="The fields of the items that the upstreams send, learned from samples of their answers: what drift is told by.",
)
