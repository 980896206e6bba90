"""Which channels the environment declares, and what a channel is given and answers. How each sends is in `by_….py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr

from weatherflick_assets.alert_addresses import AlertAddress, addresses
from weatherflick_assets.alerts.kinds import Severity
from weatherflick_assets.env_text import joined
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Settings

SLACK = "slack"
"""The name of the Slack channel."""

SLACK_BASE_URL = "https://slack.com/api/"

NO_CHANNEL = (
    "Nobody is notified of incidents: no channel is set. Set SLACK_BOT_TOKEN and SLACK_CHANNEL, or ALERT_URLS; then try "
    "`weatherflick alerts test`."
)


class AlertSettingsError(PlatformError):
    """The channels of messages are not declared as they have to be."""


@dataclass(frozen=True)
class Message:
    """What a channel sends.

    Attributes:
        title: one line.
        body: further lines.
        severity: of the incident.
        is_over: whether it tells of an end.
        link: the page of the run; None where there is none.
    """

    title: str
    body: str
    severity: str = Severity.WARNING
    is_over: bool = False
    link: str | None = None


@dataclass(frozen=True)
class Answer:
    """How sending ended.

    Attributes:
        problem: why nothing was sent; None: it was.
        may_have_arrived: it is not known whether it arrived.
        retry_after: how long the channel asks to be left alone.
    """

    problem: str | None = None
    may_have_arrived: bool = False
    retry_after: timedelta | None = None


class Channel(Protocol):
    """Where messages go. Sending takes half a minute at most."""

    @property
    def name(self) -> str:
        """What it is called, without a secret."""
        ...

    @property
    def words(self) -> frozenset[str]:
        """Of what it hears; see `routing.hears`."""
        ...

    def send(self, messages: Sequence[Message]) -> Answer:
        """Send messages together. It raises nothing that has to do with the channel."""
        ...


@dataclass(frozen=True)
class SlackAccess:
    """Where a bot of Slack posts."""

    token: SecretStr
    channel: str
    base_url: str


def slack_of(settings: Settings) -> SlackAccess | None:
    """The channel of Slack; None if it is not set.

    Raises:
        AlertSettingsError: half of it is set.
    """
    token, channel = settings.slack_bot_token, settings.slack_channel
    if token is None and channel is None:
        return None
    if token is None or channel is None:
        there, missing = ("SLACK_CHANNEL", "SLACK_BOT_TOKEN") if token is None else ("SLACK_BOT_TOKEN", "SLACK_CHANNEL")
        raise AlertSettingsError(f"{there} is set and {missing} is not. Set both, or neither.")
    base_url = f"{(settings.slack_base_url or SLACK_BASE_URL).rstrip('/')}/"
    return SlackAccess(SecretStr(joined(token.get_secret_value())), channel, base_url)


def addresses_of(settings: Settings) -> list[AlertAddress]:
    """The addresses of `ALERT_URLS`.

    Raises:
        AlertSettingsError: something is no address, or a word before one is neither a severity nor an owner.
    """
    text = settings.alert_urls.get_secret_value() if settings.alert_urls else ""
    try:
        found = addresses(text)
    except ValueError as error:
        raise AlertSettingsError(
            f"ALERT_URLS can't be used: {error}. Separate addresses by commas or blanks; docs/alerts.md has examples."
        ) from None
    for number, address in enumerate(found, start=1):
        if any(word not in set(Severity) and ":" not in word for word in address.words):
            raise AlertSettingsError(
                f"ALERT_URLS can't be used: before address {number} stands a word that is neither a severity "
                f"({', '.join(Severity)}) nor an owner, e.g. team:data-platform."
            )
    return found


def names_of(settings: Settings) -> list[str]:
    """The names of the channels; errors as of `slack_of` and `addresses_of`."""
    return [*([SLACK] if slack_of(settings) else []), *(address.name for address in addresses_of(settings))]
