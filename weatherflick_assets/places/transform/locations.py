"""What coordinates and postal codes contradict about the region of places: columns that are judged and not published. Pure."""

from functools import partial

import numpy as np
import pandas as pd

from weatherflick_assets.korea.geography import are_near
from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.korea.zip_codes import region_of_zip_code
from weatherflick_assets.places.suites.findings import LOCATION_FINDING, ZIP_CODE_FINDING
from weatherflick_assets.places.transform.columns import each, text_series


def with_location_findings(rows: pd.DataFrame, region_code: str) -> pd.DataFrame:
    """The rows with what is wrong about their location in words, null where nothing is.

    Args:
        rows: places of a region, with latitude, longitude and zip_code.
        region_code: the region; places without one contradict nothing.
    """
    location: list[str | None] = [None] * len(rows)
    zip_code = text_series(location, rows.index)
    if region_code != UNASSIGNED:
        latitude, longitude = (
            rows[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("latitude", "longitude")
        )
        for row in np.flatnonzero(~(np.isnan(latitude) | are_near(region_code, longitude, latitude))).tolist():
            location[row] = f"{latitude[row]:.4f} {longitude[row]:.4f} is not in {region_code}"
        zip_code = each(rows["zip_code"], partial(_zip_code_finding, region_code))
    return rows.assign(**{LOCATION_FINDING: text_series(location, rows.index), ZIP_CODE_FINDING: zip_code})


def _zip_code_finding(region_code: str, code: str | None) -> str | None:
    found = None if code is None else region_of_zip_code(code)
    return None if found in (region_code, None) else f"{code} is of {found}"
