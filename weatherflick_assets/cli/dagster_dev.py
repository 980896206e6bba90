"""`dagster dev` that ends with the process that started it, as at Ctrl-C."""

import runpy

from weatherflick_assets.cli import processes

if __name__ == "__main__":
    processes.end_with_parent()
    runpy.run_module("dagster", run_name="__main__", alter_sys=True)
