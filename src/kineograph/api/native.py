"""The native dialect's task routes: submit, status, list, cancel, delete."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.body import read_json
from kineograph.api.desk import Desk, accept, desk_of, idempotency_key
from kineograph.api.edge import Edge
from kineograph.api.links import Links, Signer
from kineograph.api.native_request import images_field, to_request
from kineograph.api.query import Query
from kineograph.api.render import LANGUAGES, STATUSES, brief, costs, estimate_of, estimated, patience, render
from kineograph.api.reply import reply
from kineograph.api.routes import TASK_ID, task_id_of
from kineograph.api.service import Service
from kineograph.api.simulate import Simulator
from kineograph.core.errors import InvalidRequest
from kineograph.core.keys import Key, Scope
from kineograph.core.ports import Idempotency, TaskQuery
from kineograph.core.task import Status, Task

VERSION_HEADER = "X-APIMart-Response-Version"
VERSION = "2026-07-27"
WAIT_MAX = 60  # seconds of a long poll
SEARCH_MAX = 200  # characters
_LATEST = 10**11  # Unix seconds; later than any task


class NativeTasks:
    """Routes under /v1/videos/generations and /v1/tasks."""

    def __init__(self, service: Service, edge: Edge, signer: Signer) -> None:
        self._service, self._edge, self._signer = service, edge, signer
        self._tasks, self._simulator = service.tasks, Simulator(service.simulation)

    async def submit(self, request: Request) -> Response:
        """POST /v1/videos/generations: 200 once the task is durable."""
        key = caller(request, Scope.GENERATE)
        promise, simulated = idempotency_key(request), self._simulator.asked(request, key)
        document, fingerprint = await read_json(request, marked=promise is not None)
        idempotency = Idempotency(key.id, promise, fingerprint) if promise else None
        try:
            reading = to_request(document, self._desk(request))
            inserted = await accept(self._tasks, reading, key, idempotency, simulated)
        except InvalidRequest as error:
            if error.param is None:  # a data URI, which is read where it is stored
                error.param = images_field(document)
            raise
        headers = _pointers(inserted.task.id)
        if inserted.replayed:
            headers["Idempotency-Replayed"] = "true"
        if request.headers.get(VERSION_HEADER) == VERSION:
            headers[VERSION_HEADER] = VERSION
            data: Any = {"object": "generation.task", "id": inserted.task.id, "status": "pending"}
        else:
            data = [{"status": "submitted", "task_id": inserted.task.id}]
        return reply({"code": 200, "data": data}, headers=headers)

    async def quote(self, request: Request) -> Response:
        """POST /v1/videos/generations/quote: what submitting this body would mean. Checks all of it, stores nothing."""
        key = caller(request, Scope.GENERATE)
        document, _ = await read_json(request)
        asked = await to_request(document, self._desk(request))
        model, cost = self._tasks.check(asked, key), await self._tasks.cost(asked)
        data = {"model": model.name, "estimated_time": estimated(asked, model.estimate)} | costs(cost)
        return reply({"code": 200, "data": data | ({"currency": cost.currency} if cost else {})})

    def _desk(self, request: Request) -> Desk:
        return desk_of(self._service, self._signer, self._edge.base_url(request.scope))

    async def get(self, request: Request) -> Response:
        """GET /v1/tasks/{task_id}: where it stands; with `wait`, at its next change."""
        key = caller(request, Scope.READ)
        task_id = task_id_of(request)
        query = Query(request)
        language = query.choice("language", LANGUAGES) or "en"
        wait = query.integer("wait", 0, WAIT_MAX) or 0
        task = await self._tasks.get(task_id, key)
        if wait and not task.finished and self._seen(request, task, language):
            task = await self._tasks.wait(task_id, key, wait, task.sequence)
        return self._status(request, task, language)

    async def list(self, request: Request) -> Response:
        """GET /v1/tasks: a page of the account's tasks, newest first."""
        key = caller(request, Scope.READ)
        page = await self._tasks.list(_task_query(request, key), _words(request))
        links, now = self._links(request), self._service.clock()
        data = [
            brief(render(task, links, now, estimate=estimate_of(self._tasks.catalogue, task))) for task in page.tasks
        ]
        return reply({"code": 200, "data": data, "has_more": page.next is not None, "next": page.next})

    async def cancel(self, request: Request) -> Response:
        """POST /v1/tasks/{task_id}/cancel: the body of GET; 409 if it is over."""
        task = await self._tasks.cancel(task_id_of(request), caller(request, Scope.GENERATE))
        return self._status(request, task, "en")

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/tasks/{task_id}: wipes a finished task."""
        task_id = task_id_of(request)
        await self._tasks.delete(task_id, caller(request, Scope.GENERATE))
        return reply({"code": 200, "data": {"id": task_id, "deleted": True}})

    def _status(self, request: Request, task: Task, language: str) -> Response:
        headers = {"ETag": self._etag(task, language), "Cache-Control": "private, no-cache"}
        if not task.finished:
            headers["Retry-After"] = str(patience(task))
        if _matches(request, headers["ETag"]):
            return Response(None, 304, headers)
        data = render(
            task, self._links(request), self._service.clock(), language, estimate_of(self._tasks.catalogue, task)
        )
        return reply({"code": 200, "data": data}, headers=headers)

    def _seen(self, request: Request, task: Task, language: str) -> bool:
        """Whether a long poll has to wait: the caller names no state, or exactly this one."""
        return "if-none-match" not in request.headers or _matches(request, self._etag(task, language))

    def _etag(self, task: Task, language: str) -> str:
        """Weak: the same state. Links are fresh on every answer, so a quarter of their life is one state too."""
        if task.status is Status.SUCCEEDED:
            quarter = int(self._service.clock()) // max(1, self._service.link_ttl // 4)
            return f'W/"{task.id}.{task.sequence}.{quarter}"'
        return f'W/"{task.id}.{task.sequence}.{task.queue_position}.{language}"'

    def _links(self, request: Request) -> Links:
        return Links(self._edge.base_url(request.scope), self._signer, self._service.link_ttl)


def _pointers(task_id: str) -> dict[str, str]:
    path = f"/v1/tasks/{task_id}"
    return {"Location": path, "Link": f'<{path}>; rel="status", <{path}/cancel>; rel="cancel"'}


def _matches(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    return given.strip() == "*" or etag.removeprefix("W/") in [
        tag.strip().removeprefix("W/") for tag in given.split(",")
    ]


def _words(request: Request) -> list[str]:
    """What is looked for in prompts: words with spaces between. Raises InvalidRequest."""
    text = Query(request).text("search") or ""
    if len(text) > SEARCH_MAX:
        raise InvalidRequest(
            f"search has {len(text)} characters; send some words, at most {SEARCH_MAX} characters",
            param="search",
            reason="invalid_search",
        )
    return text.split()


def _task_query(request: Request, key: Key) -> TaskQuery:
    query = Query(request)
    after = query.text("after")
    if after is not None and not TASK_ID.fullmatch(after):
        raise InvalidRequest(
            f"after {after[:60]!r} is not a task id; use `next` of the page before",
            param="after",
            reason="invalid_after",
        )
    status = query.choice("status", STATUSES)
    return TaskQuery(
        account_id=key.account_id,
        limit=query.integer("limit", 1, 100) or 20,
        after=after,
        status=STATUSES[status] if status is not None else None,
        model=query.text("model"),
        created_after=query.integer("created_after", 0, _LATEST),
        created_before=query.integer("created_before", 0, _LATEST),
        metadata=query.starting("metadata."),
    )
