"""The ledger in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ulid import ULID

from kineograph.core.allowance import Allowance, Spent, day_of, month_start, room
from kineograph.core.errors import Conflict
from kineograph.core.ledger import (
    Account,
    AccountChange,
    By,
    Entry,
    Kind,
    Note,
    UsageRow,
    check_currency,
    closing,
    day_name,
    noted,
    outdated,
    prices_document,
    repeated,
)
from kineograph.core.pricing import Price, PriceTable
from kineograph.core.task import Status, Task


@dataclass
class MemoryLedger:
    """Ledger in memory. The memory stores of tasks and keys share it.

    Attributes:
        held: Task -> micros its reservation took from the balance.
        reserved: Task -> micros its cost was counted as.
        ended: Tasks that are over, with when; kept when the task is deleted.
    """

    clock: Callable[[], float] = time.time
    owners: dict[str, Account] = field(default_factory=dict)
    key_limits: dict[str, Allowance] = field(default_factory=dict)
    lines: dict[str, list[Entry]] = field(default_factory=dict)
    tokens: dict[tuple[str, str], Entry] = field(default_factory=dict)
    tables: list[PriceTable] = field(default_factory=list)
    spent: dict[tuple[str, int, str], tuple[int, int]] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    reserved: dict[str, int] = field(default_factory=dict)
    ended: dict[str, tuple[Task, float]] = field(default_factory=dict)
    log: list[Note] = field(default_factory=list)

    def accept(self, task: Task) -> None:
        """A task comes. Raises PaymentRequired, TooMany."""
        micros = task.cost.amount if task.cost else 0
        account, held = self.owners.get(task.account_id), 0
        if account is not None:
            self._check(task, account.limits, micros)
            held = account.reserve(task.cost)
        if held:
            self._book(task.account_id, Kind.RESERVE, -held, task.id)
        self.held[task.id], self.reserved[task.id] = held, micros
        self._count(task, task.request.counted, micros)

    def settle(self, task: Task) -> None:
        """A task is over."""
        charged = task.cost.amount if task.cost else 0
        seconds = 0 if task.status is Status.SUCCEEDED else -task.request.counted
        self._count(task, seconds, charged - self.reserved.pop(task.id))
        if held := self.held.pop(task.id):
            kind, back = closing(held, task)
            self._book(task.account_id, kind, back, task.id)
        self.ended[task.id] = (task, self.clock())

    def forget(self, task: Task) -> None:
        """A task is deleted: only what it used stays."""
        if task.status is not Status.SUCCEEDED:
            self.ended.pop(task.id, None)

    def _check(self, task: Task, account: Allowance, micros: int) -> None:
        at, seconds = task.created_at, task.request.counted
        key = self.key_limits.get(task.key_id, Allowance())
        room(key, self._spent(task, task.key_id), seconds, micros, at, "this key")
        room(account, self._spent(task, None), seconds, micros, at, "this account")

    def _spent(self, task: Task, key_id: str | None) -> Spent:
        today, start = day_of(task.created_at), month_start(task.created_at)
        mine = [
            (day, seconds, micros)
            for (account, day, key), (seconds, micros) in self.spent.items()
            if account == task.account_id and key_id in (None, key) and day >= start
        ]
        return Spent(
            sum(seconds for day, seconds, _ in mine if day == today),
            sum(seconds for _, seconds, _ in mine),
            sum(micros for _, _, micros in mine),
        )

    def _count(self, task: Task, seconds: int, micros: int) -> None:
        place = (task.account_id, day_of(task.created_at), task.key_id)
        before = self.spent.get(place, (0, 0))
        self.spent[place] = (before[0] + seconds, before[1] + micros)

    def _book(
        self, account_id: str, kind: Kind, amount: int, task_id: str | None = None, reason: str = "", by: str = ""
    ) -> Entry:
        account = self.owners[account_id]
        balance, number = account.balance + amount, account.entries + 1
        self.owners[account_id] = replace(account, balance=balance, entries=number)
        entry = Entry(account_id, number, kind, amount, balance, task_id, reason, self.clock(), by)
        self.lines.setdefault(account_id, []).append(entry)
        return entry

    async def account(self, account_id: str) -> Account | None:
        """See the port."""
        return self.owners.get(account_id)

    async def accounts(self) -> Sequence[Account]:
        """See the port."""
        return sorted(self.owners.values(), key=lambda account: (account.created_at, account.id))

    async def open_account(self, account: Account, grant: int, by: str) -> Account:
        """See the port."""
        if account.id in self.owners:
            raise Conflict(f"there is an account {account.id} already; change it instead", param="id")
        self.owners[account.id] = account
        if grant:
            self._book(account.id, Kind.GRANT, grant, by=by)
        made = self.owners[account.id]
        await self.note(Note(by, "account.create", account.id, {}, made.document()))
        return made

    async def change_account(
        self, account_id: str, change: AccountChange, version: int | None, by: str
    ) -> Account | None:
        """See the port."""
        account = self.owners.get(account_id)
        if account is None:
            return None
        self.owners[account_id] = changed = change.apply(account, version)
        await self.note(noted(by, "account.change", account_id, account.document(), changed.document()))
        return changed

    async def adjust(
        self, account_id: str, amount: int, reason: str, by: str, token: str | None = None
    ) -> Entry | None:
        """See the port."""
        account = self.owners.get(account_id)
        if account is None:
            return None
        if token is not None and (account_id, token) in self.tokens:
            return repeated(self.tokens[account_id, token], amount, reason)
        account.check_adjustment(amount)
        entry = self._book(account_id, Kind.ADJUST, amount, reason=reason, by=by)
        if token is not None:
            self.tokens[account_id, token] = entry
        await self.note(Note(by, "account.adjust", account_id, {}, {"amount": amount, "reason": reason}))
        return entry

    async def entries(self, account_id: str, limit: int = 50, before: int | None = None) -> Sequence[Entry]:
        """See the port."""
        lines = reversed(self.lines.get(account_id, []))
        return [entry for entry in lines if before is None or entry.number < before][:limit]

    async def prices(self) -> PriceTable:
        """See the port."""
        return self.tables[-1] if self.tables else PriceTable()

    async def set_prices(self, currency: str, rows: Sequence[Price], version: int | None, by: str) -> PriceTable:
        """See the port."""
        before = await self.prices()
        if version is not None and version != before.version:
            raise outdated("the price table", version, before.version)
        in_use = any(self.lines.values()) or any(micros for _, micros in self.spent.values())
        check_currency(before.currency, currency, in_use)
        self.tables.append(PriceTable(before.version + 1, currency, tuple(rows), self.clock(), by))
        await self.note(Note(by, "prices.set", "prices", prices_document(before), prices_document(self.tables[-1])))
        return self.tables[-1]

    async def used(self, account_id: str) -> int:
        """See the port."""
        return sum(micros for (owner, _, _), (_, micros) in self.spent.items() if owner == account_id)

    async def usage(self, account_id: str | None, start: float, end: float, by: By) -> Sequence[UsageRow]:
        """See the port."""
        found: dict[str, UsageRow] = {}
        for task, at in self.ended.values():
            counted = by is By.STATUS or task.status is Status.SUCCEEDED
            if counted and account_id in (None, task.account_id) and start <= at < end:
                name = {
                    By.DAY: day_name(day_of(at)),
                    By.KEY: task.key_id,
                    By.MODEL: task.request.model,
                    By.STATUS: str(task.status),
                }[by]
                row = found.get(name, UsageRow(name, 0, 0.0, 0, 0))
                used = task.usage
                found[name] = UsageRow(
                    name,
                    row.tasks + 1,
                    row.seconds + (used.seconds if used else 0),
                    row.tokens + (used.tokens if used else 0),
                    row.cost + (task.cost.amount if task.cost else 0),
                )
        return sorted(found.values(), key=lambda row: row.name, reverse=by is By.STATUS)

    async def note(self, note: Note) -> None:
        """See the port."""
        now = self.clock()
        self.log.append(replace(note, id=f"audit_{ULID.from_timestamp(now)}", at=now))

    async def notes(self, limit: int = 50, before: str | None = None) -> Sequence[Note]:
        """See the port."""
        past = sorted(self.log, key=lambda note: note.id, reverse=True)
        return [note for note in past if before is None or note.id < before][:limit]
