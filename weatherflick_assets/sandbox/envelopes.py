"""The envelopes of KorService2's answers and errors.

Here: the success envelope and the flat parameter error, in JSON and XML.

`numOfRows` is the number of rows on this page: recorded answers have 641 for a list of 641, and 0 for an empty one. The
XML form of the flat error is not recorded; here it has the same three fields under `response`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from weatherflick_assets.sandbox.parameters import ParameterError
from weatherflick_assets.sandbox.rendering import Encode, json_item, xml_item, xml_text

XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Format:
    """An answer format: its content type and its item encoder."""

    content_type: str
    encode: Encode


JSON = Format("application/json;charset=UTF-8", json_item)
XML = Format("application/xml;charset=UTF-8", xml_item)


def success(form: Format, items: Sequence[bytes], *, page: int, total: int) -> bytes:
    """A success answer with encoded `items`. An empty list is written as an empty string, as upstream does."""
    counts = (("numOfRows", len(items)), ("pageNo", page), ("totalCount", total))
    if form is JSON:
        listed = b"".join((b'{"item":[', b",".join(items), b"]}")) if items else b'""'
        numbers = ",".join(f'"{name}":{count}' for name, count in counts).encode()
        head = b'{"response":{"header":{"resultCode":"0000","resultMsg":"OK"},"body":{"items":'
        return b"".join((head, listed, b",", numbers, b"}}}"))
    listed = b"".join((b"<items>", *items, b"</items>")) if items else b"<items/>"
    numbers = "".join(f"<{name}>{count}</{name}>" for name, count in counts).encode()
    head = b"<response><header><resultCode>0000</resultCode><resultMsg>OK</resultMsg></header><body>"
    return b"".join((XML_DECLARATION.encode(), head, listed, numbers, b"</body></response>"))


def parameter_error(form: Format, error: ParameterError, *, at: datetime) -> bytes:
    """The flat answer to a call with invalid parameters; `at` is the time of the answer in Korea."""
    fields = {
        "responseTime": at.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        "resultCode": error.code,
        "resultMsg": error.message,
    }
    if form is JSON:
        return json_item(fields)
    inner = "".join(f"<{name}>{xml_text(value)}</{name}>" for name, value in fields.items())
    return f"{XML_DECLARATION}<response>{inner}</response>".encode()
