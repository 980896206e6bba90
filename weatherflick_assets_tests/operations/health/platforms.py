"""Platforms to look at, as variables of the environment describe them."""

from datetime import datetime
from pathlib import Path
from typing import Any

from weatherflick_assets.build import MEASURED
from weatherflick_assets.operations.health.probes import Platform
from weatherflick_assets.places.kto import OPERATIONS
from weatherflick_assets.settings import Settings, now


def platform(home: Path, *, ui_url: str | None = None, at: datetime | None = None, **variables: Any) -> Platform:
    """One with this state folder; `at`: the time that it is there, if not now."""
    settings = Settings(WEATHERFLICK_HOME=home, **variables)  # type: ignore[call-arg]
    return Platform(settings, OPERATIONS, MEASURED, ui_url, (lambda: at) if at else now)
