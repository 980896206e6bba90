"""The addresses of `ALERT_URLS`: how they are written, what each is called, and what in them is secret. Pure.

An address is one of apprise's, such as `mailtos://user:password@mail.example.org`. Before it may stand who hears of what, as
apprise's own files have it: `critical=…`, `error,team:data-platform=…`. Which words there are is for `alerts/channels.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

_WORDS = r"(?:[a-z][\w:-]*(?:,[a-z][\w:-]*)*=)?"
_BEGINNING = rf"{_WORDS}[A-Za-z][\w+.-]*://"
_BETWEEN = re.compile(rf"[\s,;]+(?={_BEGINNING})")
_ADDRESS = re.compile(rf"(?P<words>{_WORDS})(?P<url>(?P<scheme>[A-Za-z][\w+.-]*)://\S.*)", re.DOTALL)

_WITH_HOST = frozenset(
    scheme + secure
    for scheme in (
        "mailto",
        "json",
        "xml",
        "form",
        "gotify",
        "mattermost",
        "mmost",
        "matrix",
        "rocket",
        "apprise",
        "nctalk",
    )
    for secure in ("", "s")
)
"""Schemes after which a host stands. After others it may be a token."""

_WORD = re.compile(r"[a-z]+(?:[-_.][a-z]+)*")
"""Such a part of a path or query is no secret: an everyday word in a text must not be blotted out."""


@dataclass(frozen=True)
class AlertAddress:
    """Where messages go.

    Attributes:
        name: what it is called in tables, logs and messages; unique, and without a secret.
        words: who hears of what: severities and owners; none: everybody of everything.
        url: the address, which may hold secrets.
    """

    name: str
    words: frozenset[str]
    url: str = field(repr=False)


def addresses(text: str) -> list[AlertAddress]:
    """The addresses that a text names, separated by blanks, lines or commas.

    Raises:
        ValueError: something is no address; the text says which one it is, by its number.
    """
    found: list[AlertAddress] = []
    for number, part in enumerate(_parts(text.strip(" \t\r\n,;")), start=1):
        match = _ADDRESS.fullmatch(part)
        if match is None or re.search(r"\s", match["url"]):
            raise ValueError(f"address {number} is not written as scheme://…")
        words = frozenset(filter(None, match["words"].rstrip("=").split(",")))
        name = _name(match["scheme"].lower(), match["url"])
        same = sum(re.fullmatch(rf"{re.escape(name)}(?: \d+)?", one.name) is not None for one in found)
        found.append(AlertAddress(f"{name} {same + 1}" if same else name, words, match["url"]))
    return found


def secrets_of(text: str) -> Iterator[str]:
    """What must not be shown of the addresses in a text, as written and decoded; also of those that are written wrongly."""
    for part in filter(None, re.split(r"[\s,;]+", text)):
        if not _WORD.fullmatch(part):
            yield part
        address = part[match.end() :] if (match := re.match(_WORDS, part)) else part
        if "://" not in address:
            continue
        yield address
        try:
            url = urlsplit(address)
        except ValueError:  # a broken host
            continue
        user, _, password = url.netloc.rpartition("@")[0].partition(":")
        host = url.netloc.rpartition("@")[2]
        parts = [*url.path.split("/"), *url.fragment.split("/"), *(value for _, value in parse_qsl(url.query))]
        if url.scheme.lower() not in _WITH_HOST:
            parts += [user, host, host.partition(":")[0]]
        for secret in (password, *(one for one in parts if not _WORD.fullmatch(one))):
            yield from (secret, unquote(secret))


def _parts(text: str) -> Iterator[str]:
    """One for each address; a comma between the words before an address does not end one."""
    begun = ""
    for part in filter(None, _BETWEEN.split(text)):
        begun = f"{begun},{part}" if begun else part
        if "://" in part:
            yield begun
            begun = ""
    if begun:
        yield begun


def _name(scheme: str, url: str) -> str:
    if scheme not in _WITH_HOST:
        return scheme
    host = urlsplit(url).netloc.rpartition("@")[2].partition(":")[0]
    return f"{scheme} {host}" if re.fullmatch(r"[\w.-]{1,100}", host) else scheme
