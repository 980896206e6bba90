"""Interpreter settings for a process that imports large libraries or works through many rows."""

import gc
import sys

_SWITCH_SECONDS = 0.001


def expect_many_imports() -> None:
    """Collect garbage seldom: imports leave next to none, and searching for it takes a quarter of their time."""
    gc.set_threshold(1_000_000, 20, 20)


def expect_many_rows() -> None:
    """Collect garbage less often, and never look at what is there now; let waiting threads continue sooner.

    Scanning rows (texts, in which nothing refers to itself) and what was imported took a tenth of a collection's time.
    Threads that pass rows to the database and the judge piece by piece wait for the interpreter after each piece: the
    usual five milliseconds took a twentieth. Call it once everything is imported.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    sys.setswitchinterval(_SWITCH_SECONDS)
