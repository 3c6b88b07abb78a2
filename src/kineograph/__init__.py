"""Kineograph: a self-hosted video generation service, and the client of it."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from kineograph.client import AsyncClient, Client, ClientError, Film, Task

__all__ = ["AsyncClient", "Client", "ClientError", "Film", "Task", "__version__"]


def __getattr__(name: str) -> Any:
    # Only when asked for: the server and the command line carry no client.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from kineograph import client

    return getattr(client, name)
