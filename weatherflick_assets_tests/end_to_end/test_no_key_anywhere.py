"""No API key is in anything the platform writes or says, whatever the upstream does with the one it was sent.

The upstream refuses and fails in each of its generations of errors, and sends keys back: in texts, fields, items,
pages and headers, plain and percent-encoded. Afterwards every value of every table of both databases, every file of the
state folder and all that was printed is looked through.
"""

import base64
import html
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from aiohttp import web
from psycopg import sql
from sqlalchemy import URL

from weatherflick_assets.cli.calling import call, operation_named
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.faults import SPREAD
from weatherflick_assets.sandbox.options import SandboxOptions
from weatherflick_assets.sandbox.server import RunningSandbox
from weatherflick_assets.settings import Settings
from weatherflick_assets_tests.cli.commands import PLACE, Done, Platform, platform
from weatherflick_assets_tests.databases import dsn_of
from weatherflick_assets_tests.key_forms import TEXTS, WHOLE, letters, readings
from weatherflick_assets_tests.upstream.hosts import envelope, gateway_error, serving_beside

GENERATIONS = ("json4xx", "xml200", "text")


def key(name: str) -> str:
    """A key like the portal's; every one holds what is looked for, a different one is refused without harm to the others."""
    return f"{name}PLANTED8key+/{name}=="


PLANTED = b"ANTED8key"
FORMS = (
    PLANTED.lower(),
    PLANTED.lower()[::-1],
    PLANTED.hex().encode(),
    *(letters(base64.b64encode(bytes(offset) + PLANTED)[2 * offset : -4]) for offset in range(3)),
)
"""What is left of the part that every key has, when only letters and digits count."""


def traces(value: object) -> list[bytes]:
    """What of a key is in a value, compressed or not."""
    content = bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
    with suppress(zlib.error):
        content += zlib.decompress(content)
    return [form for form in FORMS if any(form in letters(reading) for reading in readings(content))]


def in_database(dsn: str) -> tuple[list[str], int]:
    """Where in a database a key is, and how many values were looked at."""
    found, looked_at = [], 0
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, name in tables:
            cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, name)))
            names = [column.name for column in cursor.description or ()]
            for row in cursor:
                looked_at += len(row)
                found += [
                    f"{schema}.{name}.{column}" for column, value in zip(names, row, strict=True) if traces(value)
                ]
    return found, looked_at


@pytest.fixture
def live(command_database: URL) -> Iterator[Platform]:
    with platform(WEATHERFLICK_DATABASE_URL=dsn_of(command_database)) as created:
        yield created


async def echo(request: web.Request) -> web.Response:
    """Send the key back, in the way that its name says."""
    raw, sent = request.raw_path, request.query["serviceKey"]
    text = f"no such key: {sent} ({html.escape(sent)}) in {raw}, {quote(quote(sent, safe=''), safe='')}"
    xml = f"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>{html.escape(text)}</errMsg></cmmMsgHeader></OpenAPI_ServiceResponse>"
    ways = {
        "moved": web.Response(status=302, headers={"Location": f"https://elsewhere.invalid{raw}"}, text=text),
        "named": web.Response(status=400, body=gateway_error("11", sent, text)),
        "refused": web.Response(status=401, body=gateway_error("30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", text)),
        "coded": web.Response(status=400, body=gateway_error(sent, sent, text)),
        "marked": web.Response(status=400, text=xml, content_type="text/xml"),
        "plain": web.Response(status=404, text=text),
        "paged": web.Response(status=403, text=f"<html><title>{text}</title></html>", content_type="text/html"),
        "listed": web.Response(
            body=envelope([{**PLACE, "title": f"공원 {sent}", "tel": text, "firstimage": raw}, *every_form(sent)])
        ),
        **{
            f"whole{number}": web.Response(body=pack(envelope([{**PLACE, "title": f"공원 {sent}"}])))
            for number, pack in enumerate(WHOLE.values())
        },
    }
    return ways[sent.partition("PLANTED")[0]]


def every_form(sent: str) -> list[dict[str, object]]:
    """A place for every form in which a key may come back, in its name, its address and its telephone number."""
    return [
        {**PLACE, "contentid": str(number), "title": f"공원 {form(sent)}", "addr2": form(sent), "tel": form(sent)}
        for number, form in enumerate(TEXTS.values(), 900_001)
    ]


