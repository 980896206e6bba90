"""The tables of what follows from published data (schema `insight`)."""

from pathlib import Path

from sqlalchemy import REAL, Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

VIEWS = Path(__file__).with_name("views.sql")
"""The views of this schema."""

SERVING = Path(__file__).with_name("serving.sql")
"""What the backend reads of it; it is made of these views."""

SERVING_CLIMATE = Path(__file__).with_name("climate") / "serving.sql"
"""What it reads of the climate."""

WHOLE_COUNTRY = "all"
"""Stands for the country where a region's code would be."""

MOST_DAYS_AHEAD = 10
"""How far ahead the outlook by day reaches."""

OF_DAYS = ("temperature_min", "temperature_max")
"""The elements that are forecast for a day; the others are for an hour."""

FORECAST_SKILL = Table(
    "forecast_skill",
    METADATA,
    Column("day", Date, primary_key=True, comment="the day in Korea that was observed"),
    Column("region_code", Text, primary_key=True, comment="region that the cell's centre lies in; all: the country"),
    Column(
        "element",
        Text,
        primary_key=True,
        comment="temperature (°C), humidity (%), wind_speed (m/s), precipitation (mm in an hour), precipitation_probability "
        "(%; what came is 0 or 100), temperature_min and temperature_max of the day (°C)",
    ),
    Column("source", Text, primary_key=True, comment="who said it: short_term or mid_term"),
    Column(
        "lead_hours",
        SmallInteger,
        primary_key=True,
        comment="how long before the hour it was said; of a day's extremes, 24 for every day ahead",
    ),
    required("compared", Integer, "pairs of a value that was said and one that was observed; at least one"),
    required("bias", REAL, "mean of what was said less what was observed, in the element's unit"),
    required("mean_absolute_error", REAL, "mean size of that difference, in the element's unit"),
    required("root_mean_square_error", REAL, "root of the mean of its square, in the element's unit"),
    optional("hits", Integer, "of precipitation: hours with 0.1 mm or more, said and observed"),
    optional("misses", Integer, "of precipitation: hours with 0.1 mm or more, observed but not said"),
    optional("false_alarms", Integer, "of precipitation: hours with 0.1 mm or more, said but not observed"),
    optional("brier_score", REAL, "of precipitation_probability: mean of (said / 100 - came)²; 0 is perfect, 1 worst"),
    required("measured_at", Timestamp, "when this was worked out"),
    schema="insight",
    comment="How well the weather of a day had been forecast, by region, element and how far ahead it was said.",
)

_FACETS = {
    "temperature": "the temperature",
    "sky": "the cloud",
    "rain": "rain or snow",
    "wind": "the wind",
    "feels_like": "what it feels like at its extremes",
    "air": "the air",
    "warning": "a warning",
}
"""What can cost a day points, in words."""

ACTIVITIES_OF_PLACES = Table(
    "activities_of_places",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="id of the place"),
    Column("activity", Text, primary_key=True, comment="what one can do there: sightseeing, beach, hiking, indoor, …"),
    required("content_type_id", Text, "KTO content type of the place"),
    required("region_code", Text, "its region, or unassigned"),
    required("class_code", Text, "its class (lclsSystm3), which says what one can do there"),
    required("nx", SmallInteger, "column of the forecast grid of its cell, or of the seat of its area"),
    required("ny", SmallInteger, "row of that cell"),
    required(
        "open_hours", Text, "hours in which it is open, rounded out to three hours, e.g. 09-18; 00-00: always; unknown"
    ),
    required(
        "closed_weekdays", SmallInteger, "a bit for each weekday on which it is closed, 1 for Monday to 64 for Sunday"
    ),
    required("closed_holidays", ARRAY(Text), "of seollal, chuseok, new_year and public those on which it is closed"),
    required("rest_day_shifts", Boolean, "whether a holiday on a day of rest moves that"),
    required("is_open_otherwise", Boolean, "whether it is known to be open on all other days"),
    optional("first_day", Date, "of an event: its first day"),
    optional("last_day", Date, "of an event: its last day"),
    optional("event_problem", Text, "of an event: cancelled or put off, as received"),
    Index("activities_of_places_region_code_idx", "region_code"),
    Index("activities_of_places_nx_ny_idx", "nx", "ny"),
    schema="insight",
    comment="What one can do at every published place, in which cell, and when it is known to be open.",
)

