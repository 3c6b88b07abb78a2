"""FileStore: the port behind which films and images are kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file of the store.

    Attributes:
        modified: Unix seconds.
    """

    name: str
    size: int
    modified: float


class FileStore(Protocol):
    """Files by name. Names are relative, `/`-separated: `tasks/<id>/<attempt>/video.mp4`, `inputs/…`, `uploads/…`.

    Segments are letters, digits and `._-`, none is `.` or `..`; any other name is refused on `put` (InvalidRequest) and
    never found. All verbs raise Unavailable while the storage is away.
    """

    async def put(self, name: str, source: Path | bytes) -> None:
        """Store it whole or not at all, durable when it returns.

        Raises:
            Unavailable: storage is away or full.
        """
        ...

    async def head(self, name: str) -> FileInfo | None:
        """Size and time, or None."""
        ...

    def read(self, name: str, start: int = 0, end: int | None = None) -> AsyncGenerator[bytes]:
        """Bytes start…end (end excluded), in chunks. Whoever stops early closes it. Raises NotFound."""
        ...

    async def fetch(self, name: str, into: Path) -> None:
        """Copy it to a local path. Raises NotFound."""
        ...

    async def delete(self, name: str) -> None:
        """Remove it; no error if it is not there."""
        ...

    def list(self, prefix: str) -> AsyncIterator[FileInfo]:
        """All files under the prefix, which is empty or ends with a slash."""
        ...

    async def check(self) -> None:
        """Whether it is there: raises Unavailable if not. One small call."""
        ...

    async def link(self, name: str, seconds: int) -> str | None:
        """A URL under which the storage itself gives the file, ranges too, to whoever has it; None if it cannot."""
        ...
