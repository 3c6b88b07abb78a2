"""SQL Ledger: accounts, adjustments, prices, usage, and the log of what admins did."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, text

from kineograph.core import money
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
    day_name,
    noted,
    outdated,
    prices_document,
    repeated,
)
from kineograph.core.pricing import Price, PriceTable, price_rows, rows_document
from kineograph.store import schema
from kineograph.store.audit import note_from, write
from kineograph.store.database import Database
from kineograph.store.ledger import LOCK, account_from, book, limits_json
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

_ACCOUNTS, _ENTRIES, _AUDIT = schema.accounts.c, schema.entries.c, schema.audit.c
_GET = Prepared(select(schema.accounts).where(_ACCOUNTS.id == bindparam("account_id")))
_ALL = Prepared(select(schema.accounts).order_by(_ACCOUNTS.created_at, _ACCOUNTS.id))
_OPEN = Prepared(
    text("INSERT INTO accounts (id, created_at) VALUES (:id, :created_at) ON CONFLICT (id) DO NOTHING RETURNING id")
)
_CHANGE = Prepared(
    text(
        "UPDATE accounts SET name = :name, metered = :metered, overdraft = :overdraft, running_limit = :running,"
        " limits = :limits, version = :version WHERE id = :id"
    )
)
_LINES = Prepared(
    select(schema.entries)
    .where(_ENTRIES.account_id == bindparam("account_id"), _ENTRIES.number < bindparam("before"))
    .order_by(_ENTRIES.number.desc())
    .limit(bindparam("most"))
)
_BY_TOKEN = Prepared(
    select(schema.entries).where(_ENTRIES.account_id == bindparam("account_id"), _ENTRIES.token == bindparam("token"))
)
_PRICES = Prepared(select(schema.prices).order_by(schema.prices.c.version.desc()).limit(1))
_SET_PRICES = Prepared(
    text(
        "INSERT INTO prices (version, currency, document, at, made_by) VALUES (:version, :currency, :document, :at, :made_by)"
        " ON CONFLICT (version) DO NOTHING RETURNING version"
    )
)
_MONEY = Prepared(
    text("SELECT 1 AS there WHERE EXISTS (SELECT 1 FROM entries) OR EXISTS (SELECT 1 FROM spent WHERE micros <> 0)")
)
_USED = Prepared(text("SELECT coalesce(sum(micros), 0) AS micros FROM spent WHERE account_id = :account_id"))
_NOTES = Prepared(
    select(schema.audit).where(_AUDIT.id < bindparam("before")).order_by(_AUDIT.id.desc()).limit(bindparam("most"))
)
_NEWEST = 2**31 - 1  # above any number of an entry
_LAST = "~"  # above any id, byte by byte


_FILMS = (
    "SELECT {name} AS name, count(*) AS tasks, sum(seconds) AS seconds, sum(tokens) AS tokens, sum(cost) AS cost"
    " FROM usage WHERE at >= :start AND at < :beyond{whose}"
)
_OTHERS = (
    " HAVING count(*) > 0 UNION ALL SELECT status AS name, count(*) AS tasks, 0 AS seconds, 0 AS tokens, 0 AS cost"
    " FROM tasks WHERE finished_at >= :start AND finished_at < :beyond AND status <> 'succeeded'{whose} GROUP BY status"
    " ORDER BY 1 DESC"
)
_USAGE = {
    By.DAY: _FILMS.replace("{name}", "day") + " GROUP BY day ORDER BY day",
    By.KEY: _FILMS.replace("{name}", "key_id") + " GROUP BY key_id ORDER BY key_id",
    By.MODEL: _FILMS.replace("{name}", "model") + " GROUP BY model ORDER BY model",
    By.STATUS: _FILMS.replace("{name}", "'succeeded'") + _OTHERS,
}
_OF_ALL = {by: Prepared(text(words.replace("{whose}", ""))) for by, words in _USAGE.items()}
_OF_ONE = {
    by: Prepared(text(words.replace("{whose}", " AND account_id = :account_id"))) for by, words in _USAGE.items()
}


class SqlLedger:
    """Ledger on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def account(self, account_id: str) -> Account | None:
        """See the port."""
        found = await self._all(_GET, {"account_id": account_id})
        return account_from(found[0]) if found else None

    async def accounts(self) -> Sequence[Account]:
        """See the port."""
        return [account_from(row) for row in await self._all(_ALL, {})]

    async def open_account(self, account: Account, grant: int, by: str) -> Account:
        """See the port."""

        def add(tx: Transaction) -> Account:
            if not _OPEN.all(tx.connection, {"id": account.id, "created_at": account.created_at}):
                raise Conflict(f"there is an account {account.id} already; change it instead", param="id")
            _change(tx, account)
            if grant:
                book(tx, account.id, Kind.GRANT, grant, by=by)
            made = _locked(tx, account.id)
            assert made is not None
            write(tx, Note(by, "account.create", account.id, {}, made.document()))
            return made

        return await self._database.write(add)

    async def change_account(
        self, account_id: str, change: AccountChange, version: int | None, by: str
    ) -> Account | None:
        """See the port."""

        def apply(tx: Transaction) -> Account | None:
            account = _locked(tx, account_id)
            if account is None:
                return None
            changed = change.apply(account, version)
            _change(tx, changed)
            write(tx, noted(by, "account.change", account_id, account.document(), changed.document()))
            return changed

        return await self._database.write(apply)

    async def adjust(
        self, account_id: str, amount: int, reason: str, by: str, token: str | None = None
    ) -> Entry | None:
        """See the port."""

        def add(tx: Transaction) -> Entry | None:
            account = _locked(tx, account_id)
            if account is None:
                return None
            if token is not None:
                earlier = _BY_TOKEN.one(tx.connection, {"account_id": account_id, "token": token})
                if earlier is not None:
                    return repeated(_entry_from(earlier), amount, reason)
            account.check_adjustment(amount)
            booked = book(tx, account_id, Kind.ADJUST, amount, reason=reason, by=by, token=token)
            after = {"amount": money.number(amount), "balance": money.number(booked.balance), "reason": reason}
            write(tx, Note(by, "account.adjust", account_id, {"balance": money.number(account.balance)}, after))
            return Entry(account_id, booked.entries, Kind.ADJUST, amount, booked.balance, None, reason, tx.now, by)

        return await self._database.write(add)

    async def entries(self, account_id: str, limit: int = 50, before: int | None = None) -> Sequence[Entry]:
        """See the port."""
        terms = {"account_id": account_id, "before": _NEWEST if before is None else before, "most": limit}
        return [_entry_from(row) for row in await self._all(_LINES, terms)]

    async def prices(self) -> PriceTable:
        """See the port."""
        found = await self._all(_PRICES, {})
        return _table(found)

    async def set_prices(self, currency: str, rows: Sequence[Price], version: int | None, by: str) -> PriceTable:
        """See the port."""

        def set_(tx: Transaction) -> PriceTable:
            before = _table(_PRICES.all(tx.connection, {}))
            if version is not None and version != before.version:
                raise outdated("the price table", version, before.version)
            check_currency(before.currency, currency, _MONEY.one(tx.connection, {}) is not None)
            table = PriceTable(before.version + 1, currency, tuple(rows), tx.now, by)
            document = json.dumps({"rows": rows_document(rows)})
            terms = {"version": table.version, "currency": currency, "document": document, "at": tx.now, "made_by": by}
            if not _SET_PRICES.all(tx.connection, terms):
                raise outdated("the price table", before.version, table.version)
            write(tx, Note(by, "prices.set", "prices", prices_document(before), prices_document(table)))
            return table

        return await self._database.write(set_)

    async def used(self, account_id: str) -> int:
        """See the port."""
        found = await self._all(_USED, {"account_id": account_id})
        return int(found[0].micros)

    async def usage(self, account_id: str | None, start: float, end: float, by: By) -> Sequence[UsageRow]:
        """See the port."""
        statement = (_OF_ALL if account_id is None else _OF_ONE)[by]
        found = await self._all(statement, {"account_id": account_id, "start": start, "beyond": end})
        return [
            UsageRow(
                day_name(row.name) if by is By.DAY else row.name,
                int(row.tasks),
                float(row.seconds),
                int(row.tokens),
                int(row.cost),
            )
            for row in found
        ]

    async def note(self, note: Note) -> None:
        """See the port."""
        await self._database.write(lambda tx: write(tx, note))

    async def notes(self, limit: int = 50, before: str | None = None) -> Sequence[Note]:
        """See the port."""
        found = await self._all(_NOTES, {"before": before or _LAST, "most": limit})
        return [note_from(row) for row in found]

    async def _all(self, statement: Prepared, terms: Mapping[str, Any]) -> Sequence[Record]:
        return await self._database.read(lambda connection: statement.all(connection, terms))


def _locked(tx: Transaction, account_id: str) -> Account | None:
    found = LOCK.one(tx.connection, {"account_id": account_id})
    return None if found is None else account_from(found)


def _change(tx: Transaction, account: Account) -> None:
    values = {
        "id": account.id,
        "name": account.name,
        "metered": account.metered,
        "overdraft": account.overdraft,
        "running": account.running,
        "limits": limits_json(account.limits),
        "version": account.version,
    }
    _CHANGE.run(tx.connection, values)


def _entry_from(row: Record) -> Entry:
    return Entry(
        account_id=row.account_id,
        number=row.number,
        kind=Kind(row.kind),
        amount=row.amount,
        balance=row.balance,
        task_id=row.task_id,
        reason=row.reason,
        at=row.at,
        by=row.made_by,
    )


def _table(found: Sequence[Record]) -> PriceTable:
    if not found:
        return PriceTable()
    row = found[0]
    rows = price_rows(json.loads(row.document)["rows"])
    return PriceTable(row.version, row.currency, rows, row.at, row.made_by)
