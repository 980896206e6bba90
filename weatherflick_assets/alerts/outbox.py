"""The outbox of messages: which message waits for which channel, and who is sending it. Sending is in `sending.py`.

A message is addressed to the channels that there are when it is due, so it waits while there is none. A delivery is claimed
before it is sent, and settled afterwards, each in a transaction of its own; nothing is locked while a channel takes its time.
Of an incident only the last message that waits is sent: its end tells its beginning, too.

At least once: a process that is killed after it has sent and before it has noted that sends again when its claim is over, and
the message says so. A person who reads a thing twice loses a minute, and one who never hears of it a day.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row

from weatherflick_assets.warehouse.connections import connect

CLAIMED_FOR = timedelta(minutes=5)
"""Longer than any channel may take to send."""

TOO_OLD = timedelta(days=3)
"""A message that could not be sent for so long is not sent any more."""

SHORTEST_DISTANCE, LONGEST_DISTANCE = timedelta(minutes=1), timedelta(hours=1)
"""Between attempts of a channel that fails; the distance doubles."""

MOST_AT_ONCE = 10
"""Messages that are sent together, so that a hundred incidents do not make a hundred posts."""

FAILING = 3
"""A channel has failed when a message that waits for it was tried so often."""

# What waits about an incident is told by the last message about it.
_FOLD_MESSAGES = """
UPDATE ops.messages AS earlier SET fate = 'folded'
WHERE fate IS NULL AND EXISTS (
    SELECT FROM ops.messages AS later WHERE later.incident_id = earlier.incident_id AND later.message_id > earlier.message_id
)
"""

# The last message takes over how often the channel was tried: it does not work because there is less to send.
_FOLD_DELIVERIES = """
WITH folded AS (
UPDATE ops.deliveries AS delivery SET fate = 'folded'
FROM ops.messages AS earlier
WHERE delivery.message_id = earlier.message_id AND delivery.fate IS NULL AND delivery.channel = %(channel)s
  AND (delivery.claimed_until IS NULL OR delivery.claimed_until <= %(now)s)
  AND EXISTS (
      SELECT FROM ops.messages AS later JOIN ops.deliveries AS last ON last.message_id = later.message_id
      WHERE later.incident_id = earlier.incident_id AND later.message_id > earlier.message_id
        AND last.channel = delivery.channel AND last.fate IS NULL
  )
RETURNING delivery.message_id, incident_id, attempts, problem
), failed AS (
    SELECT incident_id, max(attempts) AS attempts, (array_agg(problem ORDER BY attempts DESC))[1] AS problem
    FROM folded GROUP BY incident_id
)
UPDATE ops.deliveries AS last SET attempts = greatest(last.attempts, failed.attempts), problem = coalesce(last.problem, failed.problem)
FROM failed JOIN ops.messages AS message USING (incident_id)
WHERE last.message_id = message.message_id AND last.channel = %(channel)s AND last.fate IS NULL
  AND last.message_id NOT IN (SELECT message_id FROM folded)
"""

_DUE = """
SELECT message_id, owner, severity FROM ops.messages WHERE fate IS NULL AND due_at <= %s
ORDER BY message_id FOR UPDATE SKIP LOCKED
"""
_ADDRESS = "INSERT INTO ops.deliveries (message_id, channel, attempts, next_attempt_at) VALUES (%s, %s, 0, %s)"
_ADDRESSED = "UPDATE ops.messages SET fate = 'addressed' WHERE message_id = %s"

_NEVER_ADDRESSED = "UPDATE ops.messages SET fate = 'too_old' WHERE fate IS NULL AND due_at < %s"
_NEVER_SENT = """
UPDATE ops.deliveries SET fate = 'too_old' FROM ops.messages AS message
WHERE message.message_id = deliveries.message_id AND deliveries.fate IS NULL AND message.due_at < %(before)s
  AND (claimed_until IS NULL OR claimed_until <= %(now)s)
"""

# What was tried least comes first, so that a message that a channel can't take does not keep the others from it.
_CLAIM = """
WITH chosen AS (
    SELECT message_id, claimed_until FROM ops.deliveries
    WHERE channel = %(channel)s AND fate IS NULL AND next_attempt_at <= %(now)s
      AND (claimed_until IS NULL OR claimed_until <= %(now)s)
    ORDER BY attempts, message_id LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
)
UPDATE ops.deliveries AS delivery SET attempts = attempts + 1, claimed_until = %(until)s
FROM chosen JOIN ops.messages AS message USING (message_id)
WHERE delivery.message_id = chosen.message_id AND delivery.channel = %(channel)s
RETURNING delivery.message_id, occasion, severity, title, body, run_id, attempts,
          chosen.claimed_until IS NOT NULL AS may_be_known
"""

_SENT = """
UPDATE ops.deliveries SET fate = 'sent', sent_at = %(now)s, claimed_until = NULL, problem = NULL
WHERE channel = %(channel)s AND message_id = ANY (%(messages)s) AND fate IS NULL
"""

# What may have arrived keeps its claim, which is over, so that the next attempt says so.
_FAILED = """
UPDATE ops.deliveries
SET problem = %(problem)s, claimed_until = CASE WHEN message_id = ANY (%(may_be_known)s) THEN %(now)s::timestamptz END
WHERE channel = %(channel)s AND message_id = ANY (%(messages)s) AND fate IS NULL
"""
_PUT_OFF = """
UPDATE ops.deliveries SET next_attempt_at = greatest(next_attempt_at, %(next)s)
WHERE channel = %(channel)s AND fate IS NULL
"""

_CHANNELS = """
SELECT channel, (array_agg(problem ORDER BY attempts DESC) FILTER (WHERE fate IS NULL AND attempts >= %s))[1]
FROM ops.deliveries GROUP BY channel ORDER BY channel
"""

_WAITING = """
SELECT channel, count(*)::integer AS messages, min(message.due_at) AS since,
       (array_agg(problem ORDER BY attempts DESC) FILTER (WHERE problem IS NOT NULL))[1] AS problem
