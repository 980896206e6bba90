"""The weather by issue: answers, how far issues are collected, observations and forecasts of grid cells."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_forecasts",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column(
            "issued_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the short-term issue that the outlook was made at",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=False,
            comment="short_term; mid_term for the days that the short-term forecast does not reach",
        ),
        sa.Column(
            "said_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when the day's values were said: the short-term issue, or the mid-term one",
        ),
        sa.Column(
            "temperature_min",
            sa.REAL(),
            nullable=True,
            comment="lowest temperature (TMN), °C; of today what an earlier issue of the day said",
        ),
        sa.Column("temperature_max", sa.REAL(), nullable=True, comment="highest temperature (TMX), °C; likewise"),
        sa.Column(
            "precipitation_probability",
            sa.REAL(),
            nullable=True,
            comment="greatest chance of precipitation of the day's hours or half-days, %",
        ),
        sa.Column(
            "precipitation_mm",
            sa.REAL(),
            nullable=True,
            comment="sum of the hours' best values, mm; null where an hour has only a level",
        ),
        sa.Column(
            "precipitation_level",
            sa.SmallInteger(),
            nullable=True,
            comment="greatest level of the day's hours that have one",
        ),
        sa.Column("snow_cm", sa.REAL(), nullable=True, comment="new snow: sum of the hours' best values, cm"),
        sa.Column(
            "precipitation_type",
            sa.Text(),
            nullable=True,
            comment="the kind that most hours with precipitation have; none if there are none",
        ),
        sa.Column("sky", sa.Text(), nullable=True, comment="the sky of most hours between 06:00 and 18:00"),
        sa.Column("humidity_mean", sa.REAL(), nullable=True, comment="mean relative humidity of the hours, %"),
        sa.Column("wind_speed_max", sa.REAL(), nullable=True, comment="greatest wind speed of the hours, m/s"),
        sa.Column("feels_like_min", sa.REAL(), nullable=True, comment="lowest feels-like temperature of the hours, °C"),
        sa.Column(
            "feels_like_max", sa.REAL(), nullable=True, comment="highest feels-like temperature of the hours, °C"
        ),
        sa.Column(
            "hours",
            sa.SmallInteger(),
            nullable=False,
            comment="times of the day that the short-term forecast has; 0 of a mid-term day",
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
        sa.PrimaryKeyConstraint("nx", "ny", "day", "issued_at", name=op.f("daily_forecasts_pkey")),
        schema="core",
        comment="The outlook of every cell by day, at each short-term issue: to the seam from its hours, then from the mid-term one.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.create_table(
        "hourly_forecasts",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column(
            "valid_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="the time that is forecast: every hour, later every three",
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was said"),
        sa.Column("temperature", sa.REAL(), nullable=True, comment="air temperature, °C"),
        sa.Column(
            "feels_like",
            sa.REAL(),
            nullable=True,
            comment="the KMA's feels-like temperature (체감온도), worked out here, °C",
        ),
        sa.Column("humidity", sa.REAL(), nullable=True, comment="relative humidity, %"),
        sa.Column(
            "precipitation_probability", sa.REAL(), nullable=True, comment="chance of precipitation in the hour, %"
        ),
        sa.Column("sky", sa.Text(), nullable=True, comment="clear, mostly_cloudy or overcast"),
        sa.Column(
            "precipitation_type",
            sa.Text(),
            nullable=True,
            comment="none, rain, rain_and_snow, snow, shower, raindrops, … by the KMA's code",
        ),
        sa.Column(
            "precipitation_mm",
            sa.REAL(),
            nullable=True,
            comment="precipitation of an hour, mm: the best value; null where only a level is given",
        ),
        sa.Column("precipitation_mm_min", sa.REAL(), nullable=True, comment="at least this much, mm"),
        sa.Column("precipitation_mm_max", sa.REAL(), nullable=True, comment="less than this, mm; null without a limit"),
        sa.Column("wind_speed", sa.REAL(), nullable=True, comment="wind speed, m/s"),
        sa.Column(
            "wind_direction", sa.REAL(), nullable=True, comment="where the wind comes from, degrees, 0 to below 360"
        ),
        sa.Column("wind_east", sa.REAL(), nullable=True, comment="its component towards the east, m/s"),
        sa.Column("wind_north", sa.REAL(), nullable=True, comment="its component towards the north, m/s"),
        sa.Column(
            "precipitation_level",
            sa.SmallInteger(),
            nullable=True,
            comment="0 none, 1 light (below 3 mm/h), 2 moderate, 3 heavy (from 15); later part",
        ),
        sa.Column(
            "snow_cm",
            sa.REAL(),
            nullable=True,
            comment="new snow of an hour, cm: the best value; null where only a level is given",
        ),
        sa.Column("snow_cm_min", sa.REAL(), nullable=True, comment="at least this much, cm"),
        sa.Column("snow_cm_max", sa.REAL(), nullable=True, comment="less than this, cm; null without a limit"),
        sa.Column(
            "snow_level",
            sa.SmallInteger(),
            nullable=True,
            comment="0 none, 1 moderate (below 1 cm/h), 2 heavy; later part",
        ),
        sa.Column("wave_height_m", sa.REAL(), nullable=True, comment="height of waves, m"),
        sa.Column(
            "temperature_min", sa.REAL(), nullable=True, comment="lowest temperature of the day, °C; given at 06:00"
        ),
        sa.Column(
            "temperature_max", sa.REAL(), nullable=True, comment="highest temperature of the day, °C; given at 15:00"
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
        sa.PrimaryKeyConstraint("nx", "ny", "valid_at", "issued_at", name=op.f("hourly_forecasts_pkey")),
        schema="core",
        comment="The next days, cell by cell, issued eight times a day (단기예보); every issue stays beside the later ones.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.create_table(
        "nowcasts",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("valid_at", sa.DateTime(timezone=True), nullable=False, comment="the hour that is forecast"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="when it was said"),
        sa.Column("temperature", sa.REAL(), nullable=True, comment="air temperature, °C"),
        sa.Column(
            "feels_like",
            sa.REAL(),
            nullable=True,
            comment="the KMA's feels-like temperature (체감온도), worked out here, °C",
        ),
        sa.Column("humidity", sa.REAL(), nullable=True, comment="relative humidity, %"),
        sa.Column(
            "precipitation_probability", sa.REAL(), nullable=True, comment="chance of precipitation in the hour, %"
        ),
        sa.Column("sky", sa.Text(), nullable=True, comment="clear, mostly_cloudy or overcast"),
        sa.Column(
            "precipitation_type",
            sa.Text(),
            nullable=True,
            comment="none, rain, rain_and_snow, snow, shower, raindrops, … by the KMA's code",
        ),
        sa.Column(
            "precipitation_mm",
            sa.REAL(),
            nullable=True,
            comment="precipitation of an hour, mm: the best value; null where only a level is given",
        ),
        sa.Column("precipitation_mm_min", sa.REAL(), nullable=True, comment="at least this much, mm"),
        sa.Column("precipitation_mm_max", sa.REAL(), nullable=True, comment="less than this, mm; null without a limit"),
        sa.Column("wind_speed", sa.REAL(), nullable=True, comment="wind speed, m/s"),
        sa.Column(
            "wind_direction", sa.REAL(), nullable=True, comment="where the wind comes from, degrees, 0 to below 360"
        ),
        sa.Column("wind_east", sa.REAL(), nullable=True, comment="its component towards the east, m/s"),
        sa.Column("wind_north", sa.REAL(), nullable=True, comment="its component towards the north, m/s"),
        sa.Column("lightning_ka", sa.REAL(), nullable=True, comment="lightning, kA; 0 for none"),
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
        sa.PrimaryKeyConstraint("nx", "ny", "valid_at", "issued_at", name=op.f("nowcasts_pkey")),
        schema="core",
        comment="The next six hours, cell by cell, issued every hour (초단기예보); every issue stays beside the later ones.",
        postgresql_partition_by="RANGE (issued_at)",
    )
    op.create_table(
        "weather_observations",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False, comment="the hour that was observed"),
        sa.Column("temperature", sa.REAL(), nullable=True, comment="air temperature, °C"),
        sa.Column(
            "feels_like",
            sa.REAL(),
            nullable=True,
            comment="the KMA's feels-like temperature (체감온도), worked out here, °C",
        ),
        sa.Column("humidity", sa.REAL(), nullable=True, comment="relative humidity, %"),
        sa.Column(
            "precipitation_type",
            sa.Text(),
            nullable=True,
            comment="none, rain, rain_and_snow, snow, shower, raindrops, … by the KMA's code",
        ),
        sa.Column(
            "precipitation_mm",
            sa.REAL(),
            nullable=True,
            comment="precipitation of an hour, mm: the best value; null where only a level is given",
        ),
        sa.Column("precipitation_mm_min", sa.REAL(), nullable=True, comment="at least this much, mm"),
        sa.Column("precipitation_mm_max", sa.REAL(), nullable=True, comment="less than this, mm; null without a limit"),
        sa.Column("wind_speed", sa.REAL(), nullable=True, comment="wind speed, m/s"),
        sa.Column(
            "wind_direction", sa.REAL(), nullable=True, comment="where the wind comes from, degrees, 0 to below 360"
        ),
        sa.Column("wind_east", sa.REAL(), nullable=True, comment="its component towards the east, m/s"),
        sa.Column("wind_north", sa.REAL(), nullable=True, comment="its component towards the north, m/s"),
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
        sa.PrimaryKeyConstraint("nx", "ny", "observed_at", name=op.f("weather_observations_pkey")),
        schema="core",
        comment="The weather of every hour, cell by cell, as the KMA analysed it (초단기실황).",
        postgresql_partition_by="RANGE (observed_at)",
    )
    op.create_table(
        "issue_collections",
        sa.Column(
            "series", sa.Text(), nullable=False, comment="what is issued: observations, nowcasts, forecasts, midterm"
        ),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="the issue"),
        sa.Column(
            "planned",
            sa.Integer(),
            nullable=False,
            comment="subjects that the last attempt wanted answered, those answered before included",
        ),
        sa.Column("answered", sa.Integer(), nullable=False, comment="subjects of which there is an answer"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="collections that were begun"),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False, comment="when the last one was begun"),
        sa.Column(
            "is_complete", sa.Boolean(), nullable=False, comment="whether everything that was planned is answered"
        ),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it is not complete"),
        sa.PrimaryKeyConstraint("series", "issued_at", name=op.f("issue_collections_pkey")),
        schema="ops",
        comment="How far each issue of the weather is collected: what decides which issues are asked for again.",
    )
    op.create_table(
        "issue_answers",
        sa.Column("provider", sa.Text(), nullable=False, comment="who was asked, e.g. kma"),
        sa.Column("operation", sa.Text(), nullable=False, comment="which operation, e.g. getVilageFcst"),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False, comment="the issue that was asked for"),
        sa.Column(
            "subject",
            sa.Text(),
            nullable=False,
            comment="what was asked about: a cell as nx,ny, or the code of a region",
        ),
        sa.Column(
            "response_ids",
            postgresql.ARRAY(sa.BigInteger()),
            nullable=False,
            comment="the responses that make up the answer, page by page",
        ),
        sa.Column(
            "fetched_at", sa.DateTime(timezone=True), nullable=False, comment="when the last of them had been read"
        ),
        sa.PrimaryKeyConstraint("provider", "operation", "issued_at", "subject", name=op.f("issue_answers_pkey")),
        schema="raw",
        comment="The complete answers about an issue: what need not be asked again, and what is published.",
        postgresql_partition_by="RANGE (issued_at)",
    )


def downgrade() -> None:
    # Made with the next start of the program that knows them.
    op.execute("DROP VIEW IF EXISTS core.newest_forecasts, core.newest_daily_forecasts CASCADE")
    op.execute("DROP VIEW IF EXISTS serving.weather_current CASCADE")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key = 'weather/serving.sql'")
    op.drop_table("issue_answers", schema="raw")
    op.drop_table("issue_collections", schema="ops")
    op.drop_table("weather_observations", schema="core")
    op.drop_table("nowcasts", schema="core")
    op.drop_table("hourly_forecasts", schema="core")
    op.drop_table("daily_forecasts", schema="core")
