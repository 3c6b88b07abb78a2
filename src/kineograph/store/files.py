"""FileStore on obstore: a local folder now, object storage behind the same calls later."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import LocalStore

from kineograph.core.errors import InvalidRequest, NotFound, OperatorError, Unavailable
from kineograph.core.names import is_file_name
from kineograph.core.ports import FileInfo
from kineograph.telemetry import event

CHUNK = 256 * 1024  # bytes read at a time: a film streams in constant memory


class ObjectFileStore:
    """FileStore in a local folder.

    obstore's blocking calls, in threads of ours: its asynchronous ones wake the event loop from threads of their own, and one
    process in eight that ended soon after such a call was aborted in Python's last moments (obstore 0.12, busy machine).

    Args:
        folder: Created if it is not there.

    Raises:
        OperatorError: the folder cannot be created or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise OperatorError(
                f"cannot write in the storage folder {folder}: {error.strerror}; give this user the folder or choose another"
            ) from error
        self._store = LocalStore(prefix=folder, automatic_cleanup=True)

    async def put(self, name: str, source: Path | bytes) -> None:
        """See the port. obstore writes beside the name and renames; we return only when the disk has it."""
        if not is_file_name(name):
            raise InvalidRequest(
                f"{name[:100]!r} is no file name; use letters, digits, '.', '_' and '-' between slashes"
            )
        with _refusals(name):
            await asyncio.to_thread(self._put, name, source)

    def _put(self, name: str, source: Path | bytes) -> None:
        self._store.put(name, source)
        _sync(self.folder / name, self.folder)

    async def head(self, name: str) -> FileInfo | None:
        """See the port."""
        with contextlib.suppress(NotFound), _refusals(name):
            return _info(await asyncio.to_thread(self._store.head, _known(name)))
        return None

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """See the port."""
        with _refusals(name):
            size = (await asyncio.to_thread(self._store.head, _known(name)))["size"]
            stop = size if end is None else min(end, size)
            for at in range(start, stop, CHUNK):
                yield bytes(await asyncio.to_thread(self._store.get_range, name, start=at, end=min(at + CHUNK, stop)))

    async def fetch(self, name: str, into: Path) -> None:
        """See the port."""
        if await self.head(name) is None:
            raise NotFound("there is no file of that name")
        with _refusals(name), into.open("wb") as target:
            async for chunk in self.read(name):
                await asyncio.to_thread(target.write, chunk)

    async def delete(self, name: str) -> None:
        """See the port."""
        if await self.head(name) is not None:
            with contextlib.suppress(NotFound), _refusals(name):
                await asyncio.to_thread(self._store.delete, name)

    async def list(self, prefix: str) -> AsyncIterator[FileInfo]:
        """See the port. A prefix ends at a slash."""
        if prefix and not is_file_name(prefix.removesuffix("/")):
            return
        # A folder that is removed while we look: what was in it is gone, and the next listing is whole.
        with contextlib.suppress(NotFound), _refusals(prefix):
            batches = iter(self._store.list(prefix or None))
            while batch := await asyncio.to_thread(next, batches, None):
                for meta in batch:
                    yield _info(meta)

    def free_bytes(self) -> int:
        """How much room the folder's disk has for us."""
        return shutil.disk_usage(self.folder).free


def _known(name: str) -> str:
    if not is_file_name(name):
        raise NotFound("there is no file of that name")
    return name


def _info(meta: Any) -> FileInfo:
    return FileInfo(meta["path"], meta["size"], meta["last_modified"].timestamp())


@contextlib.contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Storage errors in our own words. Paths go to the log, not to callers."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("there is no file of that name") from error
    except (OSError, BaseError) as error:
        event("files.unavailable", file=name, cause=str(error)[:300])
        full = "No space left" in str(error)
        raise Unavailable(
            "the storage is full; try again later" if full else "the storage is not available; try again in a moment",
            retry_after=30 if full else 2,
            reason="storage_full" if full else None,
        ) from error


def _sync(path: Path, root: Path) -> None:
    """Flush the file, then every folder between it and the root: each may be new."""
    for place in (path, *path.parents):
        _sync_one(place)
        if place == root:
            break


def _sync_one(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
