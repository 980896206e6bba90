"""Proxies: as the environment says for real hosts, never for the machine itself, and never shown."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from weatherflick_assets.settings import Host
from weatherflick_assets.upstream.client import Answer
from weatherflick_assets.upstream.errors import UnreachableError
from weatherflick_assets.upstream.proxies import (
    LOOPBACK,
    ProxyError,
    is_loopback,
    open_directly,
    proxy_for,
    sparing_loopback,
)
from weatherflick_assets_tests.upstream.hosts import LIST, Handler, Kept, always, client_of, envelope, serving

REAL = Host("", "http://apis.example")
PAGE = envelope([{"contentid": "126508"}])
PARAMETERS = {"numOfRows": "10", "pageNo": "1", "contentTypeId": "12"}
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def set_to(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@dataclass
class Proxy:
    """A proxy that answers as the host would, remembers what went through it, and makes no tunnels."""

    seen: list[tuple[str, str, str | None]] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.Response:
        self.seen.append((request.method, request.headers["Host"], request.headers.get("Proxy-Authorization")))
        return web.Response(body=PAGE)


def called(url: str) -> Answer:
    async def call() -> Answer:
        async with client_of(url, Kept()) as client:
            return await client.call(LIST, PARAMETERS)

    return asyncio.run(call())


def through(proxy: Handler, url: str, monkeypatch: pytest.MonkeyPatch, name: str, login: str = "") -> Answer:
    """The answer to a call to `url` where the variable `name` holds the address of a real proxy."""

    async def call() -> Answer:
        async with serving(proxy) as address:
            monkeypatch.setenv(name, address.replace("://", f"://{login}"))
            async with client_of(url, Kept()) as client:
                return await client.call(LIST, PARAMETERS)

    return asyncio.run(call())


@pytest.mark.fault(
    "Odd machines",
    "the network is left through a proxy only, with a user and a password",
    "real hosts are reached through it",
)
@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy"])
def test_a_real_host_is_reached_through_the_proxy_of_the_environment(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Proxy()
    answer = through(proxy, REAL.base_url, monkeypatch, name, login="a%20user:pass%40word@")
    assert [row["contentid"] for row in answer.page.items] == ["126508"]
    assert proxy.seen == [("GET", "apis.example", "Basic YSB1c2VyOnBhc3NAd29yZA==")]


def test_a_proxy_that_refuses_is_named_by_its_variable_and_its_password_nowhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(UnreachableError) as caught:
        through(Proxy(), "https://apis.example", monkeypatch, "HTTPS_PROXY", login="PLANTEDuser:PLANTEDpassword@")
    assert "through the proxy of HTTPS_PROXY" in str(caught.value)
    assert "(ClientHttpProxyError, HTTP 4" in str(caught.value)
    assert "PLANTED" not in f"{caught.value!r} {caught.value.__cause__} {caught.value.__context__!r}"


@pytest.mark.fault(
    "Odd machines",
    "a proxy is set, and NO_PROXY does not name the machine itself",
    "the sandbox, the UI and Dagster's own connections go around it",
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_machine_itself_is_never_reached_through_one(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_to(monkeypatch, dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), "http://127.0.0.1:9"))

    async def call() -> Answer:
        async with serving(always(PAGE)) as address:
            url = address.replace("127.0.0.1", host)
            assert (await asyncio.to_thread(open_directly, f"{url}/status", timeout=60)).status == 200
            async with client_of(url, Kept()) as client:
                return await client.call(LIST, PARAMETERS)

    assert asyncio.run(call()).page.items


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((host, True) for host in (*LOOPBACK, "127.8.9.10", "LOCALHOST", "localhost.", "a.localhost")),
        *((host, False) for host in ("apis.data.go.kr", "10.0.0.1", "localhost.example", "notlocalhost", "")),
    ],
)
def test_which_hosts_are_the_machine_itself(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    ("environment", "address", "expected"),
    [
        ({"HTTP_PROXY": "http://p:1"}, "http://a.example", "http://p:1"),
        ({"http_proxy": "http://p:1", "HTTP_PROXY": "http://q:1"}, "http://a.example", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://a.example", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://a.example", "http://p:1"),
        ({"HTTPS_PROXY": "p:3128"}, "https://a.example", "http://p:3128"),
        ({"HTTPS_PROXY": ""}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": ".example"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://a.example", None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b.example"}, "https://a.example", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example:443"}, "https://a.example", None),
        ({"ALL_PROXY": "http://p:1"}, "https://a.example", None),
    ],
)
def test_which_proxy_the_environment_names(
    environment: dict[str, str], address: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to(monkeypatch, environment)
    proxy = proxy_for(address)
    assert (proxy and str(proxy).rstrip("/")) == expected


@pytest.mark.parametrize(
    "given", ["socks5://PLANTED:PLANTED@p:1", "http://", "http://u:PLANTED@p:port", "http://[", "ftp://p"]
)
def test_a_proxy_that_is_none_is_refused_by_the_name_of_its_variable(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", given)
    with pytest.raises(ProxyError) as caught:
        proxy_for("https://a.example")
    assert str(caught.value).startswith("HTTPS_PROXY does not name a proxy.")
    assert "PLANTED" not in f"{caught.value!r}"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "a.example, 127.0.0.1"}, "a.example,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "a", "no_proxy": "b"}, "b,localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "localhost,127.0.0.1,::1"}, "localhost,127.0.0.1,::1"),
    ],
)
def test_other_programs_are_told_to_spare_the_machine_itself(known: dict[str, str], expected: str) -> None:
    assert sparing_loopback(known) == {"NO_PROXY": expected, "no_proxy": expected}


def test_a_star_stays_alone_because_it_spares_everything() -> None:
    assert sparing_loopback({"NO_PROXY": "*"}) == {}
