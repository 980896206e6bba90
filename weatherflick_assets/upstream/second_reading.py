"""The second reading of a body that a strict parser refuses: one bad byte costs its row at most, never its page. Pure.

First the whole text is repaired: bytes that are no characters, control characters, half surrogates, stray backslashes,
values that are none (NaN becomes null), and in XML also unknown entities and a wrong declaration. If it still can't be
parsed, it is repaired row by row, and a row that can't be has a stand-in, so that it is counted and kept. A body that is
cut off, or broken outside its rows, stays unreadable: asking again helps.
"""

import json
import re
import sys
from collections.abc import Callable
from html.entities import html5
from xml.sax.saxutils import escape

import orjson

STAND_IN = "unreadable"
"""The only field of what stands in for a row that can't be read; it holds the row's text, or what is there instead of a row."""

DAMAGED = "\N{REPLACEMENT CHARACTER}"

_MOST_DAMAGED = 0.02
"""Share of the characters other than ASCII. A text with more is in another encoding, or no text at all."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[^\s"\[\]{},:]++', re.DOTALL)
_JSON_ESCAPE = re.compile(
    r'\\(?:(u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}|["\\/bfnrt])'
    r"|(u[0-9a-fA-F]{4})|)"
)
"""An escape that is right, half a surrogate pair, or a stray backslash."""

_BETWEEN_OBJECTS = re.compile(
    r'\}\s*,\s*\{|\}[^{}:]{0,9},[^{}:]{0,9}\{(?=\s*")|\},[^{"\s](?=")|[^}"\s],\{(?=")|\}[^,\s]\{'
)
"""The end of a row and the beginning of the next, one of the three signs broken or not, or with stray signs between them."""

_XML_DECLARATION = re.compile(r"\s*<\?xml[^<>]*\?>")
_XML_ENCODING = re.compile(rb"""\s*<\?xml[^<>]{0,99}encoding=["']([A-Za-z0-9_.:-]{1,40})["']""")
_XML_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML_REFERENCE = re.compile(r"&(?:#(\d{1,7}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31};)|)")
_XML_STRAY = re.compile(r"<(?![/!?A-Za-z_])")
# Not possessive: Python 3.11.2 matches a repeated group wrongly then.
_XML_ROW = re.compile(r"<(item|row)>((?:(?!<\1>|</\1s>).)*)", re.DOTALL)
"""A row to where the next one begins or all end, whether or not it is closed."""


def text_of(body: bytes, declared: str = "") -> str | None:
    """The text of a body, with `DAMAGED` where it has none; None if it is no text in a likely encoding."""
    for encoding in filter(None, (declared, json.detect_encoding(body), "cp949")):
        try:
            text = body.decode(encoding, "replace").removeprefix("\ufeff")
        except LookupError:
            continue
        if text.count(DAMAGED) <= 1 + _MOST_DAMAGED * sum(map(len, re.findall(r"[^\x00-\x7f]+", text))):
            return text
    return None


def json_again(body: bytes) -> object | None:
    """The document of a JSON body that was refused, as far as it can be read; None if it can't."""
    text = text_of(body)
    if text is None:
        return None
    text = _CONTROL.sub(" ", text)
    document = _loaded(text)
    return _by_objects(text) if document is None else document


def _loaded(text: str) -> object | None:
    try:
        return orjson.loads(_JSON_TOKEN.sub(_repaired_token, text))
    except orjson.JSONDecodeError:
        return None


def _repaired_token(token: re.Match[str]) -> str:
    text = token[0]
    if text.startswith('"'):
        return _JSON_ESCAPE.sub(_repaired_escape, text) if "\\" in text else text
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return "null"
    return text


def _repaired_escape(found: re.Match[str]) -> str:
    if found[1]:
        return found[0]
    return "\\ufffd" if found[2] else "\\\\"


def _by_objects(text: str) -> object | None:
    first, last = text.find("["), text.rfind("]")
    head, rows, tail = text[: first + 1], text[first + 1 : last].strip(), text[last:]
    if not 0 <= first < last or _loaded(head + tail) is None:
        return None
    pieces = _BETWEEN_OBJECTS.split(rows.removeprefix("{").removesuffix("}"))
    objects = [_loaded(f"{{{piece}}}") for piece in pieces]
    if not any(isinstance(row, dict) for row in objects):
        return None
    readable = [row if isinstance(row, dict) else {STAND_IN: piece} for row, piece in zip(objects, pieces, strict=True)]
    return _loaded(f"{head}{orjson.dumps(readable).decode()[1:-1]}{tail}")


def xml_again(body: bytes, parse: Callable[[str], object | None]) -> object | None:
    """What `parse` makes of an XML body that was refused, as far as it can be read; None if it can't.

    `parse` returns None for what it refuses, a document type above all.
    """
    declared = found[1].decode() if (found := _XML_ENCODING.match(body)) else ""
    text = text_of(body, declared)
    if text is None:
        return None
    text = _XML_DECLARATION.sub("", text, count=1)
    text = _XML_STRAY.sub("&lt;", _XML_REFERENCE.sub(_repaired_reference, _XML_ILLEGAL.sub(" ", text)))
    document = parse(text)
    if document is not None or parse(_XML_ROW.sub("", text)) is None:
        return document

    def stand_in(row: re.Match[str]) -> str:
        return (
            row[0] if parse(row[0]) is not None else f"<{row[1]}><{STAND_IN}>{escape(row[2])}</{STAND_IN}></{row[1]}>"
        )

    return parse(_XML_ROW.sub(stand_in, text))


def _repaired_reference(found: re.Match[str]) -> str:
    if number := found[1]:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return DAMAGED if code > sys.maxunicode or _XML_ILLEGAL.match(chr(code)) else f"&#{code};"
    if found[2] in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return found[0]
    return escape(html5[found[2]]) if found[2] in html5 else f"&amp;{found[2] or ''}"
