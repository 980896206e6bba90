"""How tests wait for other processes: long enough for any machine, but not for ever."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 900
"""After which a process counts as hung: many times what anything takes on a busy machine."""


def wait_until(what: str, condition: Callable[[], bool]) -> None:
    """Poll `condition` until it holds.

    Raises:
        AssertionError: it did not within the patience; the message names what was waited for.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"after {PATIENCE_SECONDS} s still waiting for {what}"
        time.sleep(0.05)
