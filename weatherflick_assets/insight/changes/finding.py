"""Finds what an issue changed: from pairs of what had been said and what is said now to rows of `insight.forecast_changes`. Pure.

Compared is with the issue before. Where that one had to keep quiet about a day, because something had been told of it, compared is
with what had been told. So nothing that lasts is lost, and nothing that passed is told.
"""

from datetime import datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from weatherflick_assets.insight.changes.kinds import KINDS, LEVEL_NAMES, LEVELS_OF_SCORES, QUIET, SUITABILITY
from weatherflick_assets.insight.suitability.activities import ACTIVITIES
from weatherflick_assets.insight.tables import FORECAST_CHANGES

KEY = ("nx", "ny", "day", "kind", "activity", "open_hours")
"""What a change is about. Changes of the same key are told once in `QUIET` at most."""

PAIRS = {
    **dict.fromkeys(("nx", "ny"), "int64"),
    **dict.fromkeys(("day", "kind", "activity", "open_hours"), "object"),
    **dict.fromkeys(("before", "now", "told"), "float64"),
    **dict.fromkeys(("before_at", "told_at"), "datetime64[us, UTC]"),
    **dict.fromkeys(("reason_ko", "reason_en"), "object"),
}
"""The columns of pairs: what the issue before said of the hours that the new one speaks of, what is said now, what was last told,
each with its issue, and why the score is what it is. What is not known is missing."""

_LEVELS = np.array([*LEVEL_NAMES][::-1], dtype=object)
"""By their number, from 0 on."""


def changes_of(pairs: pd.DataFrame, issue: datetime, known_at: datetime) -> pd.DataFrame:
    """The rows of what an issue changed, in the order of the pairs.

    Args:
        pairs: one for each key, with the columns of `PAIRS`.
        issue: which one.
        known_at: now.
    """
    told_at, before_at = pairs["told_at"], pairs["before_at"]
    is_quiet = (told_at - pd.Timestamp(issue)).abs() < QUIET
    # The issue before had to keep quiet.
    is_told = (told_at + QUIET > before_at) & pairs["told"].notna()
    before = pairs["told"].where(is_told, pairs["before"]).to_numpy()
    now = pairs["now"].to_numpy()
    directions = np.zeros(len(pairs), dtype=np.int64)
    for kind in KINDS.values():
        of_kind = np.flatnonzero(pairs["kind"] == kind.name)
        directions[of_kind] = kind.rule.directions(before[of_kind], now[of_kind])
    rows = np.flatnonzero((directions != 0) & ~is_quiet)
    found = pairs.iloc[rows].reset_index(drop=True)
    made = found[list(KEY)].assign(
        issued_at=pd.Timestamp(issue),
        from_value=before[rows],
        to_value=now[rows],
        compared_with=told_at.where(is_told, before_at).iloc[rows].reset_index(drop=True),
        known_at=pd.Timestamp(known_at),
    )
    return _worded(made, found, directions[rows])


def _worded(made: pd.DataFrame, found: pd.DataFrame, directions: NDArray[np.int64]) -> pd.DataFrame:
    """The same with what is said of each, and the columns of the table in their order."""
    called, from_level, to_level, korean, english = [], [], [], [], []
    columns = ("kind", "activity", "from_value", "to_value")
    for direction, kind_name, activity, before, now, *why in zip(
        directions.tolist(),
        *(made[name].tolist() for name in columns),
        *(found[name].tolist() for name in ("reason_ko", "reason_en")),
        strict=True,
    ):
        kind = KINDS[kind_name]
        levels = [level_of(value) for value in (before, now)] if kind.name == SUITABILITY else [None, None]
        called.append(kind.called(direction))
        from_level.append(levels[0])
        to_level.append(levels[1])
        for language, (texts, template) in enumerate(zip((korean, english), kind.sentences[direction], strict=True)):
            shown = [
                f"{value:z.1f}".removesuffix(".0") if level is None else LEVEL_NAMES[level][language]
                for value, level in zip((before, now), levels, strict=True)
            ]
            texts.append(
                template.format(before=shown[0], now=shown[1], what=_what(activity, language), why=why[language])
            )
    said = {
        "direction": called, "from_level": from_level, "to_level": to_level, "reason_ko": korean, "reason_en": english,
    }  # fmt: skip
    whole = made.assign(**{name: pd.Series(values, dtype=object) for name, values in said.items()})
    return whole[[column.name for column in FORECAST_CHANGES.columns]]


def level_of(score: float) -> str:
    """The level of a score."""
    return _LEVELS[int(LEVELS_OF_SCORES.of(score))]


def _what(activity: str, language: int) -> str:
    """An activity in words; "" of the weather."""
    if activity not in ACTIVITIES:
        return ""
    return ACTIVITIES[activity].korean if language == 0 else activity.replace("_", " ").capitalize()
