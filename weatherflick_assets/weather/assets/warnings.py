"""`raw/kma/warnings` and `core/weather_warnings`: what is warned of now, and the life of every warning."""

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from weatherflick_assets.weather.assets.sources import core_asset, raw_asset
from weatherflick_assets.weather.sources import WARNINGS

if TYPE_CHECKING:
    from weatherflick_assets.weather.publish import Publishing
    from weatherflick_assets.weather.publish_warnings import WarningsPublishing

_IN_WORDS = {
    "line_unreadable": "Lines of the newest answer that can't be read: {}. Warnings of their phenomenon stay as they were.",
    "zone_unknown": "Zones of the newest answer that are not known: {}. Warnings around them stay as they were.",
}


def _collect_warnings() -> Callable[..., Any]:
    from weatherflick_assets.weather.collect.warnings import collect_warnings

    return collect_warnings


def _publish_warnings() -> Callable[..., Any]:
    from weatherflick_assets.weather.publish_warnings import publish_warnings

    return publish_warnings


def _tell(result: "WarningsPublishing", told: MutableMapping[str, Any]) -> tuple["Publishing", str]:
    told["in_force"] = result.in_force
    told["told_at"] = result.told_at.isoformat()
    if not result.in_force:
        told["notice"] = "No warning is in force on land."
    unread = [_IN_WORDS[reason].format(count) for reason, count in result.problems_now.items()]
    return result.publishing, " ".join(unread)


WARNING_ASSETS = (
    raw_asset(
        WARNINGS,
        "The warnings in force and expected (getPwnStatus), and the bulletins of the last days (getWthrWrnList). There are no "
        "partitions, because only what is so now can be read.",
        _collect_warnings,
    ),
    core_asset(
        WARNINGS,
        WARNINGS.tables[0],
        "Made from everything that was said in the last three days; rows of warnings that were over before stay. A line that "
        "can't be read costs itself alone. core.warnings_in_force has those that hold now, core.warnings_of_cell those of a cell.",
        _publish_warnings,
        tell=_tell,
    ),
)
