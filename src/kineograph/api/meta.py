"""About the service itself: greeting, health, the API document."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.errors import envelope
from kineograph.api.openapi import openapi
from kineograph.api.reply import reply
from kineograph.api.service import Service


class Meta:
    """GET /, /healthz, /readyz, /openapi.json."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._document: bytes | None = None

    async def hello(self, _request: Request) -> Response:
        """A word for whoever opens the address in a browser."""
        text = (
            f"Kineograph {self._service.version} makes videos from words and images.\n\n"
            "Console             /console\nAPI documentation   /docs\n"
            "OpenAPI document    /openapi.json\nHealth              /healthz  /readyz\n"
        )
        return Response(text, 200, media_type="text/plain")

    async def alive(self, _request: Request) -> Response:
        """The process answers."""
        return reply({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """200 if everything that work needs is there, else 503 and what is missing."""
        missing = [f"{part}: {fault}" for part, fault in (await self._service.health()).items() if fault]
        if not missing:
            warnings = list(await self._service.warnings())
            answer = {"status": "ready"} | ({"warnings": warnings} if warnings else {})
            return reply(answer, headers={"Cache-Control": "no-store"})
        message = f"not ready; {'; '.join(missing)}"
        return envelope(503, message, "not_ready", None, {"Retry-After": "5", "Cache-Control": "no-store"})

    async def document(self, _request: Request) -> Response:
        """The OpenAPI document."""
        if self._document is None:
            document = openapi(self._service.tasks.catalogue, self._service.version)
            self._document = bytes(reply(document).body)
        return Response(self._document, 200, media_type="application/json")
