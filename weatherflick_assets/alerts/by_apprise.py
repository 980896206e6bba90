"""Messages through apprise: mail, SMS, KakaoTalk, LINE, webhooks and what else it knows.

Here is everything that knows apprise, which takes two seconds to load, so this module is imported when something is sent.
"""

import logging
from collections.abc import Sequence

import apprise

from weatherflick_assets.alert_addresses import AlertAddress
from weatherflick_assets.alerts.channels import Answer, Message
from weatherflick_assets.presentation import for_terminal

_TIMEOUT_SECONDS = 20

_LONGEST_BODY = 20_000

_TYPES = {"critical": apprise.NotifyType.FAILURE, "error": apprise.NotifyType.FAILURE}

_CAUSE = "Exception: "
"""Marks what the other side, or the system, said; apprise writes that for debugging alone."""

# What it has to say is in its results. Its log may quote addresses.
_LOGGER = logging.getLogger("apprise")
_LOGGER.propagate = False
_LOGGER.addHandler(logging.NullHandler())
_LOGGER.setLevel(logging.DEBUG)


class AppriseChannel:
    """One address of `ALERT_URLS`."""

    def __init__(self, address: AlertAddress) -> None:
        self.name = address.name
        self.words = address.words
        self._url = address.url

    def send(self, messages: Sequence[Message]) -> Answer:
        """Send messages together."""
        asset = apprise.AppriseAsset(app_id="WeatherFlick", app_desc="WeatherFlick data platform", app_url="")
        notifier = apprise.Apprise(asset=asset)
        if not notifier.add(self._url):
            return Answer("The address is none that apprise knows, or something in it is missing.")
        worst = next((one for one in messages if not one.is_over and one.severity in _TYPES), messages[0])
        result = notifier.notify(
            title=for_terminal(_title(messages)),
            body=for_terminal(_body(messages))[:_LONGEST_BODY],
            notify_type=apprise.NotifyType.SUCCESS
            if all(one.is_over for one in messages)
            else _TYPES.get(worst.severity, apprise.NotifyType.WARNING),
            body_format=apprise.NotifyFormat.TEXT,
            timeout=_TIMEOUT_SECONDS,
            log_level=logging.DEBUG,
        )
        if result:
            return Answer()
        if result.status == apprise.AppriseResultStatus.TIMEOUT:
            return Answer("It did not answer in time.", may_have_arrived=True)
        said = " ".join(
            dict.fromkeys(
                f"{entry.message.rpartition(_CAUSE)[2].rstrip('.')}."
                for entry in result.logs()
                if entry.level in ("WARNING", "ERROR", "CRITICAL") or _CAUSE in entry.message
            )
        )
        return Answer(said or "It was not accepted.", may_have_arrived="timed out" in said)


def _title(messages: Sequence[Message]) -> str:
    return messages[0].title if len(messages) == 1 else f"WeatherFlick: {len(messages)} messages"


def _body(messages: Sequence[Message]) -> str:
    if len(messages) == 1:
        # No service sends a text that is empty.
        return "\n".join(filter(None, (messages[0].body, messages[0].link))) or messages[0].title
    return "\n\n".join("\n".join(filter(None, (one.title, one.body, one.link))) for one in messages)
