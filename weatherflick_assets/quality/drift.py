"""The fields of an upstream's items: what is known of them, and how the newest answers differ. Pure.

An upstream tells nobody when it renames a field. What is known is a list of fields and of the types of their values, learned
from the answers themselves (`FieldType`, a row of `quality.upstream_fields`). `look` adds what further answers hold,
`settled` decides what has become usual, and `drifts` names what differs.

What clean data do must not alarm. A blank value (empty text, or null) says nothing of a type, so a field that was blank so
far gets its first type quietly. A field that few items have may appear or stay away. XML has texts only, so its values count
as being there and have no type. The first `FEW_ITEMS` items teach what there is.

A list may have fewer items than say anything of a field by itself. A renamed field is told all the same, because two things
come together that chance does not bring together: from one item on, every item has the one and none the other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

FEW_ITEMS = 20
"""Fewer items than this say nothing: neither that a field is new, nor that one is missing."""

FEW_RENAMED = 3
"""So many items without a field that nearly all before had, and all of them with another, say that it was renamed."""

USUAL_SHARE = 0.95
"""A field that at least this share of the items had is missed when none has it."""

NEW_SHARE = 0.5
"""A field that nobody knew is new, and not one that few items have, from this share of the items since it was first seen."""

SETTLED_AFTER = timedelta(days=7)
"""A difference that was told for this long has become what is known."""

LONGEST_NAME = 100
MOST_FIELDS = 500
"""Fields and types that are kept of a shape. An upstream that uses data as names could send any number of them."""

BLANK, UNTYPED = "blank", "untyped"
_NO_TYPE = frozenset({BLANK, UNTYPED})
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),  # before numbers: Python's booleans are numbers
    (int | float, "number"),  # type: ignore[list-item] - isinstance takes it
    (str, "text"),
    (dict, "object"),
    (list, "list"),
)


@dataclass(frozen=True)
class Answer:
    """What one response held, as far as it is looked at; `is_typed` is False of XML, whose values are all texts."""

    response_id: int
    fetched_at: datetime
    items: Sequence[Mapping[str, object]]
    is_typed: bool = True


@dataclass(frozen=True)
class FieldType:
    """What is known of one field with values of one type, in items of one shape.

    Attributes:
        field: its name.
        json_type: text, number, boolean, object, list; blank: an empty text or null; untyped: a value in XML.
        first_seen: when the answer was fetched that first had it.
        last_seen: likewise the last.
        first_response_id: the response that first had it, an example to look at.
        last_response_id: the last one.
        items_seen: items that had it.
        items_looked_at: items that were looked at since it was first seen, that one included.
        items_since: of these, those after the last one that had it.
        known_since: since when it counts as known; None: it is new.
        told_since: since when a difference is told that it is part of; None: of none.
        gone_since: since when it counts as gone; None: it is there.
    """

    field: str
    json_type: str
    first_seen: datetime
    last_seen: datetime
    first_response_id: int
    last_response_id: int
    items_seen: int
    items_looked_at: int
    items_since: int
    known_since: datetime | None = None
    told_since: datetime | None = None
    gone_since: datetime | None = None

    @property
    def is_known(self) -> bool:
        """Whether it belongs to what is known, and is not gone."""
        return self.known_since is not None and self.gone_since is None

    @property
    def is_new(self) -> bool:
        """Whether it is neither known nor gone."""
        return self.known_since is None and self.gone_since is None

    @property
    def has_type(self) -> bool:
        """Whether it says something of the type of the values."""
        return self.json_type not in _NO_TYPE


class Kind(StrEnum):
    """How a field differs from what is known."""

    NEW = "new"
    MISSING = "missing"
    RETYPED = "retyped"


@dataclass(frozen=True)
class Drift:
    """One field that differs from what is known.

    Attributes:
        before: the types of its values as known; "" of a new field.
        now: their new types; "" of a missing field.
        since: when the first answer with the difference was fetched; of a missing field, when the last with it was.
        response_id: an answer to look at: the first with the difference; of a missing field, the last that still had it.
    """

    field: str
    kind: Kind
    before: str
    now: str
    since: datetime
    response_id: int


def json_type(value: object) -> str:
    """The type of a JSON value; blank text and null are blank."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return BLANK
    return next(name for kind, name in _TYPES if isinstance(value, kind))


