"""The best places of areas by day, what speaks for places, and what scores mean for areas.

The key of scores of cells begins with their issue, by which everybody reads them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal_of_places",
        sa.Column("content_id", sa.Text(), nullable=False, comment="id of the place"),
        sa.Column(
            "kto_area_code", sa.Text(), nullable=False, comment="area in the code space that the backend asks by"
        ),
        sa.Column(
            "class_group",
            sa.Text(),
            nullable=False,
            comment="group of its class (lclsSystm2), by which lists are varied",
        ),
        sa.Column("picture", sa.REAL(), nullable=False, comment="1 if it has a picture, else 0"),
        sa.Column(
            "listed",
            sa.REAL(),
            nullable=False,
            comment="share of the descriptive columns of the list that are filled, 0 to 1",
        ),
        sa.Column(
            "details",
            sa.REAL(),
            nullable=True,
            comment="likewise of the columns from details; null before these are collected",
        ),
        sa.Column(
            "popularity",
            sa.REAL(),
            nullable=True,
            comment="how many others go there, 0 to 1 among places of its kind; null while nothing says so",
        ),
        sa.Column(
            "appeal",
            sa.REAL(),
            nullable=False,
            comment="how much there is to show of it: the mean of what is known of these four, 0 to 1",
        ),
        sa.PrimaryKeyConstraint("content_id", name=op.f("appeal_of_places_pkey")),
        schema="insight",
        comment="What speaks for each published place besides the weather, and what is known of it to show.",
    )
    op.create_table(
        "recommendations",
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue by whose scores places were chosen",
        ),
        sa.Column(
            "kto_area_code",
            sa.Text(),
            nullable=False,
            comment="area of the places in the code space that the backend asks by",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "topic",
            sa.Text(),
            nullable=False,
            comment="what is asked for: all, indoor (if it rains), another activity, or a kind of places",
        ),
        sa.Column("rank", sa.SmallInteger(), nullable=False, comment="place in the list, from 1"),
        sa.Column("content_id", sa.Text(), nullable=False, comment="id of the place"),
        sa.Column("content_type_id", sa.Text(), nullable=False, comment="KTO content type of the place"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="its region"),
        sa.Column("class_code", sa.Text(), nullable=False, comment="its class (lclsSystm3)"),
        sa.Column("activity", sa.Text(), nullable=False, comment="what to do there"),
        sa.Column(
            "score",
            sa.REAL(),
            nullable=False,
            comment="what the list is ordered by, 0 to 100: the suitability, less a share for what can't be shown",
        ),
        sa.Column(
            "suitability",
            sa.REAL(),
            nullable=False,
            comment="how suitable the day is for the activity there, 50 to 100",
        ),
        sa.Column("level", sa.Text(), nullable=False, comment="excellent (from 85), good (70) or fair (50)"),
        sa.Column("appeal", sa.REAL(), nullable=False, comment="how much there is to show of the place, 0 to 1"),
        sa.Column(
            "confidence",
            sa.REAL(),
            nullable=True,
            comment="how sure the day's temperature is, 0 to 1; null before it is measured",
        ),
        sa.Column(
            "is_open",
            sa.Boolean(),
            nullable=True,
            comment="true if it is known to be open on the day; null where that is not known",
        ),
        sa.Column(
            "reasons",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="why, as sentences in Korean (ko) and English (en)",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was worked out"),
        sa.PrimaryKeyConstraint(
            "issued_at", "kto_area_code", "day", "topic", "rank", name=op.f("recommendations_pkey")
        ),
        schema="insight",
        comment="The best places of each area for each day of the forecast, by what is asked for.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.create_table(
        "suitability_of_areas",
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue at which it was worked out",
        ),
        sa.Column(
            "kto_area_code", sa.Text(), nullable=False, comment="area in the code space that the backend asks by"
        ),
        sa.Column("activity", sa.Text(), nullable=False, comment="what for"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "places",
            sa.Integer(),
            nullable=False,
            comment="places of the area where one can do it and of which a score is known",
        ),
        sa.Column("good", sa.Integer(), nullable=False, comment="those of them with 70 points or more"),
        sa.Column("score", sa.REAL(), nullable=False, comment="the mean of their scores by the weather, 0 to 100"),
        sa.Column(
            "temperature_loss", sa.REAL(), nullable=False, comment="the mean of the points that the temperature costs"
        ),
        sa.Column("sky_loss", sa.REAL(), nullable=False, comment="the mean of the points that the cloud costs"),
        sa.Column("rain_loss", sa.REAL(), nullable=False, comment="the mean of the points that rain or snow costs"),
        sa.Column("wind_loss", sa.REAL(), nullable=False, comment="the mean of the points that the wind costs"),
        sa.Column(
            "feels_like_loss",
            sa.REAL(),
            nullable=False,
            comment="the mean of the points that what it feels like at its extremes costs",
        ),
        sa.Column("air_loss", sa.REAL(), nullable=False, comment="the mean of the points that the air costs"),
        sa.Column("warning_loss", sa.REAL(), nullable=False, comment="the mean of the points that a warning costs"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was worked out"),
        sa.PrimaryKeyConstraint(
            "issued_at", "kto_area_code", "activity", "day", name=op.f("suitability_of_areas_pkey")
        ),
        schema="insight",
        comment="How suitable each day is for each activity in each area: the mean of its places, whether they are open or not.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.drop_constraint("suitability_of_cells_pkey", "suitability_of_cells", schema="insight")
    op.create_primary_key(
        "suitability_of_cells_pkey",
        "suitability_of_cells",
        ["issued_at", "nx", "ny", "activity", "open_hours", "day"],
        schema="insight",
    )


def downgrade() -> None:
    # Views are made with the next start of the program that knows them.
    op.execute("DROP FUNCTION IF EXISTS serving.recommendations_near")
    op.execute("DROP VIEW IF EXISTS serving.travel_weather_scores, serving.recommendations, serving.place_suitability")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/views.sql'")
    op.drop_constraint("suitability_of_cells_pkey", "suitability_of_cells", schema="insight")
    op.create_primary_key(
        "suitability_of_cells_pkey",
        "suitability_of_cells",
        ["nx", "ny", "activity", "open_hours", "day", "issued_at"],
        schema="insight",
    )
    op.drop_table("suitability_of_areas", schema="insight")
    op.drop_table("recommendations", schema="insight")
    op.drop_table("appeal_of_places", schema="insight")
