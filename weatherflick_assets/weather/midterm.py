"""The mid-term forecast: three operations that are asked point by point, region by region and office by office."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.weather.kma import OPERATION_BY_NAME

LAND, TEMPERATURES, OUTLOOK = (OPERATION_BY_NAME[name] for name in ("getMidLandFcst", "getMidTa", "getMidFcst"))

SUBJECT_PARAMETER = MappingProxyType({LAND.name: "regId", TEMPERATURES.name: "regId", OUTLOOK.name: "stnId"})
"""The parameter that names what is asked about, by operation."""

OFFICES = ("108", "109", "105", "131", "133", "146", "156", "143", "159", "184")
"""The KMA's offices that write an outlook; 108 is about the whole country."""

ASSET_KEY = "core/midterm_forecasts"


def subjects() -> Sequence[tuple[Operation, list[str]]]:
    """What each operation is asked about."""
    from weatherflick_assets.korea.temperature_points import temperature_points  # noqa: PLC0415 - it needs numpy

    points = temperature_points().values()
    return (
        (LAND, sorted({point.land_region_id for point in points})),
        (TEMPERATURES, sorted(point.point_id for point in points)),
        (OUTLOOK, list(OFFICES)),
    )


def issue_parameters(issue: datetime) -> dict[str, str]:
    """The parameters that name an issue, in Korean time."""
    return {"tmFc": f"{issue:%Y%m%d%H%M}"}
