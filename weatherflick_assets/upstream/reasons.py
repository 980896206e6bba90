"""What the codes, names, texts and statuses of upstream errors mean, as data, and how they are looked up.

The platform has one code space: the two digits of data.go.kr (the portal's table and KMA's guide). Any other form (a
name, a text, a bare HTTP status) leads to one of its codes. A provider with its own codes declares them
(`WireFormat.codes`), each with the code here that means the same. `envelopes.py` parses bodies, and `outcomes.py` acts
on reasons.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from weatherflick_assets.upstream.errors import (
    ExhaustedError,
    PermanentError,
    RefusedKeyError,
    ThrottledError,
    TransientError,
    UpstreamError,
)

NORMAL = "00"
NO_DATA = "03"
"""An empty result; not an error."""


@dataclass(frozen=True)
class Reason:
    """Why a call returned nothing usable.

    Attributes:
        meaning: in words, for the sentence of the error.
        may_be_spurious: whether the gateway has been seen to say this without cause; the agencies behind it have not.
    """

    kind: type[UpstreamError]
    meaning: str
    may_be_spurious: bool = False


REASON_BY_CODE: Mapping[str, Reason] = {
    "01": Reason(TransientError, "the gateway had an internal error"),
    "02": Reason(TransientError, "the agency's database had an error"),
    "04": Reason(TransientError, "the agency's server answered badly"),
    "05": Reason(TransientError, "the agency's server did not answer in time"),
    "10": Reason(PermanentError, "a parameter is wrong or unknown", may_be_spurious=True),
    "11": Reason(PermanentError, "a required parameter is missing"),
    "12": Reason(PermanentError, "there is no such service; it may have been retired", may_be_spurious=True),
    "20": Reason(RefusedKeyError, "no key arrived, or access is denied"),
    "21": Reason(RefusedKeyError, "the key is disabled for the time being"),
    "22": Reason(ExhaustedError, "the day's calls are spent"),
    "23": Reason(ThrottledError, "too many calls per second or at once"),
    "29": Reason(RefusedKeyError, "this address is blocked"),
    "30": Reason(RefusedKeyError, "the key is not registered, or not approved for this service"),
    "31": Reason(RefusedKeyError, "the key has expired"),
    "32": Reason(RefusedKeyError, "this address is not registered for the key"),
    "33": Reason(RefusedKeyError, "the call is not signed"),
    "99": Reason(TransientError, "the agency had an unknown error"),
}
"""Gateway and agency codes: the portal's table of errors and KMA's guide."""

_VAGUE = "99"
"""Says only that something went wrong; an accompanying text may say what."""


def _word_of(text: str) -> str:
    """A name or text without what varies: case, spaces, underscores, full stops, the parameter or number after it."""
    return re.sub(r"[\W_]+", "_", text.partition("(")[0]).strip("_").rstrip("0123456789").upper()


_CODE_BY_NAME: Mapping[str, str] = {
    name: code
    for code, names in {
        NORMAL: "OK SUCCESS NORMAL_CODE NORMAL_SERVICE",
        "01": "APPLICATION_ERROR",
        "02": "DB_ERROR",
        NO_DATA: "NO_DATA NODATA NODATA_ERROR NO_DATA_ERROR",
        "04": "HTTP_ERROR",
        "05": "SERVICETIMEOUT_ERROR SERVICETIME_OUT SERVICE_TIMEOUT_ERROR",
        "10": "INVALID_REQUEST_PARAMETER_ERROR",
        "11": "NO_MANDATORY_REQUEST_PARAMETERS_ERROR",
        "12": "NO_OPENAPI_SERVICE_ERROR",
        "20": "SERVICE_KEY_IS_NULL PERMISSION_DENIED SERVICE_ACCESS_DENIED_ERROR",
        "21": "TEMPORARILY_DISABLE_THE_SERVICEKEY_ERROR",
        "22": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR",
        "23": "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR",
        "29": "BLACKLIST_IP_ACCESS_ERROR",
        "30": "SERVICE_KEY_IS_NOT_REGISTERED_ERROR",
        "31": "DEADLINE_HAS_EXPIRED_ERROR",
        "32": "UNREGISTERED_IP_ERROR",
        "33": "UNSIGNED_CALL_ERROR",
        "99": "UNKNOWN_ERROR",
    }.items()
    for name in names.split()
}
"""The codes' names. They are in `returnAuthMsg`, since August 2026 in `errMsg`, or instead of the code itself."""

