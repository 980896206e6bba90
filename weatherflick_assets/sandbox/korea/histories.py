"""When the synthetic places were created and modified, and what follows from that: ids and legacy codes.

Here: the distributions of the times, measured on lists recorded in June 2026. The edits of early 2026 came in batches
and blanked the legacy codes of every row they touched.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weatherflick_assets.sandbox.korea import tables
from weatherflick_assets.sandbox.korea.frame import Frame, pick

Times = NDArray[np.datetime64]

END = np.datetime64("2026-07-02T18:00:00")
_DAY_S = 86_400

_YEARS_OF_MOST = {
    2002: 113, 2003: 262, 2004: 160, 2005: 80, 2006: 150, 2007: 443, 2008: 118, 2009: 153, 2010: 136, 2011: 84, 2012: 216,
    2013: 123, 2014: 316, 2015: 101, 2016: 120, 2017: 75, 2018: 203, 2019: 295, 2020: 185, 2021: 976, 2022: 971, 2023: 580,
    2024: 433, 2025: 339, 2026: 90,
}  # fmt: skip
_YEARS = {
    "15": {2010: 10, 2014: 15, 2018: 11, 2019: 16, 2021: 21, 2022: 29, 2023: 28, 2024: 57, 2025: 69, 2026: 24},
    "32": {
        2003: 42,
        2007: 60,
        2012: 40,
        2018: 86,
        2019: 111,
        2020: 54,
        2021: 45,
        2023: 70,
        2024: 148,
        2025: 134,
        2026: 60,
    },
    "38": {2003: 57, 2010: 44, 2011: 23, 2021: 148, 2022: 2248, 2023: 44, 2024: 787, 2026: 2420},
}
_YEARS_BY_NINE_O_CLOCK = np.datetime64("2006-01-01")  # all earlier rows have the time 09:00:00

# Upstream assigns ids in ascending order. These are the medians of the recorded ids by half-year.
_IDS = {
    "2002-01-01": 125_400, "2007-12-31": 340_000, "2008-04-01": 482_054, "2009-04-01": 742_398, "2010-04-01": 994_339,
    "2011-04-01": 1_218_611, "2012-04-01": 1_608_694, "2013-04-01": 1_801_311, "2014-04-01": 1_907_645, "2015-04-01": 1_993_624,
    "2016-04-01": 2_373_363, "2018-04-01": 2_538_321, "2020-04-01": 2_654_632, "2021-04-01": 2_714_230, "2022-04-01": 2_816_576,
    "2022-10-01": 2_912_077, "2023-04-01": 2_949_775, "2024-04-01": 3_306_273, "2025-04-01": 3_482_723, "2025-10-01": 3_533_123,
    "2026-02-01": 3_990_000, "2026-07-01": 4_080_000,
}  # fmt: skip

# Relative shares of rows that still have legacy codes. The share of each region is in `regions.csv`.
_LEGACY_BY_TYPE = {"12": 0.55, "14": 0.46, "15": 0.5, "25": 50.0, "28": 0.52, "32": 0.5, "38": 0.07, "39": 0.6}
_LEGACY_OF_HIDDEN = 0.8

_LEGACY_MONTHS = {
    "2023-08": 99, "2024-01": 10, "2024-07": 9, "2024-08": 9, "2024-11": 99, "2024-12": 72, "2025-01": 133, "2025-03": 468,
    "2025-04": 194, "2025-05": 161, "2025-06": 241, "2025-07": 284, "2025-08": 211, "2025-09": 463, "2025-10": 183,
    "2025-11": 433, "2025-12": 299, "2026-01": 26,
}  # fmt: skip
_LEGACY_BATCHES = {"2025-10-23T14:30:00": 307}
_MONTHS = {"2024-09": 68, "2026-01": 40, "2026-02": 370, "2026-03": 640, "2026-04": 660, "2026-05": 149, "2026-06": 312}
_BATCHES = {
    "2026-03-27T09:21:50": 1558, "2026-03-30T09:16:11": 929, "2026-03-18T10:10:05": 496, "2026-03-17T10:12:59": 458,
    "2026-03-16T10:54:17": 383, "2026-03-26T09:20:41": 378, "2026-03-19T09:49:59": 364, "2026-03-16T10:35:59": 234,
    "2026-03-09T09:36:31": 215, "2026-03-12T09:08:40": 133, "2026-03-11T10:03:40": 112, "2026-03-17T10:12:58": 100,
    "2026-03-25T09:34:32": 66, "2026-02-11T08:10:09": 47, "2026-03-04T10:04:26": 44, "2026-04-06T09:42:39": 41,
}  # fmt: skip
_HIDDEN_MONTHS = {
    f"{year}-{month:02}": 1 for year in range(2019, 2027) for month in range(1, 13) if (year, month) < (2026, 7)
}
_MERGED_REGION = "12"  # its addresses and legacy codes were rewritten on the eve of the merger
_MERGER_BATCHES = {"2026-06-30T18:44:28": 694, "2026-06-30T21:26:27": 249, "2026-06-30T19:35:25": 38}
_REWRITTEN_BY_MERGER = 0.97


@dataclass(frozen=True)
class Histories:
    """Parallel arrays with one entry per place: contentid, times, and whether it has legacy codes."""

    identifier: NDArray[np.int64]
    created: Times
    modified: Times
    legacy: NDArray[np.bool_]


def draw_histories(random: np.random.Generator, frame: Frame) -> Histories:
    """Draw the history of every place."""
    created = _created(random, frame)
    legacy = _legacy(random, frame, created)
    return Histories(_identifiers(created), created, _modified(random, frame, created, legacy), legacy)


def _created(random: np.random.Generator, frame: Frame) -> Times:
    created = np.full(len(frame), END)
    for number, content_type in enumerate(tables.CONTENT_TYPES):
        wanted = np.flatnonzero(frame.content_type == number)
        years = _YEARS.get(content_type, _YEARS_OF_MOST)
        starts = np.array([f"{year}-01-01T00:00:00" for year in years], dtype="datetime64[s]")
        start = starts[pick(random, list(years.values()), len(wanted))]
        length = np.minimum(np.timedelta64(365 * _DAY_S, "s"), END - start).astype(np.int64)
        created[wanted] = start + (random.random(len(wanted)) * length).astype("timedelta64[s]")
    nine = created.astype("datetime64[D]") + np.timedelta64(9 * 3600, "s")
    return np.where(created < _YEARS_BY_NINE_O_CLOCK, nine, created)


def _legacy(random: np.random.Generator, frame: Frame, created: Times) -> NDArray[np.bool_]:
    legacy = frame.hidden & (random.random(len(frame)) < _LEGACY_OF_HIDDEN)
    rank = random.random(len(frame)) / frame.by_type(_LEGACY_BY_TYPE)
    rank[created >= np.datetime64("2026-02-01")] = np.inf
    for number, region in enumerate(tables.regions()):
        here = np.flatnonzero((frame.region == number) & ~frame.hidden)
        chosen = here[np.argsort(rank[here], kind="stable")[: round(region.legacy_share * len(here))]]
        legacy[chosen[np.isfinite(rank[chosen])]] = True
    return legacy


def _modified(random: np.random.Generator, frame: Frame, created: Times, legacy: NDArray[np.bool_]) -> Times:
    size = len(frame)
    modified = np.where(
        legacy, _moments(random, _LEGACY_MONTHS, _LEGACY_BATCHES, size), _moments(random, _MONTHS, _BATCHES, size)
    )
    modified = np.where(frame.hidden, _moments(random, _HIDDEN_MONTHS, {}, size), modified)
    merged = frame.region == [region.code for region in tables.regions()].index(_MERGED_REGION)
    merged &= ~frame.hidden & (random.random(size) < _REWRITTEN_BY_MERGER)
    modified = np.where(merged, _moments(random, {}, _MERGER_BATCHES, size), modified)
    soon_after = created + (random.random(size) * 20 * _DAY_S).astype("timedelta64[s]")
    return np.minimum(np.where(modified < created, soon_after, modified), END)


def _moments(random: np.random.Generator, months: dict[str, int], batches: dict[str, int], size: int) -> Times:
    """Draw times: for a month, a working hour on any of its days; for a batch, its exact second."""
    starts = np.array([*(f"{month}-01T09:00:00" for month in months), *batches], dtype="datetime64[s]")
    chosen = pick(random, [*months.values(), *batches.values()], size)
    offset = random.integers(0, 28, size) * _DAY_S + random.integers(0, 9 * 3600, size)
    return starts[chosen] + np.where(chosen < len(months), offset, 0).astype("timedelta64[s]")


def _identifiers(created: Times) -> NDArray[np.int64]:
    dates = np.array(list(_IDS), dtype="datetime64[s]").astype(np.int64)
    order = np.argsort(created, kind="stable")
    count = np.arange(len(created))
    wanted = np.interp(created[order].astype(np.int64), dates, np.array(list(_IDS.values()), dtype=np.float64)).astype(
        np.int64
    )
    identifiers = np.empty(len(created), dtype=np.int64)
    identifiers[order] = np.maximum.accumulate(wanted - count) + count  # strictly increasing
    return identifiers
