"""The PostgreSQL server of a test run, and empty databases on it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import make_url

from kineograph.store.database import Database
from kineograph.store.queue import upgrade_queue
from kineograph.store.upgrade import upgrade
from kineograph.testing.postgres import postgres

OWN = "KINEO_TEST_DATABASE_URL"  # a server of one's own, with the right to create databases
_numbers = itertools.count()


class Place:
    """A running server, and a template with all tables and nothing in them: copied, which is faster than made."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._name = f"kineo_test_{os.getpid()}"
        self.template = self.create()
        database = Database(self.template)
        try:
            upgrade(database)
            upgrade_queue(database)
        finally:
            database.engine.dispose()

    def url(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str | None = None) -> str:
        """A new database; its URL."""
        name = f"{self._name}_{next(_numbers)}"
        # FILE_COPY 34 ms, WAL_LOG 53, migrations 900 (60 tables, fsync off)
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
        return self.url(name)

    def run(self, statement: str) -> None:
        with psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def fresh(self, tables: bool = True) -> Iterator[str]:
        """The URL of a database that is there for the length of the block."""
        url = self.create(make_url(self.template).database if tables else None)
        try:
            yield url
        finally:
            self.drop(url)

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")


@contextmanager
def place() -> Iterator[Place]:
    """Embedded, or the one that the environment names."""
    if given := os.environ.get(OWN):
        found = Place(given)
        yield found
        found.drop(found.template)
    else:
        with postgres() as server:
            yield Place(server.url())
