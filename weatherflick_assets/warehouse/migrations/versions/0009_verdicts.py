"""Verdicts are data: what was judged, how every rule came out, and what the columns held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA quality")
    op.create_table(
        "verdicts",
        sa.Column(
            "verdict_id", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="identity of the verdict"
        ),
        sa.Column(
            "table_name", sa.Text(), nullable=False, comment="the table whose rows were judged, e.g. core.attractions"
        ),
        sa.Column(
            "partition_key",
            sa.Text(),
            nullable=True,
            comment="the part of it: the region; of core.codes the code space",
        ),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("suite_name", sa.Text(), nullable=False, comment="the rules it was judged by"),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="rows judged"),
        sa.Column("passed", sa.Boolean(), nullable=False, comment="whether no blocking rule failed"),
        sa.Column(
            "score",
            sa.Double(),
            nullable=False,
            comment="weight of the rules that hold as a share of the weight of those that apply, 0 to 100",
        ),
        sa.Column(
            "minimum_score",
            sa.Double(),
            nullable=False,
            comment="the score the suite asks for; falling short does not block",
        ),
        sa.Column(
            "published",
            sa.Boolean(),
            nullable=False,
            comment="whether the rows were published; if not, the last good rows stayed",
        ),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the Dagster run that judged"),
        sa.PrimaryKeyConstraint("verdict_id", name=op.f("verdicts_pkey")),
        schema="quality",
        comment="Every verdict on rows that were to be published, also where they were held back. Kept for 400 days.",
    )
    op.create_index("verdicts_judged_at_idx", "verdicts", ["judged_at"], unique=False, schema="quality")
    op.create_index(
        "verdicts_table_name_partition_key_judged_at_idx",
        "verdicts",
        ["table_name", "partition_key", "judged_at"],
        unique=False,
        schema="quality",
    )
    op.create_table(
        "column_profiles",
        sa.Column("verdict_id", sa.BigInteger(), nullable=False, comment="the verdict it belongs to"),
        sa.Column("column_name", sa.Text(), nullable=False, comment="the column"),
        sa.Column("row_count", sa.Integer(), nullable=False, comment="rows judged"),
        sa.Column("null_count", sa.Integer(), nullable=False, comment="rows without a value"),
        sa.Column(
            "distinct_count",
            sa.Integer(),
            nullable=True,
            comment="different values, texts told apart by a 64-bit hash; null of prose, JSON and arrays, which are not compared",
        ),
        sa.Column(
            "minimum",
            sa.Text(),
            nullable=True,
            comment="smallest value, times in UTC, at most 100 characters; null where they are not compared",
        ),
        sa.Column("maximum", sa.Text(), nullable=True, comment="largest value, likewise"),
        sa.Column("mean", sa.Double(), nullable=True, comment="of numbers; of yes and no the share of yes"),
        sa.ForeignKeyConstraint(["verdict_id"], ["quality.verdicts.verdict_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("verdict_id", "column_name", name=op.f("column_profiles_pkey")),
        schema="quality",
        comment="What each column of the judged rows held, whether or not they were published.",
    )
    op.create_table(
        "rule_results",
        sa.Column("verdict_id", sa.BigInteger(), nullable=False, comment="the verdict it belongs to"),
        sa.Column("rule_id", sa.Text(), nullable=False, comment="the rule; unique in its suite"),
        sa.Column(
            "table_name", sa.Text(), nullable=False, comment="the table whose rows were judged, e.g. core.attractions"
        ),
        sa.Column(
            "partition_key",
            sa.Text(),
            nullable=True,
            comment="the part of it: the region; of core.codes the code space",
        ),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column(
            "severity",
            sa.Text(),
            nullable=False,
            comment="what a failure means in this batch: blocking, warning or note",
        ),
        sa.Column("passed", sa.Boolean(), nullable=False, comment="whether the rule holds"),
        sa.Column(
            "applies",
            sa.Boolean(),
            nullable=False,
            comment="whether it says anything about these rows; a rule that does not apply passes",
        ),
        sa.Column("expected", sa.Text(), nullable=False, comment="the rule as a sentence"),
        sa.Column("observed", sa.Text(), nullable=False, comment="what was found, in words"),
        sa.Column(
            "judged_count", sa.Integer(), nullable=True, comment="values judged; null where the rule counts none"
        ),
        sa.Column("unexpected_count", sa.Integer(), nullable=True, comment="of these, values that break the rule"),
        sa.Column(
            "observed_share",
            sa.Double(),
            nullable=True,
            comment="share of the values judged that are as expected, 0 to 1; also where it passed",
        ),
        sa.Column(
            "required_share",
            sa.Double(),
            nullable=True,
            comment="the share that is asked for; null where the rule does not count values",
        ),
        sa.Column(
            "examples",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="at most five values that break a rule that failed, the key first",
        ),
        sa.ForeignKeyConstraint(["verdict_id"], ["quality.verdicts.verdict_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("verdict_id", "rule_id", name=op.f("rule_results_pkey")),
        schema="quality",
        comment="How each rule of a verdict came out.",
    )


def downgrade() -> None:
    op.drop_table("rule_results", schema="quality")
    op.drop_table("column_profiles", schema="quality")
    op.drop_table("verdicts", schema="quality")
    op.execute("DROP SCHEMA quality")
