"""Cleaning what people typed: one cleaner for lists and details. Pure.

No text makes it fail, the time is linear in the text's length, and what is clean stays as it is.
"""

import html
import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that show nothing: Unicode's default ignorables (zero width, soft hyphen, direction, fillers of Hangul,
variation selectors, tags), annotations, the blank of Braille, NUL and halves of surrogate pairs."""

_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
BREAK_TAGS = "br|p|div|li|ul|ol|tr|table|tbody|hr|h[1-6]|blockquote|center|pre"
"""The tags that become line ends, as a part of a regular expression."""

OTHER_TAGS = "a|abbr|b|big|em|font|i|iframe|img|s|script|small|span|strike|strong|style|sub|sup|td|th|u"
"""The tags that only their text is left of, likewise."""

_BREAK = re.compile(rf"</?(?:{BREAK_TAGS})\b(?:[ \t/][^<>]*)?>[ \t]*(?:\r\n?|\n)?", re.IGNORECASE)
_TAG = re.compile(rf"<!--.{{0,1000}}?-->|</?(?:{OTHER_TAGS})(?:[ \t/\r\n][^<>]*)?>|</a\b", re.IGNORECASE | re.DOTALL)

_MARK = re.compile("[<&¸]")
"""What stands in everything that is replaced in visible text."""

_ROUNDS = 3
"""Entities of entities and of tags are undone to this depth."""


def is_visible(text: str) -> bool:
    """Whether `visible` has nothing to do, and the text has no line ends."""
    if not text.isprintable():
        return False
    # Most received text is ASCII, of which everything that can be printed is visible.
    return text.isascii() or (unicodedata.is_normalized("NFC", text) and not _INVISIBLE.search(text))


def is_plain(text: str) -> bool:
    """Whether `plain_text` has nothing to do but with spaces. One answer about many joined texts is far cheaper than many."""
    return is_visible(text) and not _MARK.search(text)


def single_spaced(text: str) -> str | None:
    """Text with its spaces made single; None if nothing is left."""
    return " ".join(text.split()) or None


def visible(text: str) -> str:
    """Text in NFC without invisible characters; control characters other than line ends become spaces."""
    if is_visible(text):
        return text
    return unicodedata.normalize("NFC", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))


def unescaped(text: str) -> str:
    """Replace entities that end with a semicolon. Without one, `&copy` may be a parameter of a web address."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def plain_text(text: str) -> str | None:
    """Text for people, with its lines: break tags become line ends, other tags their text, and entities characters.

    Angle brackets around anything but the tags of HTML stay, because they may enclose titles of plays and books. One
    empty line stays between paragraphs, spaces become single, and the cedilla used for a comma becomes one. None if
    nothing visible is left.
    """
    if is_plain(text):
        return single_spaced(text)
    text = visible(text)
    for _ in range(_ROUNDS):
        before, text = text, unescaped(text)
        if "<" in text:
            text = _TAG.sub("", _BREAK.sub("\n", text))
        if text == before:
            break
    lines = [" ".join(line.split()) for line in visible(text).replace("¸", ",").splitlines()]
    kept = [line for line, before in zip(lines, ["", *lines], strict=False) if line or before]
    return "\n".join(kept).strip("\n") or None


def one_line(text: str) -> str | None:
    """Text for people on one line."""
    return single_spaced(plain_text(text) or "")


def contact(text: str) -> str | None:
    """Names and numbers on one line; separate lines are separated by commas."""
    lines = (plain_text(text) or "").split("\n")
    return ", ".join(stripped for line in lines if (stripped := line.strip(", "))) or None
