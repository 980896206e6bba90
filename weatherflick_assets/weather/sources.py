"""What is collected beside the forecasts: holidays, the air, warnings, and the days of stations.

Each source is one raw asset, and the tables that are published of it. One that has a series is asked about issue by issue. The
others say only what is so now; what they said is kept by the time at which they were asked.
"""

from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Table

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.weather import airkorea, issues, kasi, kma, tables
from weatherflick_assets.weather.issues import Series

_OPERATIONS = {operation.name: operation for operation in (*kma.OPERATIONS, *airkorea.OPERATIONS, *kasi.OPERATIONS)}


@dataclass(frozen=True)
class Source:
    """One source.

    Attributes:
        name: that of its flow and jobs; that of its series if it has one.
        operations: what is called; answers of the first one are what is published.
        tables: what is published, in the order in which it is made.
        series: its issues; None if it only says what is so now.
        raw_name: the name of the raw asset, within its provider; by default its own.
        core_name: the name of the published asset; by default that of its table, which another source may fill as well.
    """

    name: str
    operations: tuple[Operation, ...]
    tables: tuple[Table, ...]
    series: Series | None = None
    raw_name: str | None = None
    core_name: str | None = None

    @property
    def operation(self) -> Operation:
        """The operation whose answers are published."""
        return self.operations[0]

    @property
    def raw(self) -> str:
        """The key of the raw asset."""
        return f"raw/{self.operation.provider.name}/{self.raw_name or self.name}"

    @property
    def published(self) -> tuple[str, ...]:
        """The keys of the published assets."""
        return tuple(f"core/{self.core_name or table.name}" for table in self.tables)


HOLIDAYS = Source("holidays", (_OPERATIONS["getRestDeInfo"],), (tables.HOLIDAYS,))
AIR_STATIONS = Source(
    "air_stations",
    (_OPERATIONS["getMsrstnList"],),
    (tables.AIR_STATIONS, tables.AIR_STATIONS_OF_CELLS),
    raw_name="stations",
)
AIR_QUALITY = Source(
    issues.AIR_QUALITY.name,
    (_OPERATIONS["getCtprvnRltmMesureDnsty"],),
    (tables.AIR_QUALITY,),
    issues.AIR_QUALITY,
    raw_name="measurements",
)
AIR_FORECASTS = Source(
    issues.AIR_FORECASTS.name,
    (_OPERATIONS["getMinuDustFrcstDspth"],),
    (tables.AIR_QUALITY_FORECASTS,),
    issues.AIR_FORECASTS,
    raw_name="forecasts",
)
WARNINGS = Source("warnings", (_OPERATIONS["getPwnStatus"], _OPERATIONS["getWthrWrnList"]), (tables.WEATHER_WARNINGS,))
STATION_DAYS = Source(
    issues.STATION_DAYS.name,
    (_OPERATIONS["getAsosDaily"],),
    (tables.STATION_DAYS,),
    issues.STATION_DAYS,
    raw_name="asos_daily",
)
STATION_YEARS = Source(
    issues.STATION_YEARS.name,
    (_OPERATIONS["getAsosYear"],),
    (tables.STATION_DAYS,),
    issues.STATION_YEARS,
    raw_name="asos_years",
    core_name=issues.STATION_YEARS.name,
)

SOURCES = MappingProxyType(
    {
        source.name: source
        for source in (
            *(HOLIDAYS, AIR_STATIONS, AIR_QUALITY, AIR_FORECASTS, WARNINGS),
            *(STATION_DAYS, STATION_YEARS),
        )
    }
)
"""By name."""
