"""The tables of the weather: which responses answer an issue (`raw`), and what was said and seen, cell by cell (`core`).

The grid is that of the KMA's forecasts (`korea/cells.py`). A time of issue is when something was said, a valid time for
when. All are aware; days are Korean. Missing is null and never 0.
"""

from pathlib import Path

from sqlalchemy import REAL, BigInteger, Boolean, Column, Date, Integer, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

SERVING = Path(__file__).with_name("serving.sql")
"""The views that the backend reads, and those of the newest forecasts."""

ISSUE_ANSWERS = Table(
    "issue_answers",
    METADATA,
    Column("provider", Text, primary_key=True, comment="who was asked, e.g. kma"),
    Column("operation", Text, primary_key=True, comment="which operation, e.g. getVilageFcst"),
    Column("issued_at", Timestamp, primary_key=True, comment="the issue that was asked for"),
    Column("subject", Text, primary_key=True, comment="what was asked about: a cell as nx,ny, or the code of a region"),
    required("response_ids", ARRAY(BigInteger), "the responses that make up the answer, page by page"),
    required("fetched_at", Timestamp, "when the last of them had been read"),
    schema="raw",
    comment="The complete answers about an issue: what need not be asked again, and what is published.",
    postgresql_partition_by="RANGE (issued_at)",
)

ISSUE_COLLECTIONS = Table(
    "issue_collections",
    METADATA,
    Column("series", Text, primary_key=True, comment="what is issued: observations, nowcasts, forecasts, midterm"),
    Column("issued_at", Timestamp, primary_key=True, comment="the issue"),
    required("planned", Integer, "subjects that the last attempt wanted answered, those answered before included"),
    required("answered", Integer, "subjects of which there is an answer"),
    required("attempts", Integer, "collections that were begun"),
    required("attempted_at", Timestamp, "when the last one was begun"),
    required("is_complete", Boolean, "whether everything that was planned is answered"),
    optional("problem", Text, "why it is not complete"),
    schema="ops",
    comment="How far each issue of the weather is collected: what decides which issues are asked for again.",
)


def _cell() -> tuple[Column, ...]:
    return (
        Column("nx", SmallInteger, primary_key=True, comment="column of the KMA forecast grid"),
        Column("ny", SmallInteger, primary_key=True, comment="row of the KMA forecast grid"),
    )


def _weather(*, is_forecast: bool) -> tuple[Column, ...]:
    """The columns that forecasts and observations share."""
    said = (
        optional("precipitation_probability", REAL, "chance of precipitation in the hour, %"),
        optional("sky", Text, "clear, mostly_cloudy or overcast"),
    )
    return (
        optional("temperature", REAL, "air temperature, °C"),
        optional("feels_like", REAL, "the KMA's feels-like temperature (체감온도), worked out here, °C"),
        optional("humidity", REAL, "relative humidity, %"),
        *(said if is_forecast else ()),
        optional("precipitation_type", Text, "none, rain, rain_and_snow, snow, shower, raindrops, … by the KMA's code"),
        optional(
            "precipitation_mm", REAL, "precipitation of an hour, mm: the best value; null where only a level is given"
        ),
        optional("precipitation_mm_min", REAL, "at least this much, mm"),
        optional("precipitation_mm_max", REAL, "less than this, mm; null without a limit"),
        optional("wind_speed", REAL, "wind speed, m/s"),
        optional("wind_direction", REAL, "where the wind comes from, degrees, 0 to below 360"),
        optional("wind_east", REAL, "its component towards the east, m/s"),
        optional("wind_north", REAL, "its component towards the north, m/s"),
    )


def _source() -> tuple[Column, ...]:
    return (
        required("recorded_at", Timestamp, "when it was known here: when the answer had been read"),
        required("source_response_id", BigInteger, "the response (of several, the first) that the row was made from"),
    )


WEATHER_OBSERVATIONS = Table(
    "weather_observations",
    METADATA,
    *_cell(),
    Column("observed_at", Timestamp, primary_key=True, comment="the hour that was observed"),
    *_weather(is_forecast=False),
    *_source(),
    schema="core",
    comment="The weather of every hour, cell by cell, as the KMA analysed it (초단기실황).",
    postgresql_partition_by="RANGE (observed_at)",
)

NOWCASTS = Table(
    "nowcasts",
    METADATA,
    *_cell(),
    Column("valid_at", Timestamp, primary_key=True, comment="the hour that is forecast"),
    Column("issued_at", Timestamp, primary_key=True, comment="when it was said"),
    *_weather(is_forecast=True),
    optional("lightning_ka", REAL, "lightning, kA; 0 for none"),
    *_source(),
    schema="core",
    comment="The next six hours, cell by cell, issued every hour (초단기예보); every issue stays beside the later ones.",
    postgresql_partition_by="RANGE (issued_at)",
)