def look(known: Iterable[FieldType], answers: Sequence[Answer]) -> list[FieldType]:
    """What is known after further answers, the oldest first; none of them may have been looked at before."""
    types = {(each.field, each.json_type): each for each in known}
    is_learning = max((each.items_looked_at for each in types.values()), default=0) < FEW_ITEMS
    looked_at = sum(len(answer.items) for answer in answers)
    found = {
        key: replace(each, items_looked_at=each.items_looked_at + looked_at, items_since=each.items_since + looked_at)
        for key, each in types.items()
    }
    known_types: dict[str, set[str]] = defaultdict(set)
    for each in types.values():
        if each.is_known:
            known_types[each.field].add(each.json_type)
    for key, seen in _seen(answers).items():
        before = found.get(key)
        if before is None and len(found) >= MOST_FIELDS:
            continue
        if before is None or before.gone_since is not None:
            field, kind = key
            is_known = is_learning or _is_no_news(kind, known_types[field])
            found[key] = seen.as_first(key, looked_at, is_known=is_known)
            if is_known:
                known_types[field].add(kind)
        else:
            found[key] = seen.after(before, looked_at)
    return [found[key] for key in sorted(found)]


@dataclass
class _Seen:
    """Where among the items that are looked at (counted from 0) a field had values of a type, and in which answers."""

    first: Answer
    first_item: int
    last: Answer
    last_item: int
    items: int = 0

    def as_first(self, key: tuple[str, str], looked_at: int, *, is_known: bool) -> FieldType:
        """A type that was not there before."""
        return FieldType(
            *key,
            first_seen=self.first.fetched_at,
            last_seen=self.last.fetched_at,
            first_response_id=self.first.response_id,
            last_response_id=self.last.response_id,
            items_seen=self.items,
            items_looked_at=looked_at - self.first_item,
            items_since=looked_at - self.last_item - 1,
            known_since=self.first.fetched_at if is_known else None,
        )

    def after(self, before: FieldType, looked_at: int) -> FieldType:
        """A type that was there before."""
        return replace(
            before,
            last_seen=self.last.fetched_at,
            last_response_id=self.last.response_id,
            items_seen=before.items_seen + self.items,
            items_since=looked_at - self.last_item - 1,
        )


def _seen(answers: Iterable[Answer]) -> dict[tuple[str, str], _Seen]:
    """What the answers hold, by field and type."""
    found: dict[tuple[str, str], _Seen] = {}
    number = 0
    for answer in answers:
        for item in answer.items:
            for field, value in item.items():
                kind = json_type(value)
                key = (_name(field), kind if answer.is_typed or kind == BLANK else UNTYPED)
                seen = found.get(key)
                if seen is None:
                    seen = found[key] = _Seen(answer, number, answer, number)
                seen.last, seen.last_item = answer, number
                seen.items += 1
            number += 1
    return found


def _name(field: str) -> str:
    """The name of a field as it is kept: at most `LONGEST_NAME` characters, and none that the database can't hold."""
    return field[:LONGEST_NAME].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _is_no_news(kind: str, known: set[str]) -> bool:
    """Whether a further type of a field, of which some are known, is no news: no type at all, or the first one."""
    return bool(known) and (kind in _NO_TYPE or known <= _NO_TYPE)


def settled(
    fields: Iterable[FieldType], at: datetime, *, accepted: bool = False, after: timedelta = SETTLED_AFTER
) -> list[FieldType]:
    """What is known at a time: what is new for a while becomes known, and what is missing for a while is gone.

    Args:
        fields: of one shape.
        at: the time.
        accepted: whether somebody has said that what is there now is right.
        after: how long a difference must have been told otherwise.
    """
    until = at if accepted else at - after
    fields = list(fields)
    told = {drift.field: drift for drift in drifts(fields)}
    return [each for name, types in _by_field(fields).items() for each in _settled(types, told.get(name), at, until)]


