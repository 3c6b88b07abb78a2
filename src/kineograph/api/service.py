"""Service: everything the routes need, handed over once by the composition root."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from kineograph.api.metrics import Metrics
from kineograph.core.deliveries import Deliveries
from kineograph.core.files import FileStore
from kineograph.core.fleet import Fleet
from kineograph.core.keys import KeyStore
from kineograph.core.ledger import Ledger
from kineograph.tasks import Tasks

Health = Callable[[], Awaitable[Mapping[str, str | None]]]


async def all_well() -> Mapping[str, str | None]:
    """The health of an installation nobody looks into: nothing to report."""
    return {}


async def nothing_to_say() -> Sequence[str]:
    """No warnings."""
    return ()


@dataclass(frozen=True, slots=True)
class Service:
    """What the routes need.

    Attributes:
        link_secret: Signs links to files and event streams; at least 32 bytes.
        version: Shown in the API document and by `GET /`.
        public_url: Base of every link; None = scheme and Host of each request.
        link_ttl: Seconds a result link lives.
        trusted_proxies: Addresses or networks whose forwarded headers are believed, e.g. `10.0.0.0/8`; `*` = everybody.
        cors_origins: Origins of web pages that may call, e.g. `https://app.example`; `*` = any.
        fetch_allow: Networks exempt from the guard on image and callback addresses.
        simulation: Callers may ask for trouble, see api/simulate.py.
        storage_redirect: Send downloads on to the storage, where it can sign links, instead of through us.
        metrics: What `/metrics` answers; None = there is no such route.
        health: Part of the installation -> what is wrong with it, None if nothing is. Asked by `/readyz`.
        clock: Unix seconds.
    """

    tasks: Tasks
    keys: KeyStore
    files: FileStore
    fleet: Fleet
    ledger: Ledger
    deliveries: Deliveries
    link_secret: bytes
    version: str = "0.1.0"
    public_url: str | None = None
    link_ttl: int = 86_400
    trusted_proxies: tuple[str, ...] = ()
    cors_origins: tuple[str, ...] = ()
    fetch_allow: tuple[str, ...] = ()
    simulation: bool = False
    storage_redirect: bool = False
    health: Health = all_well
    warnings: Callable[[], Awaitable[Sequence[str]]] = nothing_to_say
    metrics: Metrics | None = None
    clock: Callable[[], float] = time.time
