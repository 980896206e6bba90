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

SETTINGS_LIKE = '{"daily_limit": 1000}'


@dataclass(frozen=True)
class SandboxOptions:
    """How to start a sandbox.

    Attributes:
        host: Address to listen on.
        port: TCP port; 0 takes a free one.
        keys: Registered API keys. A key that contains `%` is taken as percent-encoded and decoded once.
        catalogue: A `.jsonl` or `.jsonl.gz` file of list rows to serve as they are; without it a synthetic Korea is built.
        details: Recorded details of the places of a catalogue, to serve as they are: each `OPERATION=FILE` with a `.jsonl`
            or `.jsonl.gz` file, or a folder that has a folder of such files for each operation.
        scale: Size of the synthetic Korea; 1.0 is about 50,700 shown and 19,000 hidden places. 0.01 to 10.
        seed: The synthetic Korea is a pure function of scale and seed; all details and days are drawn with it.
    """

    host: str = "127.0.0.1"
    port: int = 0
    keys: tuple[str, ...] = ("sandbox",)
    catalogue: Path | None = None
    details: tuple[str, ...] = ()
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
        return json_object(file.read_bytes(), named=f"The settings {file}", like=SETTINGS_LIKE)
    except OSError as error:
        reason = f"The settings {file} cannot be read ({error.strerror}); give a file with one JSON object."
        raise SandboxError(reason) from error


def json_object(text: bytes, *, named: str, like: str) -> dict[str, Any]:
    """The object that a JSON text holds; `named` begins the sentence of an error, in which `like` is an example.

    Raises:
        SandboxError: It is not a JSON object.
    """
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise SandboxError(f"{named} must be one JSON object, like {like}.")
    return read
