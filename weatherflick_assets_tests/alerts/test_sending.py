"""Messages go to every channel that hears of them: none is lost, and none is sent twice unless nobody can know."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from weatherflick_assets.alerts import outbox
from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.by_slack import SlackChannel, web_client
from weatherflick_assets.alerts.channels import Answer, Channel, Message
from weatherflick_assets.alerts.incidents import Observation
from weatherflick_assets.alerts.kinds import CHECK_WARNED, DISK_NEARLY_FULL, RUN_FAILED, Kind
from weatherflick_assets.alerts.sending import Sent, send_due
from weatherflick_assets_tests.alerts.receiving import TOKEN, Slack, slack
from weatherflick_assets_tests.places.store.stock import rows
from weatherflick_assets_tests.warehouse.stored import empty

NOON = datetime.fromisoformat("2026-11-30T12:00+09:00")
MINUTE = timedelta(minutes=1)
FAILS = Answer("It is down.")


class Killed(BaseException):
    """The process is gone: nothing after this is executed."""


@dataclass
class Recipient:
    """A channel that keeps what arrives. `answers`, and `ends` before and after it has received something, in turn."""

    name: str = "one"
    words: frozenset[str] = frozenset()
    answers: list[Answer] = field(default_factory=list)
    is_killed_before: bool = False
    is_killed_after: bool = False
    received: list[list[Message]] = field(default_factory=list)
    tries: int = 0

    def send(self, messages: Sequence[Message]) -> Answer:
        self.tries += 1
        if self.is_killed_before:
            raise Killed
        if self.answers and (answer := self.answers.pop(0)) != Answer():
            return answer
        self.received.append(list(messages))
        if self.is_killed_after:
            raise Killed
        return Answer()

    @property
    def titles(self) -> list[str]:
        return [message.title for message in chain.from_iterable(self.received)]


def happen(dsn: str, *subjects: str, kind: Kind = RUN_FAILED, at: datetime = NOON) -> None:
    incidents.notice(dsn, [Observation(kind.name, one, at, "It broke.", run_id="run-1") for one in subjects], {}, at=at)


def mend(dsn: str, *subjects: str, at: datetime) -> None:
    incidents.notice(dsn, [Observation(RUN_FAILED.name, one, at) for one in subjects], {}, at=at)


def go(dsn: str, *channels: Channel, at: datetime = NOON, ui: str | None = None) -> list[Sent]:
    return send_due(dsn, lambda: channels, ui, lambda: at)


def fates(dsn: str) -> list[tuple[str | None, str | None]]:
    """Of every message, and of its delivery."""
    found = rows(
        dsn,
        "SELECT message.fate, delivery.fate AS of_delivery FROM ops.messages AS message "
        "LEFT JOIN ops.deliveries AS delivery USING (message_id) ORDER BY message_id, channel",
    )
    return [(row["fate"], row["of_delivery"]) for row in found]


def test_a_message_goes_once_to_every_channel(store: str) -> None:
    happen(store, "places 50")
    one, other = Recipient("one"), Recipient("other")
    assert go(store, one, other) == [Sent("one", 1), Sent("other", 1)]
    assert go(store, one, other, at=NOON + timedelta(days=1)) == []
    assert one.titles == other.titles == ["[error] A run of places 50 failed."]


def test_a_run_is_linked_where_the_address_of_the_ui_is_known(store: str) -> None:
    happen(store, "places 50")
    one = Recipient()
    go(store, one, ui="http://127.0.0.1:3000/")
    assert one.received[0][0].link == "http://127.0.0.1:3000/runs/run-1"


def test_what_waits_is_sent_together_ten_at_a_time(store: str) -> None:
    happen(store, *(f"places {number:02}" for number in range(25)))
    one = Recipient()
    for _ in range(4):
        go(store, one)
    assert [len(messages) for messages in one.received] == [10, 10, 5]
    assert one.titles == [f"[error] A run of places {number:02} failed." for number in range(25)]


def test_a_channel_hears_only_what_its_words_say(store: str) -> None:
    happen(store, "places 50")
    happen(store, "/data", kind=DISK_NEARLY_FULL)
    phone, mail = Recipient("phone", frozenset({"critical"})), Recipient("mail")
    go(store, phone, mail)
    assert phone.titles == ["[critical] The disk of /data is nearly full."]
    assert len(mail.titles) == 2


def test_at_night_what_is_critical_is_sent_and_the_rest_in_the_morning(store: str) -> None:
    night = NOON + timedelta(hours=12)
    happen(store, "places 50", at=night)
    happen(store, "/data", kind=DISK_NEARLY_FULL, at=night)
    one = Recipient()
    go(store, one, at=night)
    assert one.titles == ["[critical] The disk of /data is nearly full."]
    go(store, one, at=night + timedelta(hours=8))
    assert one.titles[1:] == ["[error] A run of places 50 failed."]


def test_of_an_incident_that_is_over_before_it_was_told_only_the_end_is_sent(store: str) -> None:
    night = NOON + timedelta(hours=12)
    happen(store, "places 50", at=night)
    mend(store, "places 50", at=night + timedelta(hours=1))
    one = Recipient()
    go(store, one, at=night + timedelta(hours=8))
    assert one.titles == ["[over] It works again. Before: A run of places 50 failed."]
    assert fates(store) == [("folded", None), ("addressed", "sent")]


def test_an_end_follows_a_beginning_that_was_told(store: str) -> None:
    happen(store, "places 50")
    one = Recipient()
    go(store, one)
    mend(store, "places 50", at=NOON + MINUTE)
    go(store, one, at=NOON + MINUTE)
    assert one.titles == [
        "[error] A run of places 50 failed.", "[over] It works again. Before: A run of places 50 failed.",
    ]  # fmt: skip
    assert one.received[1][0].is_over


@pytest.mark.fault(
    "Liveness", "a channel is down for a day", "the others hear at once, and it hears everything once it is up"
)
def test_a_channel_that_is_down_for_a_day_costs_the_others_nothing_and_loses_nothing(store: str) -> None:
    happen(store, "lasting", "passing")
    down, other = Recipient("down", answers=[FAILS] * 1_000), Recipient("other")
    at = NOON
    while at < NOON + timedelta(days=1):
        go(store, down, other, at=at)
        if at == NOON + 60 * MINUTE:
            mend(store, "passing", at=at)
        at += 10 * MINUTE
    assert other.titles == [
        "[error] A run of lasting failed.", "[error] A run of passing failed.",
        "[over] It works again. Before: A run of passing failed.",
    ]  # fmt: skip
    assert 20 < down.tries < 40, "the distance grows to an hour"
    assert down.received == []
    down.answers = []
    go(store, down, other, at=at + timedelta(hours=1))
    assert sorted(down.titles) == [
        "[error] A run of lasting failed.", "[over] It works again. Before: A run of passing failed.",
    ]  # fmt: skip
    assert len(other.titles) == 3


def test_the_distance_between_attempts_doubles_up_to_an_hour() -> None:
    minutes = [outbox.distance(attempts) / MINUTE for attempts in range(1, 100)]
    assert minutes[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert set(minutes[8:]) == {60}


def test_a_channel_is_left_alone_as_long_as_it_asks_to_be(store: str) -> None:
    happen(store, "places 50")
    one = Recipient(answers=[Answer("Slack asks to send less often.", retry_after=10 * MINUTE)])
    assert go(store, one)[0].next_attempt_at == NOON + 10 * MINUTE
    assert go(store, one, at=NOON + 9 * MINUTE) == []
    happen(store, "places 11", at=NOON + 9 * MINUTE)
    assert go(store, one, at=NOON + 10 * MINUTE) == [Sent("one", 2)]


def test_what_a_channel_cannot_take_does_not_keep_the_rest_from_it(store: str) -> None:
    happen(store, "poison")

    class Choosy(Recipient):
        def send(self, messages: Sequence[Message]) -> Answer:
            return FAILS if any("poison" in message.title for message in messages) else super().send(messages)

    one = Choosy()
    go(store, one)
    happen(store, *(f"places {number:02}" for number in range(10)), at=NOON + MINUTE)
    go(store, one, at=NOON + MINUTE)
    assert len(one.titles) == 10


def test_without_a_channel_messages_wait_and_are_sent_when_there_is_one(store: str) -> None:
    happen(store, "lasting", "passing")
    assert go(store) == []
    mend(store, "passing", at=NOON + MINUTE)
    assert go(store, at=NOON + timedelta(days=1)) == []
    assert outbox.unaddressed(store) == 2
    one = Recipient()
    go(store, one, at=NOON + timedelta(days=2))
    assert one.titles == [
        "[error] A run of lasting failed.", "[over] It works again. Before: A run of passing failed.",
    ]  # fmt: skip


def test_a_channel_that_comes_later_hears_of_what_comes_later(store: str) -> None:
    happen(store, "places 50")
    one, later = Recipient("one"), Recipient("later")
    go(store, one)
    go(store, one, later)
    happen(store, "places 11", at=NOON + MINUTE)
    go(store, one, later, at=NOON + MINUTE)
    assert later.titles == ["[error] A run of places 11 failed."]


@pytest.mark.parametrize("channels", [[], [Recipient(answers=[FAILS] * 1_000)]], ids=["no channel", "a dead one"])
def test_after_three_days_a_message_is_too_old(store: str, channels: list[Recipient]) -> None:
    happen(store, "places 50")
    for hours in range(0, 76, 3):
        go(store, *channels, at=NOON + timedelta(hours=hours))
    assert fates(store) == [("addressed", "too_old") if channels else ("too_old", None)]
    late = Recipient()
    go(store, late, at=NOON + timedelta(hours=76))
    assert late.received == []


def test_what_waits_for_a_channel_is_told_with_the_last_problem(store: str) -> None:
    happen(store, "places 50")
    one = Recipient(answers=[FAILS, FAILS, Answer("It is slow."), FAILS])
    for minutes in (0, 1, 3):
        go(store, one, at=NOON + minutes * MINUTE)
    assert outbox.waiting(store) == [outbox.Waiting("one", 1, NOON, "It is slow.")]


@pytest.mark.fault(
    "Liveness",
    "the sender is killed before or after a message has left, or before it notes that",
    "the message is sent when its claim is over, and says that it may have been sent before",
)
class TestKilled:
    @pytest.mark.parametrize("is_after", [False, True], ids=["before it sends", "after it has sent"])
    def test_a_message_whose_sender_was_killed_is_sent_when_the_claim_is_over_and_says_so(
        self, store: str, *, is_after: bool
    ) -> None:
        happen(store, "places 50")
        one = Recipient(is_killed_before=not is_after, is_killed_after=is_after)
        with pytest.raises(Killed):
            go(store, one)
        one.is_killed_before = one.is_killed_after = False
        assert go(store, one, at=NOON + outbox.CLAIMED_FOR - MINUTE) == []
        go(store, one, at=NOON + outbox.CLAIMED_FOR)
        assert len(one.received) == 1 + is_after
        assert "It may have been sent before" in one.received[-1][0].body
        assert go(store, one, at=NOON + timedelta(hours=1)) == []

    def test_a_channel_that_may_have_received_a_message_is_told_so(self, store: str) -> None:
        happen(store, "places 50")
        one = Recipient(answers=[Answer("It did not answer in time.", may_have_arrived=True), FAILS])
        for minutes in (0, 1, 3):
            go(store, one, at=NOON + minutes * MINUTE)
        assert "It may have been sent before" in one.received[0][0].body

    def test_a_channel_that_has_refused_a_message_is_not(self, store: str) -> None:
        happen(store, "places 50")
        one = Recipient(answers=[FAILS])
        for minutes in (0, 1):
            go(store, one, at=NOON + minutes * MINUTE)
        assert "It may have been sent before" not in one.received[0][0].body


def test_those_who_send_at_the_same_time_send_each_message_once(store: str) -> None:
    happen(store, *(f"places {number:02}" for number in range(40)))
    recipients = [Recipient("one") for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda one: [go(store, one) for _ in range(4)], recipients))
    assert sorted(chain.from_iterable(one.titles for one in recipients)) == [
        f"[error] A run of places {number:02} failed." for number in range(40)
    ]


@pytest.fixture
def there() -> Iterator[Slack]:
    with slack() as server:
        yield server


def test_a_slack_that_comes_back_receives_what_waited(store: str, there: Slack) -> None:
    happen(store, "places 50")
    channel = SlackChannel(web_client(TOKEN, there.url), "#alerts")
    there.answers = [(503, {}, "down")] * 3
    for minutes in (0, 1, 3):
        go(store, channel, at=NOON + minutes * MINUTE)
    assert there.posts == []
    assert go(store, channel, at=NOON + 7 * MINUTE) == [Sent("slack", 1)]
    assert [post["text"].splitlines()[0] for post in there.posts] == ["[error] A run of places 50 failed."]


Step = Callable[[str, datetime, Recipient], None]


def _fail(dsn: str, at: datetime, _recipient: Recipient) -> None:
    happen(dsn, "a", at=at)


def _mend(dsn: str, at: datetime, _recipient: Recipient) -> None:
    mend(dsn, "a", at=at)


def _warn(dsn: str, at: datetime, _recipient: Recipient) -> None:
    happen(dsn, "b", kind=CHECK_WARNED, at=at)


def _send(dsn: str, at: datetime, recipient: Recipient) -> None:
    go(dsn, recipient, at=at)


def _send_in_vain(dsn: str, at: datetime, recipient: Recipient) -> None:
    recipient.answers = [FAILS]
    go(dsn, recipient, at=at)
    recipient.answers = []


def _be_killed(dsn: str, at: datetime, recipient: Recipient) -> None:
    recipient.is_killed_before = True
    try:
        go(dsn, recipient, at=at)
    except Killed:
        pass
    finally:
        recipient.is_killed_before = False


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([_fail, _mend, _warn, _send, _send_in_vain, _be_killed]), max_size=8))
def test_whatever_happens_each_incident_is_told_once_and_its_end_once(
    prepared_database: str, steps: list[Step]
) -> None:
    empty(prepared_database)
    recipient = Recipient()
    at = NOON
    for step in steps:
        step(prepared_database, at, recipient)
        at += 10 * MINUTE
    for hours in range(1, 5):
        go(prepared_database, recipient, at=at + timedelta(hours=hours))
    found = rows(prepared_database, "SELECT severity, closed_at FROM ops.incidents")
    opened = [title for title in recipient.titles if title == "[error] A run of a failed."]
    over = [title for title in recipient.titles if title.startswith("[over]")]
    errors = [row for row in found if row["severity"] == "error"]
    closed = [row for row in errors if row["closed_at"]]
    assert len(over) == len(closed)
    assert len(errors) - len(closed) <= len(opened) <= len(errors)
    assert all(fate in ("sent", "folded") for _, fate in fates(prepared_database) if fate is not None)
    assert not any("warning" in title for title in recipient.titles), "they are in the digest"
