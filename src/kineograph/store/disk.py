"""Files in a local folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

from obstore.store import LocalStore

from kineograph.core.errors import OperatorError
from kineograph.store.files import CHUNK, ObjectFileStore


class DiskFileStore(ObjectFileStore):
    """FileStore in a local folder.

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
        super().__init__(LocalStore(prefix=folder, automatic_cleanup=True))

    def free_bytes(self) -> int:
        """How much room the folder's disk has for us."""
        return shutil.disk_usage(self.folder).free

    def _put(self, name: str, source: Path | bytes) -> None:
        """obstore writes beside the name and renames; we return only when the disk has it."""
        self._store.put(name, source)
        _sync(self.folder / name, self.folder)

    def _delete(self, name: str) -> None:
        self._store.head(name)  # a folder of that name is no file
        self._store.delete(name)

    def _check(self) -> None:
        with tempfile.TemporaryFile(dir=self.folder):
            pass

    def _chunks(self, name: str, start: int, end: int | None) -> Generator[bytes]:
        # A range at a time: obstore's stream of a file hops threads for every 8 KB.
        size = self._store.head(name)["size"]
        stop = size if end is None else min(end, size)
        for at in range(start, stop, CHUNK):
            yield bytes(self._store.get_range(name, start=at, end=min(at + CHUNK, stop)))


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
