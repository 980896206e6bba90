"""The envelopes of KMA's answers: `dataType` in the body, counts as requested, and no body at all on an error."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from weatherflick_assets.sandbox.envelopes import JSON, XML_DECLARATION, Format
from weatherflick_assets.sandbox.paging import Row
from weatherflick_assets.sandbox.parameters import ParameterError
from weatherflick_assets.sandbox.rendering import xml_item, xml_text

NO_DATA = ParameterError("no_data", "03", "NO_DATA")


@lru_cache(maxsize=20_000)
def _element(name: str, value: object) -> str:
    """An element of an item; the same few occur in all rows of an issue."""
    return f"<{name}>{xml_text(value)}</{name}>"


def _item(row: Mapping[str, Any]) -> str:
    return f"<item>{''.join([_element(name, value) for name, value in row.items()])}</item>"


def success(form: Format, items: Sequence[Row], *, page: int, size: int, total: int) -> bytes:
    """An answer with the items of one page."""
    if form is JSON:
        body = {"dataType": "JSON", "items": {"item": items}, "pageNo": page, "numOfRows": size, "totalCount": total}
        return orjson.dumps({"response": {"header": {"resultCode": "00", "resultMsg": "NORMAL_SERVICE"}, "body": body}})
    head = (
        f"{XML_DECLARATION}<response><header><resultCode>00</resultCode><resultMsg>NORMAL_SERVICE</resultMsg></header>"
        "<body><dataType>XML</dataType><items>"
    )
    tail = f"</items><numOfRows>{size}</numOfRows><pageNo>{page}</pageNo><totalCount>{total}</totalCount></body></response>"
    return "".join((head, *map(_item, items), tail)).encode()


def refused(form: Format, error: ParameterError) -> bytes:
    """An answer without a body."""
    header = {"resultCode": error.code, "resultMsg": error.message}
    if form is JSON:
        return orjson.dumps({"response": {"header": header}})
    inner = xml_item(header).removeprefix(b"<item>").removesuffix(b"</item>")
    return b"".join((XML_DECLARATION.encode(), b"<response><header>", inner, b"</header></response>"))
