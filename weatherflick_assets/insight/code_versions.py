"""Code versions of what follows from published data: a digest of the source files that the rows of each asset depend on.

They show in Dagster which partitions were made by other code. Nothing is made again because of them: the next issue, which is
three hours away at most, is scored by the new code anyway.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from weatherflick_assets.source_digests import digest

_ENDINGS = ("py", "sql", "csv")


def _of(folder: str) -> Iterator[str]:
    return (f"insight/{folder}/*.{ending}" for ending in _ENDINGS)


_SUITABILITY = (
    *_of("suitability"),
    "insight/views.sql",
    "korea/geography.*",
    "korea/temperature_points.*",
    "korea/warning_zone*",
)


@cache
def code_versions() -> Mapping[str, str]:
    """The digest of every asset of the domain, by asset key."""
    return MappingProxyType(
        {
            "insight/forecast_skill": digest(("insight/forecast_skill.*", "korea/geography.*")),
            "insight/suitability": digest(_SUITABILITY),
            "insight/forecast_changes": digest((*_SUITABILITY, *_of("changes"))),
            "insight/climate_normals": digest(("insight/climate/*.py", "insight/suitability/*.py")),
            "insight/recommendation_verification": digest(
                (
                    *_SUITABILITY,
                    *_of("verification"),
                    "insight/forecast_skill.py",
                )
            ),
            "insight/region_reports": digest(("insight/region_reports/*.*", "charts.py", "page*")),
            "insight/recommendations": digest((*_SUITABILITY, *_of("recommendations"))),
        }
    )
