"""The words of messages. Pure; how a channel lays them out is in its own module."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from weatherflick_assets.alerts.incidents import Incident
from weatherflick_assets.alerts.kinds import GRAVEST_FIRST, KINDS
from weatherflick_assets.presentation import shortened
from weatherflick_assets.settings import KST

MOST_IN_A_DIGEST = 30
"""Incidents that a digest names; the others are counted."""

_LONGEST_IN_A_DIGEST = 200


@dataclass(frozen=True)
class Words:
    """A message: one line that says it all, and what else there is to know."""

    title: str
    body: str


def of_opened(incident: Incident) -> Words:
    """Something went wrong."""
    return Words(
        f"[{incident.severity}] {incident.sentence}",
        "\n".join((incident.detail, incident.remedy, f"Since {_time(incident.opened_at)} (KST).")),
    )


def of_returned(incident: Incident) -> Words:
    """It is back after it was over."""
    quiet = KINDS[incident.kind].quiet / timedelta(hours=1)
    return Words(
        f"[{incident.severity}] It is back: {incident.sentence}",
        f"{incident.detail}\n{incident.remedy}\nSince {_time(incident.opened_at)} (KST) it comes and goes. You hear of it again when "
        f"it has been quiet for {quiet:g} hours.",
    )


def of_closed(incident: Incident) -> Words:
    """It is over. It says what was wrong, too, because it stands alone where that was not told before."""
    assert incident.closed_at is not None
    seen = "" if incident.count == 1 else f" It happened {incident.count:,} times."
    why = incident.closed_because or ""
    return Words(
        f"[over] {why[:1].upper()}{why[1:]}. Before: {incident.sentence}",
        f"From {_time(incident.opened_at)} to {_time(incident.closed_at)} (KST).{seen}\n{incident.detail}",
    )


def of_digest(day: date, open_incidents: Sequence[Incident], closed: Sequence[Incident]) -> Words:
    """What is open, and which warnings were over since the last digest."""
    counts = Counter(incident.severity for incident in open_incidents)
    said = [f"{counts[severity]} {severity}" for severity in GRAVEST_FIRST if counts[severity]]
    lines = [_line(incident) for incident in sorted(open_incidents, key=_gravest_first)]
    over = [f"over: {_line(incident)}" for incident in closed]
    shown = [*lines, *over]
    left = len(shown) - MOST_IN_A_DIGEST
    more = [f"… and {left:,} more; `weatherflick status` lists them."] if left > 0 else []
    title = f"Digest of {day}: {', '.join(said) or 'nothing'} open, {len(over)} over."
    return Words(title, "\n".join([*shown[:MOST_IN_A_DIGEST], *more]))


def _gravest_first(incident: Incident) -> tuple[int, datetime]:
    return [*map(str, GRAVEST_FIRST)].index(incident.severity), incident.opened_at


def _line(incident: Incident) -> str:
    detail = " ".join(incident.detail.split())
    line = f"[{incident.severity}] {incident.sentence} Since {_time(incident.opened_at)}. {detail}"
    return shortened(line, _LONGEST_IN_A_DIGEST)


def _time(at: datetime) -> str:
    return f"{at.astimezone(KST):%m-%d %H:%M}"
