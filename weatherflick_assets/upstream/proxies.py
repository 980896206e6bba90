"""Through which proxy a host is reached, as the environment says; the machine itself is never reached through one.

The variables are those that every program knows: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in either case. An address may hold
a user and a password, so none is ever shown: messages name the variable.
"""

import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPResponse
from ipaddress import ip_address

from yarl import URL

from weatherflick_assets.errors import PlatformError

LOOPBACK = ("localhost", "127.0.0.1", "::1")

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ProxyError(PlatformError):
    """The environment names a proxy that can't be used."""


def proxy_for(address: str) -> URL | None:
    """The proxy through which the environment has `address` reached; None: directly.

    Raises:
        ProxyError: the variable holds no address of an HTTP proxy.
    """
    url = URL(address)
    host = url.host or ""
    given = urllib.request.getproxies_environment().get(url.scheme)
    if not given or is_loopback(host) or urllib.request.proxy_bypass(f"{host}:{url.port}"):
        return None
    with suppress(ValueError):  # its message quotes the address
        proxy = URL(given if "://" in given else f"http://{given}")
        if proxy.scheme in ("http", "https") and proxy.host and proxy.port:
            return proxy
    raise ProxyError(
        f"{variable_of(address)} does not name a proxy. Write it as http://host:port or http://user:password@host:port, "
        "with what is special in them percent-encoded."
    )


def variable_of(address: str) -> str:
    """The variable that names the proxy for an address."""
    return f"{URL(address).scheme.upper()}_PROXY"


def is_loopback(host: str) -> bool:
    """Whether a host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower().rstrip(".").rpartition(".")[2] == "localhost"


def sparing_loopback(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables by which other programs, such as Dagster, reach the machine itself without a proxy."""
    known = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    names = [name.strip() for name in known.split(",") if name.strip()]
    if names == ["*"]:
        return {}
    spared = ",".join([*names, *(name for name in LOOPBACK if name not in names)])
    return {"NO_PROXY": spared, "no_proxy": spared}


def open_directly(url: str, *, timeout: float) -> HTTPResponse:
    """Open the address of a service on this machine, whatever proxy the environment names."""
    return _OPENER.open(url, timeout=timeout)
