"""Parsing of answers: from the bytes of a body to a document, and to the code and words that report how the call went.

data.go.kr has had three generations of gateway errors: XML with status 200 whatever format was requested; plain text
with 4xx and 5xx; JSON or XML with real statuses, with name and text swapped. The agencies behind it have their own
envelopes. KTO writes parameter errors flat; other agencies write them without a body or under other names. So XML is
converted to the same mapping as JSON, and the header is searched for rather than expected. What a strict parser refuses
is read a second time (`second_reading.py`). Nothing here fails, and nothing here knows what a code means (`reasons.py`) or where rows are (`outcomes.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from weatherflick_assets.upstream.second_reading import json_again, xml_again

_CODE_FIELDS = ("returnReasonCode", "resultCode", "returnCode", "errorCode", "code")
_WORD_FIELDS = ("errMsg", "returnAuthMsg", "resultMsg", "errorMessage", "message", "msg", "status")
_GATEWAY_FIELDS = frozenset(("returnReasonCode", "returnAuthMsg"))
"""Fields that only the gateway writes."""

_LONGEST_CODE = 64
"""The longest name that an agency writes instead of a code has 59 characters."""

_LONGEST_WORDS = 200

_DEEPEST = 8
"""Envelopes nest three levels deep, SOAP's five; an item's fields are not nested further."""

_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|h1)\b", re.IGNORECASE)
_GZIP = b"\x1f\x8b"


class Form(Enum):
    """The kind of a body."""

    ENVELOPE = "JSON or XML"
    TEXT = "plain text"
    WEB_PAGE = "HTML"
    NOTHING = "nothing that can be read"


@dataclass(frozen=True)
class Envelope:
    """What a body says. Code and words are short and printable, whatever was sent.

    Attributes:
        code: its result code as written; "" without one.
        words: names and texts next to the code, or the text itself.
        document: the whole answer, with XML as JSON would have it; None if the body is neither.
        is_gateway: whether the gateway, or something in front of it, answered instead of the agency behind it.
        is_repaired: whether it took a second reading.
        problem: why the body could not be parsed; "" if it was.
    """

    form: Form
    code: str = ""
    words: tuple[str, ...] = ()
    document: Mapping[str, object] | None = None
    is_gateway: bool = True
    problem: str = ""
    is_repaired: bool = False
    is_xml: bool = False


def open_envelope(body: bytes, maximum: int) -> Envelope:
    """What a body of any form says; a body of more than `maximum` bytes is not parsed."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if problem := _problem_of(text, maximum):
        return Envelope(Form.NOTHING, problem=problem)
    beginning = text[:16].lstrip(b"\xff\xfe\0")
    if beginning.startswith((b"{", b"[")):
        return _read_json(text)
    if _WEB_PAGE.search(text[:256]):
        said = re.sub(r"<[^<>]*>", " ", _beginning_of(text))
        return Envelope(Form.WEB_PAGE, words=_words(said), problem="it is a web page")
    if beginning.startswith(b"<"):
        return _read_xml(text)
    return Envelope(Form.TEXT, words=_words(_beginning_of(text)), problem="it is neither JSON nor XML")


def _problem_of(text: bytes, maximum: int) -> str:
    if not text:
        return "it is empty"
    if len(text) > maximum:
        return "it is larger than any page"
    return "it is compressed, and not as its headers say" if text.startswith(_GZIP) else ""


def _read_json(text: bytes) -> Envelope:
    is_repaired = False
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        document, is_repaired = json_again(text), True
    if document is None and is_repaired:
        return Envelope(Form.NOTHING, problem="its JSON is cut off or broken")
    if isinstance(document, dict):
        return _read_document(document, is_repaired=is_repaired)
    return Envelope(Form.ENVELOPE, problem="its JSON is not an object")


def _read_xml(text: bytes) -> Envelope:
    document, is_repaired = _parsed_xml(text), False
    if document is None:
        document, is_repaired = xml_again(text, _parsed_xml), True
    if not isinstance(document, dict):
        return Envelope(Form.NOTHING, problem="its XML is broken or unsafe")
    return _read_document(document, is_repaired=is_repaired, is_xml=True)


def _parsed_xml(text: bytes | str) -> dict[str, object] | None:
    try:
        root = fromstring(text, forbid_dtd=True)
        return {_name_of(root): _value_of(root, _DEEPEST)}
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an encoding nobody knows
        return None


def _name_of(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _value_of(element: Element, depth: int) -> object:
    """An element as JSON would have it: repeated names are a list, an empty element is an empty string."""
    if not len(element):
        return element.text or ""
    if depth == 0:
        raise ValueError
    values: dict[str, list[object]] = {}
    for child in element:
        values.setdefault(_name_of(child), []).append(_value_of(child, depth - 1))
    return {name: found[0] if len(found) == 1 else found for name, found in values.items()}


def _read_document(document: dict[str, object], *, is_repaired: bool, is_xml: bool = False) -> Envelope:
    header = _header_of(document)
    codes = (_clean(str(header[name]), _LONGEST_CODE) for name in _CODE_FIELDS if _is_said(header.get(name)))
    return Envelope(
        Form.ENVELOPE,
        code=next(filter(None, codes), ""),
        words=_words(*(value for name in _WORD_FIELDS if isinstance(value := header.get(name), str))),
        document=document,
        is_gateway=not _GATEWAY_FIELDS.isdisjoint(header),
        is_repaired=is_repaired,
        is_xml=is_xml,
    )


def _header_of(document: dict[str, object]) -> Mapping[str, object]:
    """The outermost mapping that reports how the call went, whatever its name. Lists and bodies are not searched."""
    level = [document]
    for _ in range(_DEEPEST):
        for mapping in level:
            if any(_is_said(mapping.get(name)) for name in (*_CODE_FIELDS, *_WORD_FIELDS)):
                return mapping
        level = [
            value for mapping in level for name, value in mapping.items() if isinstance(value, dict) and name != "body"
        ]
    return {}


def _is_said(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _words(*texts: str) -> tuple[str, ...]:
    return tuple(words for text in texts if (words := _clean(text, _LONGEST_WORDS)))


def _beginning_of(text: bytes) -> str:
    return text[: 4 * _LONGEST_WORDS].decode("utf-8", "replace")


def _clean(text: str, longest: int) -> str:
    """The beginning of a text in one printable line: it goes into messages, logs and text columns."""
    beginning = text[: 4 * longest]
    return " ".join("".join(char if char.isprintable() else " " for char in beginning).split())[:longest].strip()
