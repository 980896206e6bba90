"""The weather as a domain: the APIs it calls."""

from typing import TYPE_CHECKING

from weatherflick_assets.orchestration.domain import Domain
from weatherflick_assets.weather import airkorea, kasi, kma

if TYPE_CHECKING:
    import dagster as dg
    from sqlalchemy import Connection


def _load(connection: "Connection") -> None:
    """Nothing is written yet."""


def _definitions() -> "dg.Definitions":
    import dagster as dg  # noqa: PLC0415 - the declaration itself needs no Dagster

    return dg.Definitions()


WEATHER = Domain(
    name="weather",
    operations=(*kma.OPERATIONS, *airkorea.OPERATIONS, *kasi.OPERATIONS),
    load=_load,
    needed_responses=(),
    flows=(),
    publishing={},
    definitions=_definitions,
)
