"""How each generation of the data.go.kr gateway writes a refusal, and the HTTP answer type.

Here: the three generations and the firewall's page, as functions from a refusal to an answer.

- `xml200`, the classic: XML with HTTP 200 whatever format was requested; the code's name is in `returnAuthMsg`.
- `text`, 2025 to mid-2026: plain text with 4xx and 5xx statuses.
- `json4xx`, since about August 2026: the requested format with real statuses; the code's name is in `errMsg`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Literal

import orjson

from weatherflick_assets.sandbox.envelopes import JSON, XML, XML_DECLARATION, Format
from weatherflick_assets.sandbox.refusals import Refusal
from weatherflick_assets.sandbox.rendering import xml_text

Delivery = Literal["whole", "half", "reset", "never"]


@dataclass(frozen=True)
class Answer:
    """A complete HTTP answer and how it is sent.

    `delivery`: `whole`; `half`: close the connection in the middle of the body; `reset`: reset it without a byte;
    `never`: send nothing.
    """

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"


def block_page(status: int) -> Answer:
    """The page of the firewall in front of the gateway, recorded with status 400."""
    body = (
        f'<!DOCTYPE HTML PUBLIC "-//IETF/DTD HTML 2.0//EN">\n<HTML><HEAD>\n<TITLE>{status} {HTTPStatus(status).phrase}'
        "</TITLE>\n</HEAD><BODY>\n<H1>Request Blocked</H1>\n</BODY></HTML>"
    )
    return Answer(status, "text/html", body.encode())


def _xml200(refusal: Refusal, _form: Format) -> Answer:
    body = (
        "<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg>\n"
        f"<returnAuthMsg>{refusal.name}</returnAuthMsg><returnReasonCode>{refusal.code}</returnReasonCode>"
        "</cmmMsgHeader></OpenAPI_ServiceResponse>"
    )
    return Answer(200, XML.content_type, body.encode())


def _text(refusal: Refusal, _form: Format) -> Answer:
    if refusal.plain is None:
        return block_page(refusal.status)
    status, text = refusal.plain
    return Answer(
        status, "text/plain; charset=utf-8", f"{text}\n".encode(), headers={"X-Content-Type-Options": "nosniff"}
    )


def _json4xx(refusal: Refusal, form: Format) -> Answer:
    fields = {"errMsg": refusal.name, "returnAuthMsg": refusal.message, "returnReasonCode": refusal.code}
    if form is JSON:
        body = orjson.dumps({"OpenAPI_ServiceResponse": {"cmmMsgHeader": fields}})
        return Answer(refusal.status, form.content_type, body)
    inner = "".join(f"  <{name}>{xml_text(value)}</{name}>\n" for name, value in fields.items())
    body = f"<OpenAPI_ServiceResponse>\n<cmmMsgHeader>\n{inner}</cmmMsgHeader>\n</OpenAPI_ServiceResponse>"
    return Answer(refusal.status, XML.content_type, (XML_DECLARATION + body).encode())


GENERATIONS: dict[str, Callable[[Refusal, Format], Answer]] = {"json4xx": _json4xx, "xml200": _xml200, "text": _text}


def written(refusal: Refusal, generation: str, form: Format) -> Answer:
    """A refusal as `generation`, a key of `GENERATIONS`, writes it to a caller that requested `form`."""
    return GENERATIONS[generation](refusal, form) if refusal.code else block_page(refusal.status)
