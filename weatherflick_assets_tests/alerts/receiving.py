"""Who receives messages in tests: a Slack of our own over HTTP, and a mail server that asks for a password."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from weatherflick_assets_tests.upstream.hosts import serving_beside

TOKEN = "xoxb-1234567890-AbCdEfGhIjKlMnOp"  # noqa: S105 - of the Slack here
USER, PASSWORD = "alerts", "p@ss:w/rd-Correct1"

LONGEST_SECTION, MOST_BLOCKS = 3_000, 50


@dataclass
class Slack:
    """Slack's `chat.postMessage`, with its checks.

    Attributes:
        url: of the Web API.
        posts: what was accepted.
        answers: replace the next answers: a status, headers and a body, or None for an ordinary one.
        tries: how many posts there were, accepted or not.
        stays_silent: whether it accepts a post and never answers.
        refuses_blocks: whether it can't show any.
    """

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], str] | None] = field(default_factory=list)
    tries: int = 0
    stays_silent: bool = False
    refuses_blocks: bool = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.tries += 1
        if self.answers and (answer := self.answers.pop(0)) is not None:
            status, headers, text = answer
            return web.Response(status=status, headers=headers, text=text, content_type="application/json")
        body = orjson.loads(await request.read())
        error = self._error(request, body)
        if error is None:
            self.posts.append(body)
        if self.stays_silent:
            await asyncio.sleep(3_600)  # until the server is shut down
        return web.json_response({"ok": error is None, **({"error": error} if error else {"ts": "1.2"})})

    def _error(self, request: web.Request, body: dict[str, Any]) -> str | None:
        if request.path != "/api/chat.postMessage":
            return "unknown_method"
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return "invalid_auth"
        if body.get("channel") != "#alerts":
            return "channel_not_found"
        blocks = body.get("blocks", [])
        if isinstance(blocks, str):
            blocks = orjson.loads(blocks)
        sections = [block["text"] for block in blocks if block["type"] == "section"]
        too_long = any(not 0 < len(section["text"]) <= LONGEST_SECTION for section in sections)
        if too_long or len(blocks) > MOST_BLOCKS or (blocks and self.refuses_blocks):
            return "invalid_blocks"
        return None if body.get("text") and len(body["text"]) <= 4_000 else "no_text"


@contextmanager
def slack() -> Iterator[Slack]:
    """A Slack on a port of its own."""
    there = Slack()
    with serving_beside(there.handle) as url:
        there.url = f"{url}/api/"
        yield there


@dataclass
class Mailbox:
    """What a mail server has received.

    Attributes:
        mails: parsed.
        address: of apprise, for the right user.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    def address(self, password: str = PASSWORD) -> str:
        """The address, as ALERT_URLS has it."""
        return (
            f"mailto://{USER}:{quote(password, safe='')}@127.0.0.1:{self.port}"
            "/?from=alerts@example.org&to=oncall@example.org"
        )

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name there
        """Keep a mail."""
        content = envelope.original_content
        assert content is not None
        mail = BytesParser(policy=default).parsebytes(content)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 OK"


class _AtAnyPort(Controller):
    """Listens where there is room; the library's own then looks for itself at port 0."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _checked(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
    is_right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_right, handled=False)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A mail server on a port of its own that accepts one user."""
    mailbox = Mailbox()
    controller = _AtAnyPort(
        mailbox, hostname="127.0.0.1", port=0, authenticator=_checked, auth_required=True, auth_require_tls=False
    )
    controller.start()
    try:
        mailbox.port = controller.port
        yield mailbox
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, or all of it."""
    body = mail.get_body(("plain", "html"))
    assert body is not None
    return body.get_content()
