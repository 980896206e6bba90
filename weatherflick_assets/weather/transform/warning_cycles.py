"""The life of warnings, from what the KMA said again and again: announced, in force, raised, lowered, lifted, expired. Pure.

getPwnStatus tells at any time which warnings are in force by its newest bulletin, and which are expected. One that is told
for the first time begins when the bulletin takes effect (tmEf), not when it was announced (tmFc). One of another level
ends the one before. One that is no longer told ends when the bulletin takes effect that the answer goes by. Where answers
are missing, changes between them count from the next one.

A line or a name that can't be read may hold any warning of its phenomenon, so none of these ends by it. It ends after all
if a bulletin of its office (getWthrWrnList) says 해제 of its phenomenon and level since it was told last. A bulletin alone
ends nothing, because its title doesn't say which zones it is about. A warning that no answer has told for
`EXPIRES_AFTER` is taken to have ended then, until it is told again.

Of a zone that is named with two levels of one phenomenon the higher one counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

import pandas as pd

from weatherflick_assets.korea.warning_zone_names import resolve
from weatherflick_assets.korea.warning_zones import warning_zones
from weatherflick_assets.settings import KST
from weatherflick_assets.weather.transform.rows import Rows
from weatherflick_assets.weather.transform.warnings import (
    Bulletin,
    UnreadableWarningError,
    Zone,
    bulletin,
    expected,
    in_force,
    warning,
)

EXPIRES_AFTER = timedelta(days=3)

PRELIMINARY = "preliminary"
_RANKS = {"advisory": 1, "warning": 2, "critical": 3}

NATIONWIDE_OFFICE = "108"
OFFICES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "109": frozenset({"11", "28", "41"}),
        "105": frozenset({"51"}),
        "131": frozenset({"43"}),
        "133": frozenset({"30", "36110", "44"}),
        "146": frozenset({"52"}),
        "156": frozenset({"12"}),
        "143": frozenset({"27", "47"}),
        "159": frozenset({"26", "31", "48"}),
        "184": frozenset({"50"}),
    }
)
"""The regions of the offices that issue bulletins, by their stnId (guide to 기상특보 조회서비스)."""

COLUMNS = (
    "zone_code", "zone_name", "phenomenon", "level", "status", "announced_at", "effective_at", "previous_level",
    "lifted_at", "last_told_at", "source_response_id",
)  # fmt: skip


class Key(NamedTuple):
    """What can be warned of once at a time. What is only expected is told apart from what is in force."""

    zone_code: str
    phenomenon: str
    is_preliminary: bool


@dataclass(frozen=True)
class Snapshot:
    """An answer of getPwnStatus.

    Attributes:
        told_at: when it was asked for.
        announced_at: tmFc, the time of the newest bulletin.
        effective_at: tmEf, when that takes effect; never before it was announced.
        in_force: t6.
        expected: t7; None if that is blank.
    """

    told_at: datetime
    announced_at: datetime
    effective_at: datetime
    in_force: str
    expected: str | None
    response_id: int

    @property
    def order(self) -> tuple[datetime, datetime]:
        """Snapshots say what is so in this order."""
        return self.announced_at, self.told_at


@dataclass(frozen=True)
class OfficeBulletin:
    """A bulletin and the stnId of the office that issued it."""

    office: str
    said: Bulletin


@dataclass(frozen=True)
class Warned:
    """A warning of one level for one zone.

    Attributes:
        effective_at: when it comes into force; of an expected one None if the text doesn't say so readably.
        previous_level: that of the warning which this one replaced.
        ended_at: when it ends or ended; it was never in force if that is `effective_at`.
        ending: in_force (what was expected has come), raised, lowered, lifted or expired.
    """

    key: Key
    level: str
    announced_at: datetime
    effective_at: datetime | None
    told_at: datetime
    source_response_id: int
    previous_level: str | None = None
    ended_at: datetime | None = None
    ending: str | None = None

    def in_force_at(self, at: datetime) -> bool:
        """Whether it is in force."""
        if self.key.is_preliminary or self.effective_at is None:
            return False
        return self.effective_at <= at and (self.ended_at is None or at < self.ended_at)

    def status_at(self, at: datetime) -> str:
        """announced, in_force, or how it ended."""
        if self.ending is not None and self.ended_at is not None and self.ended_at <= at:
            return self.ending
        return "in_force" if self.in_force_at(at) else "announced"


@dataclass(frozen=True)
class Cycles:
    """All warnings known so far.

    Attributes:
        warned: by key, the oldest first.
        order: that of the newest snapshot that is in it.
        problems: what could not be used, by reason.
    """

    warned: Mapping[Key, tuple[Warned, ...]] = field(default_factory=dict)
    order: tuple[datetime, datetime] | None = None
    problems: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Warned]:
        """All warnings, by key."""
        return (one for key in sorted(self.warned) for one in self.warned[key])


def snapshot_of(item: Mapping[str, Any], *, told_at: datetime, response_id: int) -> Snapshot | None:
    """The snapshot in an item of getPwnStatus; None if it has no readable tmFc or no t6.

    Where nothing is in force or expected, the texts say so (없음). A blank one says nothing.
    """
    announced_at, text, coming = _time(item.get("tmFc")), item.get("t6"), item.get("t7")
    if announced_at is None or not isinstance(text, str) or not text.strip():
        return None
    effective_at = max(announced_at, _time(item.get("tmEf")) or announced_at)
    is_told = isinstance(coming, str) and coming.strip()
    return Snapshot(told_at, announced_at, effective_at, text, str(coming) if is_told else None, response_id)


def office_bulletins(items: Iterable[Mapping[str, Any]]) -> tuple[list[OfficeBulletin], int]:
    """The bulletins in items of getWthrWrnList, and how many titles can't be read."""
    found, unreadable = [], 0
    for item in items:
        try:
            found.append(OfficeBulletin(str(item.get("stnId")), bulletin(str(item.get("title")))))
        except UnreadableWarningError:
            unreadable += 1
    return found, unreadable


