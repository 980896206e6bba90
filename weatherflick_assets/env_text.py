"""What people write into `.env` and environment variables, as it was meant. Pure.

Editors on Windows save UTF-16, CP949 or a byte order mark. Copied keys bring blanks, quotes, line breaks and characters
that nobody sees.
"""

import codecs
import unicodedata

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_QUOTES = "\"'`“”„‟‘’‚‛«»"
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Unicode categories of controls, formats, lone surrogates, and separators: nothing of them shows."""


def decoded(content: bytes) -> str:
    """The text of a `.env` file; UnicodeDecodeError if it is neither Unicode nor CP949."""
    marked = next((encoding for mark, encoding in _MARKS if content.startswith(mark)), None)
    if marked is None and 0 in content:  # UTF-16 without a mark: ASCII has zeros in the upper bytes
        marked = "utf-16-le" if content[1::2].count(0) >= content[::2].count(0) else "utf-16-be"
    if marked:
        return visible(content.decode(marked))
    try:
        return visible(content.decode())
    except UnicodeDecodeError:
        return visible(content.decode("cp949"))


def visible(text: str) -> str:
    """The text of a file without invisible characters; every kind of blank is a space, and lines and tabs stay."""
    return "".join(
        character if character in "\n\r\t" else " " if unicodedata.category(character) == "Zs" else character
        for character in text
        if character in "\n\r\t" or unicodedata.category(character) not in {"Cc", "Cf"}
    )


def bare(value: str) -> str:
    """A value without the blanks, quotes and invisible characters around it."""
    start, end = 0, len(value)
    while start < end and _is_around(value[start]):
        start += 1
    while start < end and _is_around(value[end - 1]):
        end -= 1
    return value[start:end]


def joined(key: str) -> str:
    """A key without blanks, line breaks and invisible characters, wherever they are, and without quotes around it."""
    return bare("".join(character for character in key if unicodedata.category(character) not in _INVISIBLE))


def _is_around(character: str) -> bool:
    return character in _QUOTES or unicodedata.category(character) in _INVISIBLE
