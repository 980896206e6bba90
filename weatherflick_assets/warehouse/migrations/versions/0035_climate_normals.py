"""What each month is like for each activity in each region."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "climate_normals",
        sa.Column("region_code", sa.Text(), nullable=False, comment="region of the stations"),
        sa.Column("month", sa.SmallInteger(), nullable=False, comment="month, 1 to 12"),
        sa.Column("activity", sa.Text(), nullable=False, comment="what for"),
        sa.Column(
            "years",
            sa.SmallInteger(),
            nullable=False,
            comment="years in which enough of the month is known; with fewer than 10 there is no normal",
        ),
        sa.Column("first_year", sa.SmallInteger(), nullable=True, comment="the first of them"),
        sa.Column("last_year", sa.SmallInteger(), nullable=True, comment="the last of them"),
        sa.Column("stations", sa.SmallInteger(), nullable=False, comment="stations that observed it in these years"),
        sa.Column(
            "days", sa.Integer(), nullable=False, comment="days of stations of which a score is known in these years"
        ),
        sa.Column(
            "rank",
            sa.SmallInteger(),
            nullable=True,
            comment="place of the month among those of the activity in the region; 1 has most good days",
        ),
        sa.Column("score", sa.REAL(), nullable=True, comment="mean score of these days, 0 to 100"),
        sa.Column("level", sa.Text(), nullable=True, comment="excellent, good, fair or poor, by that score"),
        sa.Column("good_share", sa.REAL(), nullable=True, comment="share of these days with 70 points or more, 0 to 1"),
        sa.Column(
            "limiting",
            sa.Text(),
            nullable=True,
            comment="what costs most: temperature, sky, rain, wind, feels_like; null below 5 points",
        ),
        sa.Column("temperature_max", sa.REAL(), nullable=True, comment="mean of the days' highest temperature, °C"),
        sa.Column("temperature_min", sa.REAL(), nullable=True, comment="mean of the days' lowest temperature, °C"),
        sa.Column("precipitation_mm", sa.REAL(), nullable=True, comment="what falls in a month, mm"),
        sa.Column("rain_days", sa.REAL(), nullable=True, comment="days of a month with 0.1 mm or more"),
        sa.Column(
            "sunshine_hours",
            sa.REAL(),
            nullable=True,
            comment="hours of sunshine in a month; null where none of the stations measures it",
        ),
        sa.Column("reason_ko", sa.Text(), nullable=False, comment="what the month is like, in Korean"),
        sa.Column("reason_en", sa.Text(), nullable=False, comment="what the month is like, in English"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was worked out"),
        sa.PrimaryKeyConstraint("region_code", "month", "activity", name=op.f("climate_normals_pkey")),
        schema="insight",
        comment="What each month is like for each activity in each region, from years of observations: when to go.",
    )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS serving.when_to_go")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/climate/serving.sql'")
    op.drop_table("climate_normals", schema="insight")
