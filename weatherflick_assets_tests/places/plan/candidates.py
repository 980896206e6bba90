"""Candidates of plans for tests: frames of places with what is known of them, one at a time or drawn."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from weatherflick_assets.places.plan.policy import CANDIDATE_COLUMNS

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def ago(days: float) -> datetime:
    """A moment before now."""
    return NOW - timedelta(days=days)


def place(content_id: str = "1", **changes: Any) -> dict[str, Any]:
    """A place that was never asked about; of nothing else is anything special."""
    return {
        "content_id": content_id, "content_type_id": "12", "region_code": "50", "modified_at": ago(400),
        "fetched_at": None, "place_modified_at": None, "is_empty": False, "not_before": None, "completeness": 0.5,
        "detail_completeness": None, "ends_on": None, **changes,
    }  # fmt: skip


def asked(days: float, **changes: Any) -> dict[str, Any]:
    """What a place has beside that once it was asked about, so many days ago, and has not changed since."""
    return {"fetched_at": ago(days), "place_modified_at": ago(400), "detail_completeness": 0.5, **changes}


def frame(places: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Places as candidates."""
    found = pd.DataFrame(list(places), columns=list(CANDIDATE_COLUMNS))
    times = {
        name: pd.to_datetime(found[name], utc=True)
        for name in ("modified_at", "fetched_at", "place_modified_at", "not_before")
    }
    shares = {name: found[name].astype(float) for name in ("completeness", "detail_completeness")}
    return found.assign(
        **times, **shares, ends_on=pd.to_datetime(found["ends_on"]), is_empty=found["is_empty"].astype(bool)
    )


_share = st.none() | st.floats(0, 1)
_days = st.none() | st.integers(0, 700)


@st.composite
def candidates(draw: st.DrawFn) -> pd.DataFrame:
    """Any candidates, each place once."""
    ids = draw(st.lists(st.integers(1, 10**6).map(str), unique=True, max_size=30))
    return frame(draw(_place(content_id)) for content_id in ids)


@st.composite
def _place(draw: st.DrawFn, content_id: str) -> dict[str, Any]:
    fetched, known, modified, ends = (draw(_days) for _ in range(4))
    waits = draw(st.none() | st.integers(-3, 3))
    return place(
        content_id,
        content_type_id=draw(st.sampled_from(["12", "39", "15", "38"])),
        region_code=draw(st.sampled_from(["50", "11", "unassigned"])),
        modified_at=None if modified is None else ago(modified),
        fetched_at=None if fetched is None else ago(fetched),
        place_modified_at=None if known is None or fetched is None else ago(known),
        is_empty=draw(st.booleans()) and fetched is not None,
        not_before=None if waits is None else ago(waits),
        completeness=draw(_share),
        detail_completeness=draw(_share),
        ends_on=None if ends is None else ago(ends - 350).date(),
    )
