"""Chunks: no byte is lost, and the same bytes give the same chunks, however they come and whatever is before them."""

import random
from collections.abc import Iterator

import hypothesis
from hypothesis import strategies as st

from weatherflick_assets.operations.backup.chunks import LEAST, MOST, split

CONTENT = random.Random(7).randbytes(2 * MOST)


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[begin : begin + size] for begin in range(0, len(content), size))


@hypothesis.settings(max_examples=5)
@hypothesis.given(
    begin=st.integers(0, MOST),
    length=st.integers(0, MOST),
    size=st.integers(40_000, 3 * MOST),
    zeros=st.integers(0, MOST),
)
def test_chunks_put_together_are_the_stream_in_bounds_and_do_not_depend_on_its_pieces(
    begin: int, length: int, size: int, zeros: int
) -> None:
    content = CONTENT[begin : begin + length] + bytes(zeros)
    chunks = list(split(in_pieces(content, size)))
    assert b"".join(chunks) == content
    assert all(LEAST <= len(chunk) <= MOST for chunk in chunks[:-1])
    assert chunks == list(split([content]))


@hypothesis.settings(max_examples=5)
@hypothesis.given(before=st.binary(min_size=1, max_size=5_000))
def test_what_is_inserted_changes_the_chunks_near_it_and_no_others(before: bytes) -> None:
    chunks = list(split([CONTENT]))
    changed = list(split([before + CONTENT]))
    assert len(set(changed) - set(chunks)) <= 3
