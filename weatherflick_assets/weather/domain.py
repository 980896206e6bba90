"""The weather as a domain: the APIs it calls, the data it keeps, and its Dagster definitions."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.settings import now
from weatherflick_assets.weather import airkorea, kasi, kma
from weatherflick_assets.weather.answers import ANSWERS
from weatherflick_assets.weather.flows import FLOWS, PUBLISHING
from weatherflick_assets.weather.measured import MEASURED
from weatherflick_assets.weather.rejections import REJECTIONS
from weatherflick_assets.weather.storage import LASTING, ROWS, STORAGE
from weatherflick_assets.weather.tables import NOW, SERVING

if TYPE_CHECKING:
    import dagster as dg


def _load(connection: Connection) -> None:
    from weatherflick_assets.warehouse.code_versions import apply_views  # noqa: PLC0415 - definitions load light
    from weatherflick_assets.weather.store.versions import follow_code  # noqa: PLC0415
    from weatherflick_assets.weather.store.zones import load_zones  # noqa: PLC0415

    driver = connection.connection.driver_connection
    assert driver is not None
    load_zones(connection)
    apply_views(driver, "weather/now.sql", NOW)
    apply_views(driver, "weather/serving.sql", SERVING)
    follow_code(driver, since=now())


def _definitions() -> "dg.Definitions":
    from weatherflick_assets.weather.defs import definitions  # noqa: PLC0415 - the declaration itself needs no Dagster

    return definitions()


WEATHER = Domain(
    name="weather",
    operations=(*kma.OPERATIONS, *airkorea.OPERATIONS, *kasi.OPERATIONS),
    load=_load,
    storage=STORAGE,
    rows=ROWS,
    lasting=LASTING,
    flows=FLOWS,
    publishing=PUBLISHING,
    measured=MEASURED,
    rejections=REJECTIONS,
    answers=ANSWERS,
    definitions=_definitions,
)
