"""How suitable days were by the weather that came, and how right it was what had been said of them."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "observed_suitability",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea that was observed"),
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("activity", sa.Text(), nullable=False, comment="what for"),
        sa.Column(
            "open_hours",
            sa.Text(),
            nullable=False,
            comment="opening hours of the places it is about, e.g. 09-18; unknown",
        ),
        sa.Column(
            "score",
            sa.REAL(),
            nullable=False,
            comment="how suitable the day was by the weather that came, 0 to 100, without air and warnings",
        ),
        sa.PrimaryKeyConstraint("day", "nx", "ny", "activity", "open_hours", name=op.f("observed_suitability_pkey")),
        schema="insight",
        comment="How suitable each day was for each activity in each cell, by the weather that came.",
    )
    op.create_table(
        "recommendation_verification",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea that was observed"),
        sa.Column(
            "kto_area_code",
            sa.Text(),
            nullable=False,
            comment="area in the code space that the backend asks by; all: the country",
        ),
        sa.Column("activity", sa.Text(), nullable=False, comment="what for; all: every activity"),
        sa.Column(
            "days_ahead",
            sa.SmallInteger(),
            nullable=False,
            comment="days from the issue of 05:00 that said it to the day",
        ),
        sa.Column(
            "compared", sa.Integer(), nullable=False, comment="places whose day was scored and observed; at least one"
        ),
        sa.Column(
            "said", sa.REAL(), nullable=False, comment="mean score that was said, 0 to 100, without air and warnings"
        ),
        sa.Column("came", sa.REAL(), nullable=False, comment="mean score by the weather that came, likewise"),
        sa.Column("mean_absolute_error", sa.REAL(), nullable=False, comment="mean size of the difference, in points"),
        sa.Column(
            "hits",
            sa.Integer(),
            nullable=False,
            comment="places that had a good day, 70 points or more, and were said to",
        ),
        sa.Column("misses", sa.Integer(), nullable=False, comment="places that had a good day and were not said to"),
        sa.Column("false_alarms", sa.Integer(), nullable=False, comment="places that had no good day and were said to"),
        sa.Column(
            "persistence_compared",
            sa.Integer(),
            nullable=False,
            comment="places of which the score that came on the day of the issue is known",
        ),
        sa.Column(
            "persistence_error",
            sa.REAL(),
            nullable=True,
            comment="mean size of the score that came on the day of the issue less what came, in points; null where it is not known",
        ),
        sa.Column(
            "persistence_hits",
            sa.Integer(),
            nullable=False,
            comment="places that had a good day and would have been said to, by the score that came on the day of the issue",
        ),
        sa.Column(
            "persistence_misses",
            sa.Integer(),
            nullable=False,
            comment="places that had a good day and would not have been said to, by the score that came on the day of the issue",
        ),
        sa.Column(
            "persistence_false_alarms",
            sa.Integer(),
            nullable=False,
            comment="places that had no good day and would have been said to, by the score that came on the day of the issue",
        ),
        sa.Column(
            "climatology_compared",
            sa.Integer(),
            nullable=False,
            comment="places of which the mean score of the area and month so far is known",
        ),
        sa.Column(
            "climatology_error",
            sa.REAL(),
            nullable=True,
            comment="mean size of the mean score of the area and month so far less what came, in points; null where it is not known",
        ),
        sa.Column(
            "climatology_hits",
            sa.Integer(),
            nullable=False,
            comment="places that had a good day and would have been said to, by the mean score of the area and month so far",
        ),
        sa.Column(
            "climatology_misses",
            sa.Integer(),
            nullable=False,
            comment="places that had a good day and would not have been said to, by the mean score of the area and month so far",
        ),
        sa.Column(
            "climatology_false_alarms",
            sa.Integer(),
            nullable=False,
            comment="places that had no good day and would have been said to, by the mean score of the area and month so far",
        ),
        sa.Column(
            "recommended", sa.Integer(), nullable=False, comment="places that were in a list and whose day was observed"
        ),
        sa.Column(
            "recommended_rightly",
            sa.Integer(),
            nullable=False,
            comment="those of them whose day was fair at least, 50 points or more",
        ),
        sa.Column("method", sa.Text(), nullable=False, comment="version of the code that scored what came"),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False, comment="when this was worked out"),
        sa.PrimaryKeyConstraint(
            "day", "kto_area_code", "activity", "days_ahead", name=op.f("recommendation_verification_pkey")
        ),
        schema="insight",
        comment="How right it was what had been said and recommended of a day, by area, activity and how far ahead it was said.",
    )


def downgrade() -> None:
    # Views are made with the next start of the program that knows them.
    op.execute("DROP VIEW IF EXISTS insight.recommendation_skill_lately")
    op.execute("DROP FUNCTION IF EXISTS insight.verification_of_days")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/views.sql'")
    op.drop_table("recommendation_verification", schema="insight")
    op.drop_table("observed_suitability", schema="insight")
