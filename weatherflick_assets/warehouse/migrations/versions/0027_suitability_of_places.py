"""How suitable days are for what one can do at places."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activities_of_places",
        sa.Column("content_id", sa.Text(), nullable=False, comment="id of the place"),
        sa.Column(
            "activity",
            sa.Text(),
            nullable=False,
            comment="what one can do there: sightseeing, beach, hiking, indoor, …",
        ),
        sa.Column("content_type_id", sa.Text(), nullable=False, comment="KTO content type of the place"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="its region, or unassigned"),
        sa.Column(
            "class_code", sa.Text(), nullable=False, comment="its class (lclsSystm3), which says what one can do there"
        ),
        sa.Column(
            "nx",
            sa.SmallInteger(),
            nullable=False,
            comment="column of the forecast grid of its cell, or of the seat of its area",
        ),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of that cell"),
        sa.Column(
            "open_hours",
            sa.Text(),
            nullable=False,
            comment="hours in which it is open, rounded out to three hours, e.g. 09-18; 00-00: always; unknown",
        ),
        sa.Column(
            "closed_weekdays",
            sa.SmallInteger(),
            nullable=False,
            comment="a bit for each weekday on which it is closed, 1 for Monday to 64 for Sunday",
        ),
        sa.Column(
            "closed_holidays",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="of seollal, chuseok, new_year and public those on which it is closed",
        ),
        sa.Column(
            "rest_day_shifts", sa.Boolean(), nullable=False, comment="whether a holiday on a day of rest moves that"
        ),
        sa.Column(
            "is_open_otherwise",
            sa.Boolean(),
            nullable=False,
            comment="whether it is known to be open on all other days",
        ),
        sa.Column("first_day", sa.Date(), nullable=True, comment="of an event: its first day"),
        sa.Column("last_day", sa.Date(), nullable=True, comment="of an event: its last day"),
        sa.Column("event_problem", sa.Text(), nullable=True, comment="of an event: cancelled or put off, as received"),
        sa.PrimaryKeyConstraint("content_id", "activity", name=op.f("activities_of_places_pkey")),
        schema="insight",
        comment="What one can do at every published place, in which cell, and when it is known to be open.",
    )
    op.create_index(
        "activities_of_places_nx_ny_idx", "activities_of_places", ["nx", "ny"], unique=False, schema="insight"
    )
    op.create_index(
        "activities_of_places_region_code_idx", "activities_of_places", ["region_code"], unique=False, schema="insight"
    )
    op.create_table(
        "suitability_of_cells",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("activity", sa.Text(), nullable=False, comment="what for"),
        sa.Column(
            "open_hours",
            sa.Text(),
            nullable=False,
            comment="opening hours of the places it is about, e.g. 09-18; unknown; any: of all, on mid-term days",
        ),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue at which it was worked out",
        ),
        sa.Column(
            "said_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue that had last spoken of the cell then",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="short_term: from the hours that count; mid_term: from the outlook of the day",
        ),
        sa.Column(
            "score",
            sa.REAL(),
            nullable=True,
            comment="how suitable, 0 to 100; null where too little of the forecast is known",
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=True,
            comment="excellent (from 85), good (70), fair (50), poor, or not_recommended (0)",
        ),
        sa.Column("temperature_loss", sa.REAL(), nullable=True, comment="points that the temperature costs"),
        sa.Column("sky_loss", sa.REAL(), nullable=True, comment="points that the cloud costs"),
        sa.Column("rain_loss", sa.REAL(), nullable=True, comment="points that rain or snow costs"),
        sa.Column("wind_loss", sa.REAL(), nullable=True, comment="points that the wind costs"),
        sa.Column(
            "feels_like_loss", sa.REAL(), nullable=True, comment="points that what it feels like at its extremes costs"
        ),
        sa.Column("air_loss", sa.REAL(), nullable=True, comment="points that the air costs"),
        sa.Column("warning_loss", sa.REAL(), nullable=True, comment="points that a warning costs"),
        sa.Column(
            "limiting",
            sa.Text(),
            nullable=True,
            comment="what costs most: temperature, sky, rain, wind, feels_like, air, warning; null below 5 points",
        ),
        sa.Column("reason_ko", sa.Text(), nullable=False, comment="why, in Korean"),
        sa.Column("reason_en", sa.Text(), nullable=False, comment="why, in English"),
        sa.Column(
            "confidence",
            sa.REAL(),
            nullable=True,
            comment="how likely the day's highest temperature is within 3 °C of what is said, 0 to 1; null before it is measured",
        ),
        sa.Column("hours", sa.SmallInteger(), nullable=True, comment="hours that count; null of mid-term days"),
        sa.Column("temperature_max", sa.REAL(), nullable=True, comment="highest temperature of these hours, °C"),
        sa.Column(
            "humidity",
            sa.REAL(),
            nullable=True,
            comment="their mean relative humidity, %; of mid-term days what is usual",
        ),
        sa.Column("cloud_cover", sa.REAL(), nullable=True, comment="their mean cloud cover, %"),
        sa.Column(
            "precipitation_mm", sa.REAL(), nullable=True, comment="their precipitation, mm; null of mid-term days"
        ),
        sa.Column("precipitation_probability", sa.REAL(), nullable=True, comment="greatest chance of precipitation, %"),
        sa.Column(
            "wind_speed", sa.REAL(), nullable=True, comment="their mean wind speed, m/s; of mid-term days what is usual"
        ),
        sa.Column("feels_like_min", sa.REAL(), nullable=True, comment="lowest feels-like temperature, °C"),
        sa.Column("feels_like_max", sa.REAL(), nullable=True, comment="highest feels-like temperature, °C"),
        sa.Column(
            "air_grade",
            sa.Text(),
            nullable=True,
            comment="grade of the dust and ozone of the day: good, moderate, bad or very_bad; null where it is not known",
        ),
        sa.Column(
            "warning",
            sa.Text(),
            nullable=True,
            comment="the warning that counts most: phenomenon and level; null without one",
        ),
        sa.Column("warning_share", sa.REAL(), nullable=False, comment="the share that warnings leave, 0 to 1"),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False, comment="when it was worked out"),
        sa.PrimaryKeyConstraint(
            "nx", "ny", "activity", "open_hours", "day", "issued_at", name=op.f("suitability_of_cells_pkey")
        ),
        schema="insight",
        comment="How suitable each day is for each activity in each cell, by opening hours: what the scores of places are read from.",
        postgresql_partition_by="RANGE (issued_at)",
    )


def downgrade() -> None:
    # Its views are made with the next start of the program that knows them.
    op.execute("DROP VIEW IF EXISTS insight.newest_suitability, insight.suitability, insight.public_holidays")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'insight/views.sql'")
    op.drop_table("suitability_of_cells", schema="insight")
    op.drop_index("activities_of_places_region_code_idx", table_name="activities_of_places", schema="insight")
    op.drop_index("activities_of_places_nx_ny_idx", table_name="activities_of_places", schema="insight")
    op.drop_table("activities_of_places", schema="insight")
