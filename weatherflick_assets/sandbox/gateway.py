"""The data.go.kr gateway in front of the service: who may call what.

Here: the checks a call passes before the service sees it, in their order, and the form of a refusal. A further reason to
refuse (a quota, a rate, a fault) is one more check in `Gateway.checks`; a further generation of error bodies is one more
function beside `generation_c`. Not here: parameter errors, which are the service's own (`parameters.py`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import orjson

from weatherflick_assets.sandbox.envelopes import JSON, XML, XML_DECLARATION, Format
from weatherflick_assets.sandbox.rendering import xml_text


@dataclass(frozen=True)
class Call:
    """A call as the gateway sees it.

    Attributes:
        operation: The operation's name; empty if the path leads to none.
        key: The service key, decoded once; empty if none was sent.
        form: The format the caller asked for.
        headers: The headers of the request.
    """

    operation: str
    key: str
    form: Format
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Refusal:
    """A call the gateway turns down: the HTTP status, and for the caller a code, its name and a sentence."""

    status: int
    code: str
    name: str
    message: str


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer."""

    status: int
    content_type: str
    body: bytes


BAD_HEADER = Refusal(400, "10", "INVALID_REQUEST_PARAMETER_ERROR", "잘못된 요청 파라미터 에러")
NO_SUCH_SERVICE = Refusal(400, "12", "NO_OPENAPI_SERVICE_ERROR", "해당 오픈API 서비스가 없거나 폐기됨")
KEY_MISSING = Refusal(401, "20", "SERVICE_KEY_IS_NULL", "서비스키가 존재하지 않음")
KEY_NOT_REGISTERED = Refusal(403, "30", "SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "등록되지 않은 서비스키")

_BLOCKED = Answer(
    403,
    "text/html",
    b'<!DOCTYPE HTML PUBLIC "-//IETF/DTD HTML 2.0//EN">\n<HTML><HEAD>\n<TITLE>403 Forbidden</TITLE>\n</HEAD><BODY>\n'
    b"<H1>Request Blocked</H1>\n</BODY></HTML>\n",
)


def generation_c(refusal: Refusal, form: Format) -> Answer:
    """A refusal as the gateway writes it since about August 2026: the code's name in `errMsg`, in the format asked for."""
    fields = {"errMsg": refusal.name, "returnAuthMsg": refusal.message, "returnReasonCode": refusal.code}
    if form is JSON:
        return Answer(
            refusal.status, form.content_type, orjson.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}})
        )
    inner = "".join(f"  <{name}>{xml_text(value)}</{name}>\n" for name, value in fields.items())
    body = f"<OpenAPI_ServiceResponse>\n<cmmMsgHeader>\n{inner}</cmmMsgHeader>\n</OpenAPI_ServiceResponse>"
    return Answer(refusal.status, XML.content_type, (XML_DECLARATION + body).encode())


class Gateway:
    """Decides whether a call reaches the service."""

    def __init__(self, keys: Collection[str]) -> None:
        """Admit callers with one of `keys`; a key that contains `%` is given percent-encoded and is decoded once."""
        given = (key.strip() for key in keys)
        self._keys = frozenset(unquote(key) if "%" in key else key for key in given if key)
        self.checks: list[Callable[[Call], Refusal | None]] = [self._header, self._path, self._key]

    def answer(self, call: Call) -> Answer | None:
        """The answer to a call that is turned down, or None if the service may have it."""
        if not call.headers.get("User-Agent"):
            return _BLOCKED
        for check in self.checks:
            if refusal := check(call):
                return generation_c(refusal, call.form)
        return None

    @staticmethod
    def _header(call: Call) -> Refusal | None:
        # The firewall takes this for an attack; tracing headers of error reporters run into it.
        return BAD_HEADER if any("environment=" in value for value in call.headers.values()) else None

    @staticmethod
    def _path(call: Call) -> Refusal | None:
        return None if call.operation else NO_SUCH_SERVICE

    def _key(self, call: Call) -> Refusal | None:
        if not call.key:
            return KEY_MISSING
        return None if call.key in self._keys else KEY_NOT_REGISTERED
