"""What the tests of outcomes share: reading an answer, the word for what came of it, and errors as the upstream writes them."""

from collections.abc import Mapping

import orjson
import pytest

from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    ThrottledError,
    TransientError,
    UpstreamError,
)
from weatherflick_assets.upstream.outcomes import Page, Reply, read_answer
from weatherflick_assets_tests.upstream.hosts import LIST

WORD_BY_KIND: Mapping[type[UpstreamError], str] = {
    PermanentError: "permanent",
    TransientError: "transient",
    ThrottledError: "throttled",
    ExhaustedError: "exhausted",
    RefusedKeyError: "refused",
}
"""Every error that reading an answer may raise; the exact class counts."""


def read(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Page:
    return read_answer(LIST, Reply(status, headers or {}, body))


def error_of(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        read(body, status, headers)
    return caught.value


def outcome_of(body: bytes, status: int = 200) -> str:
    """`items`, `empty`, or the word for the error's class."""
    try:
        page = read(body, status)
    except UpstreamError as error:
        return WORD_BY_KIND[type(error)]
    return "items" if page.items else "empty"


def xml_error(code: str | None, *, error: str = "SERVICE ERROR", authorisation: str = "SOME_ERROR") -> bytes:
    """A gateway error of the first generation; `code` None leaves the reason code out."""
    reason = "" if code is None else f"<returnReasonCode>{code}</returnReasonCode>"
    return (
        f"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>{error}</errMsg><returnAuthMsg>{authorisation}</returnAuthMsg>"
        f"{reason}</cmmMsgHeader></OpenAPI_ServiceResponse>"
    ).encode()


def agency_error(code: object, text: str = "TEXT") -> bytes:
    """An error of an agency in the common envelope, without a body, as KMA writes it."""
    return orjson.dumps({"response": {"header": {"resultCode": code, "resultMsg": text}}})


def flat_error(code: object, text: str = "TEXT") -> bytes:
    """An error of KTO."""
    return orjson.dumps({"responseTime": "2026-07-13T21:04:34.372", "resultCode": code, "resultMsg": text})
