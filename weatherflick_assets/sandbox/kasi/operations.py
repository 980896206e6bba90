"""The operations of the Korea Astronomy and Space Science Institute that the sandbox serves, declared as data."""

import re

from weatherflick_assets.sandbox.agency_operations import AgencyOperation, declared

_FORMS = {"solYear": re.compile(r"\d{4}", re.ASCII), "solMonth": re.compile(r"0?[1-9]|1[0-2]", re.ASCII)}

OPERATIONS: dict[str, AgencyOperation] = declared(
    "/B090041/openapi/service/SpcdeInfoService",
    AgencyOperation("getRestDeInfo", "", ("solYear",), _FORMS),
    AgencyOperation("getHoliDeInfo", "", ("solYear",), _FORMS),
)
