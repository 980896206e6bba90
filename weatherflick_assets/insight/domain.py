"""What follows from published data, as a domain: it calls no API, and keeps its own tables."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from weatherflick_assets.insight.flows import FLOWS
from weatherflick_assets.insight.storage import LASTING, ROWS, STORAGE
from weatherflick_assets.insight.tables import SERVING, SERVING_CLIMATE, VIEWS
from weatherflick_assets.orchestration.domain import Domain

if TYPE_CHECKING:
    import dagster as dg


def _load(connection: Connection) -> None:
    from weatherflick_assets.warehouse.code_versions import apply_views  # noqa: PLC0415 - definitions load light

    driver = connection.connection.driver_connection
    assert driver is not None
    apply_views(driver, "insight/views.sql", VIEWS, SERVING)
    apply_views(driver, "insight/climate/serving.sql", SERVING_CLIMATE)


def _definitions() -> "dg.Definitions":
    from weatherflick_assets.insight.defs import definitions  # noqa: PLC0415 - the declaration itself needs no Dagster

    return definitions()


INSIGHT = Domain(
    name="insight",
    operations=(),
    load=_load,
    storage=STORAGE,
    rows=ROWS,
    lasting=LASTING,
    flows=FLOWS,
    definitions=_definitions,
)
