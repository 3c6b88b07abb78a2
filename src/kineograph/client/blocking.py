"""Client: every call waits for its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, Unpack

import httpx2

from kineograph.client.base import Base, Turns, answer_of
from kineograph.client.errors import ClientError
from kineograph.client.pictures import Picture
from kineograph.client.results import Balance, Event, Film, Model, Quote, Task, Upload
from kineograph.client.verbs import Progress, TaskOrId
from kineograph.client.wire import Answer, Effect, Emit, Flow, Pause, Read, Request, Work
from kineograph.client.wish import Wish

T = TypeVar("T")


class Client(Base):
    """Speaks the native dialect to one server. May be used by several threads.

    Every call repeats itself where that can help (lost connections, 429, 5xx; Retry-After is honoured), and every submit
    carries an Idempotency-Key, so that nothing is made or billed twice. Errors are one tree under ClientError.

    Args:
        server: Base URL; default: KINEO_SERVER, else http://127.0.0.1:8000.
        key: An API key of it; default: KINEO_API_KEY.
        timeout: Seconds a request may be without a byte.
        retries: How often a call is made again.
        transport: Of httpx2, instead of the network.

    Raises:
        NotSent: there is no key, or the address is none.
    """

    def __init__(
        self,
        server: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 75.0,
        retries: int = 5,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        super().__init__(server, key, timeout, retries)
        self._http = httpx2.Client(timeout=timeout, transport=transport)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the connections go."""
        self._http.close()

    def generate(
        self,
        prompt: str,
        output: str | Path | None = None,
        *,
        progress: Progress | None = None,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        simulate: str | None = None,
        **wish: Unpack[Wish],
    ) -> Film:
        """From words to a file.

        Args:
            output: Where the film goes, a file or a folder; default: `<words>-<seed>.mp4` here.
            progress: Is told of every state on the way.
            timeout: Seconds to wait at most; the task goes on after that.
            idempotency_key: Of your own, so that the same film is asked for once even if your program starts anew.
            simulate: What to simulate, where the operator allows it: docs/howto/test-your-app.md.
            wish: See Wish: duration, resolution, seed, first_frame…

        Raises:
            Refused: the server says no; its subclasses say how.
            Failed, Cancelled: the task ended without a film.
            TookTooLong, NoAnswer, NotSent, BadDownload: see the errors.
        """
        return self._run(
            self._verbs.generate(prompt, output, wish, progress, timeout, idempotency_key, simulate),
        )

    def submit(
        self,
        prompt: str,
        *,
        idempotency_key: str | None = None,
        simulate: str | None = None,
        **wish: Unpack[Wish],
    ) -> Task:
        """Ask for a film and do not wait for it. Arguments as of generate."""
        return self._run(self._verbs.submit(prompt, wish, idempotency_key, simulate))

    def get(self, task: TaskOrId) -> Task:
        """The task as it is now, with a fresh link to its film."""
        return self._run(self._verbs.get(task))

    def wait(self, task: TaskOrId, *, progress: Progress | None = None, timeout: float | None = None) -> Task:
        """The task at its end, whatever that is. Raises TookTooLong."""
        return self._run(self._verbs.wait(task, progress, timeout))

    def cancel(self, task: TaskOrId) -> Task:
        """Stop it: at once while it waits, at the next step while it is made. Raises Conflict if it is over."""
        return self._run(self._verbs.cancel(task))

    def delete(self, task: TaskOrId) -> None:
        """Wipe a finished task, its words and its files. Raises Conflict if it is not finished."""
        self._run(self._verbs.delete(task))

    def list(
        self,
        limit: int | None = None,
        *,
        search: str | None = None,
        status: str | None = None,
        model: str | None = None,
        created_after: int | None = None,
        created_before: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Iterator[Task]:
        """Your tasks, newest first, page by page as you go on; `limit` None = all. Times are Unix seconds; `search`
        is for words of prompts."""
        filters = self._filters(
            search=search,
            status=status,
            model=model,
            created_after=created_after,
            created_before=created_before,
            metadata=metadata,
        )
        return self._each(self._verbs.list(limit, filters))

    def upload(self, picture: Picture) -> Upload:
        """Hand over an image (path or bytes) that several requests will use."""
        return self._run(self._verbs.upload(picture))

    def download(self, task: TaskOrId, output: str | Path | None = None) -> Path:
        """The film of a completed task into a file: whole or not at all, going on where a connection broke, and checked.

        Raises:
            Failed, Cancelled, NotMade: it has no film.
            BadDownload: what came is not the film.
        """
        return self._run(self._verbs.download(task, output))

    def quote(self, prompt: str, **wish: Unpack[Wish]) -> Quote:
        """What it would cost; checks all of it and makes nothing."""
        return self._run(self._verbs.quote(prompt, wish))

    def models(self) -> tuple[Model, ...]:
        """What is offered."""
        return self._run(self._verbs.models())

    def balance(self) -> Balance:
        """What is left."""
        return self._run(self._verbs.balance())

    def events(
        self,
        task: TaskOrId | None = None,
        *,
        after: str | None = None,
        status: str | None = None,
        model: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Iterator[Event]:
        """Changes as they happen: of one task until it is finished, or of all yours for ever. Broken connections are
        taken up again where they broke.

        Args:
            after: Id of the last event you saw.

        Raises:
            Missed: the server cannot tell all that happened since; `list` shows how things stand.
        """
        filters = self._filters(status=status, model=model, metadata=metadata)
        return self._each(self._verbs.events(task, after, filters))

    def _run(self, flow: Flow[T]) -> T:
        turns = Turns(flow)
        for _ in self._perform(turns):
            raise AssertionError("a call of one answer emits nothing")
        return turns.value

    def _each(self, flow: Flow[None]) -> Iterator[Any]:
        return self._perform(Turns(flow))

    def _perform(self, turns: Turns[Any]) -> Iterator[Any]:
        """Do what the flow wants; what it emits comes out."""
        line = _Line(self._http, self)
        try:
            while (effect := turns.effect) is not None:
                if isinstance(effect, Emit):
                    yield effect.value
                    turns.go(None)
                    continue
                try:
                    reply = line.do(effect)
                except (ClientError, KeyboardInterrupt) as error:
                    turns.fail(error)
                else:
                    turns.go(reply)
        finally:
            turns.close()
            line.close()


class _Line:
    """One flow's connection."""

    def __init__(self, http: httpx2.Client, base: Base) -> None:
        self._http, self._base = http, base
        self._response: httpx2.Response | None = None
        self._chunks: Iterator[bytes] = iter(())

    def do(self, effect: Effect) -> Any:
        """The reply to an effect. Raises NoAnswer, and what a piece of work raises."""
        match effect:
            case Request():
                return self._ask(effect)
            case Read():
                return self._read()
            case Pause():
                return time.sleep(effect.seconds)
            case Work():
                return effect.call()

    def _ask(self, request: Request) -> Answer:
        self.close()
        try:
            sent = self._http.build_request(**self._base.options(request))
            response = self._http.send(sent, stream=True, follow_redirects=request.whole)
            self._response = response
            if request.stream and response.status_code < 300:
                self._chunks = response.iter_bytes()
                return answer_of(response, b"")
            return answer_of(response, response.read())
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise self._base.broken(error) from error

    def _read(self) -> bytes | None:
        try:
            return next(self._chunks, None)
        except httpx2.RequestError as error:
            raise self._base.broken(error) from error

    def close(self) -> None:
        """Let go of what was streamed."""
        if self._response is not None:
            self._response.close()
            self._response = None
