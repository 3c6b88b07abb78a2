"""Every call, described once: what is asked, when again, and what the answer means. The drivers perform them."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from kineograph.client import streams
from kineograph.client import wish as wishes
from kineograph.client.download import download, film_name
from kineograph.client.errors import (
    Cancelled,
    ClientError,
    Conflict,
    Failed,
    NotMade,
    NotSent,
    NotUnderstood,
    TookTooLong,
    retry_after,
)
from kineograph.client.pictures import Picture, read
from kineograph.client.results import Balance, Film, Model, Quote, Task, Upload
from kineograph.client.wire import Answer, Emit, Flow, Patience, Pause, Request, Work, document, exchange, send
from kineograph.client.wish import Wish

SUBMIT = "/v1/videos/generations"
SIMULATE = "X-Kineograph-Simulate"
HOLD = 30.0  # seconds of a long poll
UNHELD = 0.5  # seconds; an answer that came sooner is news, or from a server that knows no long poll
EVERY = 2.0  # seconds between looks at such a server that names no Retry-After
EVERY_MAX = 10.0  # seconds; longer than that nobody wants to wait for a film that is there
LAST_WORD = 5.0  # seconds that an interrupted caller is kept for the cancel
PAGE = 100  # tasks of one page, CONTRACT §1.3

Progress: TypeAlias = Callable[[Task], object]
TaskOrId: TypeAlias = Task | str


@dataclass(frozen=True, slots=True)
class Verbs:
    """The calls of a client."""

    patience: Patience = field(default_factory=Patience)
    clock: Callable[[], float] = time.monotonic

    def submit(self, prompt: str, wish: Wish, idempotency_key: str | None, simulate: str | None) -> Flow[Task]:
        """Ask for a film; the task as it waits."""
        body = yield from wishes.body(prompt, wish, self.patience, fixed=idempotency_key is not None)
        headers = {"Idempotency-Key": idempotency_key or uuid.uuid4().hex}
        if simulate:
            headers[SIMULATE] = simulate
        told = yield from self._call("POST", SUBMIT, json=body, headers=headers)
        data = told.get("data")
        return Task.of({"status": "pending", **_one(data), **_renamed(data)})

    def generate(
        self,
        prompt: str,
        output: str | Path | None,
        wish: Wish,
        progress: Progress | None,
        timeout: float | None,
        idempotency_key: str | None,
        simulate: str | None,
    ) -> Flow[Film]:
        """From words to a file. Who interrupts it does not want the film any more: the task is cancelled."""
        yield Work(partial(check_folder, output))
        task = yield from self.submit(prompt, wish, idempotency_key, simulate)
        try:
            task = yield from self.wait(task, progress, timeout)
        except (KeyboardInterrupt, asyncio.CancelledError):
            with contextlib.suppress(ClientError):  # who interrupts wants to be gone, whatever becomes of this
                yield from send(Request("POST", f"{_path(task)}/cancel", timeout=LAST_WORD))
            raise
        path = yield from self._load(made(task), place(output, prompt, task.seed))
        return Film(path, task)

    def get(self, task: TaskOrId) -> Flow[Task]:
        """As it is now."""
        return Task.of((yield from self._call("GET", _path(task))).get("data"))

    def wait(self, task: TaskOrId, progress: Progress | None, timeout: float | None) -> Flow[Task]:
        """Its end, by long polls; `progress` sees every state on the way."""
        deadline = self.clock() + timeout if timeout is not None else float("inf")
        seen, etag, hold = task, "", 0
        while True:
            asked = self.clock()
            answer = yield from self._look(task, etag, hold)
            now = seen if answer.status == 304 else Task.of(document(answer).get("data"))
            etag = answer.headers.get("etag", "")
            if isinstance(now, Task):
                changed = not isinstance(seen, Task) or now != seen or not hold
                seen = now
                if changed and progress is not None:
                    progress(now)
                if now.finished:
                    return now
                left = deadline - self.clock()
                if left <= 0:
                    raise TookTooLong(f"task {now.id} is {now.status} after {timeout:g} s; it goes on", now)
                if hold and self.clock() - asked < UNHELD:  # it did not hold the answer back
                    yield Pause(min(UNHELD if changed else _retry(answer), left))
                hold = int(max(1.0, min(HOLD, self.patience.timeout / 2, left)))

    def cancel(self, task: TaskOrId) -> Flow[Task]:
        """Stop it. A task that is cancelled already is what was wanted."""
        try:
            return Task.of((yield from self._call("POST", f"{_path(task)}/cancel")).get("data"))
        except Conflict:
            now = yield from self.get(task)
            if now.status != "cancelled":
                raise
            return now

    def delete(self, task: TaskOrId) -> Flow[None]:
        """Wipe it."""
        yield from self._call("DELETE", _path(task))

    def list(self, limit: int | None, filters: Mapping[str, str | int | None]) -> Flow[None]:
        """Tasks, newest first, page by page."""
        after: str | None = None
        while limit is None or limit > 0:
            size = PAGE if limit is None else min(limit, PAGE)
            page = yield from self._call("GET", "/v1/tasks", query={**filters, "limit": size, "after": after})
            rows = page.get("data")
            for row in rows if isinstance(rows, list) else ():
                yield Emit(Task.of(row))
            limit = None if limit is None else limit - size
            after = page.get("next")
            if not (page.get("has_more") and after):
                return

    def upload(self, picture: Picture) -> Flow[Upload]:
        """Hand over an image."""
        data: bytes = yield Work(partial(read, "image", picture))
        name = Path(picture).name if isinstance(picture, str | Path) else "image"
        return Upload.of((yield from wishes.upload(data, name, self.patience)))

    def download(self, what: TaskOrId, output: str | Path | None) -> Flow[Path]:
        """The film's file."""
        yield Work(partial(check_folder, output))
        task = made(what if isinstance(what, Task) else (yield from self.get(what)))
        return (yield from self._load(task, place(output, task.prompt or "", task.seed)))

    def quote(self, prompt: str, wish: Wish) -> Flow[Quote]:
        """What it would cost."""
        body = yield from wishes.body(prompt, wish, self.patience)
        return Quote.of((yield from self._call("POST", f"{SUBMIT}/quote", json=body)).get("data"))

    def models(self) -> Flow[tuple[Model, ...]]:
        """What is offered."""
        rows = (yield from self._call("GET", "/v1/models")).get("data")
        return tuple(Model.of(row) for row in (rows if isinstance(rows, list) else ()))

    def balance(self) -> Flow[Balance]:
        """What is left."""
        return Balance.of((yield from self._call("GET", "/v1/balance")))

    def events(self, task: TaskOrId | None, after: str | None, filters: Mapping[str, str | None]) -> Flow[None]:
        """Changes as they happen: of one task until it is finished, or of all the account's for ever."""
        path = f"{_path(task)}/events" if task is not None else "/v1/events"
        return (yield from streams.events(path, after, filters, self.patience, ends=task is not None))

    def _load(self, task: Task, path: Path) -> Flow[Path]:
        return (yield from download(task, path, self.patience, partial(self.get, task.id)))

    def _look(self, task: TaskOrId, etag: str, hold: int) -> Flow[Answer]:
        headers = {"If-None-Match": etag} if etag else {}
        return (
            yield from exchange(
                Request("GET", _path(task), query={"wait": hold or None}, headers=headers), self.patience
            )
        )

    def _call(self, method: str, path: str, **more: Any) -> Flow[dict[str, Any]]:
        return document((yield from exchange(Request(method, path, **more), self.patience)))


