"""create_app: middleware, routes and error bodies put together."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from kineograph.api.account import Own
from kineograph.api.accounts import Accounts
from kineograph.api.admin import Admin
from kineograph.api.ark import TASKS, ArkTasks
from kineograph.api.console import console, console_folder, reference
from kineograph.api.dialects import on_crash, on_error, on_http
from kineograph.api.edge import Edge
from kineograph.api.files import Files
from kineograph.api.gate import Gate
from kineograph.api.keys import Keys
from kineograph.api.links import Signer
from kineograph.api.meta import Meta
from kineograph.api.metrics import PATH as PATH_METRICS
from kineograph.api.native import NativeTasks
from kineograph.api.offers import Offers
from kineograph.api.openai import OpenAIVideos
from kineograph.api.routes import route
from kineograph.api.service import Service
from kineograph.api.stream import Streams
from kineograph.api.uploads import Uploads
from kineograph.api.usage import PATHS, Usage
from kineograph.api.webhooks import Webhooks
from kineograph.core.errors import KineographError


def create_app(service: Service) -> FastAPI:
    """The ASGI application over the parts in `service`."""
    edge, signer = Edge(service.public_url, service.trusted_proxies), Signer(service.link_secret)
    # FastAPI's own document, pages, redirects and body models are off: every path answers in our own words. Its
    # telemetry too: what happens is told through kineograph.telemetry, once.
    quiet: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
    app = FastAPI(
        title="Kineograph", version=service.version, openapi_url=None, redirect_slashes=False, telemetry=quiet
    )
    app.router.routes[:] = _routes(service, edge, signer)
    app.add_middleware(Gate, service=service, edge=edge, signer=signer)
    app.add_exception_handler(KineographError, on_error)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_crash)
    return app


def _other_dialects(service: Service, edge: Edge, signer: Signer, files: Files) -> list[BaseRoute]:
    ark, videos = ArkTasks(service, edge, signer), OpenAIVideos(service, edge, signer, files)
    return [
        route(f"{TASKS}/{{task_id}}", GET=ark.get, DELETE=ark.delete),
        route(TASKS, POST=ark.create, GET=ark.list),
        route("/v1/videos/{video_id:video}", GET=videos.get, DELETE=videos.delete),
        route("/v1/videos", POST=videos.create, GET=videos.list),
        route("/v1/videos/{video_id:video}/content", GET=videos.content),
        route("/v1/videos/{video_id:video}/remix", POST=videos.remix),
    ]


def _routes(service: Service, edge: Edge, signer: Signer) -> list[BaseRoute]:
    """Looked through in this order: what is asked most comes first."""
    tasks, files = NativeTasks(service, edge, signer), Files(service, signer)
    streams, uploads = Streams(service, edge, signer), Uploads(service, edge, signer)
    offers, meta, admin, keys = Offers(service), Meta(service), Admin(service), Keys(service)
    own, accounts, usage = Own(service), Accounts(service), Usage(service)
    webhooks = Webhooks(service, edge, signer)
    return [
        route("/v1/tasks/{task_id}", GET=tasks.get, DELETE=tasks.delete),
        route("/v1/videos/generations", POST=tasks.submit),
        route("/v1/videos/generations/quote", POST=tasks.quote),
        route("/v1/files/{name:path}", GET=files.get),
        *_other_dialects(service, edge, signer, files),
        route("/v1/tasks/{task_id}/cancel", POST=tasks.cancel),
        route("/v1/tasks", GET=tasks.list),
        route("/v1/tasks/{task_id}/events", GET=streams.task),
        route("/v1/tasks/{task_id}/event-link", POST=streams.link),
        route("/v1/events", GET=streams.account),
        route("/v1/tasks/{task_id}/deliveries", GET=webhooks.of_task),
        route("/v1/deliveries", GET=webhooks.list),
        route("/v1/deliveries/{delivery_id}/redeliver", POST=webhooks.redeliver),
        route("/v1/webhooks/secret", GET=webhooks.secret),
        route("/v1/webhooks/secret/rotate", POST=webhooks.rotate),
        route("/v1/webhooks/endpoints", GET=webhooks.endpoints),
        route("/v1/webhooks/endpoints/enable", POST=webhooks.enable),
        route("/v1/uploads/images", POST=uploads.create),
        route("/v1/models", GET=offers.models),
        route("/v1/models/{model:path}", GET=offers.model),
        route("/v1/model-schema", GET=offers.schema),
        route("/v1/admin/workers", GET=admin.workers),
        route("/v1/admin/workers/{worker}/drain", POST=admin.drain),
        route("/v1/admin/workers/{worker}/resume", POST=admin.resume),
        route("/v1/admin/queues", GET=admin.queues),
        route("/v1/admin/queues/{queue}/pause", POST=admin.pause),
        route("/v1/admin/queues/{queue}/resume", POST=admin.open),
        route("/v1/admin/queues/{queue}/drain", POST=admin.empty),
        route("/v1/admin/queues/{queue}/cap", POST=admin.cap),
        *(route(path, GET=usage.balance) for path in PATHS),
        route("/v1/usage", GET=usage.usage),
        route("/v1/me", GET=own.me),
        route("/v1/keys", GET=keys.mine),
        route("/v1/admin/keys", GET=keys.all, POST=keys.create),
        route("/v1/admin/keys/{key_id}", PATCH=keys.change, DELETE=keys.revoke),
        route("/v1/admin/keys/{key_id}/rotate", POST=keys.rotate),
        route("/v1/admin/accounts", GET=accounts.all, POST=accounts.create),
        route("/v1/admin/accounts/{account_id}", GET=accounts.one, PATCH=accounts.change),
        route("/v1/admin/accounts/{account_id}/adjustments", POST=accounts.adjust),
        route("/v1/admin/accounts/{account_id}/entries", GET=accounts.entries),
        route("/v1/admin/prices", GET=accounts.prices, PUT=accounts.set_prices),
        route("/v1/admin/audit", GET=accounts.audit),
        *([route(PATH_METRICS, GET=service.metrics.answer)] if service.metrics is not None else []),
        route("/healthz", GET=meta.alive),
        route("/readyz", GET=meta.ready),
        route("/openapi.json", GET=meta.document),
        route("/docs", GET=reference),
        route("/console", GET=console_folder),
        route("/console/{name:path}", GET=console),
        route("/", GET=meta.hello),
    ]
