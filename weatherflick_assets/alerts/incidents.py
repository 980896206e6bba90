"""How incidents follow from what was observed. Pure: `store.py` reads and writes them.

An observation says of one subject that something is wrong, or that it works. Observations are applied in the order of
their times. One that is not newer than what is known of its subject changes nothing, so it may be read any number of times.

What comes and goes is one incident. An incident that comes back within the quiet time of its kind is open again, and from then
on it is over only when its subject has worked for that long.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter

from weatherflick_assets.alerts.kinds import KINDS
from weatherflick_assets.presentation import shortened

Key = tuple[str, str]
"""Kind and subject."""

WORKS, GONE, BY_HAND = "it works again", "it is not there any more", "a person closed it"
"""Why an incident was closed."""

LONGEST_DETAIL = 1_000
"""Characters of a detail that are kept: findings may quote data."""


@dataclass(frozen=True)
class Observation:
    """What was seen of a subject.

    Attributes:
        kind: name of the kind of incident.
        subject: what it is about; unique in its kind.
        at: when it was so, aware.
        problem: what is wrong, in a sentence; None: it works.
        owner: who looks after the subject; None: the kind says.
        run_id: the Dagster run in which it was seen.
        is_between: it is there, and neither wrong nor well: whatever was known stays.
    """

    kind: str
    subject: str
    at: datetime
    problem: str | None = None
    owner: str | None = None
    run_id: str | None = None
    is_between: bool = False

    @property
    def key(self) -> Key:
        """Kind and subject."""
        return self.kind, self.subject


@dataclass(frozen=True)
class Incident:
    """Something that went wrong. Times are aware.

    Attributes:
        incident_id: None while it is not stored.
        count: how often it happened; of a state, how often it began.
        detail: what was wrong when it was last seen.
        run_id: the Dagster run in which it was last seen.
        closed_because: one of `WORKS`, `GONE`, `BY_HAND`.
        openings: how often it began: more than once if it comes and goes.
        quiet_since: of one that comes and goes, since when its subject works.
    """

    kind: str
    subject: str
    owner: str
    severity: str
    opened_at: datetime
    last_seen_at: datetime
    detail: str
    remedy: str
    count: int = 1
    run_id: str | None = None
    closed_at: datetime | None = None
    closed_because: str | None = None
    openings: int = 1
    quiet_since: datetime | None = None
    incident_id: int | None = None

    @property
    def key(self) -> Key:
        """Kind and subject."""
        return self.kind, self.subject

    @property
    def sentence(self) -> str:
        """What happened."""
        return KINDS[self.kind].told(self.subject)

    @property
    def comes_and_goes(self) -> bool:
        """Whether it began again soon after it was over."""
        return self.openings > 1

    @property
    def settled_at(self) -> datetime | None:
        """Until when what was seen of its subject is known, once it is over."""
        return self.quiet_since or self.closed_at

    def is_back(self, seen: "Observation") -> bool:
        """Whether a problem that is seen now is the one that was over a short while ago."""
        if self.closed_at is None or self.closed_because != WORKS:
            return False
        if self.comes_and_goes:  # it was not as quiet as it seemed
            return seen.at <= self.closed_at
        return seen.at - self.closed_at < KINDS[self.kind].quiet

    def over_at(self, at: datetime) -> datetime | None:
        """When one that comes and goes was quiet for long enough; None if it was not by this time."""
        over = self.quiet_since and self.quiet_since + KINDS[self.kind].quiet
        return over if over and over <= at else None

    def closed(self, at: datetime, because: str) -> "Incident":
        """The incident after its end."""
        return replace(self, closed_at=max(at, self.last_seen_at), closed_because=because)


def changed(
    open_incidents: Iterable[Incident],
    last: Mapping[Key, Incident],
    observations: Iterable[Observation],
    *,
    surveyed: Collection[str] = (),
    at: datetime,
) -> list[Incident]:
    """The incidents that are new or changed, in the order of their beginnings. One may begin and end in one call.

    Args:
        open_incidents: all that are open.
        last: of each subject, the last incident that is over.
        observations: in any order; what is known already may be among them.
        surveyed: kinds of which the observations name every subject there is; others are gone.
        at: now.
    """
    known = {incident.key: incident for incident in open_incidents}
    book = _Book(known, last)
    named = set[Key]()
    # Of a moment at which something both fails and works, the latter counts.
    for seen in sorted(observations, key=lambda one: (one.at, one.problem is None)):
        named.add(seen.key)
        if not seen.is_between:
            book.see(seen)
    for key in [*book.open]:
        book.end_if_quiet(key, at)
    for incident in [one for one in book.open.values() if one.kind in surveyed and one.key not in named]:
        book.end(incident, at, GONE)
    touched = [*book.ended, *(one for key, one in book.open.items() if one != known.get(key))]
    return sorted(touched, key=attrgetter("opened_at"))


class _Book:
    """What is open, what ended since, and of each subject the last incident that is over."""

    def __init__(self, known: Mapping[Key, Incident], last: Mapping[Key, Incident]) -> None:
        self.open = dict(known)
        self.ended: list[Incident] = []
        self._over = dict(last)

    def see(self, seen: Observation) -> None:
        """Apply an observation; those before it were applied."""
        self.end_if_quiet(seen.key, seen.at)
        incident = self.open.get(seen.key)
        if incident is None:
            if seen.problem is not None:
                self._begin(seen)
        elif seen.problem is not None:
            self._go_on(incident, seen)
        elif seen.at >= incident.last_seen_at:
            self._work(incident, seen.at)

    def end(self, incident: Incident, when: datetime, because: str) -> None:
        """End an incident that is open."""
        closed = incident.closed(when, because)
        self.ended.append(closed)
        self._over[closed.key] = closed
        del self.open[closed.key]

    def end_if_quiet(self, key: Key, when: datetime) -> None:
        """End an incident that comes and goes if its subject has worked for long enough by then."""
        incident = self.open.get(key)
        if incident is not None and (over_at := incident.over_at(when)) is not None:
            self.end(incident, over_at, WORKS)

    def _begin(self, seen: Observation) -> None:
        before = self._over.get(seen.key)
        if before is not None and before.settled_at is not None and seen.at <= before.settled_at:
            return  # it is known
        if before is None or not before.is_back(seen):
            self.open[seen.key] = _opened(seen)
            return
        self.open[seen.key] = _back(before, seen)
        del self._over[seen.key]
        if before in self.ended:
            self.ended.remove(before)

    def _go_on(self, incident: Incident, seen: Observation) -> None:
        if seen.at > (incident.quiet_since or incident.last_seen_at):
            self.open[seen.key] = (_back if incident.quiet_since else _seen_again)(incident, seen)

    def _work(self, incident: Incident, at: datetime) -> None:
        if incident.comes_and_goes:
            self.open[incident.key] = replace(incident, quiet_since=incident.quiet_since or at)
        else:
            self.end(incident, at, WORKS)


def _opened(seen: Observation) -> Incident:
    kind = KINDS[seen.kind]
    return Incident(
        kind=seen.kind,
        subject=seen.subject,
        owner=seen.owner or kind.owner,
        severity=kind.severity.value,
        opened_at=seen.at,
        last_seen_at=seen.at,
        detail=shortened(seen.problem or "", LONGEST_DETAIL),
        remedy=kind.remedy,
        run_id=seen.run_id,
    )


def _seen_again(incident: Incident, seen: Observation) -> Incident:
    return replace(
        incident,
        last_seen_at=seen.at,
        count=incident.count + (not KINDS[incident.kind].is_state),
        detail=shortened(seen.problem or "", LONGEST_DETAIL),
        run_id=seen.run_id or incident.run_id,
    )


def _back(incident: Incident, seen: Observation) -> Incident:
    """One that begins again: after its end, or while it was quiet."""
    again = _seen_again(incident, seen)
    return replace(
        again,
        count=incident.count + 1,
        openings=incident.openings + 1,
        quiet_since=None,
        closed_at=None,
        closed_because=None,
    )
