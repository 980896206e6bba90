"""One import in a fresh interpreter: its duration, and the heavy packages it loads.

Usage: python -m benchmarks.contenders.loading MODULE
"""

import importlib
import json
import sys
import time

HEAVY = ("great_expectations", "pandas")

if __name__ == "__main__":
    started = time.perf_counter()
    importlib.import_module(sys.argv[1])
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "heavy": [name for name in HEAVY if name in sys.modules]}))
