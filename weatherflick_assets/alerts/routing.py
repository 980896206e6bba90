"""Who hears of an incident, and when: declared by owner and severity. Pure.

Incidents of which nobody is told at once are in the daily digest. Channels are declared in the environment (`channels.py`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from weatherflick_assets.alerts.kinds import GRAVEST_FIRST, Severity
from weatherflick_assets.settings import KST

ANYONE = "*"
"""Stands for every owner."""


class When(StrEnum):
    """When the owner hears of an incident."""

    AT_ONCE = "at once"
    AFTER_THE_QUIET_TIME = "at once, but not in the quiet time"
    IN_THE_DIGEST = "in the daily digest"


@dataclass(frozen=True)
class Hearing:
    """When an owner hears of incidents of a severity."""

    owner: str
    severity: Severity
    when: When


HEARINGS = (
    Hearing(ANYONE, Severity.CRITICAL, When.AT_ONCE),
    Hearing(ANYONE, Severity.ERROR, When.AFTER_THE_QUIET_TIME),
    Hearing(ANYONE, Severity.WARNING, When.IN_THE_DIGEST),
)
"""The first that fits counts, so what is said of one owner belongs before what is said of anyone."""

QUIET_FROM, QUIET_UNTIL = time(22), time(8)
"""The quiet time of every night, in Korean time."""

DIGEST_AT = time(9)
"""When the daily digest is written, in Korean time."""


def hearing(owner: str, severity: str) -> When:
    """When an owner hears of a severity."""
    return next(rule.when for rule in HEARINGS if rule.owner in (ANYONE, owner) and rule.severity == severity)


def due_at(owner: str, severity: str, at: datetime) -> datetime | None:
    """When a message about an incident may be sent that was noticed `at`; None: it is in the digest alone."""
    when = hearing(owner, severity)
    if when is When.IN_THE_DIGEST:
        return None
    return at if when is When.AT_ONCE else after_the_quiet_time(at)


def after_the_quiet_time(at: datetime) -> datetime:
    """The time itself, or the end of the quiet time that it lies in."""
    local = at.astimezone(KST)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return at
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, KST)


def digest_day(at: datetime) -> date:
    """The day in Korea whose digest is the last that is due."""
    local = at.astimezone(KST)
    return local.date() - timedelta(days=local.time() < DIGEST_AT)


def digest_time(day: date) -> datetime:
    """When the digest of a day is due."""
    return datetime.combine(day, DIGEST_AT, KST)


def hears(words: Collection[str], owner: str, severity: str) -> bool:
    """Whether a channel with these words before its address hears of an incident.

    Args:
        words: severities (the least grave of them counts) and owners; none of a sort: all.
        owner: of the incident.
        severity: of the incident.
    """
    asked = [GRAVEST_FIRST.index(Severity(word)) for word in words if word in set(Severity)]
    owners = [word for word in words if word not in set(Severity)]
    grave_enough = not asked or GRAVEST_FIRST.index(Severity(severity)) <= max(asked)
    return grave_enough and (not owners or owner in owners)