HOURLY_FORECASTS = Table(
    "hourly_forecasts",
    METADATA,
    *_cell(),
    Column("valid_at", Timestamp, primary_key=True, comment="the time that is forecast: every hour, later every three"),
    Column("issued_at", Timestamp, primary_key=True, comment="when it was said"),
    *_weather(is_forecast=True),
    optional(
        "precipitation_level", SmallInteger, "0 none, 1 light (below 3 mm/h), 2 moderate, 3 heavy (from 15); later part"
    ),
    optional("snow_cm", REAL, "new snow of an hour, cm: the best value; null where only a level is given"),
    optional("snow_cm_min", REAL, "at least this much, cm"),
    optional("snow_cm_max", REAL, "less than this, cm; null without a limit"),
    optional("snow_level", SmallInteger, "0 none, 1 moderate (below 1 cm/h), 2 heavy; later part"),
    optional("wave_height_m", REAL, "height of waves, m"),
    optional("temperature_min", REAL, "lowest temperature of the day, °C; given at 06:00"),
    optional("temperature_max", REAL, "highest temperature of the day, °C; given at 15:00"),
    *_source(),
    schema="core",
    comment="The next days, cell by cell, issued eight times a day (단기예보); every issue stays beside the later ones.",
    postgresql_partition_by="RANGE (issued_at)",
)

MIDTERM_FORECASTS = Table(
    "midterm_forecasts",
    METADATA,
    Column("point_id", Text, primary_key=True, comment="temperature point (중기기온 지점)"),
    Column("issued_at", Timestamp, primary_key=True, comment="when it was said"),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    required(
        "land_region_id", Text, "land region that the point belongs to (중기육상 구역); sky and precipitation are its"
    ),
    optional("temperature_min", REAL, "lowest temperature, °C"),
    optional("temperature_max", REAL, "highest temperature, °C"),
    optional("precipitation_probability", REAL, "chance of precipitation, of the half-day in which it is greater, %"),
    optional("precipitation_probability_am", REAL, "chance in the morning, %; days 4 to 7"),
    optional("precipitation_probability_pm", REAL, "chance in the afternoon, %; days 4 to 7"),
    optional("sky", Text, "clear, mostly_cloudy or overcast; of two half-days the cloudier one"),
    optional("precipitation_type", Text, "none, rain, rain_and_snow, snow or shower"),
    optional("land_response_id", BigInteger, "the response with sky and precipitation"),
    *_source(),
    schema="core",
    comment="Days 4 to 10 after the issue, point by point, issued twice a day (중기예보).",
)

DAILY_FORECASTS = Table(
    "daily_forecasts",
    METADATA,
    *_cell(),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    Column("issued_at", Timestamp, primary_key=True, comment="the short-term issue that the outlook was made at"),
    required("source", Text, "short_term; mid_term for the days that the short-term forecast does not reach"),
    required("said_at", Timestamp, "when the day's values were said: the short-term issue, or the mid-term one"),
    optional("temperature_min", REAL, "lowest temperature (TMN), °C; of today what an earlier issue of the day said"),
    optional("temperature_max", REAL, "highest temperature (TMX), °C; likewise"),
    optional("precipitation_probability", REAL, "greatest chance of precipitation of the day's hours or half-days, %"),
    optional("precipitation_mm", REAL, "sum of the hours' best values, mm; null where an hour has only a level"),
    optional("precipitation_level", SmallInteger, "greatest level of the day's hours that have one"),
    optional("snow_cm", REAL, "new snow: sum of the hours' best values, cm"),
    optional("precipitation_type", Text, "the kind that most hours with precipitation have; none if there are none"),
    optional("sky", Text, "the sky of most hours between 06:00 and 18:00"),
    optional("humidity_mean", REAL, "mean relative humidity of the hours, %"),
    optional("wind_speed_max", REAL, "greatest wind speed of the hours, m/s"),
    optional("feels_like_min", REAL, "lowest feels-like temperature of the hours, °C"),
    optional("feels_like_max", REAL, "highest feels-like temperature of the hours, °C"),
    required("hours", SmallInteger, "times of the day that the short-term forecast has; 0 of a mid-term day"),
    *_source(),
    schema="core",
    comment="The outlook of every cell by day, at each short-term issue: to the seam from its hours, then from the mid-term one.",
    postgresql_partition_by="RANGE (issued_at)",
)
