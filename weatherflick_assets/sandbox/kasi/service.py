"""SpcdeInfoService of the Korea Astronomy and Space Science Institute behind the gateway.

Its envelope differs from the others: one row is an object, none is an empty string.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from weatherflick_assets.sandbox.envelopes import JSON, XML_DECLARATION, Format
from weatherflick_assets.sandbox.kasi.holidays import holidays
from weatherflick_assets.sandbox.kasi.operations import OPERATIONS
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters
from weatherflick_assets.sandbox.rendering import xml_item
from weatherflick_assets.sandbox.services import Circumstances


class KasiService:
    """Answers the calendar of holidays."""

    def answer(self, operation: str, parameters: Parameters, form: Format, _circumstances: Circumstances) -> bytes:
        """The body of the answer to a call. Raises ParameterError: it is malformed."""
        OPERATIONS[operation].check(parameters)
        month = int(parameters.get("solMonth", "0"))
        rows = [
            holiday.row
            for holiday in holidays(int(parameters.get("solYear")))
            if month in {0, holiday.day.month} and (operation == "getRestDeInfo" or holiday.is_national)
        ]
        page, size = parameters.page, parameters.rows_per_page
        return _success(form, rows[(page - 1) * size : page * size], page=page, size=size, total=len(rows))

    @staticmethod
    def refused(error: ParameterError, form: Format, _circumstances: Circumstances) -> bytes:
        """The body of the answer to a call that the service refuses."""
        header = {"resultCode": error.code, "resultMsg": error.message}
        if form is JSON:
            return orjson.dumps({"response": {"header": header}})
        return f"{XML_DECLARATION}<response>{_header(header)}</response>".encode()


def _success(form: Format, rows: list[Mapping[str, Any]], *, page: int, size: int, total: int) -> bytes:
    header = {"resultCode": "00", "resultMsg": "NORMAL SERVICE."}
    if form is JSON:
        items: Any = {"item": rows[0] if len(rows) == 1 else rows} if rows else ""
        body = {"items": items, "numOfRows": size, "pageNo": page, "totalCount": total}
        return orjson.dumps({"response": {"header": header, "body": body}})
    listed = b"".join(map(xml_item, rows)).decode()
    counts = f"<numOfRows>{size}</numOfRows><pageNo>{page}</pageNo><totalCount>{total}</totalCount>"
    return (
        f"{XML_DECLARATION}<response>{_header(header)}<body><items>{listed}</items>{counts}</body></response>".encode()
    )


def _header(header: Mapping[str, str]) -> str:
    return "<header>" + "".join(f"<{name}>{value}</{name}>" for name, value in header.items()) + "</header>"
