"""Secrets never leave the process, however they are written: keys and passwords are found after decoding, too.

An upstream may echo a key in any form that its gateway, its logs or its error pages give it. A text is searched as it
is, and again after each round of undoing escapes (`_ESCAPES`). Only letters and digits are compared, in either case: a
sign that was changed, dropped or escaped, a line break and the zeros of UTF-16 hide nothing. Encodings of a whole
secret (`_encodings`) are searched for by what they make of it. In a text as short as messages, error pages and answers
about one thing are, whatever looks encoded is decoded, too, and what comes of it is searched in the same way; in a whole
page of a list that would take several times as long. What is found is replaced in the original, and all else stays byte
for byte. Compressed content has to be unpacked before (`upstream/bodies.py`).
"""

import base64
import binascii
import html
import re
import string
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from urllib.parse import quote

REDACTED = "[key]"

SHORTEST_SECRET = 8
"""No portal issues shorter keys. A shorter text could be part of any body, so it is not searched for."""

_MOST_CUT = 2
"""A key that lost this many characters at either end is still found."""

_PIECE = 16
"""In letters: so much of a long secret, cut off or blotted out in the middle, is found by itself."""

_MARGIN = 5
"""At either end of an encoded secret, characters that may hold what was not searched for."""

_ROUNDS = 4
"""Escapes within escapes are undone to this depth."""

_FEW = 1 / 500
"""Escapes in a byte, on average. If there are no more, only what is near them is looked at again."""

_NEAR = 1_000
"""In bytes: no escaped secret is longer."""

_SHORT = 32_768
"""In bytes: up to this length what looks encoded is decoded."""

_LAYERS = 3
"""Encodings within encodings are decoded to this depth."""

_MOST_DECODED = 2_000_000
"""In bytes, for one text: nobody writes a text on which decoding takes long but to that end."""

_RUN = re.compile(rb"[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]+)*")
"""What base64, base32 or hexadecimal digits look like, in lines or not."""

_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{16,}")
_BASE32 = re.compile(rb"[A-Z2-7]{16,}")

_ALPHABET = (string.ascii_letters + string.digits).encode()
_LOWER = bytes.maketrans(string.ascii_uppercase.encode(), string.ascii_lowercase.encode())
_SIGNS = bytes(set(range(256)) - set(_ALPHABET))
_IS_LETTER = bytes(byte in _ALPHABET for byte in range(256))
_ENCODED = frozenset(_ALPHABET + b"+/-_=")

_ESCAPES: tuple[tuple[bytes, bytes, int], ...] = (
    (b"%", rb"(?:u00)?([0-9A-Fa-f]{2})", 16),
    (b"=", rb"([2-7][0-9A-Fa-f])", 16),  # quoted-printable
    (b"\\", rb"\\{0,8}u(?!00)[0-9A-Fa-f]{4}()", 0),  # not ASCII
    (b"\\", rb"\\{0,8}(?:x|u\{?0{0,4}|U0{1,6})([0-9A-Fa-f]{2})\}?", 16),
    (b"\\", rb"\\{0,8}([0-7]{3})", 8),
    (b"\\", rb"\\{0,8}[nrtbfv]()", 0),
    (b"&", rb"#(?:[xX]0{0,8}[1-9A-Fa-f][0-9A-Fa-f]{2,5}|0{0,8}[1-9][0-9]{3,6});()", 0),  # not ASCII
    (b"&", rb"#[xX]0{0,8}([0-9A-Fa-f]{2});?", 16),
    (b"&", rb"#0{0,8}(1[0-9]{2}|[2-9][0-9]);?", 10),
    (b"&", rb"([A-Za-z]{2,8};)", 0),
    (b"<", rb"(?:!\[CDATA\[|[^<>]{1,200}>)()", 0),
    (b"\x1b", rb"\[[0-9;]{0,20}[A-Za-z]()", 0),  # colours of a terminal
    (b"\0", rb"\0*()", 0),
)
"""Escapes: the byte that each begins with, what follows it, and the base of the number in that.

With base 0 it is the name of a character, or nothing: some escapes only separate characters."""

_BEGINNINGS = tuple(dict.fromkeys(first for first, _, _ in _ESCAPES))
# The first byte is searched for by itself, which is several times as fast.
_ESCAPE = re.compile(
    b"[%s](?:%s)"
    % (
        b"".join(map(re.escape, _BEGINNINGS)),
        b"|".join(b"(?<=%s)%s" % (re.escape(first), rest) for first, rest, _ in _ESCAPES),
    )
)


def _undone(escape: re.Match[bytes]) -> bytes:
    """What an escape stands for."""
    assert escape.lastindex is not None, "every pattern has one group"
    meaning, base = escape[escape.lastindex], _ESCAPES[escape.lastindex - 1][2]
    if base:
        return bytes([int(meaning, base) & 0xFF])
    return html.unescape(f"&{meaning.decode()}").encode() if meaning else b""


def _letters(text: bytes) -> bytes:
    """The letters and digits of a text, in lower case."""
    return text.translate(_LOWER, _SIGNS)


