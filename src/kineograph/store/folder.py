"""One server at a time in a data folder."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from kineograph.core.errors import OperatorError


@contextlib.contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock for the length of the block. The kernel lets go of it when the process ends, however it ends.

    Raises:
        OperatorError: another process holds it, or the folder cannot be written.
    """
    name = folder / "serve.lock"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = name.open("a+")
    except OSError as error:
        raise OperatorError(
            f"cannot write in the data folder {folder}: {error.strerror}; give this user the folder or choose another with --data"
        ) from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            holder = handle.read().strip() or "unknown"
            raise OperatorError(
                f"another kineograph (process {holder}) serves the data folder {folder}; stop it, or choose another with --data"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield
