"""The root of the platform's own errors: sentences for people.

Whoever raises one says what happened, to what, and what to do about it; the command line prints exactly that. The
upstream's failures have a taxonomy of their own in `upstream/errors.py`.
"""


class PlatformError(Exception):
    """Something a person has to know and can act on. `str()` of it is a complete, presentable message."""
