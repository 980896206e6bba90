"""How a call can fail: the taxonomy that decides what happens next.

Permanent: the same call gets the same answer. Transient: a retry may help, and the client has already retried.
Exhausted: no call is possible before the quota resets. Refused: this key may not call, but another might. `reasons.py`
and `outcomes.py` decide which answer is which; `client.py` acts on it.
"""

from datetime import datetime

from weatherflick_assets.errors import PlatformError


class UpstreamError(PlatformError):
    """A call without a usable answer.

    Attributes:
        code: the platform's code for it (data.go.kr's two digits), else the upstream's own or the HTTP status.
        resumes_at: when calls are tried again, of an upstream that is down, a spent quota or refused keys; None where
            only the answer is known.
        retry_after: seconds that the upstream asked to wait, of a transient error.
        may_be_spurious: whether the gateway has been seen to answer so without reason; a retry settles it.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        resumes_at: datetime | None = None,
        retry_after: float | None = None,
        may_be_spurious: bool = False,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.resumes_at = resumes_at
        self.retry_after = retry_after
        self.may_be_spurious = may_be_spurious


class PermanentError(UpstreamError):
    """The same call will be refused again: a wrong parameter, a retired operation."""


class TransientError(UpstreamError):
    """The upstream or the way to it failed; the same call may succeed later."""


class ThrottledError(TransientError):
    """Too many calls per second or at once. It says nothing about the daily quota."""


class UnreachableError(TransientError):
    """No answer came: the host is down, or the way to it."""


class ProtocolError(TransientError):
    """Something came that is no answer: broken HTTP, or more than any page has. The host is up."""


class DownError(UnreachableError):
    """So many calls failed in a row that no more are sent for a while."""


class ExhaustedError(UpstreamError):
    """The quota is spent."""


class RefusedKeyError(UpstreamError):
    """The key was not accepted: unregistered, expired, blocked, or not approved for this service.

    Attributes:
        is_certain: whether it was refused for different requests, so that it is not for what one of them asked.
    """

    is_certain = True


class RefusedRequestError(PermanentError):
    """The keys were not accepted for this request, although they are for others: it is the request that is refused."""


class IncompleteSweepError(UpstreamError):
    """The pages of a list do not add up, however often they were read; no conclusions may be drawn from them."""


class ClockSkewError(UpstreamError):
    """The database's clock and the upstream's differ too much to know which day's quota a call is charged to."""


class LedgerError(PlatformError):
    """Rows of the quota ledger were deleted while they were used: what was sent is not known any more."""
