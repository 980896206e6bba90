"""The structure of a recorded answer: its keys and types."""

from typing import Any


def structure(value: Any) -> Any:
    """The keys and types of a value; for a list, those of its items, which must be alike."""
    if isinstance(value, dict):
        return {key: structure(held) for key, held in value.items()}
    if isinstance(value, list):
        kinds = [structure(held) for held in value]
        assert all(kind == kinds[0] for kind in kinds)
        return [kinds[0]]
    return type(value)
