"""Any sequence of verbs, by any number of workers, on every TaskStore: what must always hold, holds."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.contracts.making import FINAL, IMAGE, RETRYABLE, STORED, VIDEO, new_task
from tests.servers import Place

from kineograph.core.ports import Signal, TaskStore
from kineograph.core.task import MAX_ATTEMPTS, TERMINAL, TRANSITIONS, Status, Task
from kineograph.store.database import Database
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryQueue, MemoryTaskStore

T = TypeVar("T")
WORKERS = st.sampled_from(["worker_1", "worker_2", "worker_3"])


class Life(RuleBasedStateMachine):
    """A store, its callers and its workers, some of which hold on to claims they have lost."""

    tasks: Bundle[str] = Bundle("tasks")
    claims: Bundle[Task] = Bundle("claims")
    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store = self.open()
        self.known: set[str] = set()
        self.deleted: set[str] = set()
        self.progress: dict[str, float] = {}

    def open(self) -> TaskStore:
        return MemoryTaskStore()

    def do(self, verb: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(verb)

    def teardown(self) -> None:
        self.loop.close()

    @rule(target=tasks, image=st.sampled_from([(), (IMAGE,), (STORED,)]))
    def submit(self, image: tuple[Any, ...]) -> str:
        task = self.do(self.store.insert(new_task(images=image))).task
        self.known.add(task.id)
        return task.id

    @rule(target=claims, task_id=tasks, worker=WORKERS)
    def start(self, task_id: str, worker: str) -> Any:
        before = self.do(self.store.get(task_id))
        claim = self.do(self.store.start(task_id, worker))
        if claim is None:
            assert before is None or before.status is not Status.QUEUED
            return new_task()  # a claim nobody ever had
        assert before is not None
        assert (before.status, claim.attempt) == (Status.QUEUED, before.attempt + 1)
        return claim

    def holds(self, claim: Task) -> bool:
        row = self.do(self.store.get(claim.id))
        return row is not None and (row.status, row.worker, row.attempt) == (
            Status.RUNNING,
            claim.worker,
            claim.attempt,
        )

    @rule(claim=claims, progress=st.floats(-1, 2))
    def report(self, claim: Task, progress: float) -> None:
        held = self.holds(claim)
        assert (self.do(self.store.report(claim, progress, "rendering")) is not Signal.LOST) is held

    @rule(claim=claims)
    def finish(self, claim: Task) -> None:
        held = self.holds(claim)
        assert self.do(self.store.finish(claim, VIDEO)) is held

    @rule(claim=claims, failure=st.sampled_from([RETRYABLE, FINAL]))
    def fail(self, claim: Task, failure: Any) -> None:
        held = self.holds(claim)
        assert (self.do(self.store.fail(claim, failure)) is not None) is held

    @rule(claim=claims)
    def release(self, claim: Task) -> None:
        held = self.holds(claim)
        assert self.do(self.store.release(claim)) is held

    @rule(claim=claims, engine=st.sampled_from(["ark", "animatic"]))
    def reroute(self, claim: Task, engine: str) -> None:
        held = self.holds(claim)
        assert self.do(self.store.reroute(claim, engine, engine)) is held

    @rule(task_id=tasks)
    def cancel(self, task_id: str) -> None:
        self.do(self.store.cancel(task_id))

    @rule(task_id=tasks)
    def fetch(self, task_id: str) -> None:
        self.do(self.store.prepared(task_id, [STORED]))

    @rule(task_id=tasks)
    def refuse(self, task_id: str) -> None:
        self.do(self.store.refuse(task_id, FINAL))

    @rule(worker=WORKERS, state=st.sampled_from(["up", "draining", "stopped", "dead"]))
    def beat(self, worker: str, state: str) -> None:
        self.do(self.store.heartbeat(worker, "animatic", state, []))

    @rule(silent_for=st.sampled_from([0.0, 60.0]))
    def reap(self, silent_for: float) -> None:
        self.do(self.store.reap(silent_for))

    @rule(task_id=tasks)
    def expire(self, task_id: str) -> None:
        self.do(self.store.files_expired(task_id))

    @rule(task_id=tasks)
    def delete(self, task_id: str) -> None:
        before = self.do(self.store.get(task_id))
        gone = self.do(self.store.delete(task_id))
        assert gone is (before is not None and before.finished)
        if gone:
            self.deleted.add(task_id)

    @invariant()
    def every_task_lives_by_the_table(self) -> None:
        for task_id in self.known - self.deleted:
            task = self.do(self.store.get(task_id))
            assert task is not None
            events = self.do(self.store.events(0, task_id=task_id))
            assert [event.sequence for event in events] == list(range(1, task.sequence + 1))
            states = [event.status for event in events]
            for before, after in itertools.pairwise(states):
                assert before == after or after in TRANSITIONS[before], states
            assert sum(b not in TERMINAL and a in TERMINAL for b, a in itertools.pairwise(states)) == task.finished
            progress = [event.progress for event in events]
            assert progress == sorted(progress)
            assert (progress[-1] == 1.0) is (task.status is Status.SUCCEEDED)
            assert 0 <= task.attempt <= MAX_ATTEMPTS
            assert (task.worker is not None) is (task.status is Status.RUNNING)
            assert (task.finished_at is not None) is task.finished
            assert (task.usage is not None) is (task.status is Status.SUCCEEDED)
            assert (task.failure is not None) is (task.status is Status.FAILED)

    @invariant()
    def events_are_in_order_and_none_is_lost(self) -> None:
        ids = [event.id for event in self.do(self.store.events(0, limit=10_000))]
        assert ids == sorted(set(ids))
        assert self.do(self.store.last_event()) == max(ids, default=0)


class SqlLife(Life):
    """The same on a database, with what only its tables show."""

    def open(self) -> TaskStore:
        self.queue = MemoryQueue()
        self.place = contextlib.ExitStack()
        self.database = Database(self.place.enter_context(self.fresh()))
        return SqlTaskStore(self.database, self.queue)

    def teardown(self) -> None:
        self.do(self.database.close())
        self.place.close()
        super().teardown()

    def rows(self, statement: str) -> list[Any]:
        with self.database.engine.begin() as connection:
            return list(connection.exec_driver_sql(statement).all())

    @invariant()
    def every_film_is_counted_once_and_stays_counted(self) -> None:
        counted = [row[0] for row in self.rows("SELECT task_id FROM usage")]
        films = [row[0] for row in self.rows("SELECT id FROM tasks WHERE status = 'succeeded'")]
        assert len(counted) == len(set(counted))
        assert set(films) == set(counted) - self.deleted

    @invariant()
    def lanes_hold_what_is_unfinished(self) -> None:
        held = self.rows("SELECT key_id, queue, lane, load FROM lanes WHERE load > 0 ORDER BY 1, 2, 3")
        counted = self.rows(
            "SELECT key_id, queue, lane, count(*) FROM tasks WHERE finished_at IS NULL"
            " GROUP BY key_id, queue, lane ORDER BY 1, 2, 3"
        )
        assert held == counted

    @invariant()
    def every_queued_task_has_its_ticket_and_no_deleted_one_has_any(self) -> None:
        self.do(
            self.database.write(lambda _tx: None)
        )  # what tidies up after the last write is done when the next begins
        tickets = set(self.queue.slips)
        for task_id, number in self.rows("SELECT id, tickets FROM tasks WHERE status = 'queued'"):
            assert f"{task_id}:{number}" in tickets
        assert not {ticket.partition(":")[0] for ticket in tickets} & self.deleted

    @invariant()
    def inputs_are_kept_while_they_are_needed(self) -> None:
        kept = {row[0] for row in self.rows("SELECT task_id FROM task_inputs")}
        needed = self.rows(
            f"SELECT id FROM tasks WHERE finished_at IS NULL AND replace(request, '{STORED.source}', '') <> request"
        )
        assert kept == {row[0] for row in needed}


SETTINGS = settings(
    max_examples=20, stateful_step_count=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def test_no_life_of_a_task_breaks_the_rules_in_memory() -> None:
    run_state_machine_as_test(Life, settings=SETTINGS)


def test_no_life_of_a_task_breaks_the_rules_in_sqlite(empty_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def fresh() -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{shutil.copy(empty_file, folder)}"

    monkeypatch.setattr(SqlLife, "fresh", staticmethod(fresh), raising=False)
    run_state_machine_as_test(SqlLife, settings=SETTINGS)


def test_no_life_of_a_task_breaks_the_rules_in_postgresql(postgres: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SqlLife, "fresh", staticmethod(postgres.fresh), raising=False)
    run_state_machine_as_test(SqlLife, settings=settings(SETTINGS, max_examples=5))
