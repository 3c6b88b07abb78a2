"""About the service itself: greeting, health, the API document and its page."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from kineograph.api.errors import envelope
from kineograph.api.openapi import openapi
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.core.errors import NotFound

# Swagger UI writes style attributes; everything else comes from this server and nowhere else.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kineograph API</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body style="margin: 0">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#docs", deepLinking: true, persistAuthorization: false, validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis], layout: "BaseLayout"
});
"""
_BUNDLED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})


class Meta:
    """GET /, /healthz, /readyz, /openapi.json, /docs."""

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
            return reply({"status": "ready"}, headers={"Cache-Control": "no-store"})
        message = f"not ready; {'; '.join(missing)}"
        return envelope(503, message, "not_ready", None, {"Retry-After": "5", "Cache-Control": "no-store"})

    async def document(self, _request: Request) -> Response:
        """The OpenAPI document."""
        if self._document is None:
            document = openapi(self._service.tasks.catalogue, self._service.version)
            self._document = bytes(reply(document).body)
        return Response(self._document, 200, media_type="application/json")

    async def page(self, _request: Request) -> Response:
        """The document as a page."""
        return Response(_PAGE, 200, {"Content-Security-Policy": _CSP, "Referrer-Policy": "no-referrer"}, "text/html")

    async def page_part(self, request: Request) -> Response:
        """A script, style or picture of the page."""
        name = request.path_params["name"]
        if name == "start.js":
            return Response(_START, 200, media_type="text/javascript")
        if name not in _BUNDLED:
            raise NotFound(f"the page has no part {name[:60]!r}", reason="unknown_route")
        from swagger_ui_bundle import swagger_ui_path  # only whoever opens the page pays for it

        return FileResponse(Path(swagger_ui_path) / name, headers={"Cache-Control": "max-age=86400"})
