"""A summer evening and the recorded answers of KMA."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from weatherflick_assets_tests.sandbox.agencies import Agencies, agencies, korea


@pytest.fixture(scope="session")
def recorded_kma(recorded_data: Path) -> Path:
    """The recorded KMA answers, which are not part of the project. Without them the test is skipped with a message."""
    return recorded_data / "kma"


@pytest.fixture
def evening() -> Iterator[Agencies]:
    """A sandbox on 2026-08-26 at 23:20 in Korea."""
    with agencies(korea(2026, 8, 26, 23, 20)) as served:
        yield served
