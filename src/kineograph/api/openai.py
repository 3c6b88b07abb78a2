"""OpenAI's video routes: create, get, list, content, delete, remix."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from kineograph.api.auth import caller
from kineograph.api.body import JSON_LIMIT, Document, fingerprint, read_json
from kineograph.api.desk import Desk, accept, desk_of, idempotency_key
from kineograph.api.edge import Edge
from kineograph.api.files import Files
from kineograph.api.forms import document_of, is_form, multipart
from kineograph.api.ids import task_of_video, video_id
from kineograph.api.links import Signer
from kineograph.api.openai_render import render
from kineograph.api.openai_request import images_field, to_remix, to_request
from kineograph.api.query import Query
from kineograph.api.render import patience
from kineograph.api.reply import reply
from kineograph.api.service import Service
from kineograph.api.sheets import Sheets
from kineograph.api.simulate import Simulator
from kineograph.core.errors import Conflict, InvalidRequest, KineographError, NotFound
from kineograph.core.keys import Key, Scope
from kineograph.core.ports import Idempotency, TaskQuery
from kineograph.core.request import VideoRequest
from kineograph.core.task import Status, Task, Video

STOPPING = 10.0  # seconds that a delete waits for a film in the making to stop
POLL_HEADER = "openai-poll-after-ms"
_VARIANTS = ("video", "thumbnail", "spritesheet")
_REMEDY = "send multipart/form-data or application/json with a prompt"
# The core's names of fields -> this dialect's, where an error speaks of one.
_FIELDS = {"duration": "seconds", "resolution": "size", "aspect_ratio": "size"}


class OpenAIVideos:
    """Routes under /v1/videos."""

    def __init__(self, service: Service, edge: Edge, signer: Signer, files: Files) -> None:
        self._service, self._edge, self._signer, self._files = service, edge, signer, files
        self._tasks, self._simulator = service.tasks, Simulator(service.simulation)
        self._sheets = Sheets(service.files)

    async def create(self, request: Request) -> Response:
        """POST /v1/videos: the video object, once the task is durable."""
        key = caller(request, Scope.GENERATE)
        document, form = await _read(request)
        reading = to_request(document, self._desk(request), self._tasks.catalogue, form=form)
        return await self._accept(request, key, document, reading, images_field(document))

    async def remix(self, request: Request) -> Response:
        """POST /v1/videos/{video_id}/remix: the same video again, in other words."""
        key = caller(request, Scope.GENERATE)
        task = await self._task(request, key)
        document, _ = await _read(request)
        if task.status is not Status.SUCCEEDED:
            raise _not_ready(task)
        reading = to_remix(document, task, self._desk(request))
        return await self._accept(request, key, document | {"remix_of": task.id}, reading, "video_id")

    def _desk(self, request: Request) -> Desk:
        return desk_of(self._service, self._signer, self._edge.base_url(request.scope))

    async def _accept(
        self, request: Request, key: Key, document: Document, reading: Coroutine[Any, Any, VideoRequest], field: str
    ) -> Response:
        try:
            idempotency = None
            if (promise := idempotency_key(request)) is not None:
                idempotency = Idempotency(key.id, promise, await asyncio.to_thread(fingerprint, document))
            simulated = self._simulator.asked(request, key)
            inserted = await accept(self._tasks, reading, key, idempotency, simulated)
        except KineographError as error:
            reading.close()
            _in_their_words(error, field)
            raise
        headers = {"Idempotency-Replayed": "true"} if inserted.replayed else {}
        return _video(inserted.task, headers)

    async def get(self, request: Request) -> Response:
        """GET /v1/videos/{video_id}: where it stands."""
        return _video(await self._task(request, caller(request, Scope.READ)))

    async def list(self, request: Request) -> Response:
        """GET /v1/videos: a page of the account's videos."""
        key = caller(request, Scope.READ)
        query = Query(request)
        page = await self._tasks.list(
            TaskQuery(
                account_id=key.account_id,
                limit=query.integer("limit", 1, 100) or 20,
                after=_cursor(query.text("after")),
                ascending=query.choice("order", ("asc", "desc")) == "asc",
            )
        )
        data = [render(task) for task in page.tasks]
        first, last = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        more = page.next is not None
        return reply({"object": "list", "data": data, "first_id": first, "last_id": last, "has_more": more})

    async def content(self, request: Request) -> Response:
        """GET /v1/videos/{video_id}/content: the film, its thumbnail, or a sheet of its moments."""
        task = await self._task(request, caller(request, Scope.READ))
        variant = Query(request).choice("variant", _VARIANTS) or "video"
        if task.status is not Status.SUCCEEDED or task.video is None:
            raise _not_ready(task)
        if task.files_expired_at is not None:
            raise NotFound("the files of this video are gone; create it again", param="video_id", reason="file_gone")
        return await self._files.serve(request, await self._name(task.video, variant), self._service.link_ttl)

    async def _name(self, video: Video, variant: str) -> str:
        if variant == "spritesheet":
            return await self._sheets.of(video)
        return video.poster if variant == "thumbnail" else video.file

    async def delete(self, request: Request) -> Response:
        """DELETE /v1/videos/{video_id}: wiped. What is not finished is cancelled first."""
        key = caller(request, Scope.GENERATE)
        task = await self._task(request, key)
        if not task.finished:
            await self._stop(task, key)
        await self._tasks.delete(task.id, key)
        return reply({"id": video_id(task.id), "deleted": True, "object": "video.deleted"})

    async def _stop(self, task: Task, key: Key) -> None:
        with contextlib.suppress(Conflict):  # it is over by now
            task = await self._tasks.cancel(task.id, key)
        try:
            async with asyncio.timeout(STOPPING):
                while not task.finished:
                    task = await self._tasks.wait(task.id, key, STOPPING, task.sequence)
        except TimeoutError:
            raise Conflict(
                "the video is being made and was told to stop; delete it again in a moment",
                param="video_id",
                reason="video_stopping",
            ) from None

    async def _task(self, request: Request, key: Key) -> Task:
        name: str = request.path_params["video_id"]
        unknown = NotFound(
            f"no video {name[:60]!r} of yours; GET /v1/videos lists the ones there are", param="video_id"
        )
        task_id = task_of_video(name)
        if task_id is None:
            raise unknown
        try:
            return await self._tasks.get(task_id, key)
        except NotFound:
            raise unknown from None


