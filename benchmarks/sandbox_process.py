"""The sandbox as a process: prints its URL, serves until its standard input ends. Larger scales than the command allows."""

import sys

from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.server import RunningSandbox

if __name__ == "__main__":
    with RunningSandbox(catalogue=synthetic_korea(scale=float(sys.argv[1]))) as sandbox:
        print(sandbox.url, flush=True)
        sys.stdin.read()
