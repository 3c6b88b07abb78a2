"""What every FileStore on obstore does alike; disk.py and bucket.py say what differs."""

from __future__ import annotations

import asyncio
import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from obstore.exceptions import BaseError

from kineograph.core.errors import InvalidRequest, NotFound, Unavailable
from kineograph.core.files import FileInfo
from kineograph.core.names import is_file_name
from kineograph.telemetry import event

CHUNK = 256 * 1024  # bytes read at a time: a film streams in constant memory
PAGE = 1000  # files of a listing looked at between two breaths; what S3 answers at once
# Calls under way at once. Of our own, so that a storage that hangs (10 s a call) takes nobody else's threads.
THREADS = 24
PROBE = "probe/"  # where we try what we may do; nothing stays there
_FULL = ("No space left", "quota exceeded", "QuotaExceeded", "StorageFull", "507 Insufficient Storage")

T = TypeVar("T")


class ObjectFileStore(ABC):
    """FileStore over an obstore store.

    obstore's blocking calls, in threads of ours: its asynchronous ones wake the event loop from threads of their own, and one
    process in eight that ended soon after such a call was aborted in Python's last moments (obstore 0.12, busy machine).

    Args:
        store: obstore's, for calls that move no film.
    """

    def __init__(self, store: Any) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="files")

    @abstractmethod
    def _put(self, name: str, source: Path | bytes) -> None:
        """Whole and durable, or not at all. In a thread."""

    @abstractmethod
    def _chunks(self, name: str, start: int, end: int | None) -> Generator[bytes]:
        """The bytes, every step of it in a thread. FileNotFoundError if there is no such file."""

    def _begin(self, work: Callable[..., T], *arguments: Any) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def _do(self, work: Callable[..., T], *arguments: Any) -> T:
        return await self._begin(work, *arguments)

    async def put(self, name: str, source: Path | bytes) -> None:
        """See the port."""
        if not is_file_name(name):
            raise InvalidRequest(
                f"{name[:100]!r} is no file name; use letters, digits, '.', '_' and '-' between slashes"
            )
        try:
            with _refusals(name):
                await self._do(self._put, name, source)
        except NotFound as error:  # the folder or the bucket is gone: not the caller's doing
            raise away(name, error) from error

    async def head(self, name: str) -> FileInfo | None:
        """See the port."""
        with contextlib.suppress(NotFound), _refusals(name):
            return _info(await self._do(self._store.head, _known(name)))
        return None

    async def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """See the port. Closed early, the connection is closed, too, at once or when the running step is through."""
        with _refusals(name):
            chunks = self._chunks(_known(name), start, end)
            step: asyncio.Future[bytes] | None = None
            try:
                while chunk := await asyncio.shield(step := self._begin(next, chunks, b"")):
                    yield chunk
            finally:
                _close_after(step, chunks)

    async def fetch(self, name: str, into: Path) -> None:
        """See the port."""
        with _refusals(name):
            await self._do(self._fetch, _known(name), into)

    def _fetch(self, name: str, into: Path) -> None:
        with contextlib.closing(self._chunks(name, 0, None)) as chunks:
            first = next(chunks, b"")  # before the file is made: what is not there leaves nothing
            with into.open("wb") as target:
                target.write(first)
                target.writelines(chunks)

    async def delete(self, name: str) -> None:
        """See the port."""
        with contextlib.suppress(NotFound), _refusals(name):
            await self._do(self._delete, _known(name))

    def _delete(self, name: str) -> None:
        self._store.delete(name)

    async def list(self, prefix: str) -> AsyncIterator[FileInfo]:
        """See the port. A prefix ends at a slash."""
        if prefix and not is_file_name(prefix.removesuffix("/")):
            return
        # A folder that is removed while we look: what was in it is gone, and the next listing is whole.
        with contextlib.suppress(NotFound), _refusals(prefix):
            batches = iter(self._store.list(prefix or None, chunk_size=PAGE))
            while batch := await self._do(next, batches, None):
                for meta in batch:
                    if is_file_name(meta["path"]):  # not ours: somebody else's object under our prefix
                        yield _info(meta)

    async def check(self) -> None:
        """See the port."""
        with _refusals("probe"):
            await self._do(self._check)

    def _check(self) -> None:
        next(iter(self._store.list(PROBE)), None)

    async def link(self, name: str, seconds: int) -> str | None:  # noqa: ARG002 - the port's signature
        """See the port. None: nobody but us can open it."""
        return None


def away(name: str, error: Exception) -> Unavailable:
    """The storage's trouble in our own words. Paths and causes go to the log, not to callers."""
    event("files.unavailable", file=name, cause=plain(error))
    full = any(word in str(error) for word in _FULL)
    return Unavailable(
        "the storage is full; try again later" if full else "the storage is not available; try again in a moment",
        retry_after=30 if full else 2,
        reason="storage_full" if full else None,
    )


def plain(error: Exception) -> str:
    """What obstore said, without its debugging tail, and without query strings: signatures and tokens live there."""
    return re.sub(r"\?[^\s\"'<>)]*", "?…", str(error).partition("\n\nDebug source:")[0])[:300]


def _close_after(step: asyncio.Future[bytes] | None, chunks: Generator[bytes]) -> None:
    """By hand: whatever still refers to the generator, a traceback perhaps, must not keep its connection."""
    if step is None or step.done():
        chunks.close()
        return

    def close(step: asyncio.Future[bytes]) -> None:
        step.exception()  # nobody is left to hear of it
        chunks.close()

    step.add_done_callback(close)


def _known(name: str) -> str:
    if not is_file_name(name):
        raise NotFound("there is no file of that name")
    return name


def _info(meta: Any) -> FileInfo:
    return FileInfo(meta["path"], meta["size"], meta["last_modified"].timestamp())


@contextlib.contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Storage errors in our own words."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound("there is no file of that name") from error
    except (OSError, BaseError) as error:
        raise away(name, error) from error
