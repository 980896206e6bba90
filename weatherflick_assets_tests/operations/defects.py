"""Data that are too old, and answers whose fields changed: what the checks of published data and of upstream fields find."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from weatherflick_assets.build import OPERATIONS
from weatherflick_assets.operations.drift_check import DRIFT
from weatherflick_assets.quality.rules import Severity
from weatherflick_assets.settings import now
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets_tests.defects import Defect, Found, Kind, drifts, stale
from weatherflick_assets_tests.operations.kept_answers import in_json
from weatherflick_assets_tests.places.defects import image, places, restaurants
from weatherflick_assets_tests.places.store.stock import item, merge, tell
from weatherflick_assets_tests.weather.defects import recorded

NOW = now()
OLD = NOW - timedelta(days=20)
LISTED, STAYS = OPERATIONS["kto"]["areaBasedSyncList2"], OPERATIONS["kto"]["searchStay2"]
HOLIDAYS, OBSERVED = OPERATIONS["kasi"]["getRestDeInfo"], OPERATIONS["kma"]["getUltraSrtNcst"]
IN_GANGWON = {"lDongRegnCd": "51", "addr1": "강원특별자치도 원주시 1", "mapx": "127.95", "mapy": "37.35"}
Items = Sequence[Mapping[str, object]]


def read_list(dsn: str, region: str, at: datetime) -> None:
    """Read the attractions of a region at a time."""
    items = places() if region == "50" else [item(f"51{number}", **IN_GANGWON) for number in range(30)]
    merge(dsn, 0, items, region_code=region, started_at=at, finished_at=at)


def read_lists(dsn: str) -> None:
    """Read the attractions of two regions long ago, and images of those of Jeju."""
    for region in ("50", "51"):
        read_list(dsn, region, OLD)
    for number in range(1, 31):
        tell(dsn, str(number), "detailImage2", [image(number)])


def _only_gangwon_again(dsn: str) -> None:
    read_list(dsn, "51", NOW)


AGED: tuple[Defect, ...] = (
    Defect("a list that nobody read for weeks", Kind.FRESHNESS, "core.attractions",
           "the list of Jeju was read 20 days ago, that of Gangwon just now", _only_gangwon_again, stale()),
    Defect("details whose list nobody read for weeks", Kind.FRESHNESS, "core.place_images",
           "the list of Jeju was read 20 days ago, that of Gangwon just now", _only_gangwon_again, stale()),
    Defect("observations that do not go on", Kind.FRESHNESS, "core.weather_observations", "the newest issue is of 2026-08-26", lambda _: None, stale()),
    Defect("a forecast of the air that does not go on", Kind.FRESHNESS, "core.air_quality_forecasts", "the newest issue is of 2026-08-26", lambda _: None, stale()),
    Defect("a list of holidays that is not read again", Kind.FRESHNESS, "core.holidays", "it was read on 2026-08-26", lambda _: None, stale(Severity.WARNING)),
)  # fmt: skip

ROOM: Items = [{"contentid": str(number), "title": "호텔", "mapx": "127"} for number in range(30)]


def _observed() -> Items:
    return [
        {"baseDate": "20260826", "category": "T1H", "nx": 60, "ny": number, "obsrValue": "1"} for number in range(30)
    ]


def _holidays() -> Items:
    return recorded("holiday/getRestDeInfo/2026_full_year.json")


def _restaurants() -> Items:
    return restaurants()[:50]


def _regions() -> Items:
    return [{"rnum": number, "code": f"{10 + number}", "name": f"시도 {number}"} for number in range(1, 18)]


ANSWERS: Mapping[str, tuple[Operation, Callable[[], Items]]] = {
    "raw/kto/stays": (STAYS, lambda: ROOM),
    "raw/kto/codes": (OPERATIONS["kto"]["ldongCode2"], _regions),
    "raw/kma/observations": (OBSERVED, _observed),
    "raw/kasi/holidays": (HOLIDAYS, _holidays),
    "raw/kto/restaurants_listing": (LISTED, _restaurants),
}
"""What is known, by the asset that keeps it: the operation, and items of its clean answers."""


def _renamed(before: str, after: str) -> Callable[[Items], bytes]:
    return lambda items: in_json(
        [{after if name == before else name: value for name, value in each.items()} for each in items]
    )


def _with(**changes: Callable[[Any], object]) -> Callable[[Items], bytes]:
    return lambda items: in_json(
        [{**each, **{name: change(each.get(name)) for name, change in changes.items()}} for each in items]
    )


def _unreadable(_: Items) -> bytes:
    return orjson.dumps({"answer": []})


DRIFTS: tuple[Defect, ...] = (
    Defect("a field that is new", Kind.DRIFT, "raw/kto/stays", "all items have phone", _with(phone=lambda _: "02-1"), drifts("new phone")),
    Defect("a field that is renamed", Kind.DRIFT, "raw/kto/stays", "mapx is lon", _renamed("mapx", "lon"), drifts("missing mapx", "new lon")),
    Defect("a text that is a number", Kind.DRIFT, "raw/kto/stays", "mapx is a number", _with(mapx=float), drifts("retyped mapx")),
    Defect("a text that is an object", Kind.DRIFT, "raw/kto/stays", "title is an object", _with(title=lambda value: {"ko": value}), drifts("retyped title")),
    Defect("a number that is a text", Kind.DRIFT, "raw/kma/observations", "nx is a text", _with(nx=str), drifts("retyped nx")),
    Defect("a category that is renamed", Kind.DRIFT, "raw/kma/observations", "category is element", _renamed("category", "element"), drifts("missing category", "new element")),
    Defect("answers that nobody can read", Kind.DRIFT, "raw/kma/observations", "the body has another envelope", _unreadable,
           (Found(DRIFT, "None of the answers stored since the last look can be read", "error"),)),
    Defect("a field of a short list that is renamed", Kind.DRIFT, "raw/kto/codes", "code is cd in a list of 17 items", _renamed("code", "cd"), drifts("missing code", "new cd")),
    Defect("recorded: days as texts", Kind.DRIFT, "raw/kasi/holidays", "locdate is a text", _with(locdate=str), drifts("retyped locdate"), is_recorded=True),
    Defect("recorded: names of holidays renamed", Kind.DRIFT, "raw/kasi/holidays", "dateName is name", _renamed("dateName", "name"), drifts("missing dateName", "new name"), is_recorded=True),
    Defect("recorded: coordinates as numbers", Kind.DRIFT, "raw/kto/restaurants_listing", "mapx is a number", _with(mapx=float), drifts("retyped mapx"), is_recorded=True),
)  # fmt: skip

DEFECTS = (*AGED, *DRIFTS)
