"""The startup options of a sandbox."""

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
        port: TCP port; 0 picks a free one.
        keys: Registered API keys. A key that contains `%` counts as percent-encoded and is decoded once.
        catalogue: A `.jsonl` or `.jsonl.gz` file of list rows to serve unchanged. Without it, a synthetic Korea is
            built.
        details: Recorded details of the catalogue's places, served unchanged. Each is `OPERATION=FILE` with a `.jsonl`
            or `.jsonl.gz` file, or a folder with one subfolder of such files per operation.
        scale: Size of the synthetic Korea, 0.01 to 10; 1.0 is about 50,700 shown and 19,000 hidden places.
        seed: Seed of the synthetic Korea, of all synthetic details, of the days of the world, and of the weather.
    """

    host: str = "127.0.0.1"
    port: int = 0
    keys: tuple[str, ...] = ("sandbox",)
    catalogue: Path | None = None
    details: tuple[str, ...] = ()
    scale: float = 1.0
    seed: int = 20260701


def behaviour_from(file: Path | None, given: Mapping[str, Any]) -> Behaviour:
    """The behaviour of a settings file, overridden by the settings `given`.

    Raises:
        SandboxError: The file cannot be read, or a setting is unknown or invalid.
    """
    return Behaviour().changed({**(_settings(file) if file else {}), **given})


def _settings(file: Path) -> dict[str, Any]:
    try:
        return json_object(file.read_bytes(), named=f"The settings {file}", like=SETTINGS_LIKE)
    except OSError as error:
        reason = f"The settings {file} cannot be read ({error.strerror}); give a file with one JSON object."
        raise SandboxError(reason) from error


def json_object(text: bytes, *, named: str, like: str) -> dict[str, Any]:
    """Parse a JSON object. In an error message, `named` is the subject and `like` an example.

    Raises:
        SandboxError: The text is not a JSON object.
    """
    try:
        read = orjson.loads(text)
    except orjson.JSONDecodeError:
        read = None
    if not isinstance(read, dict):
        raise SandboxError(f"{named} must be one JSON object, like {like}.")
    return read
