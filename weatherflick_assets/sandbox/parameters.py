"""Validation of call parameters, and upstream's error for invalid ones.

Here: parsing the query string as upstream does, the rule of every parameter, and the order of the checks.

Order of checks: mandatory parameters (error 11), unknown names (10), values (10), and then dependencies between filters
(11, naming the missing one; upstream's exact code for these is not recorded). A blank value counts as missing. Names
are case-sensitive.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from weatherflick_assets.sandbox.operations import MANDATORY_PARAMETERS, Operation

DEFAULT_ROWS = 10
MAXIMUM_ROWS = 1000
MAXIMUM_RADIUS_M = 20_000


@dataclass
class ParameterError(Exception):
    """A refusal by the service itself, sent with HTTP 200; `reason` is its name in statistics."""

    reason: str
    code: str
    message: str


def _unknown(name: str) -> ParameterError:
    return ParameterError("unknown_parameter", "10", f"INVALID_REQUEST_PARAMETER_ERROR({name})")


def _invalid(name: str) -> ParameterError:
    return ParameterError("invalid_parameter", "10", f"INVALID_REQUEST_PARAMETER_ERROR({name})")


def _missing(name: str) -> ParameterError:
    return ParameterError("missing_parameter", "11", f"NO_MANDATORY_REQUEST_PARAMETERS_ERROR1({name})")


COUNT = re.compile(r"0*[1-9]\d{0,8}", re.ASCII)
_DEGREES = re.compile(r"-?\d{1,3}(\.\d*)?", re.ASCII)
_YES_OR_NO = re.compile(r"[YN]")
_DATE = re.compile(r"\d{8}", re.ASCII)

_FORMS: dict[str, re.Pattern[str]] = {
    "MobileOS": re.compile(r"IOS|AND|WEB|ETC|WIN"),
    "numOfRows": COUNT,
    "pageNo": COUNT,
    "modifiedtime": re.compile(r"\d{4}(\d\d(\d\d)?)?", re.ASCII),
    "showflag": re.compile(r"[01]"),
    "mapX": _DEGREES,
    "mapY": _DEGREES,
    "radius": COUNT,
    "eventStartDate": _DATE,
    "eventEndDate": _DATE,
    "imageYN": _YES_OR_NO,
    "lDongListYn": _YES_OR_NO,
    "lclsSystmListYn": _YES_OR_NO,
}

_ARRANGE = re.compile(r"[ACDOQR]")
_ARRANGE_BY_DISTANCE_TOO = re.compile(r"[ACDEOQRS]")

_NEEDS: dict[str, tuple[str, ...]] = {
    "sigunguCode": ("areaCode",),
    "cat2": ("cat1",),
    "cat3": ("cat1", "cat2"),
    "lDongSignguCd": ("lDongRegnCd",),
    "lclsSystm2": ("lclsSystm1",),
    "lclsSystm3": ("lclsSystm1", "lclsSystm2"),
}


@dataclass(frozen=True)
class Parameters:
    """The query string of one call, decoded once. The first value of a repeated name counts."""

    values: Mapping[str, str]

    @classmethod
    def from_query(cls, query: str) -> "Parameters":
        """Decode a raw query string as upstream does: `+` is a space, `%XX` is UTF-8."""
        values: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True, errors="replace"):
            values.setdefault(name, value)
        return cls(values)

    def get(self, name: str, default: str = "") -> str:
        """The value of `name`, or `default` if it is missing or blank."""
        return self.values.get(name) or default

    @property
    def key(self) -> str:
        """The service key as sent, decoded once."""
        return self.get("serviceKey") or self.get("ServiceKey")

    @property
    def wants_json(self) -> bool:
        """Whether to answer in JSON. Each agency has its own parameter for it; any other value means XML."""
        return self.get("_type") == "json" or any(
            self.get(name).lower() == "json" for name in ("dataType", "returnType")
        )

    @property
    def rows_per_page(self) -> int:
        """Rows per page, at most 1,000. Upstream's own limit is not documented."""
        return min(int(self.get("numOfRows", str(DEFAULT_ROWS))), MAXIMUM_ROWS)

    @property
    def page(self) -> int:
        """The requested page, counted from 1."""
        return int(self.get("pageNo", "1"))

    def check(self, operation: Operation) -> None:
        """Validate the parameters of a call. Raises ParameterError: the first violation in upstream's order."""
        for name in (*MANDATORY_PARAMETERS, *operation.required):
            if not self.get(name):
                raise _missing(name)
        for name in self.values:
            if name not in operation.known:
                raise _unknown(name)
        for name, value in self.values.items():
            if value and not self._allowed(operation, name, value):
                raise _invalid(name)
        for name, needed in _NEEDS.items():
            for other in needed:
                if self.get(name) and not self.get(other):
                    raise _missing(other)

    @staticmethod
    def _allowed(operation: Operation, name: str, value: str) -> bool:
        if name == "arrange":
            return bool((_ARRANGE_BY_DISTANCE_TOO if "radius" in operation.required else _ARRANGE).fullmatch(value))
        form = _FORMS.get(name)
        return (form is None or bool(form.fullmatch(value))) and (name != "radius" or int(value) <= MAXIMUM_RADIUS_M)
