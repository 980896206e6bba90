"""The sensor that sends messages: to a real Slack and a real mail server, and without a secret left anywhere."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.channels import NO_CHANNEL, AlertSettingsError, names_of
from weatherflick_assets.alerts.incidents import Observation
from weatherflick_assets.orchestration.messages import send_messages
from weatherflick_assets.orchestration.warehouse import WarehouseResource
from weatherflick_assets.settings import Settings
from weatherflick_assets_tests.alerts.receiving import PASSWORD, TOKEN, Mailbox, Slack, mail_server, slack, text_of
from weatherflick_assets_tests.key_forms import TEXTS, leaks
from weatherflick_assets_tests.places.store.stock import rows

# The mail server says so of itself: passwords are asked for in plain text, on this machine.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]

NOON = datetime.fromisoformat("2026-11-30T12:00+09:00")


@pytest.fixture
def slack_there() -> Iterator[Slack]:
    with slack() as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, slack_there: Slack, mailbox: Mailbox) -> pytest.MonkeyPatch:
    monkeypatch.setenv("SLACK_BOT_TOKEN", f" {TOKEN}\n")
    monkeypatch.setenv("SLACK_CHANNEL", "#alerts")
    monkeypatch.setenv("SLACK_BASE_URL", slack_there.url)
    monkeypatch.setenv("ALERT_URLS", mailbox.address())
    monkeypatch.setenv("WEATHERFLICK_UI_URL", "http://127.0.0.1:3000")
    return monkeypatch


def happen(dsn: str, problem: str = "It broke.") -> None:
    incidents.notice(dsn, [Observation("run_failed", "places 50", NOON, problem, run_id="run-1")], {}, at=NOON)


def tick(dsn: str, at: datetime = NOON) -> SensorExecutionData:
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance=instance, resources={"warehouse": WarehouseResource(dsn=dsn)})
        return send_messages(lambda: at).evaluate_tick(context)


@pytest.mark.automation("send_messages")
@pytest.mark.usefixtures("environment")
def test_a_message_reaches_slack_and_the_mailbox_once(store: str, slack_there: Slack, mailbox: Mailbox) -> None:
    happen(store)
    assert tick(store).skip_message == "slack: 1 sent. mailto 127.0.0.1: 1 sent."
    assert tick(store).skip_message == "Nothing waits."
    (post,), (mail,) = slack_there.posts, mailbox.mails
    assert "<http://127.0.0.1:3000/runs/run-1|Look at the run>" in str(post["blocks"])
    assert mail["Subject"] == "[error] A run of places 50 failed."
    assert "http://127.0.0.1:3000/runs/run-1" in text_of(mail)


def test_without_a_channel_the_tick_says_that_nobody_is_told(store: str) -> None:
    happen(store)
    assert tick(store).skip_message == NO_CHANNEL
    assert rows(store, "SELECT fate FROM ops.messages") == [{"fate": None}]


@pytest.mark.fault(
    "Keys and passwords",
    "a token, a password or an address of an alert comes back from a server, in any form, or is in the reason of a failure",
    "it is in no table, no log, no tick and no message",
)
def test_no_secret_of_a_channel_is_in_a_table_a_log_a_tick_or_a_message(
    store: str,
    environment: pytest.MonkeyPatch,
    slack_there: Slack,
    mailbox: Mailbox,
    capfd: pytest.CaptureFixture[str],
) -> None:
    secret = "Wr0ng-but-s3cret/p@ss"  # noqa: S105 - of nothing
    environment.setenv("ALERT_URLS", mailbox.address(secret))
    root = logging.getLogger()
    printed = logging.StreamHandler()
    root.addHandler(printed)
    try:
        for number, (name, form) in enumerate(TEXTS.items()):
            for kept in (TOKEN, secret):
                incidents.notice(
                    store,
                    [Observation("run_failed", f"{name} {kept[:2]}", NOON, f"It said {form(kept)} and ended.")],
                    {},
                    at=NOON + timedelta(seconds=number),
                )
        slack_there.answers = [(200, {}, f'{{"ok": false, "error": "{TOKEN}"}}'), (500, {}, TOKEN)]
        said = [tick(store, NOON + timedelta(minutes=minutes)).skip_message or "" for minutes in (0, 2, 5)]
    finally:
        root.removeHandler(printed)
    tables = [
        str(rows(store, f"SELECT * FROM ops.{table}"))
        for table in ("incidents", "messages", "deliveries", "incident_watch")
    ]
    assert slack_there.posts
    assert mailbox.mails == []
    assert "Authentication credentials invalid" in tables[2]
    for text in (*said, *tables, *map(str, slack_there.posts), *capfd.readouterr()):
        for kept in (TOKEN, secret):
            assert not leaks(text.encode(), kept), text[:500]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SLACK_BOT_TOKEN": TOKEN}, "SLACK_BOT_TOKEN is set and SLACK_CHANNEL is not. Set both, or neither."),
        ({"SLACK_CHANNEL": "#alerts"}, "SLACK_CHANNEL is set and SLACK_BOT_TOKEN is not. Set both, or neither."),
        (
            {"ALERT_URLS": f"mailto://a@example.org {PASSWORD}"},
            (
                "ALERT_URLS can't be used: address 1 is not written as scheme://…. Separate addresses by commas or blanks; "
                "docs/alerts.md has examples."
            ),
        ),
        (
            {"ALERT_URLS": "urgent=mailto://a@example.org"},
            (
                "ALERT_URLS can't be used: before address 1 stands a word that is neither a severity (warning, error, "
                "critical) nor an owner, e.g. team:data-platform."
            ),
        ),
    ],
)
def test_channels_that_are_declared_wrongly_are_told_in_a_sentence_that_repeats_no_value(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(AlertSettingsError) as refused:
        names_of(Settings())
    assert str(refused.value) == said


def test_channels_are_read_from_the_env_file_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", str(tmp_path / ".env"))
    (tmp_path / ".env").write_text(
        f"SLACK_BOT_TOKEN={TOKEN}\nSLACK_CHANNEL=#alerts\nALERT_URLS='json://x, mailto://y.org'\n"
    )
    assert names_of(Settings()) == ["slack", "json x", "mailto y.org"]
