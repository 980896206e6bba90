"""When to go, as a picture that fits into an event of Dagster: the share of good days by region and month."""

from collections.abc import Mapping

from weatherflick_assets.charts import GOOD_DAYS, as_markdown, heat_map
from weatherflick_assets.insight.climate.normals import MONTHS
from weatherflick_assets.korea.regions import REGIONS
from weatherflick_assets.presentation import in_percent

_MONTHS = {month: f"{month:02}" for month in MONTHS}


def plot(shares: Mapping[str, Mapping[int, float]], activity: str) -> str:
    """The picture as Markdown; empty text if nothing is known.

    Args:
        shares: the share of good days by region and month.
        activity: for what.
    """
    names = {region.region_code: region.english_name for region in REGIONS if region.region_code in shares}
    if not names:
        return ""
    title = f"Days that are good for {activity}, %, by region and month"
    cells = {
        name: {_MONTHS[month]: share for month, share in shares[region_code].items()}
        for region_code, name in names.items()
    }
    return as_markdown(heat_map(title, cells, list(cells), list(_MONTHS.values()), GOOD_DAYS, in_percent), title)
