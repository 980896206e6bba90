"""What issues of the forecast changed of days."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast_changes",
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue that brought the change",
        ),
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="what changed: temperature_max, temperature_min, rain, heat, cold, wind, or suitability",
        ),
        sa.Column("activity", sa.Text(), nullable=False, comment="of suitability: what for; any: of the weather"),
        sa.Column(
            "open_hours",
            sa.Text(),
            nullable=False,
            comment="of suitability: opening hours of the places it is about, as in suitability_of_cells; any: of all",
        ),
        sa.Column(
            "direction",
            sa.Text(),
            nullable=False,
            comment="became or no_longer where a limit is crossed; else up or down",
        ),
        sa.Column(
            "from_value", sa.REAL(), nullable=False, comment="what had been said: °C, %, m/s, or a score from 0 to 100"
        ),
        sa.Column("to_value", sa.REAL(), nullable=False, comment="what is said now, likewise"),
        sa.Column(
            "from_level",
            sa.Text(),
            nullable=True,
            comment="of suitability: the level that had been said; null of the weather",
        ),
        sa.Column("to_level", sa.Text(), nullable=True, comment="of suitability: the level now; null of the weather"),
        sa.Column(
            "compared_with",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the issue that said what had been said",
        ),
        sa.Column("reason_ko", sa.Text(), nullable=False, comment="the change in words, in Korean"),
        sa.Column("reason_en", sa.Text(), nullable=False, comment="the change in words, in English"),
        sa.Column(
            "known_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was found; it stays the same when the issue is compared again",
        ),
        sa.PrimaryKeyConstraint(
            "issued_at", "nx", "ny", "day", "kind", "activity", "open_hours", name=op.f("forecast_changes_pkey")
        ),
        schema="insight",
        comment="What each issue of the forecast changed of a day, against what had been said before; each change once.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.create_index(
        "forecast_changes_nx_ny_day_idx", "forecast_changes", ["nx", "ny", "day"], unique=False, schema="insight"
    )


def downgrade() -> None:
    # Views are made with the next start of the program that knows them.
    op.execute("DROP VIEW IF EXISTS serving.forecast_changes, insight.changes_of_places")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/views.sql'")
    op.drop_index("forecast_changes_nx_ny_day_idx", table_name="forecast_changes", schema="insight")
    op.drop_table("forecast_changes", schema="insight")
