"""What must hold after everything, read from the tables and the file store themselves; and what must hold at any moment."""

from __future__ import annotations

import asyncio
import hashlib
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError
from tests.chaos.traffic import Book

from kineograph.core.files import FileStore
from kineograph.core.task import MAX_ATTEMPTS
from kineograph.store.retention import GRACE

ENDS = ("succeeded", "failed", "cancelled")
LOOK = 0.1  # seconds between two looks of the watcher
_RUNNING = text("SELECT key_id, model, count(*) AS n FROM tasks WHERE status = 'running' GROUP BY key_id, model")


@dataclass(frozen=True, slots=True)
class Limits:
    """Key id or model -> how many of its tasks may run at once."""

    keys: Mapping[str, int]
    models: Mapping[str, int]


class Watcher(threading.Thread):
    """Looks, again and again, whether more runs than may. Each look is one statement, so it sees one moment.

    Attributes:
        most: Key or model -> most that ever ran at once.
    """

    def __init__(self, engine: Engine, limits: Limits) -> None:
        super().__init__(name="watcher", daemon=True)
        self._engine, self._limits = engine, limits
        self._leaving = threading.Event()
        self.looks, self.broken = 0, list[str]()
        self.most: Counter[str] = Counter()

    def leave(self) -> None:
        self._leaving.set()
        self.join()

    def run(self) -> None:
        while not self._leaving.wait(LOOK):
            try:
                with self._engine.connect() as connection:
                    found = connection.execute(_RUNNING).all()
            except SQLAlchemyError:  # the server is dead for the moment, as it is meant to be
                continue
            self.looks += 1
            self._judge([(row.key_id, row.model, row.n) for row in found])

    def _judge(self, found: Sequence[tuple[str, str, int]]) -> None:
        running: Counter[str] = Counter()
        for key_id, model, count in found:
            running[key_id] += count
            running[model] += count
        for name, most in {**self._limits.keys, **self._limits.models}.items():
            self.most[name] = max(self.most[name], running[name])
            if running[name] > most:
                self.broken.append(f"{running[name]} tasks of {name} ran at once, {most} may")


@dataclass
class Verdict:
    """What was found.

    Attributes:
        broken: Invariants that do not hold, as sentences; empty is the point.
        ends: Status -> tasks.
        attempts: Attempts -> finished tasks.
        slowest: Seconds from accept to end, of the slowest task.
    """

    broken: list[str] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    events: int = 0
    slowest: float = 0.0

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.broken.append(sentence)


def judge(engine: Engine, book: Book, limits: Limits, files: FileStore) -> Verdict:
    """All invariants, when nothing runs any more."""
    verdict = Verdict(broken=list(book.broken))
    with engine.connect() as connection:
        tasks = {row.id: row for row in connection.execute(text("SELECT * FROM tasks"))}
        used = Counter(row.task_id for row in connection.execute(text("SELECT task_id FROM usage")))
        _judge_events(connection, tasks, limits, verdict)
    _judge_tasks(tasks, used, book, verdict)
    asyncio.run(_judge_files(tasks, files, verdict))
    return verdict


def _judge_tasks(tasks: Mapping[str, Any], used: Counter[str], book: Book, verdict: Verdict) -> None:
    accepted = set(book.tasks.values())
    verdict.expect(accepted <= set(tasks), f"accepted and lost: {sorted(accepted - set(tasks))[:5]}")
    verdict.expect(set(tasks) <= accepted, f"nobody was told of: {sorted(set(tasks) - accepted)[:5]}")
    for task_id, row in tasks.items():
        verdict.ends[row.status] += 1
        verdict.attempts[row.attempt] += 1
        verdict.slowest = max(verdict.slowest, (row.finished_at or 0) - row.created_at)
        verdict.expect(row.status in ENDS and row.finished_at is not None, f"{task_id} is {row.status} at the end")
        verdict.expect((row.video is not None) == (row.status == "succeeded"), f"{task_id} {row.status}: {row.video}")
        if row.status == "failed":  # nothing but its own deaths may make a task fail
            reason = json.loads(row.failure)["reason"]
            worn = row.attempt == MAX_ATTEMPTS and reason in {"worker_died", "attempts_used_up"}
            verdict.expect(worn, f"{task_id} failed after {row.attempt} attempts: {row.failure}")
        if task_id in book.cancelled:
            verdict.expect(row.status != "failed", f"{task_id} was to be cancelled and failed")
    succeeded = Counter(dict.fromkeys((task_id for task_id, row in tasks.items() if row.status == "succeeded"), 1))
    verdict.expect(
        used == succeeded, f"usage is not one row per film: {sorted((used - succeeded) + (succeeded - used))[:5]}"
    )


def _judge_events(connection: Connection, tasks: Mapping[str, Any], limits: Limits, verdict: Verdict) -> None:
    """One terminal event, sequences without gaps, and limits by replaying all events in the order of their commits."""
    order = "id" if connection.dialect.name == "sqlite" else "pg_xact_commit_timestamp(xmin), id"
    sequences: dict[str, list[int]] = defaultdict(list)
    terminal: Counter[str] = Counter()
    running: dict[str, Any] = {}
    count: Counter[str] = Counter()
    allowed = {**limits.keys, **limits.models}
    for event in connection.execute(text(f"SELECT task_id, sequence, status FROM events ORDER BY {order}")):
        verdict.events += 1
        sequences[event.task_id].append(event.sequence)
        terminal[event.task_id] += event.status in ENDS
        row = tasks.get(event.task_id)
        if row is None or (event.status == "running") == (event.task_id in running):
            continue
        step = 1 if event.status == "running" else -1
        running.pop(event.task_id) if step < 0 else running.update({event.task_id: row})
        for name in (row.key_id, row.model):
            count[name] += step
            most = allowed.get(name)
            verdict.expect(
                most is None or count[name] <= most, f"by the events {count[name]} of {name} ran, {most} may"
            )
    verdict.expect(terminal == Counter(dict.fromkeys(tasks, 1)), "not every task has exactly one terminal event")
    for task_id, row in tasks.items():
        found = sorted(sequences[task_id])
        verdict.expect(found == list(range(1, row.sequence + 1)), f"{task_id}: sequences {found} of {row.sequence}")


async def _judge_files(tasks: Mapping[str, Any], files: FileStore, verdict: Verdict) -> None:
    """After the sweep: every film's files are there, whole, and nothing else is."""
    wanted: dict[str, str | None] = {}
    for row in tasks.values():
        if row.video is not None:
            video = json.loads(row.video)
            wanted |= {video["file"]: video["sha256"], video["poster"]: None}
            verdict.expect(f"/{row.attempt}/" in video["file"], f"{row.id}: {video['file']} of attempt {row.attempt}")
    found = set()
    for prefix in ("tasks/", "inputs/"):
        found |= {file.name async for file in files.list(prefix)}
    verdict.expect(set(wanted) <= found, f"films without files: {sorted(set(wanted) - found)[:5]}")
    verdict.expect(found <= set(wanted), f"files without tasks: {sorted(found - set(wanted))[:5]}")
    for name, digest in wanted.items():
        if digest is not None and name in found:
            content = b"".join([piece async for piece in files.read(name)])
            verdict.expect(hashlib.sha256(content).hexdigest() == digest, f"{name} is not the film that was measured")


def later() -> float:
    """A clock by which every orphan is old enough to be swept."""
    return time.time() + GRACE + 60