SUITABILITY_OF_CELLS = Table(
    "suitability_of_cells",
    METADATA,
    Column("nx", SmallInteger, primary_key=True, comment="column of the KMA forecast grid"),
    Column("ny", SmallInteger, primary_key=True, comment="row of the KMA forecast grid"),
    Column("activity", Text, primary_key=True, comment="what for"),
    Column(
        "open_hours",
        Text,
        primary_key=True,
        comment="opening hours of the places it is about, e.g. 09-18; unknown; any: of all, on mid-term days",
    ),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    Column("issued_at", Timestamp, primary_key=True, comment="the short-term issue at which it was worked out"),
    required("said_at", Timestamp, "the short-term issue that had last spoken of the cell then"),
    required("source", Text, "short_term: from the hours that count; mid_term: from the outlook of the day"),
    optional("score", REAL, "how suitable, 0 to 100; null where too little of the forecast is known"),
    optional("level", Text, "excellent (from 85), good (70), fair (50), poor, or not_recommended (0)"),
    *(optional(f"{facet}_loss", REAL, f"points that {what} costs") for facet, what in _FACETS.items()),
    optional(
        "limiting", Text, "what costs most: temperature, sky, rain, wind, feels_like, air, warning; null below 5 points"
    ),
    required("reason_ko", Text, "why, in Korean"),
    required("reason_en", Text, "why, in English"),
    optional(
        "confidence",
        REAL,
        "how likely the day's highest temperature is within 3 °C of what is said, 0 to 1; null before it is measured",
    ),
    optional("hours", SmallInteger, "hours that count; null of mid-term days"),
    optional("temperature_max", REAL, "highest temperature of these hours, °C"),
    optional("humidity", REAL, "their mean relative humidity, %; of mid-term days what is usual"),
    optional("cloud_cover", REAL, "their mean cloud cover, %"),
    optional("precipitation_mm", REAL, "their precipitation, mm; null of mid-term days"),
    optional("precipitation_probability", REAL, "greatest chance of precipitation, %"),
    optional("wind_speed", REAL, "their mean wind speed, m/s; of mid-term days what is usual"),
    optional("feels_like_min", REAL, "lowest feels-like temperature, °C"),
    optional("feels_like_max", REAL, "highest feels-like temperature, °C"),
    optional(
        "air_grade",
        Text,
        "grade of the dust and ozone of the day: good, moderate, bad or very_bad; null where it is not known",
    ),
    optional("warning", Text, "the warning that counts most: phenomenon and level; null without one"),
    required("warning_share", REAL, "the share that warnings leave, 0 to 1"),
    required("made_at", Timestamp, "when it was worked out"),
    # Everybody reads an issue.
    PrimaryKeyConstraint("issued_at", "nx", "ny", "activity", "open_hours", "day"),
    schema="insight",
    comment="How suitable each day is for each activity in each cell, by opening hours: what the scores of places are read from.",
    postgresql_partition_by="RANGE (issued_at)",
)

APPEAL_OF_PLACES = Table(
    "appeal_of_places",
    METADATA,
    Column("content_id", Text, primary_key=True, comment="id of the place"),
    required("kto_area_code", Text, "area in the code space that the backend asks by"),
    required("class_group", Text, "group of its class (lclsSystm2), by which lists are varied"),
    required("picture", REAL, "1 if it has a picture, else 0"),
    required("listed", REAL, "share of the descriptive columns of the list that are filled, 0 to 1"),
    optional("details", REAL, "likewise of the columns from details; null before these are collected"),
    optional(
        "popularity", REAL, "how many others go there, 0 to 1 among places of its kind; null while nothing says so"
    ),
    required("appeal", REAL, "how much there is to show of it: the mean of what is known of these four, 0 to 1"),
    schema="insight",
    comment="What speaks for each published place besides the weather, and what is known of it to show.",
)

