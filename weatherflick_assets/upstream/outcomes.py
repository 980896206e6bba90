"""What an answer means: from status, headers and body to items or a typed error. Pure.

The code in the body decides, else its name or text, else the HTTP status. A provider with its own codes uses statuses
correctly, so rows with a good status are trusted, whatever their fields are called. `Layout` declares where rows are,
`reasons.py` declares what codes mean, and `envelopes.py` parses bodies.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from weatherflick_assets.upstream.declarations import Layout, Operation, WireFormat
from weatherflick_assets.upstream.envelopes import Envelope, Form, open_envelope
from weatherflick_assets.upstream.errors import RefusedKeyError, UpstreamError
from weatherflick_assets.upstream.reasons import (
    BLOCKED,
    MOVED,
    NO_DATA,
    NORMAL,
    REASON_BY_CODE,
    REFUSED_CALL,
    UNKNOWN,
    UNREADABLE,
    Reason,
    code_of_text,
    portal_code,
    reason_of_status,
)
from weatherflick_assets.upstream.second_reading import STAND_IN


@dataclass(frozen=True)
class Reply:
    """One answer as HTTP gave it: header names in lower case, the body decoded, keys redacted."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Page:
    """The items of one answer, as received, and their place in the whole list.

    Attributes:
        total_count: rows in the whole list, according to the upstream; those of the answer if that can't be read.
        result_code: as written in the body, at most 64 printable characters; "" where the body has none.
        is_repaired: whether it took a second reading, or a row is none. Values may be damaged, and a row that could not
            be read has a stand-in (`second_reading.py`).
        is_counted: whether the upstream's total could be read.
        is_xml: whether the answer is XML, in which every value is a text.
    """

    items: list[dict[str, object]]
    total_count: int
    result_code: str
    is_repaired: bool = False
    is_counted: bool = True
    is_xml: bool = False


_GREATEST_COUNT = 2**31 - 1
"""The largest number that a column of counts holds; no list comes near it."""

_COUNT = re.compile(r"\s*[0-9]{1,10}\s*")
_SECONDS = re.compile(r"\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*")

_BLOCK_PAGE = "request blocked"
"""What the portal's firewall writes on its page."""


def read_answer(operation: Operation, reply: Reply, *, needs_total: bool = True) -> Page:
    """The page that an answer holds. `needs_total`: whether it is of no use if its total can't be read.

    Raises:
        UpstreamError: of the kind that code, words or status mean; transient if the answer can't be read.
    """
    wire = operation.wire
    envelope, status = open_envelope(reply.body, wire.maximum_body_bytes), str(reply.status)
    if 300 <= reply.status < 400:
        raise _error(operation, reply, envelope, MOVED, code=status, problem=envelope.problem)
    is_good_status = 200 <= reply.status < 300
    page, problem = _page_of(envelope, wire, needs_total=needs_total)
    if wire.codes is not None and is_good_status and page is not None and page.items:
        return page
    code = _code_of(envelope, wire.codes)
    if code == NO_DATA:
        return Page([], 0, envelope.code)
    if code and (reason := REASON_BY_CODE.get(code)):
        # A plain text holds no code, so its HTTP status is looked up.
        code = code if envelope.form is Form.ENVELOPE else status
        raise _error(operation, reply, envelope, reason, code=code, problem=problem)
    is_success = code == NORMAL or (page is not None and (wire.codes is not None or not envelope.code))
    if is_success and is_good_status:
        if page is not None:
            return page
        raise _error(operation, reply, envelope, UNREADABLE, code=status, problem=problem)
    # A code that nobody knows may be damaged.
    reason = UNREADABLE if envelope.is_repaired and is_good_status else _reason_without_code(envelope, reply.status)
    code = status if is_success else envelope.code or status
    raise _error(operation, reply, envelope, reason, code=code, problem=problem)


def _code_of(envelope: Envelope, codes: Mapping[str, str] | None) -> str | None:
    """The platform's code for an answer; None if it is unknown."""
    if codes is not None:
        return next((codes[said] for said in (envelope.code, *envelope.words) if said in codes), None)
    if envelope.form is Form.TEXT:
        return code_of_text(envelope.words[0]) if envelope.words else None
    return portal_code(envelope.code, envelope.words) if envelope.form is Form.ENVELOPE else None