@dataclass(frozen=True)
class _Needle:
    """What to search for among the letters of a text.

    Attributes:
        before, after: what belongs to the secret around it, if the text has it; None if up to `_MARGIN` characters do.
    """

    letters: bytes
    before: bytes | None = None
    after: bytes | None = None


def _needles(secret: str) -> Iterator[_Needle]:
    plain = secret.encode()
    cut = min(_MOST_CUT, max(0, len(_letters(plain)) - SHORTEST_SECRET) // 2)
    first, last = cut, len(plain) - cut
    while first < last and not plain[first : first + 1].isalnum():
        first += 1
    while first < last and not plain[last - 1 : last].isalnum():
        last -= 1
    core = plain[first:last]
    yield _Needle(_letters(core), plain[:first], plain[last:])
    places = [place for place, byte in enumerate(plain) if byte in _ALPHABET]
    starts = range(len(places) - _PIECE + 1)
    for start in {*starts[:: _PIECE // 2], *starts[-1:]}:
        first, last = places[start], places[start + _PIECE - 1] + 1
        yield _Needle(_letters(plain[first:last]), plain[:first], plain[last:])
    for encoded in (core[::-1], *_encodings(core)):
        yield _Needle(_letters(encoded))


def _encodings(core: bytes) -> Iterator[bytes]:
    """What encodings of a whole text make of a part of it, wherever it begins."""
    yield "".join(map(str, core)).encode()
    for written in {core, quote(core, safe="").encode(), core.replace(b"+", b" "), core.decode().encode("utf-16-le")}:
        yield written.hex().encode()
        for offset in range(3):
            yield (encoded := _base64(written, offset))
            if written is core:
                yield from (_base64(encoded, further) for further in range(3))
    for offset in range(5):
        encoded = base64.b32encode(bytes(offset) + core)
        yield encoded[-(-offset * 8 // 5) : (offset + len(core)) * 8 // 5]


def _base64(part: bytes, offset: int) -> bytes:
    """What base64 makes of a part so far from the beginning, without the characters that depend on what is around it."""
    return base64.b64encode(bytes(offset) + part)[-(-offset * 8 // 6) : (offset + len(part)) * 8 // 6]


def _decoded(run: bytes) -> Iterator[bytes]:
    """What a run may stand for, wherever in it an encoding begins."""
    digits = run.translate(None, b"\r\n")
    for pattern, size, decode in (
        (_HEXADECIMAL, 2, binascii.unhexlify),
        (_BASE32, 8, base64.b32decode),
    ):
        for found in pattern.finditer(digits.upper()):
            yield from _aligned(found[0], size, decode)
    yield from _aligned(digits.translate(_STANDARD), 4, binascii.a2b_base64)


_STANDARD = bytes.maketrans(b"-_", b"+/")


def _aligned(digits: bytes, size: int, decode: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """What groups of digits stand for, whichever is the first one's first digit. A last group is filled up."""
    for first in range(size):
        part = digits[first:]
        # The digit that stands for zero.
        yield decode(part + b"A" * (-len(part) % size))


class Redactor:
    """Replaces secrets, or most of one, by `REDACTED`.

    Args:
        secrets: texts that must not appear anywhere; those that are too short to be a secret are not searched for.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        texts = {text for text in secrets if len(text) >= SHORTEST_SECRET}
        has_letters = {text: len(_letters(text.encode())) >= SHORTEST_SECRET for text in texts}
        # Longest first, so that of overlapping finds the larger one is complete.
        self._needles = [
            needle for text in sorted(texts, key=len, reverse=True) if has_letters[text] for needle in _needles(text)
        ]
        # No encoding makes a text shorter than base64 does.
        self.shortest_encoded = min((len(text.encode()) - 2 * _MOST_CUT for text in texts), default=0) * 8 // 6
        self._literals = [text.encode() for text in texts if not has_letters[text]]

    def text(self, text: str) -> str:
        """`text` without any secret."""
        return self.content(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def content(self, content: bytes) -> bytes:
        """`content` without any secret; the same object if it holds none."""
        if not self._may_hold_secrets(content):
            return content
        redacted, end = [], 0
        for first, last in _merged(self._found_in(content)):
            zeros = re.match(rb"[^\0]?(\0*)", content[first:last])
            # What is replaced in UTF-16 stays UTF-16.
            shown = (zeros[1] if zeros else b"").join(bytes([byte]) for byte in REDACTED.encode())
            redacted += [content[end:first], shown]
            end = last
        return b"".join([*redacted, content[end:]])

    def _may_hold_secrets(self, content: bytes) -> bool:
        """The quick look: at everything once, and at what is near escapes once more for each round."""
        text, decoding = content, _Decoding(self, content)
        for _ in range(_ROUNDS + 1):
            if self._is_in(text) or any(decoding.runs(text)):
                return True
            escaped = _near_escapes(text)
            text = _ESCAPE.sub(_undone, escaped)
            if text == escaped:
                break
        return False

    def _is_in(self, text: bytes) -> bool:
        """Whether a text, as it is written, holds a secret."""
        letters = _letters(text)
        return any(needle.letters in letters for needle in self._needles) or any(
            literal in text for literal in self._literals
        )

    def _found_in(self, content: bytes) -> Iterator[tuple[int, int]]:
        """Where secrets are: first byte, and the byte after the last."""
        view, decoding = _View(content), _Decoding(self, content)
        for _ in range(_ROUNDS + 1):
            for first, last in (*self._found_in_text(view.text), *decoding.runs(view.text)):
                yield view.origin(first, last)
            view, before = view.undone(), view
            if view.text == before.text:
                break

    def _found_in_text(self, text: bytes) -> Iterator[tuple[int, int]]:
        letters = _letters(text)
        place_of = array("q", compress(range(len(text)), text.translate(_IS_LETTER)))
        for needle in self._needles:
            for place in _places_of(needle.letters, letters):
                yield _widened(text, place_of[place], place_of[place + len(needle.letters) - 1] + 1, needle)
        for literal in self._literals:
            for place in _places_of(literal, text):
                yield place, place + len(literal)


@dataclass
class _Decoding:
    """The decoding of one content, which ends when too much was decoded."""

    redactor: Redactor
    content: bytes
    decoded: int = 0

    def runs(self, text: bytes, layers: int = _LAYERS) -> Iterator[tuple[int, int]]:
        """Where in a reading of the content something encoded begins and ends that holds a secret."""
        if len(self.content) > _SHORT:
            return
        for run in _RUN.finditer(text):
            if len(run[0]) >= self.redactor.shortest_encoded and any(
                self._holds(meaning, layers - 1) for meaning in _decoded(run[0])
            ):
                yield run.span()

    def _holds(self, text: bytes, layers: int) -> bool:
        self.decoded += len(text)
        if self.decoded > _MOST_DECODED:
            return False
        for _ in range(_ROUNDS + 1):
            if self.redactor._is_in(text) or (layers and any(self.runs(text, layers))):  # noqa: SLF001
                return True
            text, before = _ESCAPE.sub(_undone, text), text
            if text == before:
                break
        return False


@dataclass
class _View:
    """A text, or what it is after some rounds; it knows where in the original each of its bytes comes from."""

    text: bytes
    before: "_View | None" = None
    # Of each escape of the view before: where its meaning begins and ends here, and where it begins and ends there.
    _escapes: tuple[tuple[int, int, int, int], ...] = ()

    def undone(self) -> "_View":
        """After one more round."""
        parts, escapes, end, length = [], [], 0, 0
        for escape in _ESCAPE.finditer(self.text):
            first, last = escape.span()
            meaning = _undone(escape)
            parts += [self.text[end:first], meaning]
            length += first - end
            escapes.append((length, length + len(meaning), first, last))
            length += len(meaning)
            end = last
        return _View(b"".join([*parts, self.text[end:]]), self, tuple(escapes))

    def origin(self, first: int, last: int) -> tuple[int, int]:
        """Where in the original a part of the text comes from."""
        if self.before is None:
            return first, last
        return self.before.origin(self._source(first)[0], self._source(last - 1)[1])

    def _source(self, place: int) -> tuple[int, int]:
        """The part of the view before that a byte comes from. An escape without a meaning belongs to what follows."""
        number = bisect_right(self._escapes, place, key=lambda escape: escape[0]) - 1
        if number < 0:
            return place, place + 1
        _, end_here, first, end = self._escapes[number]
        if place < end_here:
            return first, end
        return end + place - end_here, end + place - end_here + 1


def _near_escapes(text: bytes) -> bytes:
    """What is near the escapes of a text; all of it, if there are many."""
    spots: list[int] = []
    for first in _BEGINNINGS:
        spot = text.find(first)
        while spot >= 0:
            spots.append(spot)
            spot = text.find(first, spot + 1)
        if len(spots) > len(text) * _FEW + 1:
            return text
    return b"\n".join(
        text[first:last] for first, last in _merged((max(0, spot - _NEAR), spot + _NEAR) for spot in spots)
    )


def _places_of(part: bytes, text: bytes) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _widened(text: bytes, first: int, last: int, needle: _Needle) -> tuple[int, int]:
    """A find with the rest of the secret around it, as far as it is there."""
    if needle.before is None or needle.after is None:
        most_before, most_after = first - _MARGIN, last + _MARGIN
        while first > max(0, most_before) and text[first - 1] in _ENCODED:
            first -= 1
        while last < min(len(text), most_after) and text[last] in _ENCODED:
            last += 1
        return first, last
    # A sign may be lacking, but no letter: what is beyond it is other text.
    for byte in reversed(needle.before):
        if first and _is_like(text[first - 1], byte):
            first -= 1
        elif byte in _ALPHABET:
            break
    for byte in needle.after:
        if last < len(text) and _is_like(text[last], byte):
            last += 1
        elif byte in _ALPHABET:
            break
    return first, last


def _is_like(found: int, byte: int) -> bool:
    return bytes([found]).lower() == bytes([byte]).lower() or (found, byte) == (ord(" "), ord("+"))


def _merged(parts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Parts that overlap or touch, joined, in order."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(parts):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged
