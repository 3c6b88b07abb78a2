"""Accounts and their money: who may spend, what was reserved, charged and given back. An append-only ledger."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from kineograph.core import money
from kineograph.core.allowance import Allowance
from kineograph.core.errors import Conflict, IdempotencyReused, PaymentRequired
from kineograph.core.pricing import Cost, Price, PriceTable, rows_document
from kineograph.core.task import Status, Task

CLI = "cli"  # who changes things from the command line


class Kind(StrEnum):
    """What an entry is."""

    RESERVE = "reserve"  # at submit: what the film will cost; negative
    SETTLE = "settle"  # at success: what was reserved too much, usually 0; what stays reserved is charged
    REFUND = "refund"  # at any other end: all that was reserved
    ADJUST = "adjust"  # the operator's word
    GRANT = "grant"  # what an account began with


@dataclass(frozen=True, slots=True)
class Account:
    """An owner of keys and films.

    Attributes:
        id: `acct_` + ULID.
        metered: Films are paid from the balance. False: they are not, whatever they cost; how installations begin.
        balance: Micros, reservations taken off. Always the sum of the account's entries.
        overdraft: Micros the balance may fall below 0.
        running: Films that may be made at once, over all keys; None = as the keys say.
        entries: How many it has.
        version: Grows with every change an admin makes.
    """

    id: str
    name: str = ""
    created_at: float = 0.0
    metered: bool = False
    balance: int = 0
    overdraft: int = 0
    running: int | None = None
    limits: Allowance = field(default_factory=Allowance)
    entries: int = 0
    version: int = 1

    def reserve(self, cost: Cost | None) -> int:
        """Micros to be taken from the balance for a film that costs this.

        Raises:
            PaymentRequired: the balance does not cover it.
        """
        if not self.metered or cost is None:
            return 0
        if cost.amount and self.balance + self.overdraft < cost.amount:
            raise PaymentRequired(
                f"the balance of {money.text(self.balance)} {cost.currency} does not cover this film, which costs "
                f"{money.text(cost.amount)} {cost.currency}; ask the operator for more, or for a shorter or smaller film"
            )
        return cost.amount

    def check_adjustment(self, amount: int) -> None:
        """Raises Conflict if this many micros more (or less) would leave what the balance may be."""
        after = self.balance + amount
        if amount < 0 and after < -self.overdraft:
            raise Conflict(
                f"the balance would fall to {money.text(after)}, and the account may not go below "
                f"{money.text(-self.overdraft)}; take less, or allow it an overdraft first",
                param="amount",
                reason="insufficient_balance",
            )
        if abs(after) > money.MOST:
            raise Conflict(f"no balance is beyond {money.text(money.MOST)}; add less", param="amount")

    def document(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "created_at": int(self.created_at),
            "metered": self.metered,
            "balance": money.number(self.balance),
            "overdraft": money.number(self.overdraft),
            "limit": self.running,
            "limits": self.limits.document(),
            "version": self.version,
        }


def closing(held: int, task: Task) -> tuple[Kind, int]:
    """The entry that ends a reservation of `held` micros when its task is over: its kind and what comes back."""
    charged = task.cost.amount if task.status is Status.SUCCEEDED and task.cost is not None else 0
    return (Kind.SETTLE if task.status is Status.SUCCEEDED else Kind.REFUND), held - min(held, charged)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the ledger.

    Attributes:
        number: Counts the account's entries from 1.
        task_id: Whose reservation it is about, for reserve, settle and refund: at most one of each.
        amount: Micros, negative where the balance falls.
        balance: Micros after it.
        at: Unix seconds.
        by: Id of the admin's key; "" = the service itself.
    """

    account_id: str
    number: int
    kind: Kind
    amount: int
    balance: int
    task_id: str | None = None
    reason: str = ""
    at: float = 0.0
    by: str = ""


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What an admin changes of an account; None leaves it.

    Attributes:
        running: 0 takes the limit away.
    """

    name: str | None = None
    metered: bool | None = None
    overdraft: int | None = None
    running: int | None = None
    limits: Allowance | None = None

    def apply(self, account: Account, version: int | None) -> Account:
        """The account after it. Raises Conflict unless it has that version (None = any)."""
        if version is not None and version != account.version:
            raise outdated(f"account {account.id}", version, account.version)
        names = ("name", "metered", "overdraft", "running", "limits")
        changes = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.running == 0:
            changes["running"] = None
        return replace(account, **changes, version=account.version + 1)


@dataclass(frozen=True, slots=True)
class Note:
    """What an admin did.

    Attributes:
        by: Id of the admin's key, or `cli`.
        action: Noun and verb: `key.create`, `account.change`…
        target: Id of what it was done to.
        before, after: What changed, as JSON shows it; never the text of a key.
    """

    by: str
    action: str
    target: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    at: float = 0.0


class By(StrEnum):
    """What usage is added up by."""

    DAY = "day"
    KEY = "key"
    MODEL = "model"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What was used, added up.

    Attributes:
        name: The day (2026-11-22, UTC), the key's id, the model's name or the status.
        cost: Micros.
    """

    name: str
    tasks: int
    seconds: float
    tokens: int
    cost: int


