"""What can go wrong, declared once: each kind of incident with its severity, its sentence, what to do, and how it closes.

Detection, messages, `weatherflick status` and docs/alerts.md read this. How a kind is noticed is in `facts.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How much a kind of incident matters. `routing.py` says who hears of it, and when."""

    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


GRAVEST_FIRST = (Severity.CRITICAL, Severity.ERROR, Severity.WARNING)

PLATFORM_TEAM = "team:data-platform"
"""Who looks after what nobody else owns."""


@dataclass(frozen=True)
class Kind:
    """A kind of incident. Of each kind and subject, at most one incident is open.

    Attributes:
        sentence: what happened; `{subject}` stands for what it happened to.
        remedy: what a person can do about it.
        closes: when it counts as over.
        is_state: it is seen again at every look, which is not counted. Of others, `count` says how often it happened.
        owner: who looks after it, where its subject has no owner.
        quiet: one that begins again within this time of its end comes and goes; it is over once it was quiet for so long.
    """

    name: str
    severity: Severity
    sentence: str
    remedy: str
    closes: str
    is_state: bool = False
    owner: str = PLATFORM_TEAM
    quiet: timedelta = timedelta(hours=2)

    def told(self, subject: str) -> str:
        """The sentence about a subject."""
        return self.sentence.replace("{subject}", subject)


RUN_FAILED = Kind(
    "run_failed",
    Severity.ERROR,
    "A run of {subject} failed.",
    "Read the reason in the run. What it collected is kept. Its schedule requests it again, or launch the job in the UI.",
    "the next run of the same job and partition succeeds; where partitions are times, the next run of the job",
)
BACKUP_FAILED = Kind(
    "backup_failed",
    Severity.CRITICAL,
    "A run of {subject} failed, so there is no new backup.",
    "Read the reason in the run. Check that the place of the backups can be reached and has room. Then launch the job again.",
    "the next run of the job succeeds",
)
GIVEN_UP = Kind(
    "given_up",
    Severity.ERROR,
    "{subject} failed too often, and is not requested any more.",
    "Read the reasons in its runs, mend what they name, and launch the job in the UI.",
    "a run of it succeeds, or it is not wanted any more",
    is_state=True,
)
CHECK_FAILED = Kind(
    "check_failed",
    Severity.ERROR,
    "The check {subject} failed.",
    "Look at the rules that failed, on the page of the asset. The last good rows stay published.",
    "the check passes for the same asset and partition; where partitions are times, for any later one",
)
CHECK_WARNED = Kind(
    "check_warned",
    Severity.WARNING,
    "The check {subject} warns.",
    "Look at the rules that failed, on the page of the asset. The rows are published.",
    "the check passes for the same asset and partition; where partitions are times, for any later one",
)
DATA_STALE = Kind(
    "data_stale",
    Severity.ERROR,
    "The newest data are too old: {subject}.",
    "Look for runs that fail or do not start, for a spent quota, and for an upstream that is down.",
    "the check finds data that are young enough",
)
NOT_REFRESHED = Kind(
    "not_refreshed",
    Severity.WARNING,
    "{subject} was not made for longer than its freshness policy allows.",
    "Look whether its schedule is on, whether its runs fail, and whether they wait for a quota.",
    "it is made again",
    is_state=True,
)
SCHEMA_DRIFT = Kind(
    "schema_drift",
    Severity.WARNING,
    "The upstream has changed what it sends: {subject}.",
    "Compare the fields that are named with the declared ones, and declare what is new or gone.",
    "the check passes for the same asset and partition; where partitions are times, for any later one",
)
QUOTA_LOW = Kind(
    "quota_low",
    Severity.WARNING,
    "More than 80 per cent of the quota of {subject} is spent.",
    "Nothing, if it lasts until the reset. Otherwise ask for a higher quota or add a key.",
    "less is spent, at the latest when the quota is reset",
    is_state=True,
)
QUOTA_NEARLY_SPENT = Kind(
    "quota_nearly_spent",
    Severity.WARNING,
    "More than 95 per cent of the quota of {subject} is spent.",
    "What cannot be called today is called after the reset. Ask for a higher quota or add a key if that happens often.",
    "less is spent, at the latest when the quota is reset",
    is_state=True,
)
QUOTA_SPENT_EARLY = Kind(
    "quota_spent_early",
    Severity.ERROR,
    "The quota of {subject} is spent long before its reset.",
    "Find out what called so often: `raw.calls` has every call with its run. Other programs may use the same key.",
    "calls are left again, at the latest when the quota is reset",
    is_state=True,
)
KEY_REFUSED = Kind(
    "key_refused",
    Severity.ERROR,
    "The upstream refuses the key {subject}.",
    "Check the key in the portal: whether it is approved for the service, has expired, or is blocked. Then set the right one.",
    "a call with the key is answered, or the key is not configured any more",
)
DISK_NEARLY_FULL = Kind(
    "disk_nearly_full",
    Severity.CRITICAL,
    "The disk of {subject} is nearly full.",
    "Free space or enlarge the disk. When it is full, the database stops.",
    "enough is free again",
    is_state=True,
)
TICK_FAILED = Kind(
    "tick_failed",
    Severity.ERROR,
    "The last tick of {subject} failed.",
    "Read the error of the tick, under Automation in the UI. Dagster ticks again by itself.",
    "its next tick does not fail",
)
NOT_TICKING = Kind(
    "not_ticking",
    Severity.ERROR,
    "{subject} has stopped ticking.",
    "Look at the daemons, under Deployment in the UI, and at the log of Dagster. Start Dagster again.",
    "it ticks again, or it is switched off",
    is_state=True,
)
SWITCHED_OFF = Kind(
    "switched_off",
    Severity.WARNING,
    "{subject} is switched off.",
    "Switch it on under Automation in the UI, unless it is to stay off.",
    "it is switched on",
    is_state=True,
)
CHANNEL_FAILED = Kind(
    "channel_failed",
    Severity.ERROR,
    "Messages do not get through to {subject}.",
    "Run `weatherflick alerts test`, and correct the address, the password or the token. What waits is sent for three days.",
    "nothing waits any more that failed several times",
    is_state=True,
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        DISK_NEARLY_FULL,
        BACKUP_FAILED,
        RUN_FAILED,
        GIVEN_UP,
        CHECK_FAILED,
        DATA_STALE,
        QUOTA_SPENT_EARLY,
        KEY_REFUSED,
        TICK_FAILED,
        NOT_TICKING,
        CHANNEL_FAILED,
        CHECK_WARNED,
        SCHEMA_DRIFT,
        NOT_REFRESHED,
        QUOTA_LOW,
        QUOTA_NEARLY_SPENT,
        SWITCHED_OFF,
    )
}
"""Every kind by its name, the gravest first."""
