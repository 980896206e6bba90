"""Response bodies: read up to a limit, and decoded even if the header is wrong.

Some answers of data.go.kr declare `Content-Encoding: gzip` over a plain body. HTTP libraries reject these, so decoding
is done here. `outcomes.py` decides what a body means.
"""

import zlib

import aiohttp

from weatherflick_assets.upstream.errors import TransientError

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


async def read_body(content: aiohttp.StreamReader, maximum: int) -> bytes:
    """The whole body; TransientError if it has more than `maximum` bytes."""
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > maximum:
            raise _too_large(maximum)
    return bytes(body)


def decoded(encoding: str, body: bytes, maximum: int) -> bytes:
    """The body without its content encoding; unchanged if it does not have the encoding that its header names.

    Raises:
        TransientError: it unpacks to more than `maximum` bytes.
    """
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = unpacking.decompress(body, maximum)
    except zlib.error:
        return body
    if unpacking.unconsumed_tail:
        raise _too_large(maximum)
    return plain


def _too_large(maximum: int) -> TransientError:
    return TransientError(f"An answer has more than {maximum:,} bytes; reading stopped.", code="too_large")
