"""api: speaks. One module per dialect; `create_app(service)` is the whole of it seen from outside."""

from __future__ import annotations

from kineograph.api.application import create_app
from kineograph.api.service import Service

__all__ = ["Service", "create_app"]