_CODE_BY_TEXT: Mapping[str, str] = {
    _word_of(text): code
    for code, texts in {
        # the gateway's plain-text generation (2025 to mid-2026)
        "20": ("Unauthorized",),
        "12": ("API not found",),
        "23": ("API rate limit exceeded",),
        "22": ("API token quota exceeded",),
        "01": ("Unexpected error", "Unexpected errors"),
        "04": ("Error forwarding request to backend server", "Error receiving response from backend server"),
        # with what agencies say that have only 99 for it
        "30": ("Forbidden", "등록되지 않은 서비스키", "등록되지 않은 서비스키입니다.", "등록되지 않은 인증키입니다."),
    }.items()
    for text in texts
}

_CODE_BY_STATUS = {
    401: "20",
    403: "30",
    404: "12",
    408: "05",
    425: "04",
    429: "23",
    500: "01",
    502: "04",
    503: "04",
    504: "05",
}
"""What a status means if the body says nothing."""

MOVED = Reason(
    PermanentError, "the address is wrong, check the base URL: the host was retired, or it is https and not http"
)

BLOCKED = Reason(
    PermanentError,
    "a firewall before the API refused the call for its User-Agent, its headers or this machine's address, not for the key",
    may_be_spurious=True,
)
"""Not a refused key: the recorded calls passed with another User-Agent and the same key.

Permanent, because the same request was blocked every time. It is retried once, because the firewall's rules are known
to match by chance."""

REFUSED_CALL = Reason(PermanentError, "the call was refused")
IN_TROUBLE = Reason(TransientError, "the upstream was in trouble")
UNKNOWN = Reason(PermanentError, "an error this client does not know")
UNREADABLE = Reason(TransientError, "the answer can't be read")
"""A body that can't be read was most often cut off or replaced on the way, so the call is retried."""


def portal_code(written: str, words: Iterable[str]) -> str | None:
    """The code of a data.go.kr answer: from its code as written, else from a name or text beside it, else None."""
    code = _number(written) or _code_in_words(written)
    if code and code != _VAGUE:
        return code
    said = next(filter(None, map(_code_in_words, words)), None)
    # "OK" next to an unknown code is not a success.
    return code if said is None or (said == NORMAL and written) else said


def code_of_text(text: str) -> str | None:
    """The code that a plain-text answer stands for; None if the text is unknown."""
    return _CODE_BY_TEXT.get(_word_of(text))


def reason_of_status(status: int) -> Reason | None:
    """What an HTTP status says if nothing else does; None for a success."""
    if code := _CODE_BY_STATUS.get(status):
        return REASON_BY_CODE[code]
    if 200 <= status < 300:
        return None
    return REFUSED_CALL if 400 <= status < 500 else IN_TROUBLE


def _code_in_words(text: str) -> str | None:
    word = _word_of(text)
    return _CODE_BY_NAME.get(word) or _CODE_BY_TEXT.get(word)


def _number(written: str) -> str | None:
    # AirKorea's index service writes HTTP's.
    if written == "200":
        return NORMAL
    # Agencies pad as they like (0, 00, 0000). Anything longer is not a code.
    if written.isascii() and written.isdigit() and len(written) <= 6:
        number = f"{int(written):02d}"
        if number in REASON_BY_CODE or number in (NORMAL, NO_DATA):
            return number
    return None
