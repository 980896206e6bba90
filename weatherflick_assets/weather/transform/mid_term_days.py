"""From mid-term rows of land regions and of temperature points to days of the pairs that cells have. Pure."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pandas as pd

from weatherflick_assets.weather.transform.rows import Rows

COLUMNS = (
    "land_region_id", "point_id", "issued_at", "day", "temperature_min", "temperature_max", "precipitation_probability",
    "precipitation_probability_am", "precipitation_probability_pm", "sky", "precipitation_type", "land_response_id",
    "temperature_response_id",
)  # fmt: skip

_CLOUDIER = ("clear", "mostly_cloudy", "overcast")
_PAIR = ["land_region_id", "point_id"]


def mid_term_days(land: pd.DataFrame, temperatures: pd.DataFrame, pairs: pd.DataFrame) -> Rows:
    """A row for each pair, issue and day that the region or the point has: `COLUMNS`.

    Of a day that is told by halves, the probability is the greater one, the sky the cloudier one, and the precipitation
    that of the half that has any; of two kinds it is rain with shower, and else rain and snow. Probabilities of a whole
    day have no halves. What the region or the point lacks is missing, and counted by days of pairs.

    Args:
        land: of `land_rows`, of one issue or several.
        temperatures: of `temperature_rows`.
        pairs: land_region_id and point_id, each pair once.
    """
    problems: Counter[str] = Counter()
    skies, degrees = _land_days(land), _temperature_days(temperatures)
    on = ["issued_at", "day"]
    with_skies = pairs.merge(skies, on="land_region_id")
    with_degrees = pairs.merge(degrees, on="point_id")
    rows = with_skies.merge(with_degrees, on=[*_PAIR, *on], how="outer")
    problems["land_missing"] = int(rows["land_response_id"].isna().sum())
    problems["temperature_missing"] = int(rows["temperature_response_id"].isna().sum())
    for column in ("sky", "precipitation_type"):
        rows[column] = rows[column].astype(object).where(rows[column].notna(), None)
    kinds = {"land_response_id": "Int64", "temperature_response_id": "Int64"}
    return Rows(rows[list(COLUMNS)].astype(kinds), +problems)


def _land_days(land: pd.DataFrame) -> pd.DataFrame:
    renamed = land.rename(columns={"region_id": "land_region_id", "source_response_id": "land_response_id"})
    keys = ["land_region_id", "issued_at", "day"]
    whole, halves = renamed[renamed["part"] == "day"], renamed[renamed["part"] != "day"]
    each = [halves[halves["part"] == part].drop(columns="part") for part in ("am", "pm")]
    both = each[0].merge(each[1], on=keys, how="outer", suffixes=("_am", "_pm"))
    joined = both[keys].assign(
        precipitation_probability=both[["precipitation_probability_am", "precipitation_probability_pm"]].max(axis=1),
        precipitation_probability_am=both["precipitation_probability_am"],
        precipitation_probability_pm=both["precipitation_probability_pm"],
        sky=_of_halves(both, "sky", _sky),
        precipitation_type=_of_halves(both, "precipitation_type", _precipitation),
        land_response_id=both["land_response_id_am"].fillna(both["land_response_id_pm"]),
    )
    return pd.concat(
        [
            joined,
            whole.drop(columns="part").assign(precipitation_probability_am=np.nan, precipitation_probability_pm=np.nan),
        ],
        ignore_index=True,
    )


def _temperature_days(temperatures: pd.DataFrame) -> pd.DataFrame:
    renamed = temperatures.rename(columns={"region_id": "point_id", "source_response_id": "temperature_response_id"})
    return renamed[["point_id", "issued_at", "day", "temperature_min", "temperature_max", "temperature_response_id"]]


def _of_halves(both: pd.DataFrame, column: str, of: Callable[[object, object], str | None]) -> pd.Series:
    found = [of(*halves) for halves in zip(both[f"{column}_am"], both[f"{column}_pm"], strict=True)]
    return pd.Series(found, index=both.index, dtype=object)


def _sky(am: object, pm: object) -> str | None:
    known = [sky for sky in (am, pm) if isinstance(sky, str)]
    return max(known, key=_CLOUDIER.index) if known else None


def _precipitation(am: object, pm: object) -> str | None:
    known = {kind for kind in (am, pm) if isinstance(kind, str)}
    wet = known - {"none"}
    if len(wet) > 1:
        return "rain" if wet == {"rain", "shower"} else "rain_and_snow"
    return next(iter(wet or known), None)
