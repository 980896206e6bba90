"""`weatherflick alerts`: trying the channels that messages go through, and closing an incident by hand."""

from collections.abc import Mapping

from weatherflick_assets.alerts.channels import NO_CHANNEL, names_of
from weatherflick_assets.alerts.store import close_by_hand
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Settings, now


class NoChannelError(PlatformError):
    """There is no channel to try."""


class NoIncidentError(PlatformError):
    """No incident with this number is open."""


def tried(settings: Settings) -> Mapping[str, str | None]:
    """Every channel by its name, with the problem that a test message met; None: it was sent.

    Raises:
        NoChannelError: none is set.
        AlertSettingsError: the channels are not declared as they have to be.
    """
    if not names_of(settings):
        raise NoChannelError(NO_CHANNEL)

    from weatherflick_assets.alerts import sending
    from weatherflick_assets.orchestration.messages import channels

    return {sent.channel: sent.problem for sent in sending.tried(channels(settings))}


def closed(dsn: str, number: int) -> str:
    """Close an incident; returns what it was.

    Raises:
        NoIncidentError: none with this number is open.
    """
    found = close_by_hand(dsn, number, now())
    if found is None:
        raise NoIncidentError(f"No incident {number} is open. `weatherflick status` lists those that are.")
    return found.sentence
