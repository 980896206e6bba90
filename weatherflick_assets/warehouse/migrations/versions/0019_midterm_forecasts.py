"""Days of the mid-term forecast."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "midterm_forecasts",
        sa.Column("point_id", sa.Text(), nullable=False, comment="temperature point (중기기온 지점)"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was said"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "land_region_id",
            sa.Text(),
            nullable=False,
            comment="land region that the point belongs to (중기육상 구역); sky and precipitation are its",
        ),
        sa.Column("temperature_min", sa.REAL(), nullable=True, comment="lowest temperature, °C"),
        sa.Column("temperature_max", sa.REAL(), nullable=True, comment="highest temperature, °C"),
        sa.Column(
            "precipitation_probability",
            sa.REAL(),
            nullable=True,
            comment="chance of precipitation, of the half-day in which it is greater, %",
        ),
        sa.Column(
            "precipitation_probability_am", sa.REAL(), nullable=True, comment="chance in the morning, %; days 4 to 7"
        ),
        sa.Column(
            "precipitation_probability_pm", sa.REAL(), nullable=True, comment="chance in the afternoon, %; days 4 to 7"
        ),
        sa.Column(
            "sky",
            sa.Text(),
            nullable=True,
            comment="clear, mostly_cloudy or overcast; of two half-days the cloudier one",
        ),
        sa.Column("precipitation_type", sa.Text(), nullable=True, comment="none, rain, rain_and_snow, snow or shower"),
        sa.Column(
            "land_response_id", sa.BigInteger(), nullable=True, comment="the response with sky and precipitation"
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
        sa.PrimaryKeyConstraint("point_id", "issued_at", "day", name=op.f("midterm_forecasts_pkey")),
        schema="core",
        comment="Days 4 to 10 after the issue, point by point, issued twice a day (중기예보).",
    )


def downgrade() -> None:
    op.drop_table("midterm_forecasts", schema="core")
