"""Memory that a frame gives back is kept for the next: having it from the system anew took a fifth of a studio film's time."""

from __future__ import annotations

import ctypes
import sys

# mallopt(3), glibc's malloc.h: above how much free memory at the end of the heap some is given back, and from what size on
# an array has pages of its own, which are always given back. 32 MiB is the greatest that every version takes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT, _APART = 256 << 20, 32 << 20  # bytes


def keep() -> None:
    """From now on this process keeps what it frees. Does nothing where the C library is not glibc."""
    mallopt = _function("mallopt")
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, _KEPT)
        mallopt(_MMAP_THRESHOLD, _APART)


def give_back() -> None:
    """Return what is kept to the system: nobody works here for a while."""
    malloc_trim = _function("malloc_trim")
    if malloc_trim is not None:
        malloc_trim(ctypes.c_size_t(0))


def _function(name: str) -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
