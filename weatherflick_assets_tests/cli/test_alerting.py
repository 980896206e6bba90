"""`weatherflick alerts`: which channels work, in a line each and an exit code, without a secret; and closing by hand."""

from pathlib import Path

import pytest
from sqlalchemy import URL

from weatherflick_assets.alerts import store as incidents
from weatherflick_assets.alerts.channels import NO_CHANNEL
from weatherflick_assets.alerts.incidents import Observation
from weatherflick_assets.settings import now
from weatherflick_assets_tests.alerts.receiving import PASSWORD, TOKEN, mail_server, slack
from weatherflick_assets_tests.cli.commands import Platform, free_port
from weatherflick_assets_tests.databases import dsn_of

# The mail server says so of itself: passwords are asked for in plain text, on this machine.
pytestmark = [
    pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]


@pytest.fixture
def platform(tmp_path: Path, command_database: URL) -> Platform:
    return Platform(tmp_path, {"WEATHERFLICK_DATABASE_URL": dsn_of(command_database)})


def test_every_channel_is_tried_and_the_exit_code_says_whether_all_work(platform: Platform) -> None:
    with slack() as there, mail_server() as mailbox:
        of_slack = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "#alerts", "SLACK_BASE_URL": there.url}
        works = platform.run_here("alerts", "test", **of_slack, ALERT_URLS=mailbox.address())
        assert (works.code, works.out) == (0, "slack: sent\nmailto 127.0.0.1: sent\n")
        assert there.posts[0]["text"].startswith("[test] WeatherFlick can reach you here.")
        assert mailbox.mails[0]["Subject"] == "[test] WeatherFlick can reach you here."
        dead = f"json://127.0.0.1:{free_port()}/"
        fails = platform.run_here(
            "alerts", "test", **of_slack, ALERT_URLS=f"{dead} {mailbox.address('Wr0ng-p@ssword')} {mailbox.address()}"
        )
    assert fails.code == 1
    first, second, third, fourth = fails.out.splitlines()
    assert first == "slack: sent"
    assert second.startswith("json 127.0.0.1: not sent. A Connection error occurred")
    assert third.startswith("mailto 127.0.0.1: not sent. ")
    assert "Authentication credentials invalid" in third
    assert fourth == "mailto 127.0.0.1 2: sent"
    for secret in (TOKEN, PASSWORD, "Wr0ng-p@ssword"):
        assert secret not in works.said + fails.said


def test_without_a_channel_it_says_what_to_set(platform: Platform) -> None:
    done = platform.run_here("alerts", "test")
    assert done.code == 1
    assert done.complaints == [f"weatherflick: {NO_CHANNEL}"]
    assert "SLACK_BOT_TOKEN" in NO_CHANNEL


def test_an_incident_is_shown_with_its_number_and_closed_by_it(platform: Platform, command_database: URL) -> None:
    assert platform.run_here("status").code == 0  # prepares the database
    seen = Observation("run_failed", "places 50", now(), "The host failed.")
    incidents.notice(dsn_of(command_database), [seen], {}, at=now())
    shown = platform.run_here("status").out
    for said in ("Open incidents", "A run of places 50 failed. The host failed.", "Nobody is notified of incidents"):
        assert said in " ".join(shown.split())
    (listed,) = platform.run_here("status", "--json").summary["incidents"]
    assert listed["sentence"] == "A run of places 50 failed."
    number = str(listed["incident_id"])
    assert platform.run_here("alerts", "close", number).out == "Closed: A run of places 50 failed.\n"
    again = platform.run_here("alerts", "close", number)
    assert (again.code, again.complaints) == (
        1, [f"weatherflick: No incident {number} is open. `weatherflick status` lists those that are."]
    )  # fmt: skip
    assert "Open incidents: none" in platform.run_here("status").out
