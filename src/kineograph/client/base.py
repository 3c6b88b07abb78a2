"""What both clients have in common: where the server is, and how a flow is taken step by step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

import httpx2

from kineograph import __version__
from kineograph.client.errors import NoAnswer, NotSent
from kineograph.client.verbs import Verbs
from kineograph.client.wire import Answer, Effect, Flow, Patience, Request

SERVER: Final = "http://127.0.0.1:8000"
T = TypeVar("T")


class Base:
    """One server and one key of it."""

    def __init__(self, server: str | None, key: str | None, timeout: float, retries: int) -> None:
        base = (server or os.environ.get("KINEO_SERVER") or SERVER).rstrip("/")
        self.server = base.removesuffix("/v1")  # as other clients want it written
        self._key = key or os.environ.get("KINEO_API_KEY") or ""
        if not self._key:
            raise NotSent("the client needs a key: give it as `key`, or set KINEO_API_KEY")
        if not (self._key.isascii() and self._key.isprintable()):
            raise NotSent("the key holds characters that no key has; copy it again")
        if not self.server.startswith(("http://", "https://")):
            raise NotSent(f"the server {self.server!r} is no http(s) address; write e.g. {SERVER}")
        self._verbs = Verbs(Patience(retries, timeout))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.server!r})"

    @staticmethod
    def _filters(*, metadata: Mapping[str, str] | None = None, **plain: Any) -> dict[str, Any]:
        """Query parameters of a list or a stream."""
        return plain | {f"metadata.{name}": value for name, value in (metadata or {}).items()}

    def options(self, request: Request) -> dict[str, Any]:
        """The arguments of httpx2's build_request. A whole URL is signed by itself: the key stays here."""
        headers = {"User-Agent": f"kineograph/{__version__}", **request.headers}
        if not request.whole:
            headers["Authorization"] = f"Bearer {self._key}"
        return {
            "method": request.method,
            "url": request.path if request.whole else self.server + request.path,
            "params": {name: value for name, value in request.query.items() if value is not None} or None,
            "headers": headers,
            "json": request.json,
            "files": {"file": request.file} if request.file else None,
            **({"timeout": request.timeout} if request.timeout is not None else {}),
        }

    def broken(self, error: Exception) -> NoAnswer:
        """A connection that failed, as ours."""
        return NoAnswer(f"no answer from {self.server}: {error or type(error).__name__}")


def answer_of(response: httpx2.Response, content: bytes) -> Answer:
    """httpx2's response as ours."""
    headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, content)


class Turns(Generic[T]):
    """A flow, one effect after the other.

    Attributes:
        effect: What it wants now; None once it is over.
        value: What it came to.
    """

    def __init__(self, flow: Flow[T]) -> None:
        self._flow = flow
        self.effect: Effect | None = None
        self.value: T
        self.go(None)

    def go(self, reply: Any) -> None:
        """What was wanted is done."""
        try:
            self.effect = self._flow.send(reply)
        except StopIteration as end:
            self.effect, self.value = None, end.value

    def fail(self, error: BaseException) -> None:
        """What was wanted did not succeed. Raises it, unless the flow knows what to do."""
        try:
            self.effect = self._flow.throw(error)
        except StopIteration as end:
            self.effect, self.value = None, end.value

    def close(self) -> None:
        """Nobody wants the rest."""
        self._flow.close()
