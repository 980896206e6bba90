"""Files of rows: one JSON object per line, plain or compressed."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from weatherflick_assets.sandbox.errors import SandboxError


def read_rows(path: Path, what: str) -> Iterator[dict[str, Any]]:
    """The rows of a `.jsonl` or `.jsonl.gz` file, each with a contentid; `what` names the file's role in errors.

    Raises:
        SandboxError: The file is missing, is not gzip or UTF-8 JSON lines, or a line is not a row with a contentid.
    """
    try:
        with _open(path) as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _row(line, f"Line {number} of the {what} {path}")
    except FileNotFoundError as error:
        raise SandboxError(f"The {what} {path} does not exist; give the path of a .jsonl or .jsonl.gz file.") from error
    except (EOFError, OSError, zlib.error) as error:
        reason = f"The {what} {path} cannot be read ({error}); give an intact .jsonl or .jsonl.gz file."
        raise SandboxError(reason) from error


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _row(line: bytes, named: str) -> dict[str, Any]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise SandboxError(f"{named} is not JSON; give a file with one JSON object per line.") from error
    if not isinstance(row, dict) or not row.get("contentid"):
        raise SandboxError(f"{named} is not an object with a contentid; correct or remove that line.")
    return row