FROM ops.deliveries JOIN ops.messages AS message USING (message_id)
WHERE deliveries.fate IS NULL GROUP BY channel ORDER BY channel
"""
_IS_ANY_WAITING = """
SELECT EXISTS (SELECT FROM ops.messages WHERE fate IS NULL AND due_at <= %(now)s)
    OR EXISTS (SELECT FROM ops.deliveries WHERE fate IS NULL AND next_attempt_at <= %(now)s
                 AND (claimed_until IS NULL OR claimed_until <= %(now)s))
"""
_UNADDRESSED = "SELECT count(*) FROM ops.messages WHERE fate IS NULL"


@dataclass(frozen=True)
class Claimed:
    """A message that this process sends to a channel.

    Attributes:
        attempts: this attempt included.
        may_be_known: an earlier attempt may have arrived: its process was killed, or the channel did not answer in time.
    """

    message_id: int
    occasion: str
    severity: str
    title: str
    body: str
    run_id: str | None
    attempts: int
    may_be_known: bool


@dataclass(frozen=True)
class Waiting:
    """What waits for a channel, and why the last attempt failed."""

    channel: str
    messages: int
    since: datetime
    problem: str | None


Hears = Callable[[str, str], Collection[str]]
"""The names of the channels that hear of an owner and a severity."""


def is_any_waiting(dsn: str, now: datetime) -> bool:
    """Whether there may be something to send now."""
    with connect(dsn) as connection:
        row = connection.execute(_IS_ANY_WAITING, {"now": now}).fetchone()
    return row == (True,)


def address(dsn: str, hears: Hears | None, now: datetime) -> None:
    """Address what is due to the channels that hear of it, and give up what is too old.

    `hears`: None where there is no channel; what is due then waits.
    """
    with connect(dsn) as connection:
        connection.execute(_FOLD_MESSAGES)
        connection.execute(_NEVER_ADDRESSED, (now - TOO_OLD,))
        connection.execute(_NEVER_SENT, {"before": now - TOO_OLD, "now": now})
        if hears is None:
            return
        for message_id, owner, severity in connection.execute(_DUE, (now,)).fetchall():
            for channel in hears(owner, severity):
                connection.execute(_ADDRESS, (message_id, channel, now))
            connection.execute(_ADDRESSED, (message_id,))


def claim(dsn: str, channel: str, now: datetime) -> list[Claimed]:
    """Take the messages to send to a channel now, oldest first; nobody else takes them while the claim holds."""
    with connect(dsn) as connection:
        connection.execute(_FOLD_DELIVERIES, {"channel": channel, "now": now})
        claimed = connection.cursor(row_factory=class_row(Claimed)).execute(
            _CLAIM, {"channel": channel, "now": now, "until": now + CLAIMED_FOR, "most": MOST_AT_ONCE}
        )
        return sorted(claimed.fetchall(), key=lambda message: message.message_id)


def settle_sent(dsn: str, channel: str, claimed: Sequence[Claimed], now: datetime) -> None:
    """Note that messages were sent."""
    with connect(dsn) as connection:
        connection.execute(_SENT, {"channel": channel, "messages": _ids(claimed), "now": now})


def settle_failed(
    dsn: str,
    channel: str,
    claimed: Sequence[Claimed],
    problem: str,
    *,
    may_have_arrived: bool,
    not_before: datetime | None,
    now: datetime,
) -> datetime:
    """Note that messages were not sent; the whole channel is left alone for a while. Returns until when.

    Args:
        dsn: the platform's database.
        channel: that failed.
        claimed: what was to be sent.
        problem: why, without any secret.
        may_have_arrived: whether it is not known that nothing arrived.
        not_before: until when the channel asks to be left alone.
        now: the time.
    """
    attempts = max(message.attempts for message in claimed)
    following = max(now + distance(attempts), not_before or now)
    may_be_known = [message for message in claimed if may_have_arrived or message.may_be_known]
    about = {"channel": channel, "messages": _ids(claimed), "may_be_known": _ids(may_be_known)}
    with connect(dsn) as connection:
        connection.execute(_FAILED, {**about, "problem": problem, "now": now})
        connection.execute(_PUT_OFF, {"channel": channel, "next": following})
    return following


def distance(attempts: int) -> timedelta:
    """How long a channel is left alone after so many attempts in a row."""
    return min(SHORTEST_DISTANCE * 2 ** min(attempts - 1, 10), LONGEST_DISTANCE)


def channel_problems(connection: psycopg.Connection) -> dict[str, str | None]:
    """Every channel that messages went to, with the problem of one that has failed several times; None: it works."""
    return dict(connection.execute(_CHANNELS, (FAILING,)).fetchall())


def waiting(dsn: str) -> list[Waiting]:
    """What waits, by channel."""
    with connect(dsn) as connection:
        return connection.cursor(row_factory=class_row(Waiting)).execute(_WAITING).fetchall()


def unaddressed(dsn: str) -> int:
    """How many messages wait for their time, or for a channel."""
    with connect(dsn) as connection:
        row = connection.execute(_UNADDRESSED).fetchone()
    assert row is not None
    return row[0]


def _ids(claimed: Sequence[Claimed]) -> list[int]:
    return [message.message_id for message in claimed]
