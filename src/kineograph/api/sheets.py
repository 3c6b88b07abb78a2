"""Sheets of a film's moments: made when somebody asks, kept beside the film."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path, PurePosixPath

from kineograph.core.files import FileStore
from kineograph.core.task import Video
from kineograph.telemetry import span


class Sheets:
    """One at a time: it decodes a whole film, and the server has other callers."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._turn = asyncio.Lock()

    async def of(self, video: Video) -> str:
        """Name of the sheet in the file store. Raises NotFound where the film is gone."""
        name = str(PurePosixPath(video.file).with_name("spritesheet.jpg"))
        async with self._turn:
            if await self._files.head(name) is None:
                await self._make(video.file, name)
        return name

    async def _make(self, film: str, name: str) -> None:
        from kineograph.media.poster import sheet  # codecs stay out of a server that is asked for none

        with tempfile.TemporaryDirectory() as folder, span("sheet.made"):
            path = Path(folder) / "film.mp4"
            await self._files.fetch(film, path)
            await self._files.put(name, await asyncio.to_thread(sheet, path))
