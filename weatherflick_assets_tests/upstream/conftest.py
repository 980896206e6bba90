"""Clients of these tests count their calls in a real database, which each test finds empty."""

from collections.abc import Iterator

import pytest

from weatherflick_assets_tests.upstream.hosts import DATABASE


@pytest.fixture(autouse=True)
def counting(request: pytest.FixtureRequest) -> Iterator[None]:
    """In modules that make clients, let them count in an empty database."""
    if not hasattr(request.module, "client_of"):
        yield
        return
    token = DATABASE.set(request.getfixturevalue("store"))
    yield
    DATABASE.reset(token)
