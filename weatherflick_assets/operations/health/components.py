"""What health consists of, declared once: each component with what it means and what to do when it is not well.

`weatherflick health`, the HTTP server, metrics and docs/runbook.md read this. How a component is looked at is in `probes.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a component is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It can't be looked at, because something else has failed."""
    OFF = "off"
    """It is not set up, which is somebody's choice."""

    @property
    def is_bad(self) -> bool:
        """Whether the platform is not healthy."""
        return self in (State.FAILED, State.UNKNOWN)


@dataclass(frozen=True)
class Component:
    """A part of the platform that can be well or not.

    Attributes:
        what: what is looked at.
        remedy: what a person can do when it is not well.
    """

    name: str
    what: str
    remedy: str


DATABASE = Component(
    "database",
    "The platform's database answers, takes writes, and has the schema of this program.",
    "Start the server, or `weatherflick up`. The log of the embedded server is postgresql/log in the state folder. An older "
    "schema is upgraded by any command.",
)
DAEMON = Component(
    "daemon",
    "Every part of Dagster's daemon has given a sign of life within the last minutes.",
    "Start `weatherflick up`, which starts the daemon again when it ends. Its log is logs/dagster.log in the state folder.",
)
CODE_LOCATION = Component(
    "code_location",
    "Dagster's web server answers, and has loaded the code location.",
    "Read the error under Deployment in the UI, mend it, and reload the code location there. Start `weatherflick up` if the web "
    "server is gone.",
)
UPSTREAM = Component(
    "upstream",
    "The sandbox answers, or the hosts of all providers that have keys. It is asked without a key, so no quota is spent.",
    "Look at the status pages of the portals, at the network and the proxy. What was missed is collected when a host answers "
    "again.",
)
DISK = Component(
    "disk",
    "The disk of the state folder has room.",
    "Free space or enlarge the disk. When it is full, the database stops.",
)
BACKUP = Component(
    "backup",
    "The newest backup is young enough, and the place of backups can be read.",
    "Read the reason in the last run of make_backup, then launch it again, or run `weatherflick backup`.",
)
FRESHNESS = Component(
    "freshness",
    "The published data are as young as they have to be.",
    "`weatherflick status` names what is old. Look for runs that fail or do not start, for a spent quota, and for an upstream "
    "that is down.",
)
PUBLICATIONS = Component(
    "publications",
    "What was collected is published soon. What a gate holds back is no matter of this.",
    "Look whether the sensor publish_pending ticks, and at the runs that publish. ops.pending_publications says what waits.",
)
MESSAGES = Component(
    "messages",
    "Messages about incidents get through to every channel.",
    "Run `weatherflick alerts test`, and correct the address, the password or the token.",
)

COMPONENTS: Mapping[str, Component] = {
    component.name: component
    for component in (
        DATABASE,
        DAEMON,
        CODE_LOCATION,
        UPSTREAM,
        DISK,
        BACKUP,
        FRESHNESS,
        PUBLICATIONS,
        MESSAGES,
    )
}
"""Every component by its name."""


@dataclass(frozen=True)
class Finding:
    """How a component was found.

    Attributes:
        reason: why it is so, in a sentence.
    """

    component: Component
    state: State
    reason: str

    def as_json(self) -> dict[str, str]:
        """The finding as plain types; what to do only where there is something to do."""
        needs_a_hand = self.state in (State.WARNING, State.FAILED)
        to_do = {"what_to_do": self.component.remedy} if needs_a_hand else {}
        return {"name": self.component.name, "state": self.state.value, "reason": self.reason, **to_do}


def overall(findings: Iterable[Finding]) -> State:
    """How the platform is: failed if anything has failed, or can't be looked at."""
    states = {finding.state for finding in findings}
    if any(state.is_bad for state in states):
        return State.FAILED
    return State.WARNING if State.WARNING in states else State.OK
