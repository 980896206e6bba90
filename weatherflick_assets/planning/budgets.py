"""How many of a quota's calls may be planned. Pure."""

from math import ceil


def budget(limit: int, left: int, *, reserve_share: float) -> int:
    """The number of calls that may be planned.

    Args:
        limit: calls of the period, of all usable keys together.
        left: calls of it that are left.
        reserve_share: share of the limit that stays unplanned.
    """
    return max(0, left - ceil(limit * reserve_share))