RECOMMENDATIONS = Table(
    "recommendations",
    METADATA,
    Column("issued_at", Timestamp, primary_key=True, comment="the short-term issue by whose scores places were chosen"),
    Column(
        "kto_area_code", Text, primary_key=True, comment="area of the places in the code space that the backend asks by"
    ),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    Column(
        "topic",
        Text,
        primary_key=True,
        comment="what is asked for: all, indoor (if it rains), another activity, or a kind of places",
    ),
    Column("rank", SmallInteger, primary_key=True, comment="place in the list, from 1"),
    required("content_id", Text, "id of the place"),
    required("content_type_id", Text, "KTO content type of the place"),
    required("region_code", Text, "its region"),
    required("class_code", Text, "its class (lclsSystm3)"),
    required("activity", Text, "what to do there"),
    required(
        "score", REAL, "what the list is ordered by, 0 to 100: the suitability, less a share for what can't be shown"
    ),
    required("suitability", REAL, "how suitable the day is for the activity there, 50 to 100"),
    required("level", Text, "excellent (from 85), good (70) or fair (50)"),
    required("appeal", REAL, "how much there is to show of the place, 0 to 1"),
    optional("confidence", REAL, "how sure the day's temperature is, 0 to 1; null before it is measured"),
    optional("is_open", Boolean, "true if it is known to be open on the day; null where that is not known"),
    required("reasons", JSONB, "why, as sentences in Korean (ko) and English (en)"),
    required("made_at", Timestamp, "when it was worked out"),
    schema="insight",
    comment="The best places of each area for each day of the forecast, by what is asked for.",
    postgresql_partition_by="RANGE (issued_at)",
)

SUITABILITY_OF_AREAS = Table(
    "suitability_of_areas",
    METADATA,
    Column("issued_at", Timestamp, primary_key=True, comment="the short-term issue at which it was worked out"),
    Column("kto_area_code", Text, primary_key=True, comment="area in the code space that the backend asks by"),
    Column("activity", Text, primary_key=True, comment="what for"),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    required("places", Integer, "places of the area where one can do it and of which a score is known"),
    required("good", Integer, "those of them with 70 points or more"),
    required("score", REAL, "the mean of their scores by the weather, 0 to 100"),
    *(required(f"{facet}_loss", REAL, f"the mean of the points that {what} costs") for facet, what in _FACETS.items()),
    required("made_at", Timestamp, "when it was worked out"),
    schema="insight",
    comment="How suitable each day is for each activity in each area: the mean of its places, whether they are open or not.",
    postgresql_partition_by="RANGE (issued_at)",
)

FORECAST_CHANGES = Table(
    "forecast_changes",
    METADATA,
    Column("issued_at", Timestamp, primary_key=True, comment="the short-term issue that brought the change"),
    Column("nx", SmallInteger, primary_key=True, comment="column of the KMA forecast grid"),
    Column("ny", SmallInteger, primary_key=True, comment="row of the KMA forecast grid"),
    Column("day", Date, primary_key=True, comment="the day in Korea"),
    Column(
        "kind",
        Text,
        primary_key=True,
        comment="what changed: temperature_max, temperature_min, rain, heat, cold, wind, or suitability",
    ),
    Column("activity", Text, primary_key=True, comment="of suitability: what for; any: of the weather"),
    Column(
        "open_hours",
        Text,
        primary_key=True,
        comment="of suitability: opening hours of the places it is about, as in suitability_of_cells; any: of all",
    ),
    required("direction", Text, "became or no_longer where a limit is crossed; else up or down"),
    required("from_value", REAL, "what had been said: °C, %, m/s, or a score from 0 to 100"),
    required("to_value", REAL, "what is said now, likewise"),
    optional("from_level", Text, "of suitability: the level that had been said; null of the weather"),
    optional("to_level", Text, "of suitability: the level now; null of the weather"),
    required("compared_with", Timestamp, "the issue that said what had been said"),
    required("reason_ko", Text, "the change in words, in Korean"),
    required("reason_en", Text, "the change in words, in English"),
    required("known_at", Timestamp, "when it was found; it stays the same when the issue is compared again"),
    PrimaryKeyConstraint("issued_at", "nx", "ny", "day", "kind", "activity", "open_hours"),
    Index("forecast_changes_nx_ny_day_idx", "nx", "ny", "day"),
    schema="insight",
    comment="What each issue of the forecast changed of a day, against what had been said before; each change once.",
    postgresql_partition_by="RANGE (issued_at)",
)

