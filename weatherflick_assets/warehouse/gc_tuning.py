"""Interpreter settings for a process that imports large libraries or works through many rows."""

import gc
import sys

_SWITCH_SECONDS = 0.001


def expect_many_imports() -> None:
    """Collect garbage seldom: imports leave next to none, and searching for it takes a quarter of their time."""
    gc.set_threshold(100_000, 20, 20)


def expect_many_rows() -> None:
    """Collect garbage less often, and never look at what is there now; let waiting threads continue sooner.

    Rows are lists of texts, in which nothing refers to itself. Scanning them and everything that was imported, such as
    the modules of large libraries, took a tenth of a collection's time.

    While one thread transforms rows, others pass rows to the database and to the judge piece by piece, and have to wait
    for the interpreter after each piece. By default they wait five milliseconds, which took a twentieth of a
    collection's time.

    Call it once everything is imported.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    sys.setswitchinterval(_SWITCH_SECONDS)
