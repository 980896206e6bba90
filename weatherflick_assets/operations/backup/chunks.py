"""Cuts a stream into chunks where its content says so, so that the same bytes give the same chunks wherever they are.

This is what makes backups resumable without a copy on disk: a second stream of the same database has mostly the same chunks,
and those that are stored already are not sent again. A cut is where a hash of the last eight bytes is small, as in
the content-defined chunking of LBFS (Muthitacharoen, Chen, Mazières 2001), between a least and a greatest length.
"""

from collections.abc import Iterable, Iterator

LEAST, MOST = 1 << 20, 8 << 20
"""Bytes of a chunk. The last one of a stream may be shorter."""

_WINDOW = 8
_MULTIPLIER = 0x9E3779B97F4A7C15
_BELOW = 1 << (64 - 21)
"""The hash of a window is its bytes, as a number, times the multiplier. A cut every two million bytes on average."""

_STEP = 1 << 17
"""Bytes looked at together: what numpy computes from them stays in the processor's cache."""


def split(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes, in chunks of `LEAST` to `MOST` bytes. Where they are cut does not depend on how they arrive."""
    buffer = bytearray()
    for piece in stream:
        buffer += piece
        while len(buffer) >= MOST:
            cut = _first_cut(buffer)
            yield bytes(buffer[:cut])
            del buffer[:cut]
    while buffer:
        cut = _first_cut(buffer)
        yield bytes(buffer[:cut])
        del buffer[:cut]


def _first_cut(buffer: bytearray) -> int:
    """How long the next chunk of a buffer is."""
    import numpy as np

    end = min(len(buffer), MOST)
    for begin in range(LEAST - _WINDOW, end, _STEP):
        cuts = []
        # Windows begin at every byte: eight views of numbers, each a byte further on.
        for first in range(begin, begin + _WINDOW):
            count = min(_STEP, end - first) // _WINDOW
            if count > 0:
                words = np.frombuffer(buffer, "<u8", count, first) * np.uint64(_MULTIPLIER)
                found = np.flatnonzero(words - np.uint64(1) < np.uint64(_BELOW))  # zeros are no place to cut at
                cuts += [first + _WINDOW * (int(index) + 1) for index in found[:1]]
        if cuts:
            return min(cuts)
    return end
