"""Every test of the store has a database of its own, and runs on both kinds unless it asks for one."""

import pytest
from tests.contracts.databases import database, empty_file, queue, sqlite_url, url

__all__ = ["database", "empty_file", "kind", "queue", "sqlite_url", "url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found
