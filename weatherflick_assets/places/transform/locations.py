"""What coordinates and postal codes contradict about the region of places: columns that are judged and not published. Pure."""

import numpy as np
import pandas as pd

from weatherflick_assets.korea.geography import are_near
from weatherflick_assets.korea.regions import UNASSIGNED
from weatherflick_assets.korea.zip_codes import region_of_zip_code
from weatherflick_assets.places.suites.findings import LOCATION_FINDING, ZIP_CODE_FINDING


def with_location_findings(rows: pd.DataFrame, region_code: str) -> pd.DataFrame:
    """The rows with what is wrong about their location in words, null where nothing is.

    Args:
        rows: places of a region, with latitude, longitude and zip_code.
        region_code: the region; places without one contradict nothing.
    """
    location = pd.Series(None, index=rows.index, dtype=object)
    zip_code = location.copy()
    if region_code != UNASSIGNED:
        latitude, longitude = (
            rows[name].to_numpy(dtype="float64", na_value=np.nan) for name in ("latitude", "longitude")
        )
        for row in np.flatnonzero(~(np.isnan(latitude) | are_near(region_code, longitude, latitude))).tolist():
            location.iloc[row] = f"{latitude[row]:.4f} {longitude[row]:.4f} is not in {region_code}"
        for row, code in enumerate(rows["zip_code"].tolist()):
            if code is not None and (found := region_of_zip_code(code)) not in (region_code, None):
                zip_code.iloc[row] = f"{code} is of {found}"
    return rows.assign(**{LOCATION_FINDING: location, ZIP_CODE_FINDING: zip_code})
