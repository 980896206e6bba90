"""Statistics and trends of quality; what a verdict knows of the age of its data, and of what could not become rows."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statistics",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea; what held at its end"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the table, e.g. core.attractions"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="the region; all: the whole table"),
        sa.Column(
            "metric",
            sa.Text(),
            nullable=False,
            comment="rows, partitions, duplicates, filled:COLUMN (share of the rows with a value, 0 to 1), rejected, rejected:REASON, age_hours, score (0 to 100), previous_score (0 to 100), held_back (partitions), warnings (rules)",
        ),
        sa.Column("value", sa.Double(), nullable=False, comment="its value; what is not known has no row"),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False, comment="when this was worked out"),
        sa.PrimaryKeyConstraint("day", "table_name", "region_code", "metric", name=op.f("statistics_pkey")),
        schema="quality",
        comment="The quality of every table and region, day by day, worked out of the verdicts.",
    )
    op.create_index("statistics_metric_day_idx", "statistics", ["metric", "day"], schema="quality")
    op.create_table(
        "trends",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea; what held at its end"),
        sa.Column("table_name", sa.Text(), nullable=False, comment="the table, e.g. core.attractions"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="the region; all: the whole table"),
        sa.Column("metric", sa.Text(), nullable=False, comment="what is compared, as in quality.statistics"),
        sa.Column(
            "days_before",
            sa.SmallInteger(),
            nullable=False,
            comment="how many days before it is compared with: 1, 7, 30",
        ),
        sa.Column("value", sa.Double(), nullable=False, comment="its value"),
        sa.Column("value_before", sa.Double(), nullable=False, comment="its value so many days before"),
        sa.Column("change", sa.Double(), nullable=False, comment="the first less the second"),
        sa.Column(
            "got_worse",
            sa.Boolean(),
            nullable=False,
            comment="whether it changed for the worse by more than what is declared to be noise",
        ),
        sa.Column(
            "worse_since",
            sa.Date(),
            nullable=True,
            comment="the first of the days in a row, up to this one, that were worse than the day that it is compared with",
        ),
        sa.Column("compared_at", sa.DateTime(timezone=True), nullable=False, comment="when this was worked out"),
        sa.PrimaryKeyConstraint("day", "table_name", "region_code", "metric", "days_before", name=op.f("trends_pkey")),
        schema="quality",
        comment="The quality of every table and region, compared with that of days before.",
    )
    op.create_table(
        "rejections",
        sa.Column("verdict_id", sa.BigInteger(), nullable=False, comment="the verdict it belongs to"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, e.g. no_title"),
        sa.Column(
            "rejected_count",
            sa.Integer(),
            nullable=False,
            comment="items of the partition that could not become rows for this reason",
        ),
        sa.ForeignKeyConstraint(["verdict_id"], ["quality.verdicts.verdict_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("verdict_id", "reason", name=op.f("rejections_pkey")),
        schema="quality",
        comment="What could not become rows when a verdict was given, by reason; quality.verdicts has the sum.",
    )
    op.add_column(
        "verdicts",
        sa.Column(
            "data_as_of",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="time of the newest data among the rows: of weather when it was said or seen, of places when their list was last read whole; null where that is not known",
        ),
        schema="quality",
    )
    op.add_column(
        "verdicts",
        sa.Column(
            "rejected_count",
            sa.Integer(),
            nullable=True,
            comment="items that could not become rows; null where they were not counted",
        ),
        schema="quality",
    )


def downgrade() -> None:
    op.drop_column("verdicts", "rejected_count", schema="quality")
    op.drop_column("verdicts", "data_as_of", schema="quality")
    op.drop_table("rejections", schema="quality")
    op.drop_table("trends", schema="quality")
    op.drop_table("statistics", schema="quality")