def _settled(types: Sequence[FieldType], drift: Drift | None, at: datetime, until: datetime) -> Iterator[FieldType]:
    """The types of a field that differs so."""
    there = [each for each in types if each.gone_since is None]
    stale = [each for each in there if each.items_since >= FEW_ITEMS and each.last_seen <= until]
    # A type is given up for another one. While a field is blank, its last type is remembered.
    has_another = any(each.has_type and each.is_known and each not in stale for each in there)
    for each in types:
        if drift is not None and _is_told_by(drift, each):
            told_since = each.told_since or at
            if told_since > until:
                yield replace(each, told_since=told_since)
            elif drift.kind is Kind.MISSING:
                yield replace(each, told_since=None, gone_since=at)
            else:
                yield replace(each, told_since=None, known_since=at)
        elif each in stale and drift is None and (len(stale) == len(there) or (each.has_type and has_another)):
            yield replace(each, told_since=None, gone_since=at)
        # What came and went never was usual.
        elif each.is_new and each.first_seen <= until and each.items_since < FEW_ITEMS:
            yield replace(each, told_since=None, known_since=at)
        else:
            yield replace(each, told_since=None)


def _is_told_by(drift: Drift, each: FieldType) -> bool:
    """Whether a difference is about this type of its field."""
    if drift.kind is Kind.MISSING:
        return each.gone_since is None
    return each.is_new and (drift.kind is Kind.NEW or each.has_type)


def drifts(fields: Iterable[FieldType]) -> list[Drift]:
    """How the fields of one shape differ from what is known, by name."""
    there = _by_field(each for each in fields if each.gone_since is None)
    renamed = {drift.field: drift for drift in _renamed(there)}
    found = (renamed.get(name) or _drift(there[name]) for name in sorted(there))
    return [drift for drift in found if drift is not None]


def _by_field(fields: Iterable[FieldType]) -> dict[str, list[FieldType]]:
    found: dict[str, list[FieldType]] = defaultdict(list)
    for each in fields:
        found[each.field].append(each)
    return found


def _renamed(there: Mapping[str, Sequence[FieldType]]) -> Iterator[Drift]:
    """The fields of which one has taken the place of another, by the types of each field."""
    ended: dict[int, list[Drift]] = defaultdict(list)
    begun: dict[int, list[Drift]] = defaultdict(list)
    for types in there.values():
        without, since = min(each.items_since for each in types), max(each.items_looked_at for each in types)
        known = [each for each in types if each.is_known]
        if known and without >= FEW_RENAMED and _was_usual(types, FEW_RENAMED):
            ended[without].append(_told(Kind.MISSING, known, []))
        elif sum(each.items_seen for each in types) == since:
            begun[since].append(_told(Kind.NEW, [], types))
    for items in ended.keys() & begun.keys():
        yield from (*ended[items], *begun[items])


def _drift(types: Sequence[FieldType]) -> Drift | None:
    """How a field with these types, none of them gone, differs by itself from what is known; None if it does not."""
    known = [each for each in types if each.is_known]
    new = [each for each in types if each.is_new]
    if not known:
        return _told(Kind.NEW, [], new) if _is_common(new) else None
    if all(each.items_since >= FEW_ITEMS for each in types):
        return _told(Kind.MISSING, known, []) if _was_usual(types) else None
    new_types = [each for each in new if each.has_type]
    return _told(Kind.RETYPED, known, new_types) if new_types else None


def _is_common(new: Sequence[FieldType]) -> bool:
    looked_at = max(each.items_looked_at for each in new)
    return looked_at >= FEW_ITEMS and sum(each.items_seen for each in new) >= NEW_SHARE * looked_at


def _was_usual(types: Sequence[FieldType], fewest: int = FEW_ITEMS) -> bool:
    """Whether nearly every item had a field, until the last one that did."""
    looked_at = max(each.items_looked_at for each in types) - min(each.items_since for each in types)
    return looked_at >= fewest and sum(each.items_seen for each in types) >= USUAL_SHARE * looked_at


def _told(kind: Kind, known: Sequence[FieldType], new: Sequence[FieldType]) -> Drift:
    before, now = _names(known), _names(new)
    field = (known or new)[0].field
    if not new:
        last = max(known, key=lambda each: each.last_response_id)
        return Drift(field, kind, before, now, last.last_seen, last.last_response_id)
    first = min(new, key=lambda each: each.first_response_id)
    return Drift(field, kind, before, now, first.first_seen, first.first_response_id)


def _names(types: Iterable[FieldType]) -> str:
    """The types in words; what has no type is named only if there is nothing else."""
    found = sorted(types, key=lambda each: each.json_type)
    return " or ".join(each.json_type for each in [each for each in found if each.has_type] or found)
