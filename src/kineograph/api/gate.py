"""The gate every request passes: request id, key, cross-origin rules; then the routes. Plain ASGI, a few microseconds."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kineograph.api import metrics
from kineograph.api.auth import SCOPE_KEY, Authenticator
from kineograph.api.dialects import refuse
from kineograph.api.edge import Edge, header
from kineograph.api.links import Signer
from kineograph.api.rates import Rates, admit
from kineograph.api.service import Service
from kineograph.core.errors import Forbidden, KineographError, Unauthenticated, Unavailable
from kineograph.core.keys import Key
from kineograph.telemetry import bound, event

# Everything under these needs a key, whether the route exists or not; everything else is public or a 404.
_GUARDED = re.compile(r"/v1(/|$)(?!files/)|/api/v3(/|$)|/(user/)?balance$")
_EVENTS = re.compile(r"/v1/tasks/([^/]+)/events")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

_CORS_ALLOW = (
    (b"access-control-allow-methods", b"GET, HEAD, POST, PATCH, PUT, DELETE"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, range, x-apimart-response-version,"
        b" x-kineograph-simulate",
    ),
    (b"access-control-max-age", b"600"),
)
_CORS_EXPOSE = (
    b"access-control-expose-headers",
    b"content-range, etag, idempotency-replayed, link, location, openai-poll-after-ms, ratelimit, ratelimit-policy,"
    b" retry-after, x-request-id, x-apimart-response-version",
)


class Gate:
    """ASGI middleware around the routes."""

    def __init__(self, app: ASGIApp, service: Service, edge: Edge, signer: Signer) -> None:
        self._app = app
        self._edge = edge
        self._signer = signer
        self._clock = service.clock
        self._authenticator = Authenticator(service.keys, service.clock)
        self._rates = Rates()
        self._origins = frozenset(service.cors_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["kineograph.request_id"] = request_id
        origin = self._origin(scope)
        scope["kineograph.headers"] = headers = _always(request_id, origin)
        start, out = time.perf_counter(), _Out(send, scope["method"] == "HEAD", headers)
        with bound(request_id=request_id):
            try:
                await self._pass(scope, receive, out, origin)
            except ClientDisconnect:
                pass  # nobody is there to be answered
            except asyncio.CancelledError:  # the server was told to stop and waits for this one no longer
                if out.status:
                    raise
                stopping = Unavailable("the service is stopping; try again in a moment", retry_after=1)
                await refuse(scope, stopping)(scope, receive, out)
            finally:
                seconds = round(time.perf_counter() - start, 4)
                event("http.request", method=scope["method"], path=scope["path"], status=out.status, seconds=seconds)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, origin: bytes | None) -> None:
        if origin is not None and scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            await _preflight(scope, receive, send)
            return
        if _GUARDED.match(scope["path"]) or (scope["path"] == metrics.PATH and not metrics.from_here(scope)):
            try:
                scope[SCOPE_KEY] = key = await self._key(scope)
                admit(key, self._edge.caller(scope) if key.limits.addresses or key.account_limits.addresses else "")
                scope["kineograph.headers"] += self._rates.count(key)
            except KineographError as refusal:
                await refuse(scope, refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _key(self, scope: Scope) -> Key:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) > 1:
            raise Unauthenticated("more than one Authorization header; send exactly one")
        if not given and b"signature=" in scope["query_string"]:
            linked = _EVENTS.fullmatch(scope["path"])
            if linked is not None:
                return await self._key_of_link(scope, linked[1])
        authorization = str(given[0], "latin-1") if given else None
        return await self._authenticator.key(authorization, lambda: self._edge.address(scope))

    async def _key_of_link(self, scope: Scope, task_id: str) -> Key:
        query = parse_qs(str(scope["query_string"], "latin-1"))
        key_id, expires, signature = (query.get(name, [""])[0] for name in ("key", "expires", "signature"))
        self._signer.check("events", f"{task_id}\n{key_id}", expires, signature, self._clock())
        try:
            return await self._authenticator.by_id(key_id)
        except Unauthenticated as error:
            raise Forbidden("the key behind this link is no longer valid; make a new link", param="key") from error

    def _origin(self, scope: Scope) -> bytes | None:
        """The Origin header if that page may call us."""
        if not self._origins:
            return None
        origin = header(scope, b"origin")
        allowed = origin is not None and (origin in self._origins or "*" in self._origins)
        return origin.encode("latin-1") if allowed and origin is not None else None


class _Out:
    """`send` that adds the headers every answer has, and drops the body where only the head was asked for."""

    def __init__(self, send: Send, head: bool, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self._send, self._head, self._headers = send, head, headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], *self._headers]
        elif self._head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)


def new_request_id() -> str:
    """`req_` and 24 hexadecimal digits."""
    return f"req_{secrets.token_hex(12)}"


def _request_id(scope: Scope) -> str:
    """The caller's own, if it is a plain word, else a new one."""
    own = header(scope, b"x-request-id")
    return own if own and _REQUEST_ID.fullmatch(own) else new_request_id()


def _always(request_id: str, origin: bytes | None) -> list[tuple[bytes, bytes]]:
    headers = [(b"x-request-id", request_id.encode()), (b"x-content-type-options", b"nosniff")]
    if origin is not None:
        headers += [(b"access-control-allow-origin", origin), (b"vary", b"Origin"), _CORS_EXPOSE]
    return headers


async def _preflight(scope: Scope, receive: Receive, send: Send) -> None:
    response = Response(None, 204)
    response.raw_headers.extend(_CORS_ALLOW)
    await response(scope, receive, send)
