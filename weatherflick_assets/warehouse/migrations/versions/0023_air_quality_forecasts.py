"""Forecasts of dust and ozone."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "air_quality_forecasts",
        sa.Column(
            "zone_name",
            sa.Text(),
            nullable=False,
            comment="zone (권역): a region as AirKorea names it, or a part of one",
        ),
        sa.Column("pollutant", sa.Text(), nullable=False, comment="pm10, pm25 or o3"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was said"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="the region that the zone is, or lies in"),
        sa.Column(
            "grade",
            sa.Text(),
            nullable=False,
            comment="good, moderate, bad or very_bad: of dust that of the mean, of ozone that of the maximum",
        ),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was known here: when the answer had been read",
        ),
        sa.Column(
            "source_response_id",
            sa.BigInteger(),
            nullable=False,
            comment="the response (of several, the first) that the row was made from",
        ),
        sa.PrimaryKeyConstraint("zone_name", "pollutant", "day", "issued_at", name=op.f("air_quality_forecasts_pkey")),
        schema="core",
        comment="The air of today, tomorrow and the day after, zone by zone, issued four times a day (대기질 예보통보).",
    )


def downgrade() -> None:
    op.drop_table("air_quality_forecasts", schema="core")
