"""Score cards: whether a table can be trusted, in a region or as a whole, and what changed since a day.

The answer follows from how the table stands now and stood then. Every reservation is a sentence; the first one is the gravest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

import psycopg

from weatherflick_assets.korea.regions import NAME_OF
from weatherflick_assets.presentation import duration, listed, percent
from weatherflick_assets.quality.measured import MeasuredTable
from weatherflick_assets.quality.standing import Standing, standings, together
from weatherflick_assets.quality.trends import WATCHED
from weatherflick_assets.settings import KST, bounds

_NAMED = 3
"""Rules and columns that a sentence names."""


class Trust(StrEnum):
    """The answer in a word."""

    YES = "yes"
    RESERVED = "with reservations"
    NO = "no"


@dataclass(frozen=True)
class ColumnChange:
    """How full a column is (0-1), and was; None: not known."""

    column: str
    is_required: bool
    share: float | None
    share_before: float | None

    @property
    def change(self) -> float | None:
        """In shares; below zero it lost."""
        if self.share is None or self.share_before is None:
            return None
        return self.share - self.share_before

    @property
    def is_telling(self) -> bool:
        """Whether it is required, changed, or is neither full nor empty."""
        return self.is_required or bool(self.change) or self.share not in (0, 1, None)


@dataclass(frozen=True)
class Card:
    """One page about a table.

    Attributes:
        table: what is declared of it.
        region_code: the region; None: the whole table.
        at: when it was asked.
        since: the day with which it is compared: what held at its end.
        now: how it stands.
        before: how it stood; None: nothing was judged by then.
    """

    table: MeasuredTable
    region_code: str | None
    at: datetime
    since: date
    now: Standing
    before: Standing | None

    @property
    def trust(self) -> Trust:
        """The answer."""
        if any(self._refusals()):
            return Trust.NO
        return Trust.RESERVED if any(self._reservations()) else Trust.YES

    @property
    def reasons(self) -> list[str]:
        """Why: a sentence for each thing, the gravest first."""
        return [*self._refusals(), *self._reservations()] or [self._praise()]

    @property
    def age(self) -> timedelta | None:
        """Of the newest data; None: not known."""
        return self.now.data_as_of and self.at - self.now.data_as_of

    @property
    def is_empty(self) -> bool:
        """Whether it is known that it has no rows."""
        return self.now.is_served and not self.now.rows

    @property
    def is_stale(self) -> bool:
        """Whether its newest data are older than is allowed."""
        return self.age is not None and self.age > self.table.stale_after

    @property
    def columns(self) -> list[ColumnChange]:
        """The required columns, then the others, each by name."""
        names: set[str] = {*self.now.filled, *(self.before.filled if self.before else {})}
        changes = [
            ColumnChange(
                name,
                name in self.table.required,
                self.now.share(name),
                self.before.share(name) if self.before else None,
            )
            for name in sorted(names)
        ]
        return sorted(changes, key=lambda change: not change.is_required)

    @property
    def title(self) -> str:
        """What it is about."""
        return f"{self.table.table_name}{f', {NAME_OF[self.region_code]}' if self.region_code else ''}"

    def _refusals(self) -> Iterator[str]:
        if not self.now.is_served:
            yield f"Nothing was ever published: {self._held_back()}"
        elif self.age is not None and self.is_stale:
            yield f"Its newest data are {duration(self.age)} old, and {duration(self.table.stale_after)} are allowed."

    def _reservations(self) -> Iterator[str]:
        now = self.now
        if now.is_served and now.held_back:
            yield self._held_back()
        if self.is_empty:
            yield "It has no rows, and none were required."
        if now.warnings:
            count = len({failure.rule_id for failure in now.warnings})
            yield f"{_counted(count, 'warning rule')} {'fails' if count == 1 else 'fail'}: {self._rules('warning')}."
        if now.score is not None and now.score < now.minimum_score:
            yield f"Its score is {now.score:.1f}, and {now.minimum_score:g} is asked for."
        if now.is_served and now.data_as_of is None:
            yield "How old its data are is not recorded."
        if self.before is not None:
            yield from self._losses(self.before)

    def _losses(self, before: Standing) -> Iterator[str]:
        day = f"{self.since:%-d %B}"
        if self.table.is_steady and self._fell("rows", self.now.rows, before.rows):
            yield f"It has {self.now.rows:,} rows, and had {before.rows:,} on {day}."
        score, score_before = self.now.score, before.score
        if score is not None and score_before is not None and self._fell("score", score, score_before):
            yield f"Its score fell from {score_before:.1f} to {score:.1f} since {day}."
        emptier = [
            each
            for each in self.columns
            if each.share is not None
            and each.share_before is not None
            and self._fell("filled", each.share, each.share_before)
        ]
        if emptier:
            worst = sorted(emptier, key=lambda each: each.change or 0)
            named = ", ".join(
                f"{each.column} {percent(each.share_before)} → {percent(each.share)}" for each in worst[:_NAMED]
            )
            yield f"{_counted(len(emptier), 'column')} emptied since {day}: {named}{'' if len(worst) <= _NAMED else ' …'}."

    def _fell(self, kind: str, now: float, before: float) -> bool:
        """Whether a figure fell by more than what is declared to be noise."""
        of = "state" if self.table.is_state else "times"
        return any(
            before - now >= max(watched.at_least, watched.share * before)
            and (before - now) * self.now.rows >= (watched.rows_at_least or 0)
            for watched in WATCHED
            if watched.kind == kind and watched.of in ("all", of)
        )

    def _held_back(self) -> str:
        held = self.now.held_back
        parts = "" if self.region_code or (len(held) == 1 and held[0].partition_key is None) else self._parts()
        since = min(part.since for part in held).astimezone(KST)
        return f"The newest rows{parts} are held back since {since:%-d %B %H:%M} ({self._rules('blocking')})."

    def _parts(self) -> str:
        names = [NAME_OF.get(part.partition_key or "", part.partition_key or "") for part in self.now.held_back]
        return f" of {listed(names, _NAMED)}"

    def _rules(self, severity: str) -> str:
        names = list(dict.fromkeys(each.rule_id for each in self.now.failures if each.severity == severity))
        return f"{', '.join(names[:_NAMED])}{'' if len(names) <= _NAMED else ' …'}"

    def _praise(self) -> str:
        assert self.age is not None, "an unknown age is a reservation"
        compared = (
            f"nothing got worse since {self.since:%-d %B}"
            if self.before
            else f"nothing is known of {self.since:%-d %B}"
        )
        return f"Its data are {duration(self.age)} old, no rule that matters fails, and {compared}."


def card(
    connection: psycopg.Connection, table: MeasuredTable, region_code: str | None, *, since: date, at: datetime
) -> Card | None:
    """The card of a table, in a region or as a whole; None: it was never judged."""
    return cards(connection, table, since=since, at=at).get(region_code)


def cards(connection: psycopg.Connection, table: MeasuredTable, *, since: date, at: datetime) -> dict[str | None, Card]:
    """The cards of a table: of the whole, at the key None, and of each region if it is by region; none if it was never judged.

    Args:
        connection: to the platform's database.
        table: what is declared of it.
        since: the day to compare with.
        at: the moment that the cards are about.
    """
    now, before = (standings(connection, table, until) for until in (at, min(bounds(since)[1], at)))
    if not now:
        return {}

    def made(region_code: str | None, stands: Standing, stood: Standing | None) -> Card:
        return Card(table, region_code, at, since, stands, stood)

    whole = made(None, together([*now.values()]), together([*before.values()]) if before else None)
    if not table.by_region:
        return {None: whole}
    return {None: whole, **{str(code): made(code, stands, before.get(code)) for code, stands in sorted(now.items())}}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
