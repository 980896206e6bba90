"""One round of sending: what is due goes to every channel that hears of it, in bounded time.

`outbox.py` says what waits, and the channels send. A channel that fails costs the others nothing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from weatherflick_assets.alerts import outbox, routing
from weatherflick_assets.alerts.channels import Channel, Message
from weatherflick_assets.alerts.kinds import PLATFORM_TEAM, Severity
from weatherflick_assets.alerts.outbox import Claimed
from weatherflick_assets.alerts.store import CLOSED
from weatherflick_assets.settings import Clock
from weatherflick_assets.upstream.access import without_secrets

ROUND_SECONDS = 20
"""After so long no further channel is begun: Dagster ends an evaluation after a minute."""

_PERHAPS_AGAIN = "It may have been sent before: whoever sent it then could not note how that ended."


@dataclass(frozen=True)
class Sent:
    """What a round did for one channel.

    Attributes:
        messages: how many were sent, or tried.
        problem: why they were not sent; None: they were.
        next_attempt_at: when the channel is tried again.
    """

    channel: str
    messages: int
    problem: str | None = None
    next_attempt_at: datetime | None = None


def send_due(dsn: str, channels: Callable[[], Sequence[Channel]], ui_url: str | None, clock: Clock) -> list[Sent]:
    """Send what is due.

    Args:
        dsn: the platform's database.
        channels: those that there are; asked for when something waits, because they take time to load.
        ui_url: the address of the UI, for links; None: there are no links.
        clock: the time.
    """
    if not outbox.is_any_waiting(dsn, clock()):
        return []
    there = channels()

    def hears(owner: str, severity: str) -> list[str]:
        return [one.name for one in there if routing.hears(one.words, owner, severity)]

    outbox.address(dsn, hears if there else None, clock())
    began, done = time.monotonic(), []
    for channel in there:
        if time.monotonic() - began > ROUND_SECONDS:
            break
        if claimed := outbox.claim(dsn, channel.name, clock()):
            done.append(_send(dsn, channel, claimed, ui_url, clock))
    return done


def _send(dsn: str, channel: Channel, claimed: Sequence[Claimed], ui_url: str | None, clock: Clock) -> Sent:
    answer = channel.send([_message(one, ui_url) for one in claimed])
    if answer.problem is None:
        outbox.settle_sent(dsn, channel.name, claimed, clock())
        return Sent(channel.name, len(claimed))
    problem = without_secrets(answer.problem)[:1_000]
    following = outbox.settle_failed(
        dsn,
        channel.name,
        claimed,
        problem,
        may_have_arrived=answer.may_have_arrived,
        not_before=clock() + answer.retry_after if answer.retry_after else None,
        now=clock(),
    )
    return Sent(channel.name, len(claimed), problem, following)


def _message(one: Claimed, ui_url: str | None) -> Message:
    body = f"{one.body}\n{_PERHAPS_AGAIN}" if one.may_be_known else one.body
    link = f"{ui_url.rstrip('/')}/runs/{quote(one.run_id)}" if ui_url and one.run_id else None
    return Message(one.title, body, one.severity, one.occasion == CLOSED, link)


def tried(channels: Sequence[Channel]) -> list[Sent]:
    """Send a test message through every channel, and say how that ended."""
    message = Message(
        "[test] WeatherFlick can reach you here.",
        f"This is a test of the channels. Nothing is wrong. Of incidents the owner hears here, e.g. {PLATFORM_TEAM}.",
        Severity.WARNING,
    )
    answers = [(channel.name, channel.send([message])) for channel in channels]
    return [Sent(name, 1, answer.problem and without_secrets(answer.problem)) for name, answer in answers]
