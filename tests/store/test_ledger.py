"""The ledger under random lives of tasks: kills before a commit and between two steps, and the reaper that follows."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import text
from tests.contracts.making import FINAL, RETRYABLE, VIDEO, new_task

from kineograph.core.errors import Conflict, PaymentRequired, Unavailable
from kineograph.core.ledger import Account, Ledger
from kineograph.core.ports import TaskStore
from kineograph.core.pricing import Cost, Per
from kineograph.core.task import Status, Task
from kineograph.store.accounts import SqlLedger
from kineograph.store.database import Database
from kineograph.store.tasks import SqlTaskStore
from kineograph.store.writer import Transaction
from kineograph.testing import MemoryQueue, MemoryTaskStore

T = TypeVar("T")

HISTORIES = {"memory": 10_000, "database": 200}
pytestmark = pytest.mark.anyio


class Mortal(Database):
    """A database whose writer dies when all is written and nothing committed, when told to."""

    dying = False

    async def write(self, work: Callable[[Transaction], T]) -> T:
        def cut_short(tx: Transaction) -> T:
            work(tx)
            raise Unavailable("killed before the commit")

        return await super().write(cut_short if self.dying else work)


class History:
    """One account and a handful of tasks that live at random.

    Args:
        begin: The store as a process finds it that was just started.
        kill: Whether the next step's transaction is cut short.
    """

    def __init__(
        self,
        begin: Callable[[], TaskStore],
        ledger: Ledger,
        account: str,
        seed: int,
        kill: Callable[[bool], None],
    ) -> None:
        self.store, self.begin, self.ledger, self.account, self.kill = begin(), begin, ledger, account, kill
        self.dice = random.Random(seed)
        self.ids: list[str] = []
        self.claims: list[Task] = []
        self.price = 10

    async def run(self, steps: int) -> None:
        overdraft = self.dice.choice((0, 15))
        account = Account(self.account, metered=True, overdraft=overdraft)
        await self.ledger.open_account(account, self.dice.randint(0, 60), "key_admin")
        for _ in range(steps):
            self.kill(self.dice.random() < 0.1)
            with contextlib.suppress(PaymentRequired, Conflict, Unavailable):
                await self.dice.choice(
                    (self.submit, self.submit, self.start, self.start, self.end, self.end, self.other, self.die)
                )()
            self.kill(False)
            assert await self.balance() >= -overdraft
        await self.close()

    async def submit(self) -> None:
        self.price = self.dice.choice((self.price, 0, 5, 25))
        task = new_task(account_id=self.account, key_id=self.account)
        self.ids.append(task.id)
        await self.store.insert(replace(task, cost=Cost(self.price * 5, "USD", Per.SECOND, self.price)))

    async def start(self) -> None:
        if self.ids and (claim := await self.store.start(self.dice.choice(self.ids), f"w{self.dice.random()}")):
            self.claims.append(claim)

    async def end(self) -> None:
        if self.claims:
            claim = self.dice.choice(self.claims)
            match self.dice.randrange(5):
                case 0 | 1:
                    await self.store.finish(claim, replace(VIDEO, frames=self.dice.choice((120, 60, 400))))
                case 2:
                    await self.store.fail(claim, RETRYABLE)
                case 3:
                    await self.store.fail(claim, FINAL)
                case _:
                    await self.store.release(claim)

    async def other(self) -> None:
        match self.dice.randrange(3):
            case 0 if self.ids:
                await self.store.cancel(self.dice.choice(self.ids))
            case 1 if self.ids:
                await self.store.refuse(self.dice.choice(self.ids), FINAL)
            case _:
                await self.ledger.adjust(self.account, self.dice.randint(-40, 60), "", "key_admin")

    async def die(self) -> None:
        """Between two steps: the worker with what it held, or the server; then the reaper comes, soon or late."""
        if self.claims and self.dice.random() < 0.7:
            self.claims.pop(self.dice.randrange(len(self.claims)))
        else:
            self.store = self.begin()
        if self.dice.random() < 0.7:
            await self.store.reap(0.0)

    async def balance(self) -> int:
        account = await self.ledger.account(self.account)
        assert account is not None
        return account.balance

    async def close(self) -> None:
        """End what is open; then every line must stand for something that is there."""
        await self.store.reap(0.0)
        for task_id in self.ids:
            await self.store.cancel(task_id)
        for claim in self.claims:
            await self.store.fail(claim, FINAL)
        tasks = [task for task_id in self.ids if (task := await self.store.get(task_id)) is not None]
        assert all(task.finished for task in tasks)
        lines = await self.ledger.entries(self.account, limit=100_000)
        assert sum(line.amount for line in lines) == await self.balance()
        films = {task.id: task for task in tasks if task.status is Status.SUCCEEDED}
        paid = {task_id: -sum(line.amount for line in lines if line.task_id == task_id) for task_id in self.ids}
        for task_id, amount in paid.items():
            cost = films[task_id].cost if task_id in films else None
            assert amount == (cost.amount if cost else 0), "paid, and for a film that is there"
        kinds = [(line.task_id, line.kind) for line in lines if line.task_id]
        assert len(kinds) == len(set(kinds))
        assert await self.ledger.used(self.account) == sum(paid.values())


def _same(store: TaskStore) -> TaskStore:
    return store


async def test_no_history_in_memory_charges_wrongly() -> None:
    for seed in range(HISTORIES["memory"]):
        store = MemoryTaskStore()
        await History(partial(_same, store), store.ledger, "acct_1", seed, lambda _dying: None).run(12)


async def test_no_history_in_a_database_charges_wrongly(sqlite_url: str) -> None:
    await through(sqlite_url, HISTORIES["database"])


@pytest.mark.chaos
@pytest.mark.timeout(3600)
async def test_many_histories_in_a_database_charge_nothing_wrongly(sqlite_url: str) -> None:
    await through(sqlite_url, int(os.environ.get("KINEO_LEDGER_HISTORIES", "1000")))


async def through(url: str, histories: int) -> None:
    database, queue = Mortal.open(url), MemoryQueue()
    assert isinstance(database, Mortal)
    ledger = SqlLedger(database)

    def kill(dying: bool) -> None:
        database.dying = dying

    def begin() -> TaskStore:
        with database.begin() as tx:  # so late that the lease of the one before is over
            tx.connection.execute(text("DELETE FROM leases"))
        return SqlTaskStore(database, queue)

    for seed in range(histories):
        await History(begin, ledger, f"acct_{seed}", seed, kill).run(12)
    await database.close()