class Ledger(Protocol):
    """Accounts, money and the log of what admins did; a port, with a contract suite. What a task changes of an account is
    written by TaskStore, in the transaction that changes the task."""

    async def account(self, account_id: str) -> Account | None:
        """The account of that id."""
        ...

    async def accounts(self) -> Sequence[Account]:
        """All, oldest first."""
        ...

    async def open_account(self, account: Account, grant: int, by: str) -> Account:
        """A new account that begins with this many micros. Raises Conflict if the id is taken."""
        ...

    async def change_account(
        self, account_id: str, change: AccountChange, version: int | None, by: str
    ) -> Account | None:
        """Change it. None if there is none. Raises Conflict unless it still has that version (None = any)."""
        ...

    async def adjust(
        self, account_id: str, amount: int, reason: str, by: str, token: str | None = None
    ) -> Entry | None:
        """Add to the balance, or take from it. The same token again does it only once. None if there is no such account.

        Raises:
            Conflict: the token stands for another adjustment, or the balance would leave ±money.MOST.
        """
        ...

    async def entries(self, account_id: str, limit: int = 50, before: int | None = None) -> Sequence[Entry]:
        """Newest first; those with a lower number than `before`."""
        ...

    async def prices(self) -> PriceTable:
        """The table that holds now."""
        ...

    async def set_prices(self, currency: str, rows: Sequence[Price], version: int | None, by: str) -> PriceTable:
        """A new table; tasks that were accepted keep the price they were accepted at.

        Raises:
            Conflict: the table there is has another version (None = any), or money was counted in another currency.
        """
        ...

    async def used(self, account_id: str) -> int:
        """Micros charged to the account or reserved, since ever."""
        ...

    async def usage(self, account_id: str | None, start: float, end: float, by: By) -> Sequence[UsageRow]:
        """What ended from `start` on and before `end` (Unix seconds); None = of all accounts. Only films use and cost
        anything; by status also what failed or was cancelled is counted, as long as its task is kept."""
        ...

    async def note(self, note: Note) -> None:
        """Write down what an admin did."""
        ...

    async def notes(self, limit: int = 50, before: str | None = None) -> Sequence[Note]:
        """Newest first; those before that id."""
        ...


def outdated(what: str, version: int, current: int) -> Conflict:
    """Somebody else changed it meanwhile."""
    return Conflict(
        f"{what} was changed by somebody else: you saw version {version}, it has {current} now; look again, then change it",
        param="version",
        reason="version_conflict",
    )


def repeated(entry: Entry, amount: int, reason: str) -> Entry:
    """The entry that a token stands for already. Raises IdempotencyReused for another adjustment."""
    if (entry.amount, entry.reason) != (amount, reason):
        raise IdempotencyReused("this Idempotency-Key was used with another body; use a new key for a new adjustment")
    return entry


def check_currency(before: str, after: str, in_use: bool) -> None:
    """Raises Conflict if the label would change under money that is counted in it."""
    if before != after and in_use:
        raise Conflict(
            f"money is counted in {before} already; keep that currency, {after} would change what every balance is worth",
            param="currency",
            reason="currency_in_use",
        )


def noted(by: str, action: str, target: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Note:
    """A line of the log with what differs."""
    names = [name for name in after if before.get(name) != after[name]]
    return Note(by, action, target, {name: before.get(name) for name in names}, {name: after[name] for name in names})


def prices_document(table: PriceTable) -> dict[str, Any]:
    """A price table as JSON shows it."""
    return {"version": table.version, "currency": table.currency, "rows": rows_document(table.rows)}


def day_name(day: int) -> str:
    """2026-11-22, from the days since 1970."""
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()
