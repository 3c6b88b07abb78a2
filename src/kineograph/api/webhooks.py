"""Callbacks over HTTP: what was sent and what came back, send again, endpoints that fail, the secret that signs."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.callbacks import Callbacks
from kineograph.api.edge import Edge
from kineograph.api.limits_body import document_of
from kineograph.api.links import Signer
from kineograph.api.native_models import checked
from kineograph.api.query import Query
from kineograph.api.render import WORDS
from kineograph.api.reply import reply
from kineograph.api.routes import task_id_of
from kineograph.api.service import Service
from kineograph.core.deliveries import BOTH_SIGN, Answer, Delivery, DeliveryQuery, Endpoint, Secret, State
from kineograph.core.errors import Conflict, InvalidRequest, NotFound
from kineograph.core.keys import Scope
from kineograph.media.fetch import URL_MAX
from kineograph.telemetry import event

PAGE_MAX = 100
_ID = re.compile(r"delivery_[0-9A-HJKMNP-TV-Z]{26}")


class EnableBody(BaseModel):
    """POST /v1/webhooks/endpoints/enable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    url: str = Field(min_length=1, max_length=URL_MAX)


REMEDIES = {"url": "send the url of an endpoint as GET /v1/webhooks/endpoints shows it"}


class Webhooks:
    """Everything under /v1/webhooks and /v1/deliveries, and a task's deliveries."""

    def __init__(self, service: Service, edge: Edge, signer: Signer) -> None:
        self._deliveries, self._tasks, self._clock = service.deliveries, service.tasks, service.clock
        self._service, self._edge, self._signer = service, edge, signer

    async def secret(self, request: Request) -> Response:
        """What callbacks of the caller's account are signed with."""
        key = caller(request, Scope.GENERATE)
        return reply({"code": 200, "data": self._secret(await self._deliveries.secret(key.account_id))})

    async def rotate(self, request: Request) -> Response:
        """A new secret; the old one signs as well for a day."""
        key = caller(request, Scope.GENERATE)
        secret = await self._deliveries.rotate(key.account_id, key.id)
        event("webhooks.rotated", account_id=key.account_id, by=key.id)
        return reply({"code": 200, "data": self._secret(secret)})

    async def of_task(self, request: Request) -> Response:
        """Everything that was told of one task, oldest first, with what was said and what came back."""
        key, task_id = caller(request, Scope.READ), task_id_of(request)
        task = await self._tasks.get(task_id, key)
        callbacks = self._callbacks(request)
        rows = [
            delivery_row(each) | {"request": json.loads(callbacks.body(task, each))}
            for each in await self._deliveries.of_task(task_id)
        ]
        return reply({"code": 200, "data": rows})

    async def list(self, request: Request) -> Response:
        """A page of the account's deliveries, newest first."""
        key = caller(request, Scope.READ)
        query = Query(request)
        limit = query.integer("limit", 1, PAGE_MAX) or 20
        state = query.choice("state", tuple(State))
        asked = DeliveryQuery(key.account_id, limit + 1, _cursor(query), State(state) if state else None)
        found = await self._deliveries.list(asked)
        rows = [delivery_row(each) for each in found[:limit]]
        more = len(found) > limit
        return reply({"code": 200, "data": rows, "has_more": more, "next": rows[-1]["id"] if more else None})

    async def redeliver(self, request: Request) -> Response:
        """Send it again, now; its endpoint is enabled with it."""
        key, delivery_id = caller(request, Scope.GENERATE), str(request.path_params["delivery_id"])
        delivery = await self._deliveries.get(delivery_id)
        if delivery is None or delivery.account_id != key.account_id:
            raise NotFound(f"no delivery {delivery_id[:60]!r}; GET /v1/deliveries lists them", param="delivery_id")
        return reply({"code": 200, "data": delivery_row(await self._deliveries.redeliver(delivery_id) or delivery)})

    async def endpoints(self, request: Request) -> Response:
        """Addresses where nothing gets through just now."""
        found = await self._deliveries.endpoints(caller(request, Scope.READ).account_id)
        return reply({"code": 200, "data": [endpoint_row(each) for each in found]})

    async def enable(self, request: Request) -> Response:
        """Send there again, first what was held."""
        key = caller(request, Scope.GENERATE)
        body = checked(EnableBody, await document_of(request), REMEDIES)
        if not await self._deliveries.enable(key.account_id, body.url):
            raise Conflict(
                f"{body.url[:200]!r} is not disabled; GET /v1/webhooks/endpoints shows which are", param="url"
            )
        event("webhooks.enabled", account_id=key.account_id, by=key.id)
        return reply({"code": 200, "data": {"url": body.url, "enabled": True}})

    def _secret(self, secret: Secret) -> dict[str, Any]:
        shown: dict[str, Any] = {"secret": secret.text, "rotated_at": int(secret.rotated_at)}
        if len(secret.signing(self._clock())) > 1:
            shown["previous_signs_until"] = int(secret.rotated_at + BOTH_SIGN)
        return shown

    def _callbacks(self, request: Request) -> Callbacks:
        service = self._service
        base = self._edge.base_url(request.scope)
        return Callbacks(
            self._tasks.catalogue,
            self._signer,
            base=base,
            fallback=base,
            link_ttl=service.link_ttl,
            clock=service.clock,
        )


def _cursor(query: Query) -> str | None:
    after = query.text("after")
    if after is not None and not _ID.fullmatch(after):
        raise InvalidRequest(
            f"after {after[:60]!r} is not valid; send `next` of the page before", param="after", reason="invalid_after"
        )
    return after


def delivery_row(delivery: Delivery) -> dict[str, Any]:
    """A delivery as JSON shows it."""
    row: dict[str, Any] = {
        "id": delivery.id,
        "task_id": delivery.task_id,
        "via": str(delivery.via),
        "url": delivery.url,
        "status": WORDS[delivery.status],
        "sequence": delivery.event,
        "state": str(delivery.state),
        "attempts": delivery.attempts,
        "created": int(delivery.created_at),
    }
    if delivery.next_at is not None:
        row["next_at"] = int(delivery.next_at)
    if delivery.answer is not None:
        row["answer"] = _answer(delivery.answer)
    return row


def _answer(answer: Answer) -> dict[str, Any]:
    shown: dict[str, Any] = {"at": int(answer.at), "seconds": answer.seconds}
    if answer.status is not None:
        shown |= {"status": answer.status, "body": answer.body}
    return shown | ({"error": answer.error} if answer.error is not None else {})


def endpoint_row(endpoint: Endpoint) -> dict[str, Any]:
    """An endpoint as JSON shows it."""
    row: dict[str, Any] = {
        "url": endpoint.url,
        "failing_since": int(endpoint.failing_since),
        "reason": endpoint.reason,
        "disabled": endpoint.disabled_at is not None,
    }
    return row | ({"disabled_at": int(endpoint.disabled_at)} if endpoint.disabled_at is not None else {})
