"""What a process that works through many rows tells Python's interpreter."""

import gc
import sys

_SWITCH_SECONDS = 0.001


def expect_many_rows() -> None:
    """Look for garbage less often, and never in what is there now; let threads that wait for something go on sooner.

    Rows are lists of texts, in which nothing refers to itself; looking through them and through all that was imported, such
    as the modules of large libraries, took a tenth of a collection's time.

    While one thread transforms rows, others hand rows to the database and to the judge, a piece at a time, and have to wait
    for the interpreter after each piece: five milliseconds by default, which took a twentieth of a collection's time.

    Call it once everything is imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    sys.setswitchinterval(_SWITCH_SECONDS)
