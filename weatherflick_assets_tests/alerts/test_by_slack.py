"""Messages through Slack's Web API: within its limits, with its errors as answers, and in bounded time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from weatherflick_assets.alerts.by_slack import SlackChannel
from weatherflick_assets.alerts.channels import Answer, Message
from weatherflick_assets.orchestration.slack import SlackAt
from weatherflick_assets_tests.alerts.receiving import TOKEN, Slack, slack
from weatherflick_assets_tests.cli.commands import free_port

# Dagster 1.13 asks pydantic for the fields of resources in the old way.
pytestmark = pytest.mark.filterwarnings("ignore:The `__fields__` attribute is deprecated")

MESSAGE = Message(
    "[error] A run of places 50 failed.", "The host failed.\nLook.", "error", link="http://ui/runs/1?a=1&b=2"
)


@pytest.fixture
def there() -> Iterator[Slack]:
    with slack() as server:
        yield server


def channel(url: str, token: str = TOKEN, name: str = "#alerts") -> SlackChannel:
    """As the sensor makes it: by Dagster's resource."""
    return SlackChannel(SlackAt(token=token, base_url=url).get_client(), name)


def test_a_message_is_posted_with_its_title_its_body_and_a_link_to_the_run(there: Slack) -> None:
    assert channel(there.url).send([MESSAGE]) == Answer()
    (post,) = there.posts
    assert post["text"] == "[error] A run of places 50 failed.\nThe host failed.\nLook.\nhttp://ui/runs/1?a=1&amp;b=2"
    title, body, link = post["blocks"]
    assert title["text"]["text"] == ":red_circle: *[error] A run of places 50 failed.*"
    assert (body["text"]["type"], body["text"]["text"]) == ("plain_text", "The host failed.\nLook.")
    assert link["elements"][0]["text"] == "<http://ui/runs/1?a=1&amp;b=2|Look at the run>"
    assert post["unfurl_links"] is False


def test_what_a_message_quotes_mentions_nobody_and_is_no_markup(there: Slack) -> None:
    channel(there.url).send([Message("<!channel> & <@U1>", "<!here> \x1b[31m")])
    (post,) = there.posts
    assert "<" not in post["text"]
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in post["blocks"][0]["text"]["text"]
    assert post["blocks"][1]["text"]["text"] == "<!here> \\u001b[31m"  # plain text mentions nobody


def test_an_end_is_marked_as_one(there: Slack) -> None:
    channel(there.url).send([Message("[over] It works again.", "", "error", is_over=True)])
    assert there.posts[0]["blocks"][0]["text"]["text"].startswith(":white_check_mark:")


def test_ten_messages_as_long_as_can_be_are_one_post_that_slack_accepts(there: Slack) -> None:
    longest = Message("t" * 2_000, "<&>" * 10_000, "critical", link="http://ui/runs/1")
    assert channel(there.url).send([longest] * 10) == Answer()
    assert len(there.posts) == 1


def test_where_blocks_cannot_be_shown_the_text_is_sent(there: Slack) -> None:
    there.refuses_blocks = True
    assert channel(there.url).send([MESSAGE]) == Answer()
    assert "blocks" not in there.posts[0]


@pytest.mark.parametrize(
    ("token", "name", "said"),
    [
        ("xoxb-wrong-token", "#alerts", "Slack refused the message: invalid_auth. Check SLACK_BOT_TOKEN."),
        (TOKEN, "#nowhere", "Slack refused the message: channel_not_found. Check SLACK_CHANNEL."),
    ],
)
def test_a_wrong_token_or_channel_says_what_to_check(there: Slack, token: str, name: str, said: str) -> None:
    assert channel(there.url, token, name).send([MESSAGE]) == Answer(said)


def test_a_short_wait_that_slack_asks_for_is_waited_for(there: Slack) -> None:
    there.answers = [(429, {"Retry-After": "0"}, '{"ok": false, "error": "ratelimited"}')]
    assert channel(there.url).send([MESSAGE]) == Answer()
    assert (len(there.posts), there.tries) == (1, 2)


def test_a_long_wait_that_slack_asks_for_is_left_to_the_outbox(there: Slack) -> None:
    there.answers = [(429, {"Retry-After": "3600"}, '{"ok": false, "error": "ratelimited"}')]
    answer = channel(there.url).send([MESSAGE])
    assert answer == Answer("Slack asks to send less often.", retry_after=timedelta(hours=1))
    assert there.tries == 1


@pytest.mark.parametrize(("status", "body"), [(500, "oops"), (503, "<html>"), (200, "<html>"), (200, "[]")])
def test_an_answer_that_is_not_slacks_may_mean_that_the_message_arrived(there: Slack, status: int, body: str) -> None:
    there.answers = [(status, {}, body)]
    answer = channel(there.url).send([MESSAGE])
    assert answer.problem == f"Slack gave no answer of its own (status {status})."
    assert answer.may_have_arrived
    assert there.tries == 1, "whether to send again is for the outbox"


def test_a_slack_that_is_not_there_has_received_nothing() -> None:
    answer = channel(f"http://127.0.0.1:{free_port()}/api/").send([MESSAGE])
    assert answer == Answer("Slack could not be reached: [Errno 111] Connection refused.")


@pytest.mark.slow
def test_a_slack_that_never_answers_costs_ten_seconds_and_may_have_received_the_message(there: Slack) -> None:
    there.stays_silent = True
    answer = channel(there.url).send([MESSAGE])
    assert answer == Answer("Slack could not be reached: it did not answer in time.", may_have_arrived=True)
    assert len(there.posts) == 1


def test_this_machine_is_reached_without_the_proxy_of_the_environment(
    there: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert channel(there.url).send([MESSAGE]) == Answer()
