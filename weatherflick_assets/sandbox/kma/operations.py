"""The operations of the Korea Meteorological Administration that the sandbox serves, declared as data."""

import re

from weatherflick_assets.sandbox.agency_operations import DATE, MOMENT, TIME, AgencyOperation, declared

_NUMBER = re.compile(r"\d{1,3}", re.ASCII)
_HOUR = re.compile(r"[01]\d|2[0-3]", re.ASCII)
_GRID_PARAMETERS = ("base_date", "base_time", "nx", "ny")
_GRID_FORMS = {"base_date": DATE, "base_time": TIME, "nx": _NUMBER, "ny": _NUMBER}
_PERIOD = ("dataCd", "dateCd", "startDt", "endDt", "stnIds")
_PERIOD_FORMS = {
    "dataCd": re.compile("ASOS"),
    "startDt": DATE,
    "endDt": DATE,
    "stnIds": re.compile(r"\d{1,3}", re.ASCII),
}

OPERATIONS: dict[str, AgencyOperation] = {
    **declared(
        "/1360000/VilageFcstInfoService_2.0",
        AgencyOperation("getUltraSrtNcst", "", _GRID_PARAMETERS, _GRID_FORMS),
        AgencyOperation("getUltraSrtFcst", "", _GRID_PARAMETERS, _GRID_FORMS),
        AgencyOperation("getVilageFcst", "", _GRID_PARAMETERS, _GRID_FORMS),
        AgencyOperation(
            "getFcstVersion",
            "",
            ("ftype", "basedatetime"),
            {"ftype": re.compile("ODAM|VSRT|SHRT"), "basedatetime": MOMENT},
        ),
    ),
    **declared(
        "/1360000/MidFcstInfoService",
        AgencyOperation("getMidLandFcst", "", ("regId", "tmFc"), {"tmFc": MOMENT}),
        AgencyOperation("getMidTa", "", ("regId", "tmFc"), {"tmFc": MOMENT}),
        AgencyOperation("getMidFcst", "", ("stnId", "tmFc"), {"tmFc": MOMENT}),
    ),
    **declared(
        "/1360000/WthrWrnInfoService",
        AgencyOperation("getWthrWrnList", "", (), {"fromTmFc": DATE, "toTmFc": DATE}),
        AgencyOperation("getPwnStatus", ""),
    ),
    **declared(
        "/1360000/AsosHourlyInfoService",
        AgencyOperation(
            "AsosHourlyInfoService/getWthrDataList",
            "getWthrDataList",
            (*_PERIOD, "startHh", "endHh"),
            _PERIOD_FORMS | {"dateCd": re.compile("HR"), "startHh": _HOUR, "endHh": _HOUR},
        ),
    ),
    **declared(
        "/1360000/AsosDalyInfoService",
        AgencyOperation(
            "AsosDalyInfoService/getWthrDataList",
            "getWthrDataList",
            _PERIOD,
            _PERIOD_FORMS | {"dateCd": re.compile("DAY")},
        ),
    ),
}
