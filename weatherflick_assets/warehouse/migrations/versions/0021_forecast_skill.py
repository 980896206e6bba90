"""How well the weather of each day had been forecast, in a schema of its own for what follows from published data."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS insight")
    op.create_table(
        "forecast_skill",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea that was observed"),
        sa.Column(
            "region_code", sa.Text(), nullable=False, comment="region that the cell's centre lies in; all: the country"
        ),
        sa.Column(
            "element",
            sa.Text(),
            nullable=False,
            comment="temperature (°C), humidity (%), wind_speed (m/s), precipitation (mm in an hour), precipitation_probability (%; what came is 0 or 100), temperature_min and temperature_max of the day (°C)",
        ),
        sa.Column("source", sa.Text(), nullable=False, comment="who said it: short_term or mid_term"),
        sa.Column(
            "lead_hours",
            sa.SmallInteger(),
            nullable=False,
            comment="how long before the hour it was said; of a day's extremes, 24 for every day ahead",
        ),
        sa.Column(
            "compared",
            sa.Integer(),
            nullable=False,
            comment="pairs of a value that was said and one that was observed; at least one",
        ),
        sa.Column(
            "bias",
            sa.REAL(),
            nullable=False,
            comment="mean of what was said less what was observed, in the element's unit",
        ),
        sa.Column(
            "mean_absolute_error",
            sa.REAL(),
            nullable=False,
            comment="mean size of that difference, in the element's unit",
        ),
        sa.Column(
            "root_mean_square_error",
            sa.REAL(),
            nullable=False,
            comment="root of the mean of its square, in the element's unit",
        ),
        sa.Column(
            "hits",
            sa.Integer(),
            nullable=True,
            comment="of precipitation: hours with 0.1 mm or more, said and observed",
        ),
        sa.Column(
            "misses",
            sa.Integer(),
            nullable=True,
            comment="of precipitation: hours with 0.1 mm or more, observed but not said",
        ),
        sa.Column(
            "false_alarms",
            sa.Integer(),
            nullable=True,
            comment="of precipitation: hours with 0.1 mm or more, said but not observed",
        ),
        sa.Column(
            "brier_score",
            sa.REAL(),
            nullable=True,
            comment="of precipitation_probability: mean of (said / 100 - came)²; 0 is perfect, 1 worst",
        ),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False, comment="when this was worked out"),
        sa.PrimaryKeyConstraint(
            "day", "region_code", "element", "source", "lead_hours", name=op.f("forecast_skill_pkey")
        ),
        schema="insight",
        comment="How well the weather of a day had been forecast, by region, element and how far ahead it was said.",
    )


def downgrade() -> None:
    # Its views are made with the next start of the program that knows them.
    op.execute("DROP SCHEMA insight CASCADE")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/views.sql'")
