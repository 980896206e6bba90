"""How a call can fail: the taxonomy that decides what happens next.

Permanent: asking again gives the same answer. Transient: asking again may help, and the client has. Exhausted: no call
before the quota's reset. Refused: this key may not, another might. The mapping from answers to these stands in
`outcomes.py`.
"""

from weatherflick_assets.errors import PlatformError


class UpstreamError(PlatformError):
    """A call that brought nothing usable.

    Attributes:
        code: the upstream's code or HTTP status, as text, for tables and tags.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class PermanentError(UpstreamError):
    """The same call will be refused again: a wrong parameter, a retired operation, an unreadable answer."""


class TransientError(UpstreamError):
    """The upstream or the way to it was in trouble; the same call may succeed later."""


class UnreachableError(TransientError):
    """No answer came at all: the host is down, or the way to it."""


class ExhaustedError(UpstreamError):
    """The day's calls are spent; they come back at 00:00 KST."""


class RefusedKeyError(UpstreamError):
    """The key was not accepted: unregistered, expired, or not approved for this service."""


class IncompleteSweepError(UpstreamError):
    """The pages of a list do not add up, however often they were read; nothing can be concluded from it."""
