"""What a sandbox can be told when it is started.

Here: the options and their defaults, as one value. Not here: reading a command line (the command does that), checking
them against the world (`server.py`), or anything they switch.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class SandboxOptions:
    """How to start a sandbox.

    Attributes:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        keys: Registered API keys. A key that contains `%` is taken as percent-encoded and decoded once.
        catalogue: A `.jsonl` or `.jsonl.gz` file of list rows to serve as they are; without it a synthetic Korea is built.
        scale: Size of the synthetic Korea; 1.0 is about 50,700 shown and 19,000 hidden places. 0.01 to 10.
        seed: The synthetic Korea is a pure function of scale and seed.
    """

    host: str = "127.0.0.1"
    port: int = 0
    keys: tuple[str, ...] = ("sandbox",)
    catalogue: Path | None = None
    scale: float = 1.0
    seed: int = 20260701
