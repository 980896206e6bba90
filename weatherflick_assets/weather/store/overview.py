"""Figures about the weather, for `weatherflick status`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from weatherflick_assets.warehouse.connections import connect
from weatherflick_assets.weather.products import FORECASTS
from weatherflick_assets.weather.store.answers import newest_issues

_LOOKED_BACK = timedelta(days=3)


def places_by_age(dsn: str, now: datetime) -> Mapping[str, float]:
    """The share of places, 0 to 1, by the age of the newest issue that is known of their cell; empty without places."""
    from weatherflick_assets.weather.plan import shares_by_age  # noqa: PLC0415 - numpy, only where there is weather

    with connect(dsn) as connection:
        newest = newest_issues(connection, FORECASTS.operation, now - _LOOKED_BACK, now)
        if not newest:
            return {}
        cells = connection.execute("SELECT nx || ',' || ny, places FROM core.cells").fetchall()
    ages = [(now - newest[cell]) / timedelta(hours=1) if cell in newest else float("nan") for cell, _ in cells]
    return shares_by_age([places for _, places in cells], ages)
