"""For every test: coroutines run on asyncio, as the service does."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
