"""`dagster dev` that ends with the process that started it, however that ends.

Its standard input is a pipe that nobody writes to and that closes when its parent ends. It then shuts down as it does
at Ctrl-C.
"""

import os
import runpy
import signal
import threading


def _interrupt_when_alone() -> None:
    os.read(0, 1)
    os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    threading.Thread(target=_interrupt_when_alone, daemon=True).start()
    runpy.run_module("dagster", run_name="__main__", alter_sys=True)
