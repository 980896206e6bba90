"""What the KMA says about grid cells: three products, each from one operation, issue by issue, into one table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Table

from weatherflick_assets.settings import KST
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.weather import issues
from weatherflick_assets.weather.issues import Series, seam
from weatherflick_assets.weather.kma import OPERATION_BY_NAME
from weatherflick_assets.weather.tables import DAILY_FORECASTS, HOURLY_FORECASTS, NOWCASTS, WEATHER_OBSERVATIONS


@dataclass(frozen=True)
class CellProduct:
    """One product.

    Attributes:
        series: its issues.
        operation: the operation that is asked cell by cell.
        table: the published table.
        values_per_time, values_per_day: how many rows an answer has for each time, and more for each day.
        issue_column: the column of the table that names the issue.
        follows: tables that are made from this one.
    """

    series: Series
    operation: Operation
    table: Table
    values_per_time: int
    values_per_day: int = 0
    issue_column: str = "issued_at"
    follows: tuple[Table, ...] = ()

    @property
    def name(self) -> str:
        """The name of the series."""
        return self.series.name

    @property
    def published(self) -> tuple[str, ...]:
        """The asset keys of what is published of it."""
        return tuple(f"core/{table.name}" for table in (self.table, *self.follows))

    def valid_times(self, issue: datetime) -> list[datetime]:
        """The times that a whole answer of an issue is about, in Korean time, oldest first."""
        issue = issue.astimezone(KST)
        if self is OBSERVATIONS:
            return [issue]
        first = issue.replace(minute=0) + timedelta(hours=1)
        if self is NOWCASTS_OF_CELLS:
            return [first + timedelta(hours=hour) for hour in range(_NOWCAST_HOURS)]
        by_the_hour, end = seam(issue), seam(issue) + timedelta(days=1)
        hours = [first + timedelta(hours=hour) for hour in range(int((by_the_hour - first) / timedelta(hours=1)) + 1)]
        later = range(1, int((end - by_the_hour) / _LATER_STEP) + 1)
        return [*hours, *(by_the_hour + step * _LATER_STEP for step in later)]


_NOWCAST_HOURS = 6
_LATER_STEP = timedelta(hours=3)
OBSERVATIONS = CellProduct(
    issues.OBSERVATIONS, OPERATION_BY_NAME["getUltraSrtNcst"], WEATHER_OBSERVATIONS, 8, issue_column="observed_at"
)
NOWCASTS_OF_CELLS = CellProduct(issues.NOWCASTS, OPERATION_BY_NAME["getUltraSrtFcst"], NOWCASTS, 11)
FORECASTS = CellProduct(
    issues.FORECASTS, OPERATION_BY_NAME["getVilageFcst"], HOURLY_FORECASTS, 12, 2, follows=(DAILY_FORECASTS,)
)

PRODUCTS = MappingProxyType({product.name: product for product in (OBSERVATIONS, NOWCASTS_OF_CELLS, FORECASTS)})
"""By name."""
