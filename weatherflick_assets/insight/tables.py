"""The tables of what follows from published data (schema `insight`)."""

from pathlib import Path

from sqlalchemy import REAL, Column, Date, Integer, SmallInteger, Table, Text

from weatherflick_assets.warehouse.tables import METADATA, Timestamp, optional, required

VIEWS = Path(__file__).with_name("views.sql")
"""The views of this schema."""

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
