"""Every test of the store has a database of its own."""

from tests.contracts.databases import database, empty_database, queue, url

__all__ = ["database", "empty_database", "queue", "url"]
