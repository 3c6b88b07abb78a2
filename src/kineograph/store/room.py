"""Room on the disks: below the watermark nothing new is taken, so that what runs can finish."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from kineograph.core.errors import Unavailable

RETRY = 30  # seconds; films are deleted every ten minutes, operators take longer


@dataclass(frozen=True, slots=True)
class Room:
    """The disks we write on.

    Attributes:
        folders: One on each disk; database, scratch, and films if they are local.
        least: Bytes that must stay free; 0 = no watermark.
    """

    folders: tuple[Path, ...]
    least: int

    def free(self) -> int:
        """Bytes free on the fullest of them."""
        return min(shutil.disk_usage(folder).free for folder in self.folders)

    def fault(self) -> str | None:
        """What is wrong, None if there is room."""
        try:
            free = self.free()
        except OSError as error:
            return f"the disk cannot be asked ({error.strerror})"
        return None if free >= self.least else f"{free // 1_000_000} MB left on the disk"

    def check(self) -> None:
        """Raises Unavailable, reason `storage_full`, below the watermark. A microsecond."""
        if self.fault() is not None:
            raise Unavailable(
                "the service's disk is nearly full, no new work is taken; try again later",
                retry_after=RETRY,
                reason="storage_full",
            )
