"""The operations of AirKorea that the sandbox serves, declared as data."""

import re

from weatherflick_assets.sandbox.agency_operations import AgencyOperation, declared

_VERSION = re.compile(r"1\.[0-5]", re.ASCII)

OPERATIONS: dict[str, AgencyOperation] = {
    **declared(
        "/B552584/ArpltnInforInqireSvc",
        AgencyOperation("getCtprvnRltmMesureDnsty", "", ("sidoName",), {"ver": _VERSION}),
        AgencyOperation(
            "getMsrstnAcctoRltmMesureDnsty",
            "",
            ("stationName", "dataTerm"),
            {"dataTerm": re.compile("DAILY|MONTH|3MONTH", re.IGNORECASE), "ver": _VERSION},
        ),
        AgencyOperation(
            "getMinuDustFrcstDspth",
            "",
            (),
            {
                "searchDate": re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII),
                "InformCode": re.compile("PM10|PM25|O3"),
            },
        ),
    ),
    **declared("/B552584/MsrstnInfoInqireSvc", AgencyOperation("getMsrstnList", "")),
}
