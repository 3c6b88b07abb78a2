"""The ledger under random lives of tasks, with kills before the commit."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.making import FINAL, RETRYABLE, VIDEO, new_task

from kineograph.core.errors import Conflict, PaymentRequired, Unavailable
from kineograph.core.ledger import Account, Ledger
from kineograph.core.ports import TaskStore, Ticket
from kineograph.core.pricing import Cost, Per
from kineograph.core.task import Status, Task
from kineograph.store.accounts import SqlLedger
from kineograph.store.database import Database
from kineograph.store.tasks import SqlTaskStore
from kineograph.testing import MemoryQueue, MemoryTaskStore

HISTORIES = {"memory": 10_000, "database": 200}
pytestmark = pytest.mark.anyio


class Fragile(MemoryQueue):
    """A queue that breaks the transaction that writes to it, when told to: as a kill before the commit does."""

    broken = False

    def submit(self, connection: Any, ticket: Ticket) -> None:
        if self.broken:
            raise Unavailable("killed before the commit")
        super().submit(connection, ticket)


class History:
    """One account and a handful of tasks that live at random."""

    def __init__(self, store: TaskStore, ledger: Ledger, account: str, seed: int, kill: Callable[[bool], None]) -> None:
        self.store, self.ledger, self.account, self.kill = store, ledger, account, kill
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
                    (self.submit, self.submit, self.start, self.start, self.end, self.end, self.other)
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

    async def balance(self) -> int:
        account = await self.ledger.account(self.account)
        assert account is not None
        return account.balance

    async def close(self) -> None:
        """End what is open; then every line must stand for something that is there."""
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


async def test_no_history_in_memory_charges_wrongly() -> None:
    for seed in range(HISTORIES["memory"]):
        store = MemoryTaskStore()
        await History(store, store.ledger, "acct_1", seed, lambda _broken: None).run(12)


async def test_no_history_in_a_database_charges_wrongly(sqlite_url: str) -> None:
    database, queue = Database.open(sqlite_url), Fragile()
    store, ledger = SqlTaskStore(database, queue), SqlLedger(database)

    def kill(broken: bool) -> None:
        queue.broken = broken

    for seed in range(HISTORIES["database"]):
        await History(store, ledger, f"acct_{seed}", seed, kill).run(12)
    await database.close()
