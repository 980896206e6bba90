"""How tests wait for what other processes bring about: long enough for any machine, and not for ever."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 900
"""After which what is waited for is taken to hang: many times what anything takes on a machine busy with other work."""


def wait_until(what: str, condition: Callable[[], bool]) -> None:
    """Poll `condition` until it holds; a test that waits in vain fails saying for what."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS} s in vain for: {what}"
        time.sleep(0.05)