def _reason_without_code(envelope: Envelope, status: int) -> Reason:
    is_page = envelope.form is Form.WEB_PAGE
    if is_page and any(_BLOCK_PAGE in words.lower() for words in envelope.words):
        return BLOCKED
    reason = reason_of_status(status)
    if reason is None:
        return UNKNOWN if envelope.code else UNREADABLE
    # Whatever checks keys answers with an envelope or a word; a web page comes from a proxy or a firewall.
    return REFUSED_CALL if is_page and reason.kind is RefusedKeyError else reason


def _page_of(envelope: Envelope, wire: WireFormat, *, needs_total: bool) -> tuple[Page | None, str]:
    """The page that an answer holds in this format; otherwise None and what is wrong with the answer."""
    if envelope.document is None:
        return None, envelope.problem
    layout = wire.layout
    try:
        rows = _rows(envelope.document, layout)
        total = _total(envelope.document, layout, rows, needs_total=needs_total)
    except KeyError:
        return None, "it reports success and holds no list" if envelope.code else "it is in no form this client knows"
    except (TypeError, ValueError):
        return None, "its rows or their total are not of the documented form"
    # A good answer of a provider with its own codes has no code: a field of that name is data.
    code = envelope.code if wire.codes is None else ""
    is_repaired = envelope.is_repaired or any(STAND_IN in row for row in rows)
    if total is None and not rows and _code_of(envelope, wire.codes) != NORMAL:
        return None, "its rows or their total are not of the documented form"
    count = len(rows) if total is None else total
    return Page(rows, count, code, is_repaired, total is not None, envelope.is_xml), ""


def _total(document: Mapping[str, object], layout: Layout, rows: Sequence[object], *, needs_total: bool) -> int | None:
    """Rows in the whole list; None if that can't be read, and need not be."""
    if layout.total is None:
        return len(rows)
    try:
        return _count(_found(document, layout.total))
    except (KeyError, TypeError, ValueError):
        if needs_total:
            raise
        return None


def _rows(document: Mapping[str, object], layout: Layout) -> list[dict[str, object]]:
    """The rows at a path: a list or a single object. A list on the way is the rows, and a blank value means no rows."""
    found: object = document
    for name in layout.rows:
        if layout.may_lack_rows and isinstance(found, dict) and name not in found:
            return []
        found = _found(found, (name,))
        if isinstance(found, list) or _is_blank(found):
            break
    if _is_blank(found):
        return []
    rows: list = found if isinstance(found, list) else [found]
    if rows and not any(isinstance(row, dict) for row in rows):
        raise TypeError
    # One row that is none costs itself, as one that can't be parsed does.
    return [row if isinstance(row, dict) else {STAND_IN: row} for row in rows]


def _is_blank(value: object) -> bool:
    return value is None or value == {} or (isinstance(value, str) and not value.strip())


def _found(value: object, path: Iterable[str]) -> object:
    for name in path:
        if not isinstance(value, dict):
            raise TypeError
        value = value[name]
    return value


def _count(value: object) -> int:
    # A number or its digits, but no more digits than a count has: int() of a megabyte of digits would take minutes.
    if not isinstance(value, int | str) or not _COUNT.fullmatch(str(value)):
        raise TypeError
    if (count := int(value)) > _GREATEST_COUNT:
        raise ValueError
    return count


def _error(
    operation: Operation, reply: Reply, envelope: Envelope, reason: Reason, *, code: str, problem: str
) -> UpstreamError:
    # Never in the upstream's words: they may be anything, a key included. The answer is kept and has them.
    details = [
        *([f"code {code}"] if code in REASON_BY_CODE else []),
        f"HTTP {reply.status}",
        *([problem] if reason is UNREADABLE or envelope.form is Form.NOTHING else []),
    ]
    message = f"{operation.name} of {operation.provider.name}: {reason.meaning} ({', '.join(details)})."
    return reason.kind(
        message,
        code=code,
        retry_after=_retry_after(reply.headers),
        may_be_spurious=reason.may_be_spurious and envelope.is_gateway,
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    # A date is not trusted, because the upstream's clock may differ from ours.
    asked = headers.get("retry-after", "")
    return float(asked) if _SECONDS.fullmatch(asked) else None
