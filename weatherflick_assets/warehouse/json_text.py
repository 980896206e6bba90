"""Received items as JSON text that PostgreSQL's jsonb takes, whatever the upstream sent."""

import re
from collections.abc import Mapping

import orjson

_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL character, but not an escaped backslash before the letters u0000."""


def as_json(item: Mapping[str, object]) -> str:
    """One item as JSON, without NUL characters, and without structures if they can't be serialised."""
    try:
        text = orjson.dumps(item).decode()
    except orjson.JSONEncodeError:
        # Nested too deeply to serialise: no documented item nests at all, and the response is kept as it came.
        text = orjson.dumps(
            {name: value for name, value in item.items() if not isinstance(value, dict | list)}
        ).decode()
    # PostgreSQL's jsonb has no NUL character; nothing readable is lost with it.
    return _NUL.sub(r"\1", text) if "\\u0000" in text else text
