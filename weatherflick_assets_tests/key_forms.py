"""Every form in which a key has been seen to come back, or could: what gateways, error pages and encodings make of it.

`FORMS` makes them. `leaks` says whether a content still holds a recognisable part of the key in any form; it shares no
code with the platform, and looks in its own, slower way.
"""

import base64
import gzip
import html
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from urllib.parse import quote, quote_plus, unquote_plus


def _each(template: str) -> Callable[[str], str]:
    """Every character by its number."""
    return lambda key: "".join(template.format(ord(character)) for character in key)


def _signs(template: str) -> Callable[[str], str]:
    """Every sign by its number."""
    return lambda key: "".join(c if c.isalnum() else template.format(ord(c)) for c in key)


def _base64(before: str, encode: Callable[[bytes], bytes] = base64.b64encode) -> Callable[[str], str]:
    return lambda key: encode(f"{before}{key}&page=1".encode()).decode()


def _chunked(size: int, between: str) -> Callable[[str], str]:
    return lambda key: between.join(key[first : first + size] for first in range(0, len(key), size))


def _raw_deflate(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


TEXTS: Mapping[str, Callable[[str], str]] = {
    "plain": str,
    "encoded for a query": lambda key: quote(key, safe=""),
    "encoded for a path": quote,
    "plus as a space, as decoding twice makes it": lambda key: key.replace("+", " "),
    "decoded once too often": lambda key: unquote_plus(quote_plus(key).replace("%2B", "+")),
    "encoded in lower case": _signs("%{:02x}"),
    "encoded twice": lambda key: quote(quote(key, safe=""), safe=""),
    "encoded three times": lambda key: quote(quote(quote(key, safe=""), safe=""), safe=""),
    "every character encoded": _each("%{:02X}"),
    "every character encoded in lower case": _each("%{:02x}"),
    "every character encoded twice": _each("%25{:02X}"),
    "encoded as IIS does": _each("%u{:04x}"),
    "base64": _base64(""),
    "base64 one byte later": _base64("k"),
    "base64 two bytes later": _base64("ke"),
    "base64 for addresses": _base64("", base64.urlsafe_b64encode),
    "base64 for addresses, one byte later": _base64("k", base64.urlsafe_b64encode),
    "base64 without padding": lambda key: base64.b64encode(key.encode()).decode().rstrip("="),
    "base64 of an address": lambda key: base64.b64encode(f"serviceKey={quote(key, safe='')}".encode()).decode(),
    "base64 in lines": lambda key: base64.encodebytes(f"{'serviceKey=' * 5}{key}".encode()).decode(),
    "hex": lambda key: key.encode().hex(),
    "hex in capitals": lambda key: key.encode().hex().upper(),
    "hex with colons": lambda key: key.encode().hex(":"),
    "in JSON": lambda key: json.dumps(key)[1:-1],
    "with slashes as PHP writes JSON": lambda key: key.replace("/", "\\/"),
    "signs as JSON may write them": _signs("\\u{:04X}"),
    "signs as careful JSON writes them": _signs("\\u{:04x}"),
    "every character as JSON may write it": _each("\\u{:04x}"),
    "JSON in JSON": lambda key: json.dumps(json.dumps(_signs("\\u{:04x}")(key))),
    "as JavaScript writes characters": _each("\\x{:02x}"),
    "as JavaScript writes them since 2015": _each("\\u{{{:x}}}"),
    "as C writes characters": _each("\\{:03o}"),
    "signs by decimal number": _signs("&#{};"),
    "every character by decimal number": _each("&#{};"),
    "every character by padded number": _each("&#{:05d};"),
    "every character by hexadecimal number": _each("&#x{:x};"),
    "every character by number in capitals": _each("&#X{:X};"),
    "signs by name": lambda key: key.replace("+", "&plus;").replace("/", "&sol;").replace("=", "&equals;"),
    "escaped for XML": html.escape,
    "escaped for XML twice": lambda key: html.escape(_signs("&#{};")(key)),
    "in CDATA": lambda key: f"<![CDATA[{key}]]>",
    "in two pieces of CDATA": lambda key: f"<![CDATA[{key[:9]}]]><![CDATA[{key[9:]}]]>",
    "broken by tags": _chunked(7, "<wbr>"),
    "broken by line ends": _chunked(10, "\r\n"),
    "broken by line ends in JSON": _chunked(8, "\\n"),
    "broken by spaces": _chunked(4, " "),
    "broken by invisible spaces": _chunked(5, "\u200b"),
    "quoted-printable": lambda key: "".join(c if c.isalnum() else f"={ord(c):02X}" for c in key),
    "quoted-printable in lines": lambda key: f"{key[:10]}=\r\n{key[10:]}".replace("==", "=3D=3D"),
    "in capitals": str.upper,
    "in small letters": str.lower,
    "in reversed case": str.swapcase,
    "backwards": lambda key: key[::-1],
    "without its first character": lambda key: key[1:],
    "without its first two characters": lambda key: key[2:],
    "without its last character": lambda key: key[:-1],
    "without its last two characters": lambda key: key[:-2],
    "without two characters at both ends": lambda key: key[2:-2],
    "without its signs": lambda key: "".join(filter(str.isalnum, key)),
    "with other signs": lambda key: key.replace("+", "-").replace("/", "_").rstrip("="),
    "in an address": lambda key: f"https://apis.example/list?serviceKey={quote(key, safe='')}&pageNo=1",
    "as a header writes it": lambda key: f"Basic {base64.b64encode(f'{key}:'.encode()).decode()}",
}  # fmt: skip
"""What is made of the key within a text."""

WHOLE: Mapping[str, Callable[[bytes], bytes]] = {
    "UTF-16": lambda body: body.decode().encode("utf-16"),
    "UTF-16, low byte first": lambda body: body.decode().encode("utf-16-le"),
    "UTF-16, high byte first": lambda body: body.decode().encode("utf-16-be"),
    "UTF-32": lambda body: body.decode().encode("utf-32"),
    "with a byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "gzip": gzip.compress,
    "gzip twice": lambda body: gzip.compress(gzip.compress(body)),
    "gzip in two members": lambda body: gzip.compress(body[:20]) + gzip.compress(body[20:]),
    "gzip with a wrong checksum": lambda body: gzip.compress(body)[:-8] + bytes(8),
    "gzip cut off": lambda body: gzip.compress(body)[:-8],
    "zlib": zlib.compress,
    "raw deflate": _raw_deflate,
}
"""What is made of a whole body that holds the key."""


def bodies(key: str) -> Iterator[tuple[str, bytes]]:
    """A body for every form: an item whose title holds the key."""
    for name, form in TEXTS.items():
        yield name, f'{{"title":"before {form(key)} after"}}'.encode()
    for name, pack in WHOLE.items():
        yield name, pack(f'{{"title":"before {key} after","more":"{key}"}}'.encode())


def leaks(content: bytes, key: str) -> list[str]:
    """Which traces of the key are in a content."""
    traces = {}
    core = key[2:-2]
    for name, form in TEXTS.items():
        trace = form(core)
        if name.startswith("base64") or name == "as a header writes it":
            continue
        traces[name] = "".join(filter(str.isalnum, trace)).lower().encode()
    for before in range(3):
        for name, text in (("base64", core), ("base64 of percent", quote(core, safe=""))):
            encoded = base64.b64encode(bytes(before) + text.encode())[4:-4]
            traces[f"{name} {before}"] = bytes(filter(lambda byte: chr(byte).isalnum(), encoded)).lower()
    found = set()
    for content_or_unpacked in (content, *_unpacked(content)):
        for text in readings(content_or_unpacked):
            found |= {name for name, trace in traces.items() if trace in letters(text)}
    return sorted(found)


def letters(text: bytes) -> bytes:
    """The letters and digits of a text, in lower case."""
    return bytes(byte for byte in text.lower() if byte < 128 and chr(byte).isalnum())


def _unpacked(content: bytes) -> Iterator[bytes]:
    for bits in (zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS):
        unpacking, plain = zlib.decompressobj(bits), b""
        with suppress(zlib.error):
            for byte in content:
                plain += unpacking.decompress(bytes([byte]))
                if unpacking.eof:
                    unpacking = zlib.decompressobj(bits)
        if len(plain) > 8:
            yield plain
            yield from _unpacked(plain) if plain != content and plain[:2] == b"\x1f\x8b" else ()


def readings(content: bytes) -> Iterator[bytes]:
    """A content as it is, and as a person might decode it."""
    text = content.decode("latin-1")
    yield content
    yield re.sub(rb"<!\[CDATA\[|\]\]>|<wbr>", b"", content)
    for _ in range(3):
        text = html.unescape(unquote_plus(text.replace("+", "%2B"), encoding="latin-1"))
        yield text.encode("latin-1", "replace")
    numbered = re.sub(
        rb"\\+u\{?(?:00)?([0-9a-f]{2})\}?|\\x([0-9a-f]{2})|%u00([0-9a-f]{2})",
        _character,
        content,
        flags=re.IGNORECASE,
    )
    numbered = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8) & 255]), numbered)
    yield re.sub(rb"\\n", b"", numbered)


def _character(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[found.lastindex or 0].decode())
