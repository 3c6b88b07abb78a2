"""Server-Sent Events, taken up again where a connection broke."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kineograph.client.errors import Missed, NoAnswer, NotUnderstood
from kineograph.client.results import Event, Task
from kineograph.client.wire import Emit, Flow, Patience, Pause, Read, Request, exchange

GONE = 204  # HTTP status: nothing more will come


def events(
    path: str, after: str | None, query: Mapping[str, str | None], patience: Patience, *, ends: bool
) -> Flow[None]:
    """Emits every change.

    Args:
        after: Id of the last event already seen.
        ends: The stream is one task's and is over when the task is.

    Raises:
        Missed: the server cannot tell all that happened since.
        NoAnswer: the connection broke, and again and again without an event between.
    """
    attempt = 0
    while True:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": after} if after else {})
        try:
            answer = yield from exchange(Request("GET", path, query=query, headers=headers, stream=True), patience)
            if answer.status == GONE:
                return
            blocks = Blocks()
            while (chunk := (yield Read())) is not None:
                for block in blocks.feed(chunk):
                    event = _event(block)
                    if event is None:
                        continue
                    after, attempt = event.id or after, 0
                    yield Emit(event)
                    if ends and event.task.finished:
                        return
        except NoAnswer:
            if attempt >= patience.retries:
                raise
        yield Pause(patience.pause(attempt))
        attempt += 1


@dataclass(slots=True)
class Blocks:
    """Takes a byte stream apart into events: WHATWG HTML, "Server-sent events"; what we send, no more."""

    _rest: bytes = b""
    _lines: dict[str, str] = field(default_factory=dict)

    def feed(self, chunk: bytes) -> Iterator[Mapping[str, str]]:
        """The events that are complete by now: `id`, `event` and `data` of each."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        for raw in whole:
            line = raw.rstrip(b"\r").decode("utf-8", "replace")
            name, _, value = line.partition(":")
            if line and name:
                value = value.removeprefix(" ")
                known = self._lines.get(name)
                self._lines[name] = value if known is None or name != "data" else f"{known}\n{value}"
            elif not line:
                if "data" in self._lines:
                    yield self._lines
                self._lines = {}


def _event(block: Mapping[str, str]) -> Event | None:
    """The change, None for what this client does not know. Raises Missed, NotUnderstood."""
    try:
        data = json.loads(block["data"])
    except ValueError:
        raise NotUnderstood("the stream of events holds something that is not JSON") from None
    match block.get("event", "task"):
        case "task":
            return Event(block.get("id", ""), Task.of(data))
        case "gap":
            told = data.get("message") if isinstance(data, dict) else None
            raise Missed(str(told or "events were missed; look at your tasks"), block.get("id", ""))
    return None
