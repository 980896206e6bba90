"""What a process that works through many rows tells Python's garbage collector."""

import gc


def expect_many_objects() -> None:
    """Look for garbage less often, and never again in what is there now, such as the modules of large libraries.

    Rows are lists of texts, in which nothing refers to itself; looking through them and through all that was imported took
    a tenth of a collection's time. Call it once everything is imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
