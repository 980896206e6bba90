"""Messages through Slack's Web API: blocks within Slack's limits, and errors as answers.

Here is everything that knows slack_sdk, so this module is imported when something is sent.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from http.client import HTTPException
from json import JSONDecodeError
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RateLimitErrorRetryHandler
from slack_sdk.web import WebClient

from weatherflick_assets.alerts.channels import SLACK, Answer, Message
from weatherflick_assets.presentation import for_slack, for_terminal, shortened
from weatherflick_assets.upstream.proxies import proxy_for

_TIMEOUT_SECONDS = 10

_LONGEST_WAIT_SECONDS = 5
"""Slack may ask to wait so long within an attempt. A longer wait puts the message off."""

_LONGEST_TITLE, _LONGEST_BODY, _LONGEST_TEXT = 300, 2_900, 3_500
"""A section holds 3,000 characters, and the text of a message 4,000."""

_OF_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long"})
"""Errors that say that blocks can't be shown. The text alone is sent then."""

_REMEDIES: Mapping[str, str] = {
    **dict.fromkeys(
        ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"), "SLACK_BOT_TOKEN"
    ),
    **dict.fromkeys(("channel_not_found", "is_archived"), "SLACK_CHANNEL"),
    "not_in_channel": "SLACK_CHANNEL, and invite the bot to the channel",
    "missing_scope": "that the bot has the scope chat:write",
}
"""What to check, by Slack's errors."""

_MARKS: Mapping[str, str] = {"critical": ":rotating_light:", "error": ":red_circle:", "warning": ":warning:"}


_SILENT = logging.Logger("slack_sdk, silent")  # noqa: LOG001 - of no hierarchy, so that nothing is printed
"""slack_sdk writes answers that it can't read into its log, whatever they hold."""
_SILENT.addHandler(logging.NullHandler())


class _BlocksRefusedError(Exception):
    """Slack can't show the blocks of a message."""


class _BoundedRateLimitHandler(RateLimitErrorRetryHandler):
    """Waits as Slack asks, if that is short."""

    def _can_retry(self, *, response: Any = None, **about: Any) -> bool:
        return super()._can_retry(response=response, **about) and _retry_after(response) <= _LONGEST_WAIT_SECONDS


def web_client(token: str, base_url: str) -> WebClient:
    """A client that sends once: repeating is for the outbox, which knows what may have arrived."""
    client = WebClient(
        token,
        base_url=base_url,
        timeout=_TIMEOUT_SECONDS,
        retry_handlers=[_BoundedRateLimitHandler(max_retry_count=1)],
        logger=_SILENT,
    )
    # slack_sdk takes the environment's proxy for every host, this machine included.
    proxy = proxy_for(base_url)
    client.proxy = None if proxy is None else str(proxy)
    return client


class SlackChannel:
    """A channel of Slack.

    Args:
        client: of the workspace.
        channel: its name or id.
    """

    name = SLACK
    words: frozenset[str] = frozenset()

    def __init__(self, client: WebClient, channel: str) -> None:
        self._client = client
        self._channel = channel

    def send(self, messages: Sequence[Message]) -> Answer:
        """Post messages together."""
        text = _text(messages)
        try:
            return self._post(text=text, blocks=[*_blocks(messages)])
        except _BlocksRefusedError:
            return self._post(text=text)

    def _post(self, **content: Any) -> Answer:
        try:
            self._client.chat_postMessage(channel=self._channel, unfurl_links=False, unfurl_media=False, **content)
        except SlackApiError as error:
            said = _code(error)
            if said in _OF_BLOCKS and "blocks" in content:
                raise _BlocksRefusedError from None
            return _refused(error, said)
        except (SlackClientError, OSError, HTTPException, JSONDecodeError) as error:
            reason = getattr(error, "reason", error)
            not_there = isinstance(reason, ConnectionRefusedError) or type(reason).__name__ == "gaierror"
            said = (
                "it did not answer in time" if isinstance(reason, TimeoutError) else f"{reason}" or type(error).__name__
            )
            return Answer(f"Slack could not be reached: {said}.", may_have_arrived=not not_there)
        return Answer()


def _code(error: SlackApiError) -> str | None:
    """Slack's word for an error; None of an answer that is not Slack's."""
    response: Any = error.response
    said = response.get("error") if isinstance(response.data, dict) else None
    return said if isinstance(said, str) and re.fullmatch("[a-z_]+", said) else None


def _refused(error: SlackApiError, said: str | None) -> Answer:
    response: Any = error.response
    if response.status_code == 429 or said in ("ratelimited", "rate_limited"):
        return Answer("Slack asks to send less often.", retry_after=timedelta(seconds=_retry_after(response)))
    if said is None:
        return Answer(f"Slack gave no answer of its own (status {response.status_code}).", may_have_arrived=True)
    remedy = f" Check {_REMEDIES[said]}." if said in _REMEDIES else ""
    return Answer(f"Slack refused the message: {said}.{remedy}")


def _retry_after(response: Any) -> int:
    found: Any = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "1")
    written = found[0] if isinstance(found, list) else found
    return int(written) if str(written).isdecimal() else 1


def _blocks(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """At most three for each of ten messages: Slack shows fifty."""
    for message in messages:
        title = for_slack(shortened(message.title, _LONGEST_TITLE))
        mark = ":white_check_mark:" if message.is_over else _MARKS.get(message.severity, "")
        yield {"type": "section", "text": {"type": "mrkdwn", "text": f"{mark} *{title}*"}}
        body = for_terminal(shortened(message.body, _LONGEST_BODY)) or "–"
        yield {"type": "section", "text": {"type": "plain_text", "text": body, "emoji": False}}
        if message.link:
            yield {
                "type": "context",
                "elements": [{"type": "mrkdwn", "text": f"<{for_slack(message.link)}|Look at the run>"}],
            }


def _text(messages: Sequence[Message]) -> str:
    """What notifications show, and everything where blocks can't be shown."""
    parts = ("\n".join(filter(None, (message.title, message.body, message.link))) for message in messages)
    titles = "\n".join(message.title for message in messages)
    whole = "\n\n".join(parts)
    return for_slack(shortened(whole if len(whole) <= _LONGEST_TEXT else f"{titles}\n\n{whole}", _LONGEST_TEXT))
