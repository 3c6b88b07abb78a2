"""`kineo doctor`: what works on this machine, found out by trying it."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from kineograph.core.errors import KineographError, OperatorError

if TYPE_CHECKING:
    from kineograph.settings import Settings

ROOM = 2 * 10**9  # bytes; a day of ordinary films


@dataclass(frozen=True)
class Finding:
    """One thing tried.

    Attributes:
        ok: False where the service would not work.
        found: What was seen, or what to do.
    """

    what: str
    ok: bool
    found: str

    @property
    def mark(self) -> str:
        """For the table."""
        return "ok" if self.ok else "FAILS"


def examine(settings: Settings) -> list[Finding]:
    """Try everything; one finding each. Writes nothing but temporary files."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding(
        "python",
        sys.version_info >= (3, 11),
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
    )
    yield Finding("cpu", True, f"{os.cpu_count()} cores")
    yield _try("encoder", _encoder)
    yield _try("renderer", _renderer)
    yield _try("data folder", lambda: _folder(settings.data))
    yield _try("storage", lambda: _storage(settings))
    yield _try("database", lambda: _database(settings))
    yield _try("port", lambda: _port(settings.host, settings.port))
    from kineograph.app.catalogue import models
    from kineograph.app.engines import Engines
    from kineograph.core.models import Catalogue

    catalogue = Catalogue(models(settings))
    engines = Engines(settings, catalogue)
    for model in catalogue.models:
        for name in model.engines:
            yield _try(f"model {model.name}", lambda name=name: f"engine {engines(name).name}")  # type: ignore[misc]  # a default binds it now
    yield Finding("gpu", True, "not needed: the built-in engine runs on the CPU")


def _try(what: str, trial: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, trial())
    except KineographError as error:
        return Finding(what, False, error.message)
    except (OSError, ImportError) as error:
        return Finding(what, False, str(error))


def _encoder() -> str:
    import av
    import numpy as np

    from kineograph.media.encode import encode
    from kineograph.media.frame import Frame
    from kineograph.media.probe import probe

    grey = Frame(np.full((64, 64), 90, np.uint8), np.full((32, 32), 128, np.uint8), np.full((32, 32), 128, np.uint8))
    with tempfile.TemporaryDirectory() as folder:
        film = probe(encode([grey] * 4, fps=Fraction(24), path=Path(folder) / "film.mp4"))
    return f"H.264 through PyAV {av.__version__}: {film.frames} frames written and read back"


def _renderer() -> str:
    import cv2
    import numba

    cache = os.environ.get("NUMBA_CACHE_DIR", "beside the package")
    return f"numba {numba.__version__}, OpenCV {cv2.__version__}; compiled kernels are kept {cache}"


def _folder(data: Path) -> str:
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    if not os.access(nearest, os.W_OK):
        raise OperatorError(f"{data} cannot be written; choose another with --data, or mend its permissions")
    free = shutil.disk_usage(nearest).free
    if free < ROOM:
        raise OperatorError(f"{data} has {free / 1e9:.1f} GB left; make room, or set KINEO_MAX_DISK")
    return f"{data}, {free / 1e9:.0f} GB free"


def _database(settings: Settings) -> str:
    from kineograph.app.upkeep import database_state

    return database_state(settings)


def _storage(settings: Settings) -> str:
    if settings.storage_url is None:
        return "files/ in the data folder"
    from kineograph.app.upkeep import storage_state

    return storage_state(settings)


def _port(host: str, port: int) -> str:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise OperatorError(
                f"{host}:{port} cannot be used ({error.strerror}); choose another with --port"
            ) from error
    return f"{host}:{port} is free"
