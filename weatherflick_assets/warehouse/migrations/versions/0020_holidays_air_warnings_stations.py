"""Holidays, the air, warnings and their zones, and the days of stations."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "air_quality",
        sa.Column(
            "sido_name",
            sa.Text(),
            nullable=False,
            comment="region as AirKorea names it, e.g. 서울; names are unique in it",
        ),
        sa.Column("station_name", sa.Text(), nullable=False, comment="name of the station"),
        sa.Column(
            "measured_at", sa.DateTime(timezone=True), nullable=False, comment="the hour at whose end it was measured"
        ),
        sa.Column("so2_ppm", sa.REAL(), nullable=True, comment="sulphur dioxide, ppm"),
        sa.Column("co_ppm", sa.REAL(), nullable=True, comment="carbon monoxide, ppm"),
        sa.Column("o3_ppm", sa.REAL(), nullable=True, comment="ozone, ppm"),
        sa.Column("no2_ppm", sa.REAL(), nullable=True, comment="nitrogen dioxide, ppm"),
        sa.Column("pm10_ugm3", sa.REAL(), nullable=True, comment="particles below 10 µm, µg/m³"),
        sa.Column("pm25_ugm3", sa.REAL(), nullable=True, comment="particles below 2.5 µm, µg/m³"),
        sa.Column("air_quality_index", sa.REAL(), nullable=True, comment="통합대기환경지수, without a unit"),
        sa.Column(
            "pm10_grade", sa.Text(), nullable=True, comment="good, moderate, bad or very_bad: that of this hour's value"
        ),
        sa.Column("pm25_grade", sa.Text(), nullable=True, comment="likewise"),
        sa.Column("air_quality_grade", sa.Text(), nullable=True, comment="likewise, of the index"),
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
        sa.PrimaryKeyConstraint("sido_name", "station_name", "measured_at", name=op.f("air_quality_pkey")),
        schema="core",
        comment="What every station measured, hour by hour (실시간 측정정보).",
        postgresql_partition_by="RANGE (measured_at)",
    )
    op.create_table(
        "air_stations",
        sa.Column(
            "sido_name",
            sa.Text(),
            nullable=False,
            comment="region as AirKorea names it, e.g. 서울; names are unique in it",
        ),
        sa.Column("station_name", sa.Text(), nullable=False, comment="name of the station"),
        sa.Column(
            "network", sa.Text(), nullable=True, comment="what it measures for: 도시대기, 도로변대기, … (측정망)"
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="its address"),
        sa.Column(
            "latitude",
            sa.Double(),
            nullable=True,
            comment="degrees north (WGS 84); null where the position is missing or not in Korea",
        ),
        sa.Column("longitude", sa.Double(), nullable=True, comment="degrees east (WGS 84)"),
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
        sa.PrimaryKeyConstraint("sido_name", "station_name", name=op.f("air_stations_pkey")),
        schema="core",
        comment="The stations that measure the air (측정소), as the newest complete list has them.",
    )
    op.create_table(
        "air_stations_of_cells",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("place", sa.SmallInteger(), nullable=False, comment="1 for the nearest station, 2 for the next, …"),
        sa.Column("sido_name", sa.Text(), nullable=False, comment="region of the station"),
        sa.Column("station_name", sa.Text(), nullable=False, comment="name of the station"),
        sa.Column("distance_km", sa.REAL(), nullable=False, comment="how far it is from the centre of the cell, km"),
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
        sa.PrimaryKeyConstraint("nx", "ny", "place", name=op.f("air_stations_of_cells_pkey")),
        schema="core",
        comment="The nearest stations of every cell on land, at most 40 km away, so that what one does not measure the next may.",
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column("name", sa.Text(), nullable=False, comment="its name in Korean; a day may have several"),
        sa.Column(
            "is_public", sa.Boolean(), nullable=False, comment="whether public offices are closed (공공기관 휴일여부)"
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
        sa.PrimaryKeyConstraint("day", "name", name=op.f("holidays_pkey")),
        schema="core",
        comment="Public holidays by day, substitutes included, of the years that the calendar was asked about (공휴일).",
    )
    op.create_table(
        "station_days",
        sa.Column("station_id", sa.Text(), nullable=False, comment="number of the station (ASOS)"),
        sa.Column("day", sa.Date(), nullable=False, comment="the day in Korea"),
        sa.Column("station_name", sa.Text(), nullable=False, comment="name of the station"),
        sa.Column("region_code", sa.Text(), nullable=False, comment="region that the station stands in"),
        sa.Column("temperature_mean", sa.REAL(), nullable=True, comment="mean temperature, °C"),
        sa.Column("temperature_min", sa.REAL(), nullable=True, comment="lowest temperature, °C"),
        sa.Column("temperature_max", sa.REAL(), nullable=True, comment="highest temperature, °C"),
        sa.Column(
            "precipitation_mm",
            sa.REAL(),
            nullable=True,
            comment="precipitation, mm; null on a dry day, too, which the source does not tell apart",
        ),
        sa.Column("precipitation_hours", sa.REAL(), nullable=True, comment="how long it rained or snowed, hours"),
        sa.Column("snow_depth_cm", sa.REAL(), nullable=True, comment="greatest depth of snow, cm"),
        sa.Column("new_snow_cm", sa.REAL(), nullable=True, comment="greatest depth of new snow, cm"),
        sa.Column("wind_speed_mean", sa.REAL(), nullable=True, comment="mean wind speed, m/s"),
        sa.Column("wind_speed_max", sa.REAL(), nullable=True, comment="greatest mean of ten minutes, m/s"),
        sa.Column("wind_gust_max", sa.REAL(), nullable=True, comment="greatest gust, m/s"),
        sa.Column("humidity_mean", sa.REAL(), nullable=True, comment="mean relative humidity, %"),
        sa.Column("humidity_min", sa.REAL(), nullable=True, comment="lowest relative humidity, %"),
        sa.Column("cloud_cover_mean", sa.REAL(), nullable=True, comment="mean cloud cover, tenths of the sky"),
        sa.Column("sunshine_hours", sa.REAL(), nullable=True, comment="sunshine, hours"),
        sa.Column("solar_radiation_mjm2", sa.REAL(), nullable=True, comment="global radiation, MJ/m²"),
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
        sa.PrimaryKeyConstraint("station_id", "day", name=op.f("station_days_pkey")),
        schema="core",
        comment="What the stations observed, day by day (종관기상관측 일자료).",
    )
    op.create_table(
        "warning_zones",
        sa.Column("zone_code", sa.Text(), nullable=False, comment="code of the zone (특보구역), e.g. L1010100"),
        sa.Column(
            "parent_code", sa.Text(), nullable=True, comment="the zone that it is part of; null for the whole country"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="as texts write it"),
        sa.Column("full_name", sa.Text(), nullable=False, comment="its whole name"),
        sa.Column(
            "region_code",
            sa.Text(),
            nullable=True,
            comment="the current region that it lies in; null for the whole country",
        ),
        sa.PrimaryKeyConstraint("zone_code", name=op.f("warning_zones_pkey")),
        schema="core",
        comment="The zones on land for which the KMA warns, by its code table of 2026-06-01.",
    )
    op.create_table(
        "warning_zones_of_cells",
        sa.Column("nx", sa.SmallInteger(), nullable=False, comment="column of the KMA forecast grid"),
        sa.Column("ny", sa.SmallInteger(), nullable=False, comment="row of the KMA forecast grid"),
        sa.Column("zone_code", sa.Text(), nullable=False, comment="a zone that it is in, of the smallest ones"),
        sa.Column(
            "place",
            sa.SmallInteger(),
            nullable=False,
            comment="1 for the zone of the cell's centre; a cell of 5 km may be in several",
        ),
        sa.PrimaryKeyConstraint("nx", "ny", "zone_code", name=op.f("warning_zones_of_cells_pkey")),
        schema="core",
        comment="The zones of warnings that every cell on land is in.",
    )
    op.create_table(
        "weather_warnings",
        sa.Column(
            "zone_code", sa.Text(), nullable=False, comment="the zone that is warned (특보구역), of the smallest ones"
        ),
        sa.Column(
            "phenomenon", sa.Text(), nullable=False, comment="what is warned of, in the KMA's word: 호우, 폭염, …"
        ),
        sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            comment="advisory (주의보), warning (경보), critical (중대경보) or preliminary (예비)",
        ),
        sa.Column("zone_name", sa.Text(), nullable=False, comment="name of the zone"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="announced, in_force, or how it ended: raised, lowered, lifted, expired; when last published",
        ),
        sa.Column(
            "announced_at", sa.DateTime(timezone=True), nullable=False, comment="the bulletin that first said it"
        ),
        sa.Column(
            "effective_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it comes into force; of a preliminary one null if that can't be read",
        ),
        sa.Column("previous_level", sa.Text(), nullable=True, comment="the level of the warning that it replaced"),
        sa.Column(
            "lifted_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when it ends or ended, however that is; null while that is not known",
        ),
        sa.Column("last_told_at", sa.DateTime(timezone=True), nullable=False, comment="the last answer that said it"),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="when it was first known here: when that answer had been read",
        ),
        sa.Column(
            "source_response_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="the response that first said it",
        ),
        sa.PrimaryKeyConstraint(
            "zone_code", "phenomenon", "level", "source_response_id", name=op.f("weather_warnings_pkey")
        ),
        schema="core",
        comment="The life of every warning, zone by zone: announced, in force, raised or lowered to another one, lifted, expired.",
    )


def downgrade() -> None:
    # Made with the next start of the program that knows them, as are the rows of zones.
    op.execute("DROP VIEW IF EXISTS core.warnings_in_force, core.newest_air_quality CASCADE")
    op.execute("DROP FUNCTION IF EXISTS core.air_quality_of_cell")
    op.execute("DELETE FROM ops.code_versions WHERE asset_key IN ('weather/now.sql', 'core/warning_zones')")
    op.drop_table("weather_warnings", schema="core")
    op.drop_table("warning_zones_of_cells", schema="core")
    op.drop_table("warning_zones", schema="core")
    op.drop_table("station_days", schema="core")
    op.drop_table("holidays", schema="core")
    op.drop_table("air_stations_of_cells", schema="core")
    op.drop_table("air_stations", schema="core")
    op.drop_table("air_quality", schema="core")
