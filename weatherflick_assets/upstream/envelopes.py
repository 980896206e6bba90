"""The forms that answers come in, taken apart: from the bytes of a body to what they say. Pure, and never fails.

data.go.kr has had three generations of gateway errors: XML with status 200 (whatever format was asked for), plain text
with 4xx and 5xx, JSON or XML with real statuses and the name and the text swapped. The agencies behind it have their own
envelopes: KTO answers parameter errors flat, others without a body or under other names. Here XML becomes the same
mapping that JSON is, and the header is looked for instead of expected. What it means stands in `reasons.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_CODE_FIELDS = ("returnReasonCode", "resultCode", "returnCode", "errorCode", "code")
_WORD_FIELDS = ("errMsg", "returnAuthMsg", "resultMsg", "errorMessage", "message", "msg", "status")
_GATEWAY_FIELDS = frozenset(("returnReasonCode", "returnAuthMsg"))
"""Fields that nobody behind the gateway writes."""

_LONGEST_CODE = 64
"""The longest name that stands in place of a code has 59 characters."""

_LONGEST_WORDS = 200

_LARGEST_BODY = 8 * 1024 * 1024
"""Several times a page of a thousand rows. Taken apart, hostile JSON fills thirty times its size, and XML, which is read
safely and therefore slowly, takes most of a second a megabyte."""

_DEEPEST = 8
"""Envelopes nest three deep, SOAP's five; an item's fields hold no further ones."""

_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|h1)\b", re.IGNORECASE)
_GZIP = b"\x1f\x8b"


class Form(Enum):
    """What kind of body it is."""

    ENVELOPE = "JSON or XML"
    TEXT = "plain text"
    WEB_PAGE = "HTML"
    NOTHING = "nothing that can be read"


@dataclass(frozen=True)
class Envelope:
    """What a body says. Code and words are short and printable, whatever was sent.

    Attributes:
        form: what kind of body it is.
        code: its result code as written; "" without one.
        code_field: the field that stood in.
        words: names and texts beside the code, or the text itself.
        content: what lies beside the header of a success: items and their total.
        is_gateway: the gateway speaks, or something before it, and not the agency behind it.
        problem: why nothing could be made of the body; "" where something was.
    """

    form: Form
    code: str = ""
    code_field: str = ""
    words: tuple[str, ...] = ()
    content: Mapping[str, object] | None = None
    is_gateway: bool = True
    problem: str = ""


def open_envelope(body: bytes) -> Envelope:
    """What a body says, of whatever form it is."""
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if problem := _problem_of(text):
        return Envelope(Form.NOTHING, problem=problem)
    if text.startswith((b"{", b"[")):
        return _read_json(text)
    if _WEB_PAGE.search(text[:256]):
        said = re.sub(r"<[^<>]*>", " ", _beginning_of(text))
        return Envelope(Form.WEB_PAGE, words=_words(said), problem="it is a web page")
    if text.startswith(b"<"):
        return _read_xml(text)
    return Envelope(Form.TEXT, words=_words(_beginning_of(text)), problem="it is neither JSON nor XML")


def _problem_of(text: bytes) -> str:
    if not text:
        return "it is empty"
    if len(text) > _LARGEST_BODY:
        return "it is larger than any page"
    return "it is compressed, and not as its headers say" if text.startswith(_GZIP) else ""


def _read_json(text: bytes) -> Envelope:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return Envelope(Form.NOTHING, problem="its JSON is cut off or broken")
    if isinstance(document, dict):
        return _read_document(document)
    return Envelope(Form.ENVELOPE, problem="its JSON is not an object")


def _read_xml(text: bytes) -> Envelope:
    try:
        root = fromstring(text, forbid_dtd=True)
        return _read_document({_name_of(root): _value_of(root, _DEEPEST)})
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an encoding nobody knows
        return Envelope(Form.NOTHING, problem="its XML is broken or unsafe")


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


def _read_document(document: dict[str, object]) -> Envelope:
    header = _header_of(document)
    codes = {name: _clean(str(header[name]), _LONGEST_CODE) for name in _CODE_FIELDS if _is_said(header.get(name))}
    code_field = next((name for name, code in codes.items() if code), "")
    response = document.get("response")
    content = response.get("body") if isinstance(response, dict) else None
    return Envelope(
        Form.ENVELOPE,
        code=codes.get(code_field, ""),
        code_field=code_field,
        words=_words(*(value for name in _WORD_FIELDS if isinstance(value := header.get(name), str))),
        content=content if isinstance(content, dict) else None,
        is_gateway=not _GATEWAY_FIELDS.isdisjoint(header),
        problem="" if code_field or content else "it is in no form this client knows",
    )


def _header_of(document: dict[str, object]) -> Mapping[str, object]:
    """The outermost mapping that says how it went, whatever it is called. Lists and bodies are not looked into."""
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
