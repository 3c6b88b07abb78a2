"""The client: one request over HTTP, polled to a film. Needs the core alone."""

from __future__ import annotations

import contextlib
import mimetypes
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2

from kineograph.core.errors import KineographError

Json = dict[str, Any]  # wire bodies, as they come

RETRIES = 5  # of requests a server asked to be made again: 429, 503 and lost connections
FINISHED = frozenset({"completed", "failed", "cancelled"})


class Refused(KineographError):
    """The service said no.

    Attributes:
        status: HTTP status, 0 where no answer came.
    """

    reason = "refused"

    def __init__(self, message: str, *, status: int = 0, param: str | None = None, reason: str | None = None) -> None:
        super().__init__(message, param=param, reason=reason)
        self.status = status


class Client:
    """Speaks the native dialect to one server.

    Args:
        server: Base URL, e.g. http://127.0.0.1:8000
        key: An API key of it.
        timeout: Seconds one request may take.
    """

    def __init__(self, server: str, key: str, *, timeout: float = 75.0) -> None:
        self._http = httpx2.Client(
            base_url=server.rstrip("/"), headers={"Authorization": f"Bearer {key}"}, timeout=timeout
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def submit(self, body: Mapping[str, Any], idempotency_key: str | None = None) -> str:
        """Ask for a film; the task's id. Raises Refused."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        answer = self._call("POST", "/v1/videos/generations", json=dict(body), headers=headers)
        task_id: str = answer["data"][0]["task_id"]
        return task_id

    def upload(self, path: Path) -> str:
        """Hand over an image file; the URL to use in a request. Raises Refused."""
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        url: str = self._call("POST", "/v1/uploads/images", files={"file": (path.name, path.read_bytes(), kind)})["url"]
        return url

    def task(self, task_id: str, wait: float = 0) -> Json:
        """The task as it is, or at its next change within `wait` seconds. Raises Refused."""
        data: Json = self._call("GET", f"/v1/tasks/{task_id}", params={"wait": int(wait)} if wait else {})["data"]
        return data

    def tasks(self, limit: int = 20, status: str | None = None) -> Iterator[Json]:
        """The caller's tasks, newest first, page by page until `limit`."""
        after: str | None = None
        while limit > 0:
            params = {"limit": min(limit, 100), "after": after, "status": status}
            page = self._call("GET", "/v1/tasks", params={name: value for name, value in params.items() if value})
            yield from page["data"]
            limit -= len(page["data"])
            after = page["next"]
            if not page["has_more"]:
                return

    def follow(self, task_id: str, changed: Callable[[Json], None]) -> Json:
        """Wait for the end by long polls; `changed` sees every state on the way."""
        while True:
            task = self.task(task_id, wait=30)
            changed(task)
            if task["status"] in FINISHED:
                return task

    def cancel(self, task_id: str) -> Json:
        """Cancel it; the task as it is now. Raises Refused."""
        data: Json = self._call("POST", f"/v1/tasks/{task_id}/cancel")["data"]
        return data

    def download(self, url: str, path: Path) -> Path:
        """Fetch a result link into `path`, whole or not at all."""
        part = path.with_name(path.name + ".part")
        try:
            # Result links carry their own signature; the key is not sent to them.
            with httpx2.stream("GET", url, timeout=75.0, follow_redirects=True) as answer, part.open("wb") as file:
                answer.raise_for_status()
                for chunk in answer.iter_bytes():
                    file.write(chunk)
            return part.replace(path)
        except httpx2.HTTPError as error:
            raise Refused(f"the film could not be downloaded: {error}") from error
        finally:
            part.unlink(missing_ok=True)

    def _call(self, method: str, path: str, **options: Any) -> Json:
        for attempt in range(RETRIES + 1):
            try:
                answer = self._http.request(method, path, **options)
            except httpx2.TransportError as error:
                if attempt == RETRIES or method != "GET":
                    raise Refused(f"no answer from {self._http.base_url}: {error or type(error).__name__}") from error
                time.sleep(min(2**attempt * 0.25, 4))
                continue
            if answer.status_code in {429, 503} and attempt < RETRIES:
                time.sleep(min(float(answer.headers.get("Retry-After", 1)), 30))
                continue
            break
        if answer.status_code >= 400:
            raise _refusal(answer)
        with contextlib.suppress(ValueError):
            body: Json = answer.json()
            return body
        raise Refused(f"{self._http.base_url} answered something that is not JSON; is it a Kineograph server?")


def _refusal(answer: httpx2.Response) -> Refused:
    error: Json = {}
    with contextlib.suppress(ValueError, AttributeError):
        error = answer.json().get("error") or {}
    message = error.get("message") or f"HTTP {answer.status_code}"
    return Refused(message, status=answer.status_code, param=error.get("param"), reason=error.get("reason"))