def made(task: Task) -> Task:
    """The task, if it has a film. Raises Failed, Cancelled, NotMade."""
    if task.status == "completed" and task.video is not None:
        return task
    if task.status == "failed":
        error = task.error
        raise Failed(
            f"{error.message if error else 'it failed'} (task {task.id})", task, reason=error.reason if error else None
        )
    if task.status == "cancelled":
        raise Cancelled(f"task {task.id} was cancelled", task)
    why = "its files have expired" if task.status == "completed" else f"it is {task.status}; wait for it"
    raise NotMade(f"task {task.id} has no film: {why}", task)


def place(output: str | Path | None, prompt: str, seed: int | None) -> Path:
    """Where a film goes: the file, or under a name of its own in the folder, or here."""
    path = Path(output or ".")
    return path / film_name(prompt, seed) if path.is_dir() else path


def _path(task: TaskOrId) -> str:
    task_id = task.id if isinstance(task, Task) else task
    if not task_id or not all(letter.isalnum() or letter in "_-.:" for letter in task_id):
        raise NotSent(f"{task_id[:60]!r} is no task id")
    return f"/v1/tasks/{task_id}"


def _one(data: Any) -> dict[str, Any]:
    """The one object of an answer to a submit, classic (a list) or versioned."""
    found = data[0] if isinstance(data, list) and data else data
    if not isinstance(found, dict):
        raise NotUnderstood("the server took the request and told no task")
    return found


def _renamed(data: Any) -> dict[str, str]:
    """`submitted` is a word of the submit alone (CONTRACT §1.2)."""
    return {"status": "pending"} if _one(data).get("status") == "submitted" else {}


def _retry(answer: Answer) -> float:
    told = retry_after(answer)
    return EVERY if told is None else min(max(told, EVERY), EVERY_MAX)


def check_folder(output: str | Path | None) -> None:
    """Before anything is made. Raises NotSent."""
    if output is not None and not Path(output).absolute().parent.is_dir():
        raise NotSent(f"there is no folder {Path(output).parent}; create it or choose another place for the film")
