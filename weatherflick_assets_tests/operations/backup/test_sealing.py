"""Objects of a backup: what comes out is what went in, and nobody reads, changes or swaps one without the key."""

import hypothesis
import pytest
from hypothesis import strategies as st

from weatherflick_assets.operations.backup import sealing

KEY = "열 두 마리 말이 비를 맞는다"
PLAIN, SEALED = sealing.new(None)[0], sealing.new(KEY)[0]


@hypothesis.given(content=st.binary(max_size=5_000), seal=st.sampled_from([PLAIN, SEALED]))
def test_an_object_comes_out_as_it_went_in(content: bytes, seal: sealing.Seal) -> None:
    name = seal.name(content)
    assert seal.open(name, seal.close(name, content)) == content


@hypothesis.given(content=st.binary(min_size=1, max_size=500), data=st.data())
def test_an_encrypted_object_that_was_changed_anywhere_is_refused(content: bytes, data: st.DataObject) -> None:
    stored = bytearray(SEALED.close("name", content))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(sealing.DamagedError):
        SEALED.open("name", bytes(stored))


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_an_object_that_was_cut_off_is_refused(length: int) -> None:
    for seal in (PLAIN, SEALED):
        with pytest.raises(sealing.DamagedError):
            seal.open("name", seal.close("name", bytes(range(256)))[:length])


def test_no_object_stands_in_for_another() -> None:
    with pytest.raises(sealing.DamagedError):
        SEALED.open("another", SEALED.close("name", b"content"))


def test_an_encrypted_object_shows_nothing_of_its_content_and_neither_does_its_name() -> None:
    content = b"one row of a table " * 50
    assert content[:9] not in SEALED.close("name", content)
    assert SEALED.close("name", content) != SEALED.close("name", content)
    assert SEALED.name(content) != PLAIN.name(content)
    assert SEALED.name(content) != sealing.new(KEY)[0].name(content)  # every place has a salt of its own


def test_the_key_opens_a_place_again_and_another_key_or_none_says_so_in_a_sentence() -> None:
    seal, kept = sealing.new(KEY)
    stored = seal.close("name", b"content")
    assert sealing.of(KEY, kept, "there").open("name", stored) == b"content"
    with pytest.raises(
        sealing.WrongKeyError, match=r"^WEATHERFLICK_BACKUP_KEY is not the key .* there were made with\."
    ):
        sealing.of("another key", kept, "there")
    with pytest.raises(sealing.WrongKeyError, match=r"are encrypted. Set WEATHERFLICK_BACKUP_KEY"):
        sealing.of(None, kept, "there")
    with pytest.raises(sealing.WrongKeyError, match="are not encrypted, and WEATHERFLICK_BACKUP_KEY is set"):
        sealing.of(KEY, None, "there")
