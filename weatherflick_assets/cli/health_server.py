"""The server of health and metrics that `weatherflick up` runs beside Dagster: `python -m … HOST PORT UI_URL`.

It ends with the process that started it, as Dagster does.
"""

import os
import sys
from contextlib import suppress

from weatherflick_assets.cli import processes

if __name__ == "__main__":
    processes.end_with_parent()
    os.umask(0o077)

    from weatherflick_assets.cli import health
    from weatherflick_assets.settings import Settings

    host, port, ui_url = sys.argv[1:]
    with suppress(KeyboardInterrupt):
        health.serve(Settings(), host, int(port), ui_url)
