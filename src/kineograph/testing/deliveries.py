"""The outbox in memory."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ulid import ULID

from kineograph.core import signing
from kineograph.core.deliveries import (
    CLAIM,
    Answer,
    Delivery,
    DeliveryQuery,
    Endpoint,
    Secret,
    State,
    again,
    announced,
    fair,
    judged,
    settled,
)
from kineograph.core.ledger import Note
from kineograph.core.task import Task
from kineograph.testing.ledger import MemoryLedger


@dataclass
class MemoryDeliveries:
    """Deliveries in memory. The memory store of tasks writes into it."""

    clock: Callable[[], float] = time.time
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    rows: dict[str, Delivery] = field(default_factory=dict)
    failing: dict[tuple[str, str], Endpoint] = field(default_factory=dict)
    secrets: dict[str, Secret] = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)

    def tell(self, task: Task, event: int) -> None:
        """A change of the task, with the id of its event, goes to everybody who asked to be told."""
        now = self.clock()
        for delivery in announced(task, event, now, lambda: f"delivery_{ULID.from_timestamp(now)}"):
            self.rows[delivery.id] = delivery

    def forget(self, task: Task) -> None:
        """A task is deleted."""
        self.rows = {each.id: each for each in self.rows.values() if each.task_id != task.id}

    async def secret(self, account_id: str) -> Secret:
        """See the port."""
        return self.secrets.setdefault(account_id, Secret(signing.mint(), None, self.clock()))

    async def rotate(self, account_id: str, by: str) -> Secret:
        """See the port."""
        old = await self.secret(account_id)
        self.secrets[account_id] = Secret(signing.mint(), old.text, self.clock())
        await self.ledger.note(Note(by, "webhooks.rotate", account_id))
        return self.secrets[account_id]

    async def claim(self, busy: Mapping[str, int], room: int) -> Sequence[Delivery]:
        """See the port."""
        now, taken = self.clock(), []
        due = [each for each in self.rows.values() if each.next_at is not None and each.next_at <= now]
        due.sort(key=lambda each: each.next_at or 0)
        for each in fair(((each, each.host) for each in due), busy, room):
            endpoint = self.failing.get((each.account_id, each.endpoint))
            if endpoint is not None and endpoint.disabled_at is not None:
                self.rows[each.id] = replace(each, state=State.HELD, next_at=None)
                continue
            self.rows[each.id] = replace(each, attempts=each.attempts + 1, next_at=now + CLAIM)
            taken.append(self.rows[each.id])
        return taken

    async def settle(self, claim: Delivery, answer: Answer) -> Delivery | None:
        """See the port."""
        row = self.rows.get(claim.id)
        if row is None or (row.state, row.attempts) != (State.WAITING, claim.attempts):
            return None
        self.rows[row.id] = delivery = settled(row, answer, self.clock(), self.dice)
        place = (row.account_id, row.endpoint)
        endpoint = judged(self.failing.get(place), delivery, self.clock())
        if endpoint is not None:
            self.failing[place] = endpoint
        elif place in self.failing:
            await self.enable(*place)
        return delivery

    async def put_back(self, claims: Collection[Delivery]) -> None:
        """See the port."""
        for claim in claims:
            row = self.rows.get(claim.id)
            if row is not None and (row.state, row.attempts) == (State.WAITING, claim.attempts):
                self.rows[row.id] = replace(row, next_at=self.clock())

    async def get(self, delivery_id: str) -> Delivery | None:
        """See the port."""
        return self.rows.get(delivery_id)

    async def of_task(self, task_id: str) -> Sequence[Delivery]:
        """See the port."""
        mine = (each for each in self.rows.values() if each.task_id == task_id)
        return sorted(mine, key=lambda each: (each.event, each.id))

    async def list(self, query: DeliveryQuery) -> Sequence[Delivery]:
        """See the port."""
        found = [
            each
            for each in self.rows.values()
            if query.account_id in (None, each.account_id)
            and query.state in (None, each.state)
            and (query.after is None or each.id < query.after)
        ]
        return sorted(found, key=lambda each: each.id, reverse=True)[: query.limit]

    async def redeliver(self, delivery_id: str) -> Delivery | None:
        """See the port."""
        row = self.rows.get(delivery_id)
        if row is None:
            return None
        await self.enable(row.account_id, row.endpoint)
        self.rows[row.id] = again(row, self.clock())
        return self.rows[row.id]

    async def endpoints(self, account_id: str | None) -> Sequence[Endpoint]:
        """See the port."""
        return [each for each in self.failing.values() if account_id in (None, each.account_id)]

    async def enable(self, account_id: str, url: str) -> bool:
        """See the port."""
        gone = self.failing.pop((account_id, url), None)
        for each in list(self.rows.values()):
            if (each.account_id, each.endpoint, each.state) == (account_id, url, State.HELD):
                self.rows[each.id] = again(each, self.clock())
        return gone is not None and gone.disabled_at is not None
