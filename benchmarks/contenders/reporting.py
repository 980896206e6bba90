"""The report of a contender: seconds of its own work, its peak memory, and its counts."""

import json
import resource
import sys
import time
from collections.abc import Callable

_BYTES_PER_UNIT = 1 if sys.platform == "darwin" else 1024


def peak_memory_mb(whose: int = resource.RUSAGE_SELF) -> float:
    """The peak memory of this process, or of its largest terminated child, in megabytes (10^6 bytes)."""
    return resource.getrusage(whose).ru_maxrss * _BYTES_PER_UNIT / 1e6


def report(work: Callable[[], dict[str, object]]) -> None:
    """Time `work` and print its findings. Imports are done before, as in a process that is already running."""
    loaded_mb = peak_memory_mb()
    started, processor_started = time.perf_counter(), time.process_time()
    found = work()
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - processor_started
    figures = {"seconds": seconds, "processor_seconds": processor_seconds, "loaded_mb": loaded_mb}
    print(json.dumps({**figures, "peak_mb": peak_memory_mb(), **found}))
