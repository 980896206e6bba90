"""Response bodies: read up to a limit, and unpacked by what they are, whatever their headers say.

Some answers of data.go.kr declare `Content-Encoding: gzip` over a plain body, and proxies pack bodies unannounced or
twice. HTTP libraries reject these, so bodies are unpacked here. `outcomes.py` decides what a body means.
"""

import re
import zlib
from contextlib import suppress

import aiohttp

from weatherflick_assets.upstream.errors import ProtocolError

_LAYERS = 3
"""Packings within each other that are undone."""

_GZIP, _ZLIB, _RAW_DEFLATE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS
_GZIP_MAGIC = b"\x1f\x8b"
_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_TEXT = re.compile(rb"\s*[\[{<]|\xef\xbb\xbf")
"""How a body that is not packed usually begins."""

_AT_ONCE = 65_536
"""Bytes unpacked at once."""


async def read_body(content: aiohttp.StreamReader, maximum: int) -> bytes:
    """The whole body; ProtocolError if it has more than `maximum` bytes."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > maximum:
            raise _too_large(maximum)
    return bytes(body)


def unpacked(body: bytes, maximum: int) -> bytes:
    """The body without gzip, zlib or deflate around it, however often; unchanged if there is none.

    Of a packed body that is broken or cut off, what could be unpacked.

    Raises:
        ProtocolError: it unpacks to more than `maximum` bytes.
    """
    for _ in range(_LAYERS):
        plain = _unpacked_once(body, maximum)
        if not plain:
            break
        body = plain
    return body


def _unpacked_once(body: bytes, maximum: int) -> bytes:
    if body.startswith(_GZIP_MAGIC):
        return _inflated(body, _GZIP, maximum)[0]
    if _ZLIB_HEADER.match(body):
        return _inflated(body, _ZLIB, maximum)[0]
    if not body or _TEXT.match(body) or _is_text(body):
        return b""
    # Raw deflate has no header, so it is one only if it ends where the body does.
    plain, is_whole = _inflated(body, _RAW_DEFLATE, maximum)
    return plain if is_whole else b""


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _inflated(body: bytes, form: int, maximum: int) -> tuple[bytes, bool]:
    """What could be unpacked, and whether it ends where the body does. gzip may have several members."""
    plain, unpacking = bytearray(), zlib.decompressobj(form)
    place = 0
    while place < len(body):
        before = unpacking.copy()
        try:
            plain += unpacking.decompress(body[place : place + _AT_ONCE], maximum + 1 - len(plain))
        except zlib.error:
            # All before the break counts: it may hold a key, and where it is kept packed nobody would see it.
            with suppress(zlib.error):
                for byte in body[place : place + _AT_ONCE]:
                    plain += before.decompress(bytes([byte]), maximum + 1 - len(plain))
            return bytes(plain[:maximum]), False
        if len(plain) > maximum:
            raise _too_large(maximum)
        place += _AT_ONCE
        if unpacking.eof:
            place = min(place, len(body)) - len(unpacking.unused_data)
            if not body.startswith(_GZIP_MAGIC, place):
                break
            unpacking = zlib.decompressobj(form)
    return bytes(plain), unpacking.eof and place >= len(body)


def _too_large(maximum: int) -> ProtocolError:
    return ProtocolError(f"the answer has more than {maximum:,} bytes; reading stopped.", code="too_large")