def echoed(live: Platform) -> list[Done]:
    """Commands against an upstream that sends the key back: a collection and a call as programs, the others in process."""
    collect = ("collect", "--regions", "36110", "--types", "attractions", "--json")
    call_one = ("call", "kto", "areaCode2")
    with serving_beside(echo) as url:

        def settings(name: str) -> dict[str, str]:
            # Both forms in which the portal hands keys out.
            configured = key(name) if name < "n" else quote(key(name), safe="")
            return {"KTO_API_KEY": configured, "DATA_GO_KR_BASE_URL": url}

        return [
            *(live.run_here(*collect, **settings(name)) for name in ("moved", "refused")),
            live.run(*collect, **settings("listed")),
            *(live.run_here(*call_one, **settings(name)) for name in ("named", "plain")),
            live.run(*call_one, **settings("listed")),
            live.run_here("status", "--json", **settings("listed")),
        ]


def echoed_to_the_client(dsn: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What else an upstream can do with a key, without a command for each."""
    with serving_beside(echo) as url:
        return [
            outcome(dsn, url, key(name), monkeypatch)
            for name in ("coded", "marked", "paged", *(f"whole{number}" for number in range(len(WHOLE))))
        ]


def refused_and_failed(dsn: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a client says to refusals, and to faults, up to six for a call, in each generation of errors."""
    said = []
    for seed, generation in enumerate(GENERATIONS):
        registered = tuple(key(f"{generation}-{name}") for name in ("expired", "unapproved", "spent", "failed"))
        expired, unapproved, spent, failed = registered
        with RunningSandbox(SandboxOptions(keys=registered), catalogue=Catalogue.from_rows([PLACE])) as sandbox:
            sandbox.change(error_generation=generation, expired=[expired], unapproved=[[unapproved, "areaCode2"]])
            unwanted = (key(f"{generation}-unknown"), expired, unapproved)
            said.extend(outcome(dsn, sandbox.url, sent, monkeypatch) for sent in unwanted)
            sandbox.change(daily_limit=0)
            said.append(outcome(dsn, sandbox.url, spent, monkeypatch))
            sandbox.change(daily_limit=None, refused_agents=["*"])
            said.append(outcome(dsn, sandbox.url, failed, monkeypatch))
            sandbox.change(refused_agents=[])
        behaviour = Behaviour(error_generation=generation, seed=seed, faults=dict.fromkeys(SPREAD, 1 / len(SPREAD)))
        with RunningSandbox(
            SandboxOptions(keys=registered), catalogue=Catalogue.from_rows([PLACE]), behaviour=behaviour
        ) as sandbox:
            said.append(outcome(dsn, sandbox.url, failed, monkeypatch))
    return said


def outcome(dsn: str, url: str, sent: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What becomes of one call."""
    monkeypatch.setenv("KTO_API_KEY", sent)
    monkeypatch.setenv("DATA_GO_KR_BASE_URL", url)
    try:
        return str(call(operation_named("kto", "areaCode2"), {}, Settings(), dsn))  # type: ignore[call-arg]
    except PlatformError as error:
        return f"{error!r} {error.__cause__!r} {error.__context__!r} {error}"


@pytest.mark.fault("Keys and passwords", "a key comes back in every form", "it is in no table, file or output")
@pytest.mark.slow
def test_no_key_is_in_any_table_file_or_output(
    live: Platform, command_database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    dsn = dsn_of(command_database)
    commands = echoed(live)
    assert [command.code for command in commands] == [1, 1, 0, 1, 1, 0, 0], [command.said for command in commands]
    assert "[key]" in commands[5].out  # the echo was met, and blotted out
    said = [*echoed_to_the_client(dsn, monkeypatch), *refused_and_failed(dsn, monkeypatch)]
    assert len(said) == 3 + len(WHOLE) + 3 * 6
    assert all(said)

    assert [
        line for text in (*(command.said for command in commands), *said) for line in text.splitlines() if traces(line)
    ] == []
    for database in (dsn, dsn_of(command_database.set(database=f"{command_database.database}_dagster"))):
        found, looked_at = in_database(database)
        assert (found, looked_at > 500) == ([], True)
    files = list(live.files())
    assert files
    assert [path for path in files if traces(path.read_bytes())] == []


@pytest.mark.parametrize(
    "value",
    [
        key("a"),
        quote(key("a"), safe=""),
        key("a").encode(),
        zlib.compress(key("a").encode()),
        {"a": [key("a")]},
        *(form(key("a")) for form in TEXTS.values()),
    ],
)
def test_what_looks_for_keys_finds_them(value: Any) -> None:
    assert traces(value)
