"""What runs in the judging process: it answers messages, one at a time. `judge_process.py` starts it and sends them.

It imports nothing that judging doesn't need, such as the settings, because it starts again for every command.
"""

import os
import pickle
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from weatherflick_assets.quality.light_imports import light_imports
from weatherflick_assets.warehouse.gc_tuning import expect_many_rows

if TYPE_CHECKING:
    from weatherflick_assets.quality.verdict import Verdict

# The requests that a message can make; each comes with its argument.
BEGIN = "begin"
ADD = "add"
VERDICT = "verdict"


def _serve() -> None:
    """Judge incoming rows until no more can come, or nobody is left who reads a verdict."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The pipe carries verdicts only; whatever a library prints goes to standard error.
    verdicts = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with light_imports():
        from weatherflick_assets.quality.expectations import import_great_expectations  # noqa: PLC0415
        from weatherflick_assets.quality.judging import Judgement  # noqa: PLC0415

        import_great_expectations()
    expect_many_rows()
    judgement: Judgement | Exception | None = None
    verdict: Verdict | None = None
    # The parent ended, or gave up in the middle of something.
    with suppress(EOFError, pickle.UnpicklingError, BrokenPipeError):
        while True:
            what, argument = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own parent
            try:
                if what == BEGIN:
                    judgement = Judgement(*argument)
                elif isinstance(judgement, Judgement):
                    if what == ADD:
                        judgement.add(argument)
                    else:
                        verdict = judgement.verdict(argument)
            except Exception as error:  # noqa: BLE001 - it is the parent's to handle, once it asks for the verdict
                judgement = error
            if what == VERDICT:
                pickle.dump(
                    judgement if isinstance(judgement, Exception) else verdict, verdicts, pickle.HIGHEST_PROTOCOL
                )
                verdicts.flush()
    # Python would clean up all objects first, while the parent waits.
    os._exit(0)


if __name__ == "__main__":
    _serve()
