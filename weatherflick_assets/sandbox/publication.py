"""When an issue of a forecast or an observation appears.

Here: the usual delay, and what the settings do to single issues: late, absent, or partial. Which issues are struck
depends on the seed of the settings, the operation and the time of the issue alone.
"""

from datetime import datetime, timedelta

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.korea.draws import Draws


def is_published(
    operation: str, issued: datetime, delay: timedelta, now: datetime, behaviour: Behaviour, *, part: str = ""
) -> bool:
    """Whether an issue, or the `part` of it for one cell or region, can be read at `now`."""
    trouble, lateness = _trouble(operation, issued, behaviour)
    if trouble == "absent":
        return False
    if trouble == "partial" and Draws(behaviour.seed, f"{operation} {issued:%Y%m%d%H%M}").number(part, 2):
        return False
    return now >= issued + delay + lateness


def _trouble(operation: str, issued: datetime, behaviour: Behaviour) -> tuple[str, timedelta]:
    name = f"{operation} {issued:%Y%m%d%H%M}"
    declared = behaviour.issues.get(name)
    if declared is not None:
        return (declared, timedelta()) if isinstance(declared, str) else ("late", timedelta(minutes=declared))
    draws = Draws(behaviour.seed, name)
    if draws.happens("absent", behaviour.absent_issues):
        return "absent", timedelta()
    if draws.happens("partial", behaviour.partial_issues):
        return "partial", timedelta()
    if draws.happens("late", behaviour.late_issues):
        return "late", timedelta(minutes=1 + draws.number("minutes", behaviour.lateness))
    return "", timedelta()
