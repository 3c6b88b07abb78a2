"""Ark's task routes: create, get, list, delete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.ark_render import WORDS, render, word
from kineograph.api.ark_request import to_request
from kineograph.api.auth import caller
from kineograph.api.body import read_json
from kineograph.api.desk import accept, desk_of, idempotency_key
from kineograph.api.edge import Edge
from kineograph.api.ids import ark_id, task_of_ark
from kineograph.api.links import Links, Signer
from kineograph.api.query import Query
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.api.simulate import Simulator
from kineograph.core.errors import Conflict, InvalidRequest, KineographError, NotFound, UnknownModel
from kineograph.core.keys import Key, Scope
from kineograph.core.ports import Idempotency, TaskQuery
from kineograph.core.request import EXPIRED
from kineograph.core.task import Status, Task

TASKS = "/api/v3/contents/generations/tasks"
PAGE_MAX = 500
_PAGE = 10  # tasks of a page where nothing is said
_FAR = 100_000  # pages
_IDS = "filter.task_ids"
_TIERS = ("default", "flex")
_STATUSES: Mapping[str, Status] = {word: status for status, word in WORDS.items()} | {EXPIRED: Status.FAILED}
# The core's names of fields -> Ark's, where an error speaks of one.
_FIELDS = {"aspect_ratio": "ratio", "image_with_roles": "content"}


class ArkTasks:
    """Routes under /api/v3/contents/generations/tasks."""

    def __init__(self, service: Service, edge: Edge, signer: Signer) -> None:
        self._service, self._edge, self._signer = service, edge, signer
        self._tasks, self._simulator = service.tasks, Simulator(service.simulation)

    async def create(self, request: Request) -> Response:
        """POST: the id, once the task is durable."""
        key = caller(request, Scope.GENERATE)
        promise, simulated = idempotency_key(request), self._simulator.asked(request, key)
        document, fingerprint = await read_json(request, marked=promise is not None)
        idempotency = Idempotency(key.id, promise, fingerprint) if promise else None
        desk = desk_of(self._service, self._signer, self._edge.base_url(request.scope))
        reading = to_request(document, desk, self._tasks.catalogue)
        try:
            inserted = await accept(self._tasks, reading, key, idempotency, simulated)
        except KineographError as error:
            _in_arks_words(error)
            raise
        headers = {"Idempotency-Replayed": "true"} if inserted.replayed else {}
        return reply({"id": ark_id(inserted.task.id)}, headers=headers)

    async def get(self, request: Request) -> Response:
        """GET …/{id}: where it stands."""
        return reply(self._shape(request, await self._task(request, caller(request, Scope.READ))))

    async def list(self, request: Request) -> Response:
        """GET: a page of the account's tasks, newest first, and how many there are."""
        key = caller(request, Scope.READ)
        tasks, total = await self._tasks.some(self._query(request, key))
        return reply({"total": total, "items": [self._shape(request, task) for task in tasks]})

    async def delete(self, request: Request) -> Response:
        """DELETE …/{id}: what waits is cancelled, what is over is forgotten; what runs or was cancelled is refused."""
        key = caller(request, Scope.GENERATE)
        task = await self._task(request, key)
        state = word(task)
        if state == "queued":
            await self._tasks.cancel(task.id, key)
            return reply({})
        if state in {"running", "cancelled"}:
            raise Conflict(
                f"task {ark_id(task.id)} is {state}; only tasks that are queued, succeeded, failed or expired can be deleted",
                param="id",
                reason="task_not_deletable",
            )
        await self._tasks.delete(task.id, key)
        return reply({})

    async def _task(self, request: Request, key: Key) -> Task:
        name: str = request.path_params["task_id"]
        unknown = NotFound(f"no task {name[:60]!r} of yours; list the ones there are", param="id")
        task_id = task_of_ark(name)
        if task_id is None:
            raise unknown
        try:
            return await self._tasks.get(task_id, key)
        except NotFound:
            raise unknown from None

    def _query(self, request: Request, key: Key) -> TaskQuery:
        query = Query(request, several=_IDS)
        size = query.integer("page_size", 1, PAGE_MAX) or _PAGE
        status = query.choice("filter.status", _STATUSES)
        tier = query.choice("filter.service_tier", _TIERS)
        names = query.several()
        return TaskQuery(
            account_id=key.account_id,
            limit=size,
            offset=size * ((query.integer("page_num", 1, _FAR) or 1) - 1),
            status=None if status is None else _STATUSES[status],
            expired=status == EXPIRED if status in {EXPIRED, "failed"} else None,
            flex=None if tier is None else tier == "flex",
            model=self._model(query.text("filter.model")),
            ids=tuple([task_id for name in names if (task_id := task_of_ark(name))]) if names else None,
        )

    def _model(self, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            return self._tasks.catalogue.called(name).name
        except UnknownModel:  # there may be tasks of it from before
            return name

    def _shape(self, request: Request, task: Task) -> dict[str, Any]:
        links = Links(self._edge.base_url(request.scope), self._signer, self._service.link_ttl)
        return render(task, links, self._service.clock(), self._tasks.catalogue)


def _in_arks_words(error: KineographError) -> None:
    """The core speaks of its own fields; here they have other names."""
    if isinstance(error, InvalidRequest) and error.param is None and error.reason == "invalid_image":
        error.param = "content"
    if error.param in _FIELDS:
        error.message = error.message.replace(error.param, _FIELDS[error.param])
        error.param = _FIELDS[error.param]
