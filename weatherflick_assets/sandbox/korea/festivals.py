"""When the synthetic events take place.

Here: their dates and states, and the next edition of an event that is over.

Measured on the events listed in October 2025, each with the day of its last edit: editors write most of them one to
five weeks ahead.
"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea.frame import Frame, pick
from weatherflick_assets.sandbox.korea.histories import Times

# Quantiles in steps of 5 %, in days: from the edit to the first day, and from the first day to the last.
_LEADS = (-120, -52, -23, -5, -1, 2, 3, 4, 7, 9, 10, 12, 16, 18, 22, 24, 29, 36, 45, 72, 150)
_LENGTHS = (0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 5, 8, 10, 22, 34, 92, 365)
_WITHOUT_DATES = 0.02
_STATES = {"선택안함": 822, "": 216, "취소": 28, "행사연기": 1}
_KINDS = {"선택안함": 847, "": 219, "온라인": 1}
_AN_EDITION = timedelta(days=364)  # keeps the days of the week


def draw_events(random: np.random.Generator, frame: Frame, modified: Times) -> dict[str, list[str]]:
    """Draw the columns that only events have. They are blank for every other place."""
    size = len(frame)
    steps = np.linspace(0, 1, len(_LEADS))
    lead, length = (
        np.rint(np.interp(random.random(size), steps, quantiles)).astype("timedelta64[D]")
        for quantiles in (_LEADS, _LENGTHS)
    )
    start = modified.astype("datetime64[D]") + lead
    events = frame.of_type("15")
    dated = events & (random.random(size) >= _WITHOUT_DATES)
    states, kinds = (np.array(list(names))[pick(random, list(names.values()), size)] for names in (_STATES, _KINDS))
    return {
        "eventstartdate": _written(start, dated),
        "eventenddate": _written(start + length, dated),
        "progresstype": np.where(events, states, "").tolist(),
        "festivaltype": np.where(events, kinds, "").tolist(),
    }


def next_edition(start: str, end: str, after: date) -> tuple[str, str]:
    """The first edition after the day `after` of an event with the dates `start` and `end` (`YYYYMMDD`)."""
    first, last = (date.fromisoformat(day) for day in (start, end))
    ahead = (max(after - first, timedelta()) // _AN_EDITION + 1) * _AN_EDITION
    return f"{first + ahead:%Y%m%d}", f"{last + ahead:%Y%m%d}"


def is_date(text: str) -> bool:
    """Whether a text is a valid date in upstream's format, `YYYYMMDD`."""
    try:
        return len(text) == len("20260703") and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _written(days: NDArray[np.datetime64], wanted: NDArray[np.bool_]) -> list[str]:
    texts = np.datetime_as_string(days, unit="D").tolist()
    return [text.replace("-", "") if known else "" for text, known in zip(texts, wanted.tolist(), strict=True)]
