"""What every transform of the weather returns."""

from collections import Counter
from typing import NamedTuple

import pandas as pd


class Rows(NamedTuple):
    """Typed rows, and how many values or items could not be used, by reason."""

    rows: pd.DataFrame
    problems: Counter[str]
