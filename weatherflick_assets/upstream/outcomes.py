"""What an answer means: from status, headers and body to items, or to a typed error. Pure.

The code in the body decides, else its name or text, else the HTTP status; what each of them means is data in
`reasons.py`, and how a body is taken apart stands in `envelopes.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.upstream.envelopes import Envelope, Form, open_envelope
from weatherflick_assets.upstream.errors import PermanentError, RefusedKeyError, TransientError, UpstreamError
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
    known_code,
    reason_of_status,
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
        result_code: as written in the body, at most 64 printable characters; "" where the body has none.
    """

    items: list[dict[str, object]]
    total_count: int
    result_code: str


_GREATEST_COUNT = 2**31 - 1
"""What a column of counts holds; no list comes near it."""

_COUNT = re.compile(r"\s*[0-9]{1,10}\s*")
_SECONDS = re.compile(r"\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*")

_BLOCK_PAGE = "request blocked"
"""What the portal's firewall writes on its page."""


def read_answer(operation: Operation, reply: Reply) -> Page:
    """The page that an answer holds.

    Raises:
        PermanentError: the same call would be refused again, or the address is wrong.
        TransientError: the upstream was in trouble, or the answer can't be read; with the wait it asked for.
        ThrottledError: the calls come too fast.
        ExhaustedError: the day's calls are spent.
        RefusedKeyError: the key is not accepted.
    """
    envelope, status = open_envelope(reply.body), str(reply.status)
    if 300 <= reply.status < 400:
        raise _error(operation, reply, envelope, MOVED, code=status)
    code = _code_of(envelope)
    if code == NO_DATA:
        return Page([], 0, envelope.code)
    if code and (reason := REASON_BY_CODE.get(code)):
        # A plain text holds no code: its HTTP status is the one to look for.
        raise _error(operation, reply, envelope, reason, code=code if envelope.form is Form.ENVELOPE else status)
    is_success = code == NORMAL or (not envelope.code and envelope.content)
    if is_success and 200 <= reply.status < 300:
        return _page_of(operation, reply, envelope)
    reason = _reason_without_code(envelope, reply.status)
    raise _error(operation, reply, envelope, reason, code=status if is_success else envelope.code or status)


def _code_of(envelope: Envelope) -> str | None:
    if envelope.form is Form.TEXT:
        return code_of_text(envelope.words[0]) if envelope.words else None
    return known_code(envelope.code_field, envelope.code, envelope.words) if envelope.form is Form.ENVELOPE else None


def _reason_without_code(envelope: Envelope, status: int) -> Reason:
    is_page = envelope.form is Form.WEB_PAGE
    if is_page and any(_BLOCK_PAGE in words.lower() for words in envelope.words):
        return BLOCKED
    reason = reason_of_status(status)
    if reason is None:
        return UNKNOWN if envelope.code else UNREADABLE
    # Who judges keys answers with an envelope or a word; a page is a proxy's or a firewall's.
    return REFUSED_CALL if is_page and reason.kind is RefusedKeyError else reason


def _page_of(operation: Operation, reply: Reply, envelope: Envelope) -> Page:
    if envelope.content is None:
        problem = "it tells of success and holds no list"
    else:
        try:
            return Page(_items(envelope.content["items"]), _count(envelope.content["totalCount"]), envelope.code)
        except (KeyError, TypeError, ValueError):
            problem = "its items or totalCount are not of the documented form"
    raise _error(operation, reply, envelope, UNREADABLE, code=str(reply.status), problem=problem)


def _items(items: object) -> list[dict[str, object]]:
    """The rows under `items`: a list, a single object, or an empty string, depending on agency and count."""
    if isinstance(items, dict):
        items = items["item"] if items else None
    if items is None or (isinstance(items, str) and not items.strip()):
        return []
    rows: list = items if isinstance(items, list) else [items]
    if not all(isinstance(row, dict) for row in rows):
        raise TypeError
    return rows


def _count(value: object) -> int:
    # A number or its digits, and no more of them than a count has: int() of a megabyte of digits would take minutes.
    if not isinstance(value, int | str) or not _COUNT.fullmatch(str(value)):
        raise TypeError
    if (count := int(value)) > _GREATEST_COUNT:
        raise ValueError
    return count


def _error(
    operation: Operation, reply: Reply, envelope: Envelope, reason: Reason, *, code: str, problem: str = ""
) -> UpstreamError:
    details = [
        *([f"code {envelope.code}"] if envelope.code else []),
        f"HTTP {reply.status}",
        *([problem or envelope.problem] if reason is UNREADABLE or envelope.form is Form.NOTHING else []),
        *([f"it said {' / '.join(dict.fromkeys(envelope.words))[:200]!r}"] if envelope.words else []),
    ]
    message = f"{operation.name} of {operation.provider.name}: {reason.meaning} ({', '.join(details)})."
    if issubclass(reason.kind, TransientError):
        return reason.kind(message, code=code, retry_after=_retry_after(reply.headers))
    if reason.kind is PermanentError:
        is_spurious = reason.may_be_spurious and envelope.is_gateway
        return PermanentError(message, code=code, may_be_spurious=is_spurious)
    return reason.kind(message, code=code)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    # A date is not believed: the upstream's clock need not be ours.
    asked = headers.get("retry-after", "")
    return float(asked) if _SECONDS.fullmatch(asked) else None
