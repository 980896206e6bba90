"""What of the weather could not become rows: why, in words, and where it is found again."""

from typing import TYPE_CHECKING

from weatherflick_assets.quality.rejections import Reason, Rejections, Sample

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

_LOOK = "Look at the response. If the upstream has a new form, the transform of the table has to know it."
_NOTHING = "Nothing; what else was said is published."

_REASONS = {
    "left_out": Reason(
        "Too little about a cell or station could be used, so it is left out. What was published of it before stands.",
        "Look at the other reasons of the same table: they say what was lost.",
    ),
    "other_cell": Reason("An item is about another cell than the one that was asked about.", _LOOK),
    "other_issue": Reason("An item is of another issue than the one that was asked for.", _LOOK),
    "time_outside_the_issue": Reason("A row is about a time that the issue does not have.", _LOOK),
    "time_unreadable": Reason("The time of an item can't be read.", _LOOK),
    "time_missing": Reason("A station says no time with what it measured.", _NOTHING),
    "category_unknown": Reason("An item is of a category that is not known.", _LOOK, "category"),
    "value_missing": Reason("An item has no value.", _NOTHING),
    "value_repeated": Reason("A value is there twice; the first one counts.", _NOTHING),
    "value_flagged": Reason("The KMA marks the value as wrong, so it is left out.", _NOTHING),
    "measurement_repeated": Reason("A station is there twice; the first measurement counts.", _NOTHING),
    "observation_repeated": Reason("A station's day is there twice; the first one counts.", _NOTHING),
    "sensor_failed": Reason("The station says that its sensor failed, so the value is left out.", _NOTHING),
    "station_missing": Reason("An item names no station.", _LOOK),
    "station_unknown": Reason(
        "The station is not among those that are known.",
        "If it is new, add it to the stations that the project knows (korea/asos_stations.csv).",
    ),
    "station_repeated": Reason("A station is listed twice; one row counts.", _NOTHING),
    "sido_unknown": Reason("The station's address names no region.", _LOOK, "addr"),
    "position_missing": Reason("The station has no position, so it is nobody's nearest.", _NOTHING),
    "position_outside": Reason("The station's position is outside Korea, so it is left out.", _NOTHING),
    "day_of_another_year": Reason("A holiday is of another year than the one that was asked for.", _LOOK, "locdate"),
    "holiday_unreadable": Reason("A holiday has no day or no name that can be read.", _LOOK),
    "forecast_unreadable": Reason("A forecast of the air has no day, pollutant or time that can be read.", _LOOK),
    "zone_unknown": Reason("A zone's name is not known.", _LOOK),
    "grade_unknown": Reason("A grade of the air is not known.", _LOOK, "informGrade"),
    "line_unreadable": Reason("A line of the warnings is written in a form that is not known.", _LOOK),
    "wording_unknown": Reason("The mid-term forecast describes the sky in words that are not known.", _LOOK),
    "land_missing": Reason("A day of a point has temperatures and nothing about the sky.", _NOTHING),
    "temperature_missing": Reason("A day of a region has a sky and no temperatures.", _NOTHING),
    "*_unreadable": Reason("A value is written in a form that can't be read, so it is left out.", _LOOK),
    "*_impossible": Reason("A value is outside what can be, so it is left out.", _LOOK),
    "*_negative": Reason("A value that can't be below zero is, so it is left out.", _LOOK),
}


def _samples(
    connection: "psycopg.Connection", table_name: str, partition_key: str | None, reason: str, most: int
) -> list[Sample]:
    from weatherflick_assets.weather.samples import samples  # noqa: PLC0415 - it needs data frames

    return samples(connection, table_name, partition_key, reason, most)


def _again(connection: "psycopg.Connection", at: "datetime") -> set[tuple[str, str]]:
    from weatherflick_assets.weather.code_versions import code_versions  # noqa: PLC0415
    from weatherflick_assets.weather.store.versions import made_from_stored  # noqa: PLC0415

    return {*made_from_stored(connection, code_versions().keys(), at=at)}


REJECTIONS = Rejections(reasons=_REASONS, samples=_samples, again=_again)
"""What the domain says of it."""
