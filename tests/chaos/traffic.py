"""Callers who never give up: every submit is repeated, with its Idempotency-Key, until somebody answers it."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

MODELS = {"quick": 5, "card": 5, "slow": 2, "shaky": 1}  # of the runner's catalogue, with weights
PATIENCE = 4.0  # seconds a caller waits for an answer before it tries another node


@dataclass
class Book:
    """What callers were told. Read when they are gone.

    Attributes:
        tasks: Idempotency key -> id of the task.
        cancelled: Ids whose cancel was answered with 200.
        broken: Promises that were not kept, as sentences.
        counts: accepted, repeated (submits sent again), replayed, refused by cause.
    """

    tasks: dict[str, str] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Caller(threading.Thread):
    """Submits one task after the other while it is allowed to; now and then repeats an old submit, or cancels.

    Args:
        keys: Texts of API keys; each task is of one of them.
        nodes: URLs of all API nodes, dead or alive.
        wanted: Whether another task should be submitted now.
    """

    def __init__(
        self, name: str, seed: int, keys: Sequence[str], nodes: Sequence[str], wanted: Callable[[], bool], book: Book
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._random = random.Random(seed)
        self._keys, self._nodes, self._wanted, self._book = keys, nodes, wanted, book
        self._bodies: list[tuple[str, str, dict[str, Any]]] = []
        self._leaving = threading.Event()
        self._http = httpx2.Client(timeout=PATIENCE, trust_env=False)
        self.error: BaseException | None = None

    def leave(self) -> None:
        """After the submit in hand was answered."""
        self._leaving.set()

    def run(self) -> None:
        try:
            while not self._leaving.is_set():
                if not self._wanted():
                    self._leaving.wait(0.05)
                    continue
                self._submit_another()
                if self._random.random() < 0.06:
                    self._submit(*self._random.choice(self._bodies), again=True)
                if self._random.random() < 0.05:
                    self._cancel()
        except BaseException as error:  # for the one who joins: a caller that broke proves nothing
            self.error = error
            raise
        finally:
            self._http.close()

    def _submit_another(self) -> None:
        promise = f"{self.name}-{len(self._bodies)}"
        model = self._random.choices(list(MODELS), list(MODELS.values()))[0]
        body = {"model": model, "prompt": f"test {promise}", "duration": 2, "resolution": "480p"}
        self._bodies.append((self._random.choice(self._keys), promise, body))
        self._submit(*self._bodies[-1])

    def _submit(self, key: str, promise: str, body: dict[str, Any], *, again: bool = False) -> None:
        answer = self._insist("POST", "/v1/videos/generations", key, json=body, headers={"Idempotency-Key": promise})
        task_id = answer.json()["data"][0]["task_id"]
        known = self._book.tasks.setdefault(promise, task_id)
        self._book.counts["replayed" if again else "accepted"] += 1
        if known != task_id:
            self._book.broken.append(f"{promise} was accepted as {known} and as {task_id}")

    def _cancel(self) -> None:
        key, promise, _body = self._random.choice(self._bodies[-5:])
        task_id = self._book.tasks[promise]
        if self._insist("POST", f"/v1/tasks/{task_id}/cancel", key).status_code == 200:
            self._book.cancelled.add(task_id)

    def _insist(self, method: str, path: str, key: str, **more: Any) -> httpx2.Response:
        """Ask one node after the other until one of them has an answer; what is not ours to repeat breaks the run."""
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        while True:
            node = self._random.choice(self._nodes)
            with contextlib.suppress(httpx2.TransportError):
                answer = self._http.request(method, node + path, headers=headers, **more)
                if answer.status_code == 200 or (answer.status_code == 409 and path.endswith("/cancel")):
                    return answer  # 409: it is over already
                self._book.counts[f"answered {answer.status_code}"] += 1
                # A submit's 409: the one before, whose answer we did not wait for, is still being taken.
                if answer.status_code not in {409, 429, 503} or "idempotency_key_reused" in answer.text:
                    raise AssertionError(f"{method} {path}: {answer.status_code} {answer.text}")
            self._book.counts["repeated"] += 1
            time.sleep(self._random.uniform(0.05, 0.4))
