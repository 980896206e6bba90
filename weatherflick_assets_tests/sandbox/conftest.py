"""A country at full size and one at a hundredth of it, each served once per session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weatherflick_assets.sandbox.catalogue import Catalogue
from weatherflick_assets.sandbox.korea.country import synthetic_korea
from weatherflick_assets.sandbox.server import RunningSandbox


@pytest.fixture(scope="session")
def recorded_kto(recorded_data: Path) -> Path:
    """The recorded KTO answers, which are not part of the project. Without them the test is skipped with a message."""
    return recorded_data / "kto"


@pytest.fixture(scope="session")
def country() -> Catalogue:
    """The synthetic Korea at full size."""
    return synthetic_korea()


@pytest.fixture(scope="session")
def korea(country: Catalogue) -> Iterator[RunningSandbox]:
    """A sandbox that serves the synthetic Korea at full size."""
    with RunningSandbox(catalogue=country) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def hamlet() -> Iterator[RunningSandbox]:
    """A sandbox that serves a hundredth of the country."""
    with RunningSandbox(catalogue=synthetic_korea(scale=0.01)) as sandbox:
        yield sandbox
