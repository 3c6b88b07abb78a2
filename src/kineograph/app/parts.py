"""The parts of an installation, put together from its settings."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from kineograph.app.catalogue import models
from kineograph.core.errors import OperatorError
from kineograph.core.fleet import Limits
from kineograph.core.models import Catalogue
from kineograph.settings import Settings
from kineograph.store.accounts import SqlLedger
from kineograph.store.admission import Admission
from kineograph.store.database import Database
from kineograph.store.deliveries import SqlDeliveries
from kineograph.store.disk import DiskFileStore
from kineograph.store.files import ObjectFileStore
from kineograph.store.fleet import SqlFleet
from kineograph.store.keys import SqlKeyStore
from kineograph.store.prices import Prices
from kineograph.store.queue import DbosQueue
from kineograph.store.retention import Retention
from kineograph.store.room import Room
from kineograph.store.storage import open_storage
from kineograph.store.tasks import SqlTaskStore
from kineograph.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Parts:
    """What every command works with."""

    settings: Settings
    database: Database
    queue: DbosQueue
    store: SqlTaskStore
    keys: SqlKeyStore
    files: ObjectFileStore
    room: Room
    catalogue: Catalogue

    def tasks(self, queue: str | None = None) -> Tasks:
        """The caller's verbs; `queue` puts every task there instead of its engine's queue."""
        return Tasks(
            self.catalogue,
            self.store,
            self.files,
            queue=queue,
            admit=self.room.check,
            serves=Admission(self.fleet, self.settings.require_worker),
            prices=Prices(self.ledger),
        )

    @property
    def queues(self) -> Sequence[str]:
        """Names of the queues: one per engine of the catalogue, upstreams included."""
        return sorted({engine for model in self.catalogue.models for engine in model.engines})

    @property
    def fleet(self) -> SqlFleet:
        """The operator's view of workers and queues."""
        return SqlFleet(self.database, self.store.records)

    @property
    def ledger(self) -> SqlLedger:
        """Accounts, money, and what admins did."""
        return SqlLedger(self.database)

    @property
    def deliveries(self) -> SqlDeliveries:
        """Callbacks on their way."""
        return SqlDeliveries(self.database)

    def retention(self) -> Retention:
        """What is thrown away, and when."""
        settings = self.settings
        return Retention(
            self.store,
            self.files,
            keep_files=settings.keep_files,
            keep_tasks=settings.keep_tasks,
            max_disk=settings.max_disk,
        )


def prepare(settings: Settings) -> None:
    """Make the data folder, tell numba where to keep compiled kernels and numpy not to start threads.

    Raises:
        OperatorError: the folder cannot be made or written.
    """
    try:
        for folder in (settings.data, settings.data / "kernels", settings.data / "work"):
            folder.mkdir(parents=True, exist_ok=True)
        if not os.access(settings.data, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise OperatorError(
            f"the data folder {settings.data} cannot be written ({error.strerror}); choose another with --data, "
            "or mend its permissions"
        ) from error
    os.environ.setdefault("NUMBA_CACHE_DIR", str(settings.data / "kernels"))
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # before numpy is imported: a film's threads each make whole frames


def database_url(settings: Settings) -> str:
    """The operator's, or SQLite in the data folder."""
    return settings.database_url or f"sqlite:///{settings.data / 'kineograph.sqlite3'}"


@asynccontextmanager
async def opened(settings: Settings, *, writers: int = 1) -> AsyncIterator[Parts]:
    """The parts, open for the length of the block.

    Args:
        writers: See Database.

    Raises:
        OperatorError: the installation is at fault; one sentence with what to do.
    """
    prepare(settings)
    files = open_storage(settings.storage_url, settings.data / "files", settings.storage_options)
    database = Database.open(database_url(settings), writers=writers)
    queue = DbosQueue(database)
    try:
        yield Parts(
            settings=settings,
            database=database,
            queue=queue,
            store=SqlTaskStore(database, queue, limits_of(settings)),
            keys=SqlKeyStore(database),
            files=files,
            room=Room(
                (settings.data, files.folder) if isinstance(files, DiskFileStore) else (settings.data,),
                settings.min_free,
            ),
            catalogue=Catalogue(models(settings)),
        )
    finally:
        queue.close()
        await database.close()


def limits_of(settings: Settings) -> Limits:
    """How many unfinished tasks are accepted."""
    return Limits(settings.queue_per_account, settings.queue_per_key, settings.queue_total)
