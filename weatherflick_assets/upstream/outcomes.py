"""What an answer means: from status and body to items, or to a typed error. Pure.

data.go.kr has had three generations of gateway errors: XML with status 200 (whatever format was asked for), plain text
with 4xx and 5xx, JSON or XML with real statuses and the name and the text swapped. The agencies behind it have their own:
KTO answers parameter errors flat, with status 200. The reason code decides, compared as a number, since agencies pad it
differently (`0`, `00`, `0000`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

import orjson
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    TransientError,
    UpstreamError,
)


@dataclass(frozen=True)
class Reply:
    """One answer as HTTP gave it.

    Attributes:
        status: the HTTP status.
        headers: names in lower case.
        body: as received, keys blotted out, not decompressed twice.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Page:
    """The items of one answer, as received, and where they stand in the whole.

    Attributes:
        items: one mapping per row, keys as in the upstream's JSON.
        total_count: rows that the whole list has, by the upstream's word.
        result_code: as written in the body.
    """

    items: list[dict[str, object]]
    total_count: int
    result_code: str


_ERROR_BY_REASON: Mapping[int, tuple[type[UpstreamError], str]] = {
    1: (TransientError, "the gateway had an internal error"),
    2: (TransientError, "the agency's database had an error"),
    4: (TransientError, "the agency's server answered badly"),
    5: (TransientError, "the agency's server did not answer in time"),
    10: (PermanentError, "a parameter is wrong or unknown"),
    11: (PermanentError, "a required parameter is missing"),
    12: (PermanentError, "there is no such service; it may have been retired"),
    20: (RefusedKeyError, "no key arrived, or access is denied"),
    21: (RefusedKeyError, "the key is disabled for the time being"),
    22: (ExhaustedError, "the day's calls are spent"),
    23: (TransientError, "too many calls per second"),
    29: (RefusedKeyError, "this address is blocked"),
    30: (RefusedKeyError, "the key is not registered, or not approved for this service"),
    31: (RefusedKeyError, "the key has expired"),
    32: (RefusedKeyError, "this address is not registered for the key"),
    33: (RefusedKeyError, "the call is not signed"),
    99: (TransientError, "the agency had an unknown error"),
}
"""Gateway and agency codes: the portal's table and KMA's guide."""

_REASON_BY_TEXT: Mapping[str, int] = {
    "unauthorized": 20,
    "forbidden": 30,
    "api not found": 12,
    "api rate limit exceeded": 23,
    "api token quota exceeded": 22,
    "unexpected error": 1,
    "unexpected errors": 1,
    "error forwarding request to backend server": 4,
    "error receiving response from backend server": 4,
}
"""The gateway's plain-text generation (2025 to mid-2026)."""

_REASON_BY_STATUS: Mapping[int, int] = {401: 20, 403: 30, 404: 12, 429: 23}
"""What a status means where the body says nothing."""

_LONGEST_CODE = 40

_GREATEST_COUNT = 2**31 - 1
"""What a column of counts holds; no list comes near it."""

NO_DATA = 3
"""The agencies' code for an empty result; not an error."""


def read_answer(operation: Operation, reply: Reply) -> Page:
    """The page that an answer holds.

    Raises:
        PermanentError, TransientError, ExhaustedError, RefusedKeyError: the answer is an error, or can't be read.
    """
    status = reply.status
    document = _parse(operation, status, reply.body)
    header, content = _envelope(document)
    code = _code(header.get("resultCode", header.get("returnReasonCode", "")))
    reason = _number(code)
    if reason == NO_DATA:
        return Page([], 0, code)
    if reason != 0 or content is None:
        text = header.get("resultMsg") or header.get("errMsg") or header.get("returnAuthMsg") or ""
        raise _error(operation, status, reason, code, str(text))
    try:
        return Page(_items(content.get("items")), _count(content.get("totalCount", 0)), code)
    except (TypeError, ValueError, OverflowError):
        raise _unreadable(operation, status, "its items or totalCount are not of the documented form") from None


def _parse(operation: Operation, status: int, body: bytes) -> dict:
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if text.startswith((b"{", b"[")):
        try:
            document = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise _unreadable(operation, status, "its JSON is cut off or broken") from None
        if isinstance(document, dict):
            return document
        raise _unreadable(operation, status, "its JSON is not an object")
    if text.startswith((b"<?xml", b"<response")) or b"OpenAPI_ServiceResponse" in text[:200]:
        return _parse_gateway_xml(operation, status, text)
    reason = _REASON_BY_TEXT.get(text[:100].decode("utf-8", "replace").lower())
    if reason is None:
        reason = _REASON_BY_STATUS.get(status)
    if reason is not None:
        raise _error(operation, status, reason, str(status), "")
    raise _unreadable(operation, status, "it is neither JSON nor XML" if text else "it is empty")


def _parse_gateway_xml(operation: Operation, status: int, text: bytes) -> dict:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise _unreadable(operation, status, "its XML is broken or unsafe") from None
    fields = {element.tag.rsplit("}", 1)[-1]: (element.text or "").strip() for element in root.iter()}
    if "returnReasonCode" in fields:
        return {"cmmMsgHeader": fields}
    if "resultCode" in fields and _number(fields["resultCode"]) not in (0, None):
        return fields
    raise _unreadable(operation, status, "it is XML where JSON was asked for")


def _envelope(document: dict) -> tuple[dict, dict | None]:
    """Header and body of any of the known envelopes; the body is None where there is none."""
    gateway = document.get("OpenAPI_ServiceResponse", document)
    if isinstance(gateway, dict) and isinstance(gateway.get("cmmMsgHeader"), dict):
        return gateway["cmmMsgHeader"], None
    response = document.get("response")
    if isinstance(response, dict):
        header, content = response.get("header"), response.get("body")
        return header if isinstance(header, dict) else {}, content if isinstance(content, dict) else None
    return document, None


def _items(items: object) -> list[dict[str, object]]:
    """The rows under `items`: a list, a single object, or an empty string, depending on agency and count."""
    if isinstance(items, dict):
        items = items.get("item", [])
    if items in ("", None):
        return []
    rows = items if isinstance(items, list) else [items]
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError
    return rows  # type: ignore[return-value]


def _code(value: object) -> str:
    # Whatever an answer says in place of a code goes into messages and a text column.
    return str(value).replace("\0", "").strip()[:_LONGEST_CODE]


def _count(value: object) -> int:
    count = int(value)  # type: ignore[call-overload]
    if not 0 <= count <= _GREATEST_COUNT:
        raise ValueError
    return count


def _number(code: str) -> int | None:
    # Anything longer is not a code; int() of a megabyte of digits would take minutes.
    return int(code) if code.isascii() and code.isdigit() and len(code) <= 6 else None


def _error(operation: Operation, status: int, reason: int | None, code: str, text: str) -> UpstreamError:
    kind, meaning = _ERROR_BY_REASON.get(
        reason if reason is not None else -1,
        (TransientError if status >= 500 else PermanentError, "an error this client does not know"),
    )
    said = f", it said {' '.join(text.split())[:200]!r}" if text else ""
    return kind(
        f"{operation.name} of {operation.provider.name}: {meaning} (code {code or status}{said}).",
        code=code or str(status),
    )


def _unreadable(operation: Operation, status: int, why: str) -> UpstreamError:
    # A body that can't be read is most often one that was cut off or replaced on the way: worth asking again.
    return TransientError(
        f"{operation.name} of {operation.provider.name} gave an answer (HTTP {status}) that can't be read: {why}.",
        code=str(status),
    )
