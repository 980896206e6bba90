"""The one line that a step writes into the log of its run: what it made, how long that took, and what was slow."""

import time
from collections.abc import Mapping
from typing import Any

import dagster as dg

_FIGURES = (
    "listed",
    "pages",
    "asked",
    "unreadable",
    "items",
    "published",
    "rejected",
    "removed",
    "compared",
    "planned_calls",
    "calls",
)
"""Metadata that is told, in this order, where it is not zero."""

_SLOW_SECONDS = 1.0
"""An asset that took longer is told with its time."""


class Report:
    """Collects what a step makes, from its beginning on.

    Args:
        context: of the step.
    """

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._parts: list[str] = []
        self._began = self._last = time.monotonic()

    def only(self, metadata: Mapping[str, Any]) -> dg.MaterializeResult:
        """The result of a step with one asset, logged."""
        self._add(self._context.asset_key, metadata)
        self.tell()
        return dg.MaterializeResult(metadata=metadata)

    def made(self, key: dg.AssetKey, metadata: Mapping[str, Any]) -> dg.MaterializeResult:
        """The result of one of several assets; `tell` logs them all."""
        now = time.monotonic()
        seconds, self._last = now - self._last, now
        self._add(key, metadata, *([f"{seconds:.1f} s"] if seconds > _SLOW_SECONDS else []))
        return dg.MaterializeResult(key, metadata=metadata)

    def tell(self) -> None:
        """Log what was made; assets with nothing new are not named."""
        made = "; ".join(self._parts) or "nothing new"
        self._context.log.info("%s. %.1f s in all.", made, time.monotonic() - self._began)

    def _add(self, key: dg.AssetKey, metadata: Mapping[str, Any], *more: str) -> None:
        figures = [f"{metadata[name]:,} {name.replace('_', ' ')}" for name in _FIGURES if metadata.get(name)]
        if told := ", ".join([*figures, *more]):
            self._parts.append(f"{key.path[-1]}: {told}")
