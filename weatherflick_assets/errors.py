"""The root of the platform's own errors: sentences for people.

Each says what happened, to what, and what to do about it; the command line prints exactly that. Upstream failures have
their own taxonomy in `upstream/errors.py`.
"""


class PlatformError(Exception):
    """Something that a person has to know and can act on. `str()` gives a complete, presentable message."""


class NotYetError(PlatformError):
    """What is asked for is not there yet. It is asked for again, and nothing is wrong before data are too old."""


class OutageError(PlatformError):
    """The database failed while it was used: it refused, ended a session, or can't be reached any more."""