def advanced(
    cycles: Cycles, snapshots: Sequence[Snapshot], at: datetime, bulletins: Sequence[OfficeBulletin] = ()
) -> Cycles:
    """The warnings after further snapshots.

    Args:
        cycles: what is known; snapshots older than its newest change nothing any more.
        snapshots: in any order.
        at: until when expiry is judged.
        bulletins: those since the newest snapshot in `cycles`, in any order; more do no harm.
    """
    tracks = {key: list(warned) for key, warned in cycles.warned.items()}
    problems, order = Counter(cycles.problems), cycles.order
    for snapshot in sorted(snapshots, key=lambda one: (*one.order, one.response_id)):
        if order is not None and snapshot.order < order:
            continue
        is_new = snapshot.order != order
        order = snapshot.order
        _expire(tracks, snapshot.told_at)
        told = _Told.of(snapshot)
        if is_new:
            problems += told.problems
        for key, (level, effective_at) in told.found.items():
            _tell(tracks.setdefault(key, []), key, level, effective_at, snapshot)
        _end_untold(tracks, told, snapshot, bulletins)
    _expire(tracks, at)
    return Cycles({key: tuple(warned) for key, warned in tracks.items()}, order, problems)


def warning_rows(cycles: Cycles, at: datetime) -> Rows:
    """A row for each warning: `COLUMNS`. Times are aware; `lifted_at` is when it ends, however that is."""
    zones = warning_zones()
    found = [
        (
            one.key.zone_code,
            zones[one.key.zone_code].name,
            one.key.phenomenon,
            one.level,
            one.status_at(at),
            one.announced_at,
            one.effective_at,
            one.previous_level,
            one.ended_at,
            one.told_at,
            one.source_response_id,
        )
        for one in cycles
    ]
    rows = pd.DataFrame(found, columns=list(COLUMNS), dtype=object)
    times = dict.fromkeys(("announced_at", "effective_at", "lifted_at", "last_told_at"), pd.DatetimeTZDtype("us", KST))
    return Rows(rows.astype({**times, "source_response_id": "int64"}), +cycles.problems)


class _Doubt(NamedTuple):
    """What an unreadable text may be about; None is anything."""

    phenomenon: str | None
    zone_codes: frozenset[str] | None

    def covers(self, key: Key) -> bool:
        return self.phenomenon in {None, key.phenomenon} and (
            self.zone_codes is None or key.zone_code in self.zone_codes
        )