async def _read(request: Request) -> tuple[Document, bool]:
    """The body, and whether it was a form."""
    if not is_form(request):
        return (await read_json(request))[0], False
    async with multipart(request, JSON_LIMIT, _REMEDY) as form:
        return await document_of(form), True


def _video(task: Task, headers: dict[str, str] | None = None) -> Response:
    hint = {} if task.finished else {POLL_HEADER: str(1000 * patience(task))}
    return reply(render(task), headers=hint | (headers or {}))


def _cursor(after: str | None) -> str | None:
    if after is None:
        return None
    task_id = task_of_video(after)
    if task_id is None:
        raise InvalidRequest(
            f"after {after[:60]!r} is not a video id; use last_id of the page before",
            param="after",
            reason="invalid_after",
        )
    return task_id


def _not_ready(task: Task) -> Conflict:
    video = render(task)
    if task.finished:
        return Conflict(
            f"the video has failed ({video['error']['code']}); create it again", param="video_id", reason="video_failed"
        )
    return Conflict(
        f"the video is {video['status']}; wait until it is completed", param="video_id", reason="video_not_ready"
    )


def _in_their_words(error: KineographError, field: str) -> None:
    """The core speaks of its own fields; here they have other names."""
    if (
        isinstance(error, InvalidRequest) and error.param is None and "image" in error.reason
    ) or error.param == "image_with_roles":
        error.param = field
    elif error.param in _FIELDS:
        error.message = error.message.replace("duration", "seconds")
        error.param = _FIELDS[error.param]