CLIMATE_NORMALS = Table(
    "climate_normals",
    METADATA,
    Column("region_code", Text, primary_key=True, comment="region of the stations"),
    Column("month", SmallInteger, primary_key=True, comment="month, 1 to 12"),
    Column("activity", Text, primary_key=True, comment="what for"),
    required(
        "years", SmallInteger, "years in which enough of the month is known; with fewer than 10 there is no normal"
    ),
    optional("first_year", SmallInteger, "the first of them"),
    optional("last_year", SmallInteger, "the last of them"),
    required("stations", SmallInteger, "stations that observed it in these years"),
    required("days", Integer, "days of stations of which a score is known in these years"),
    optional(
        "rank", SmallInteger, "place of the month among those of the activity in the region; 1 has most good days"
    ),
    optional("score", REAL, "mean score of these days, 0 to 100"),
    optional("level", Text, "excellent, good, fair or poor, by that score"),
    optional("good_share", REAL, "share of these days with 70 points or more, 0 to 1"),
    optional("limiting", Text, "what costs most: temperature, sky, rain, wind, feels_like; null below 5 points"),
    optional("temperature_max", REAL, "mean of the days' highest temperature, °C"),
    optional("temperature_min", REAL, "mean of the days' lowest temperature, °C"),
    optional("precipitation_mm", REAL, "what falls in a month, mm"),
    optional("rain_days", REAL, "days of a month with 0.1 mm or more"),
    optional("sunshine_hours", REAL, "hours of sunshine in a month; null where none of the stations measures it"),
    required("reason_ko", Text, "what the month is like, in Korean"),
    required("reason_en", Text, "what the month is like, in English"),
    required("made_at", Timestamp, "when it was worked out"),
    schema="insight",
    comment="What each month is like for each activity in each region, from years of observations: when to go.",
)

OBSERVED_SUITABILITY = Table(
    "observed_suitability",
    METADATA,
    Column("day", Date, primary_key=True, comment="the day in Korea that was observed"),
    Column("nx", SmallInteger, primary_key=True, comment="column of the KMA forecast grid"),
    Column("ny", SmallInteger, primary_key=True, comment="row of the KMA forecast grid"),
    Column("activity", Text, primary_key=True, comment="what for"),
    Column(
        "open_hours", Text, primary_key=True, comment="opening hours of the places it is about, e.g. 09-18; unknown"
    ),
    required("score", REAL, "how suitable the day was by the weather that came, 0 to 100, without air and warnings"),
    schema="insight",
    comment="How suitable each day was for each activity in each cell, by the weather that came.",
)


def _peer(name: str, what: str) -> tuple[Column, ...]:
    """The columns of what else could have been said of the same days."""
    return (
        required(f"{name}_compared", Integer, f"places of which {what} is known"),
        optional(f"{name}_error", REAL, f"mean size of {what} less what came, in points; null where it is not known"),
        required(f"{name}_hits", Integer, f"places that had a good day and would have been said to, by {what}"),
        required(f"{name}_misses", Integer, f"places that had a good day and would not have been said to, by {what}"),
        required(
            f"{name}_false_alarms", Integer, f"places that had no good day and would have been said to, by {what}"
        ),
    )


RECOMMENDATION_VERIFICATION = Table(
    "recommendation_verification",
    METADATA,
    Column("day", Date, primary_key=True, comment="the day in Korea that was observed"),
    Column(
        "kto_area_code",
        Text,
        primary_key=True,
        comment="area in the code space that the backend asks by; all: the country",
    ),
    Column("activity", Text, primary_key=True, comment="what for; all: every activity"),
    Column(
        "days_ahead", SmallInteger, primary_key=True, comment="days from the issue of 05:00 that said it to the day"
    ),
    required("compared", Integer, "places whose day was scored and observed; at least one"),
    required("said", REAL, "mean score that was said, 0 to 100, without air and warnings"),
    required("came", REAL, "mean score by the weather that came, likewise"),
    required("mean_absolute_error", REAL, "mean size of the difference, in points"),
    required("hits", Integer, "places that had a good day, 70 points or more, and were said to"),
    required("misses", Integer, "places that had a good day and were not said to"),
    required("false_alarms", Integer, "places that had no good day and were said to"),
    *_peer("persistence", "the score that came on the day of the issue"),
    *_peer("climatology", "the mean score of the area and month so far"),
    required("recommended", Integer, "places that were in a list and whose day was observed"),
    required("recommended_rightly", Integer, "those of them whose day was fair at least, 50 points or more"),
    required("method", Text, "version of the code that scored what came"),
    required("verified_at", Timestamp, "when this was worked out"),
    schema="insight",
    comment="How right it was what had been said and recommended of a day, by area, activity and how far ahead it was said.",
)