@dataclass
class _Told:
    """What a snapshot says: level and beginning by key, and what it leaves in doubt, in force and expected."""

    found: dict[Key, tuple[str, datetime | None]] = field(default_factory=dict)
    doubts: dict[bool, list[_Doubt]] = field(default_factory=lambda: {False: [], True: []})
    problems: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, snapshot: Snapshot) -> "_Told":
        told = cls()
        warnings, unreadable = in_force(snapshot.in_force)
        for line in unreadable:
            told._doubt(line, is_preliminary=False)
        for one in warnings:
            for code in told._codes(one.phenomenon, one.zones, is_preliminary=False):
                key = Key(code, one.phenomenon, is_preliminary=False)
                level, _ = told.found.get(key, (one.level, None))
                told.found[key] = max(level, one.level, key=_RANKS.__getitem__), snapshot.effective_at
        if snapshot.expected is None:
            told.doubts[True].append(_Doubt(None, None))
            return told
        coming, unreadable = expected(snapshot.expected, snapshot.announced_at)
        for line in unreadable:
            told._doubt(line, is_preliminary=True)
        for one in coming:
            for code in told._codes(one.phenomenon, one.zones, is_preliminary=True):
                told.found.setdefault(Key(code, one.phenomenon, is_preliminary=True), (PRELIMINARY, one.expected_at))
        return told

    def _codes(self, phenomenon: str, zones: Iterable[Zone], *, is_preliminary: bool) -> Iterator[str]:
        for zone in zones:
            codes, unknown = resolve(zone.path, zone.without)
            yield from codes
            if unknown:
                self.problems["zone_unknown"] += len(unknown)
            if unknown and not codes:
                around = [resolve(zone.path[:depth]).codes for depth in range(len(zone.path) - 1, 0, -1)]
                inside = next((frozenset(codes) for codes in around if codes), None)
                self.doubts[is_preliminary].append(_Doubt(phenomenon, inside))

    def _doubt(self, line: str, *, is_preliminary: bool) -> None:
        self.problems["line_unreadable"] += 1
        try:
            phenomenon, _ = warning(line.partition(":")[0].strip().lstrip("oㅇ○").strip())
        except UnreadableWarningError:
            phenomenon = None
        self.doubts[is_preliminary].append(_Doubt(phenomenon, None))


def _tell(track: list[Warned], key: Key, level: str, effective_at: datetime | None, snapshot: Snapshot) -> None:
    """Take up that a warning was told: it goes on, or a new one begins."""
    newest = track[-1] if track else None
    previous = None
    if newest is not None and newest.ending in {None, "expired"} and newest.level == level:
        begins = effective_at if key.is_preliminary else newest.effective_at
        told_at = max(newest.told_at, snapshot.told_at)
        track[-1] = replace(newest, told_at=told_at, effective_at=begins, ended_at=None, ending=None)
        return
    if newest is not None and newest.ending is None:
        previous = newest.level
        is_raised = _RANKS[level] > _RANKS[previous]
        track[-1] = _ended(newest, snapshot.effective_at, "raised" if is_raised else "lowered")
    if not key.is_preliminary:
        # What was to last longer ends when the new one begins.
        track[:] = [
            _ended(one, min(one.ended_at, snapshot.effective_at), one.ending) if one.ended_at else one for one in track
        ]
    track.append(
        Warned(key, level, snapshot.announced_at, effective_at, snapshot.told_at, snapshot.response_id, previous)
    )


def _end_untold(
    tracks: Mapping[Key, list[Warned]], told: _Told, snapshot: Snapshot, bulletins: Sequence[OfficeBulletin]
) -> None:
    """End what a snapshot no longer tells, unless it may be in what can't be read."""
    for key, track in tracks.items():
        newest = track[-1]
        if newest.ending is not None or key in told.found:
            continue
        is_doubtful = any(doubt.covers(key) for doubt in told.doubts[key.is_preliminary])
        if key.is_preliminary:
            if key._replace(is_preliminary=False) in told.found:
                track[-1] = replace(newest, ended_at=snapshot.announced_at, ending="in_force")
            elif not is_doubtful:
                track[-1] = replace(newest, ended_at=snapshot.announced_at, ending="lifted")
        elif not is_doubtful or _is_lifted(newest, snapshot, bulletins):
            track[-1] = _ended(newest, snapshot.effective_at, "lifted")


def _ended(one: Warned, at: datetime, ending: str | None) -> Warned:
    return replace(one, ended_at=at if one.effective_at is None else max(at, one.effective_at), ending=ending)


def _is_lifted(one: Warned, snapshot: Snapshot, bulletins: Iterable[OfficeBulletin]) -> bool:
    """Whether an office of the zone has lifted warnings of this kind since this one was told last."""
    region = warning_zones()[one.key.zone_code].region_code
    return any(
        one.told_at < issued.said.announced_at <= snapshot.told_at
        and (issued.office == NATIONWIDE_OFFICE or region in OFFICES.get(issued.office, frozenset()))
        and any(
            (said.phenomenon, said.level, said.action) == (one.key.phenomenon, one.level, "lifted")
            for said in issued.said.announced
        )
        for issued in bulletins
    )


def _expire(tracks: dict[Key, list[Warned]], at: datetime) -> None:
    for track in tracks.values():
        newest = track[-1]
        if newest.ending is None and newest.told_at + EXPIRES_AFTER < at:
            track[-1] = _ended(newest, newest.told_at + EXPIRES_AFTER, "expired")


def _time(written: object) -> datetime | None:
    try:
        return datetime.strptime(str(written).strip(), "%Y%m%d%H%M").replace(tzinfo=KST)
    except ValueError:
        return None
