"""Messages through apprise: mail to a real server and JSON over real HTTP, with wrong passwords and dead servers."""

import socket
from collections.abc import Iterator

import pytest
from aiohttp import web

from weatherflick_assets.alert_addresses import addresses
from weatherflick_assets.alerts.by_apprise import AppriseChannel
from weatherflick_assets.alerts.channels import Answer, Message
from weatherflick_assets_tests.alerts.receiving import Mailbox, mail_server, text_of
from weatherflick_assets_tests.cli.commands import free_port
from weatherflick_assets_tests.upstream.hosts import serving_beside

# The mail server says so of itself: passwords are asked for in plain text, on this machine.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
    pytest.mark.filterwarnings("ignore:Session.login_data is deprecated"),
]

MESSAGE = Message(
    "[error] A <b>run</b> failed.", "The host & its 친구 failed.\nLook.", "error", link="http://ui/runs/1"
)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


def channel(address: str) -> AppriseChannel:
    return AppriseChannel(addresses(address)[0])


def test_a_mail_has_the_title_as_its_subject_and_the_text_as_it_is(mailbox: Mailbox) -> None:
    assert channel(mailbox.address()).send([MESSAGE]) == Answer()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "[error] A <b>run</b> failed."
    assert text_of(mail).splitlines()[:3] == ["The host & its 친구 failed.", "Look.", "http://ui/runs/1"]
    assert mailbox.recipients == ["oncall@example.org"]


def test_several_messages_are_one_mail(mailbox: Mailbox) -> None:
    assert channel(mailbox.address()).send([MESSAGE] * 10) == Answer()
    (mail,) = mailbox.mails
    assert mail["Subject"] == "WeatherFlick: 10 messages"
    assert text_of(mail).count("[error] A <b>run</b> failed.") == 10


def test_a_wrong_password_is_told_as_the_server_tells_it(mailbox: Mailbox) -> None:
    answer = channel(mailbox.address("wrong-password")).send([MESSAGE])
    assert answer.problem == (
        "Connection error while submitting email to \"127.0.0.1\". (535, b'5.7.8 Authentication credentials invalid')."
    )
    assert not answer.may_have_arrived
    assert mailbox.mails == []


def test_a_server_that_is_not_there_is_told() -> None:
    address = f"mailto://u:p@127.0.0.1:{free_port()}/?from=a@example.org&to=b@example.org"
    answer = channel(address).send([MESSAGE])
    assert answer.problem == 'Connection error while submitting email to "127.0.0.1". [Errno 111] Connection refused.'


@pytest.mark.slow
def test_a_server_that_never_answers_may_have_received_the_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        for url in (f"mailto://u:p@{address}/?from=a@example.org&to=b@example.org", f"json://{address}/"):
            answer = channel(url).send([MESSAGE])
            assert "timed out" in (answer.problem or "")
            assert answer.may_have_arrived


def test_a_webhook_receives_the_message_as_json() -> None:
    received = []

    async def hook(request: web.Request) -> web.Response:
        received.append(await request.json())
        return web.Response()

    with serving_beside(hook) as url:
        assert channel(url.replace("http", "json")).send([MESSAGE]) == Answer()
        assert channel(url.replace("http", "json")).send([Message("[over] Works.", "", is_over=True)]) == Answer()
    assert [(one["title"], one["type"]) for one in received] == [
        ("[error] A <b>run</b> failed.", "failure"), ("[over] Works.", "success"),
    ]  # fmt: skip


@pytest.mark.parametrize("address", ["nonsense://x", "kakaotalk://only-one-part", "mailto://a"])
def test_an_address_that_apprise_does_not_know_is_told_without_repeating_it(
    address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    answer = channel(address).send([MESSAGE])
    assert answer.problem == "The address is none that apprise knows, or something in it is missing."
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "address",
    [
        "kakaotalk://0123456789abcdef0123456789abcdef/refresh-token-0123456789",
        "line://channel-access-token-0123456789/U0123456789abcdef0123456789abcdef",
        "sns://AKIAIOSFODNN7EXAMPLE/wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY/ap-northeast-2/+821012345678",
        "twilio://AC0123456789abcdef0123456789abcdef:0123456789abcdef0123456789abcdef@15551234567/+821012345678",
        "vonage://01234567:0123456789abcdef@15551234567/+821012345678",
        "mailtos://user:password@smtp.gmail.com?to=oncall@example.org",
        "discord://417421629847/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "jsons://hooks.example.org/path",
    ],
)
def test_the_services_that_the_page_on_alerts_names_are_known_to_apprise(address: str) -> None:
    import apprise  # noqa: PLC0415 - it takes two seconds

    assert apprise.Apprise().add(address)
