"""Bodies of answers: read to a bound, and decoded, also where the header does not tell the truth.

Some answers of data.go.kr say `Content-Encoding: gzip` over a plain body: HTTP libraries refuse these, so decoding is done
here. What the body means is `outcomes.py`'s to say.
"""

import zlib

import aiohttp

from weatherflick_assets.upstream.errors import TransientError

MAXIMUM_BODY_BYTES = 8 * 1024 * 1024
"""No documented answer comes near it, packed or not; reading stops there."""

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


async def read_body(content: aiohttp.StreamReader) -> bytes:
    """The whole body.

    Raises:
        TransientError: it is longer than any documented answer.
    """
    body = bytearray()
    async for chunk in content.iter_any():
        body += chunk
        if len(body) > MAXIMUM_BODY_BYTES:
            raise _too_large()
    return bytes(body)


def decoded(encoding: str, body: bytes) -> bytes:
    """The body without its content encoding; as it is, where it does not have the encoding that it is said to have.

    Raises:
        TransientError: it unpacks to more than any documented answer.
    """
    if encoding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        plain = unpacking.decompress(body, MAXIMUM_BODY_BYTES)
    except zlib.error:
        return body
    if unpacking.unconsumed_tail:
        raise _too_large()
    return plain


def _too_large() -> TransientError:
    return TransientError(f"An answer has more than {MAXIMUM_BODY_BYTES:,} bytes; reading stopped.", code="too_large")
