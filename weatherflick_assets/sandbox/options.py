"""What a sandbox can be told when it is started.

Here: the options and their defaults, as one value, and reading settings from a file. Not here: reading a command line (the
command does that), checking options against the world (`server.py`), or anything they switch; what can also be changed
while it runs (`behaviour.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.errors import SandboxError


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


def behaviour_from(file: Path | None, given: Mapping[str, Any]) -> Behaviour:
    """The behaviour that a settings file asks for, changed by the settings given beside it.

    Raises:
        SandboxError: The file cannot be read, or a setting means nothing.
    """
    return Behaviour().changed({**(_settings(file) if file else {}), **given})


def _settings(file: Path) -> dict[str, Any]:
    try:
        return settings_object(file.read_bytes(), named=f"The settings {file}")
    except OSError as error:
        reason = f"The settings {file} cannot be read ({error.strerror}); give a file with one JSON object."
        raise SandboxError(reason) from error


def settings_object(text: bytes, *, named: str) -> dict[str, Any]:
    """The settings that a JSON text holds, not yet checked one by one; `named` begins the sentence of an error.

    Raises:
        SandboxError: It is not a JSON object.
    """
    try:
        settings = orjson.loads(text)
    except orjson.JSONDecodeError:
        settings = None
    if not isinstance(settings, dict):
        raise SandboxError(f'{named} must be one JSON object, like {{"daily_limit": 1000}}.')
    return settings
