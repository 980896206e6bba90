"""All refusals of the gateway, declared as data.

Codes and names come from the portal's official table. Statuses 400, 401, 403 and 503 were observed; 429 for codes 22
and 23 is inferred from the plain texts. Some plain texts are recorded; the others come from the portal's list.
"""

from dataclasses import dataclass

PlainText = tuple[int, str]

_UNAUTHORIZED: PlainText = (401, "Unauthorized")
_FORBIDDEN: PlainText = (403, "Forbidden")
_NOT_FOUND: PlainText = (404, "API not found")
_TOO_FAST: PlainText = (429, "API rate limit exceeded")
_SPENT: PlainText = (429, "API token quota exceeded")
_UNEXPECTED: PlainText = (500, "Unexpected errors")
_NOT_FORWARDED: PlainText = (502, "Error forwarding request to backend server")
_NOT_RECEIVED: PlainText = (502, "Error receiving response from backend server")


@dataclass(frozen=True)
class Refusal:
    """One kind of refusal.

    Attributes:
        reason: Its name in statistics.
        status: The HTTP status, in generations that use statuses.
        code: The reason code. Empty: the firewall's page, which is HTML in every generation.
        name: The code's name.
        message: The code's text in Korean.
        plain: Status and body in the plain-text generation. None: no text is known, so the firewall's page is sent.
    """

    reason: str
    status: int
    code: str = ""
    name: str = ""
    message: str = ""
    plain: PlainText | None = None


_TOO_MANY_A_SECOND = (
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_PER_SECOND_EXCEEDS_ERROR",
    "초당 서비스 요청제한횟수 초과에러",
)
_NOT_REGISTERED = ("SERVICE_KEY_IS_NOT_REGISTERED_ERROR", "등록되지 않은 서비스키")

AGENT_REFUSED = Refusal("agent_refused", 403)
BAD_REQUEST = Refusal("bad_request", 400, "10", "INVALID_REQUEST_PARAMETER_ERROR", "잘못된 요청 파라미터 에러")
ADDRESS_BLOCKED = Refusal("address_blocked", 403, "29", "BLACKLIST_IP_ACCESS_ERROR", "차단된 IP 접근", plain=_FORBIDDEN)
NO_SUCH_SERVICE = Refusal(
    "no_such_service", 400, "12", "NO_OPENAPI_SERVICE_ERROR", "해당 오픈API 서비스가 없거나 폐기됨", plain=_NOT_FOUND
)
KEY_MISSING = Refusal("key_missing", 401, "20", "SERVICE_KEY_IS_NULL", "서비스키가 존재하지 않음", plain=_UNAUTHORIZED)
KEY_EXPIRED = Refusal("key_expired", 403, "31", "DEADLINE_HAS_EXPIRED_ERROR", "활용기간 만료", plain=_UNAUTHORIZED)
KEY_UNKNOWN = Refusal("key_unknown", 403, "30", *_NOT_REGISTERED, plain=_UNAUTHORIZED)
NOT_APPROVED = Refusal("not_approved", 403, "30", *_NOT_REGISTERED, plain=_FORBIDDEN)
OVER_QUOTA = Refusal(
    "over_quota",
    429,
    "22",
    "LIMITED_NUMBER_OF_SERVICE_REQUESTS_EXCEEDS_ERROR",
    "서비스 요청제한횟수 초과에러",
    plain=_SPENT,
)
OVER_RATE = Refusal("over_rate", 429, "23", *_TOO_MANY_A_SECOND, plain=_TOO_FAST)
OVER_IN_FLIGHT = Refusal("over_in_flight", 429, "23", *_TOO_MANY_A_SECOND, plain=_TOO_FAST)
SERVER_ERROR = Refusal("server_error", 500, "01", "APPLICATION_ERROR", "어플리케이션 에러", plain=_UNEXPECTED)
AGENCY_ERROR = Refusal("agency_error", 502, "04", "HTTP_ERROR", "HTTP 에러", plain=_NOT_RECEIVED)
AGENCY_TIMEOUT = Refusal(
    "agency_timeout", 503, "05", "SERVICETIMEOUT_ERROR", "서비스 연결실패 에러", plain=_NOT_FORWARDED
)
