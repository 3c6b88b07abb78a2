"""SQL Deliveries: claims with a lease, what came of each try, endpoints that fail, secrets that sign."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, bindparam, select, text

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
    fair,
    judged,
    settled,
)
from kineograph.core.ledger import Note
from kineograph.store import schema
from kineograph.store.audit import write
from kineograph.store.database import Database
from kineograph.store.outbox import changing, delivery_from
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

WINDOW = 500  # due deliveries looked at for one round of claims

_ROW = schema.deliveries.c
_BY_ID = Prepared(select(schema.deliveries).where(_ROW.id == bindparam("delivery_id")))
# "For update" says nothing on SQLite, where writers take turns anyway.
_LOCK = Prepared(select(schema.deliveries).where(_ROW.id == bindparam("delivery_id")).with_for_update())
_OF_TASK = Prepared(select(schema.deliveries).where(_ROW.task_id == bindparam("task_id")).order_by(_ROW.event, _ROW.id))
_ANY_DUE = Prepared(
    text("SELECT id FROM deliveries WHERE state = 'waiting' AND next_at <= :now ORDER BY next_at LIMIT 1")
)
_DISABLED = Prepared(text("SELECT account_id, url FROM endpoints WHERE disabled_at IS NOT NULL"))
_CLAIM = Prepared(
    text(
        "UPDATE deliveries SET attempts = attempts + 1, next_at = :lost WHERE id = :delivery_id AND state = 'waiting'"
        " AND next_at <= :now RETURNING *"
    )
)
_HOLD = Prepared(
    text("UPDATE deliveries SET state = 'held', next_at = NULL WHERE id = :delivery_id AND state = 'waiting'")
)
_CHANGE = Prepared(
    text(
        "UPDATE deliveries SET since = :since, next_at = :next_at, state = :state, attempts = :attempts, answer = :answer"
        " WHERE id = :delivery_id"
    )
)
_PUT_BACK = Prepared(
    text("UPDATE deliveries SET next_at = :now WHERE id = :delivery_id AND attempts = :attempts AND state = 'waiting'")
)
_ENDPOINT = Prepared(text("SELECT * FROM endpoints WHERE account_id = :account_id AND url = :url"))
_ENDPOINTS = Prepared(select(schema.endpoints).order_by(schema.endpoints.c.failing_since))
_ENDPOINTS_OF = Prepared(
    select(schema.endpoints)
    .where(schema.endpoints.c.account_id == bindparam("account_id"))
    .order_by(schema.endpoints.c.failing_since)
)
_FAILS = Prepared(
    text(
        "INSERT INTO endpoints (account_id, url, failing_since, reason, disabled_at)"
        " VALUES (:account_id, :url, :failing_since, :reason, :disabled_at) ON CONFLICT (account_id, url)"
        " DO UPDATE SET reason = :reason, disabled_at = :disabled_at"
    )
)
_WELL = Prepared(text("DELETE FROM endpoints WHERE account_id = :account_id AND url = :url RETURNING disabled_at"))
_RELEASE = Prepared(
    text(
        "UPDATE deliveries SET state = 'waiting', since = :now, next_at = :now"
        " WHERE account_id = :account_id AND endpoint = :url AND state = 'held'"
    )
)
_SECRET = Prepared(select(schema.webhook_secrets).where(schema.webhook_secrets.c.account_id == bindparam("account_id")))
_KEEP = Prepared(
    text(
        "INSERT INTO webhook_secrets (account_id, text, rotated_at) VALUES (:account_id, :text, :now)"
        " ON CONFLICT (account_id) DO NOTHING"
    )
)
_ROTATE = Prepared(
    text("UPDATE webhook_secrets SET previous = text, text = :text, rotated_at = :now WHERE account_id = :account_id")
)


class SqlDeliveries:
    """Deliveries on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dice = random.Random()  # noqa: S311 - spreads tries, protects nothing

    async def secret(self, account_id: str) -> Secret:
        """See the port."""
        found = await self._database.look(_SECRET, {"account_id": account_id})
        return _secret_from(found[0]) if found else await self._database.write(lambda tx: _made(tx, account_id))

    async def rotate(self, account_id: str, by: str) -> Secret:
        """See the port."""

        def change(tx: Transaction) -> Secret:
            _made(tx, account_id)
            _ROTATE.run(tx.connection, {"account_id": account_id, "text": signing.mint(), "now": tx.now})
            write(tx, Note(by, "webhooks.rotate", account_id))
            return _secret_from(_SECRET.all(tx.connection, {"account_id": account_id})[0])

        return await self._database.write(change)

    async def claim(self, busy: Mapping[str, int], room: int) -> Sequence[Delivery]:
        """See the port. Nothing is written while nothing is due."""
        now = await self._database.time()
        if room <= 0 or not await self._database.look(_ANY_DUE, {"now": now}):
            return []
        statement = _due(now, [host for host in busy if not fair([("", host)], busy, 1)])
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        chosen = fair(((row, row.host) for row in found), busy, room)
        return await self._database.write(lambda tx: _take(tx, chosen)) if chosen else []

    async def settle(self, claim: Delivery, answer: Answer) -> Delivery | None:
        """See the port."""

        def note(tx: Transaction) -> Delivery | None:
            row = _LOCK.one(tx.connection, {"delivery_id": claim.id})
            if row is None or (row.state, row.attempts) != (State.WAITING, claim.attempts):
                return None
            delivery = settled(delivery_from(row), answer, tx.now, self._dice)
            _save(tx, delivery)
            _judge(tx, delivery)
            return delivery

        return await self._database.write(note)

    async def put_back(self, claims: Collection[Delivery]) -> None:
        """See the port."""

        def change(tx: Transaction) -> None:
            for claim in claims:
                _PUT_BACK.run(tx.connection, {"delivery_id": claim.id, "attempts": claim.attempts, "now": tx.now})

        await self._database.write(change)

    async def get(self, delivery_id: str) -> Delivery | None:
        """See the port."""
        found = await self._database.look(_BY_ID, {"delivery_id": delivery_id})
        return delivery_from(found[0]) if found else None

    async def of_task(self, task_id: str) -> Sequence[Delivery]:
        """See the port."""
        return [delivery_from(row) for row in await self._database.look(_OF_TASK, {"task_id": task_id})]

    async def list(self, query: DeliveryQuery) -> Sequence[Delivery]:
        """See the port."""
        statement = _list_of(query)
        found = await self._database.read(lambda connection: connection.execute(statement).all())
        return [delivery_from(row) for row in found]

    async def redeliver(self, delivery_id: str) -> Delivery | None:
        """See the port."""

        def change(tx: Transaction) -> Delivery | None:
            row = _LOCK.one(tx.connection, {"delivery_id": delivery_id})
            if row is None:
                return None
            delivery = again(delivery_from(row), tx.now)
            _enable(tx, delivery.account_id, delivery.endpoint)
            _save(tx, delivery)
            return delivery

        return await self._database.write(change)

    async def endpoints(self, account_id: str | None) -> Sequence[Endpoint]:
        """See the port."""
        statement = _ENDPOINTS if account_id is None else _ENDPOINTS_OF
        return [_endpoint_from(row) for row in await self._database.look(statement, {"account_id": account_id})]

    async def enable(self, account_id: str, url: str) -> bool:
        """See the port."""
        return await self._database.write(lambda tx: _enable(tx, account_id, url))


def _due(now: float, full: Sequence[str]) -> Select[tuple[str, str, str, str]]:
    """The longest waiting first. Hosts where no more may be tried now are passed over here: thousands that wait for one of
    them would else hide the others."""
    due = (_ROW.state == text("'waiting'")) & (_ROW.next_at <= now)
    statement = select(_ROW.id, _ROW.host, _ROW.account_id, _ROW.endpoint).where(due, _ROW.host.not_in(full))
    return statement.order_by(_ROW.next_at).limit(WINDOW)


def _take(tx: Transaction, chosen: Sequence[Record]) -> Sequence[Delivery]:
    """Claim them, in the order of ids, so that two nodes that take the same ones do not wait for each other in turn."""
    disabled = {(row.account_id, row.url) for row in _DISABLED.all(tx.connection, {})}
    taken = list[Record]()
    for row in sorted(chosen, key=lambda row: str(row.id)):
        if (row.account_id, row.endpoint) in disabled:
            _HOLD.run(tx.connection, {"delivery_id": row.id})
            continue
        taken += _CLAIM.all(tx.connection, {"delivery_id": row.id, "now": tx.now, "lost": tx.now + CLAIM})
    return [delivery_from(row) for row in taken]


def _save(tx: Transaction, delivery: Delivery) -> None:
    _CHANGE.run(tx.connection, changing(delivery) | {"delivery_id": delivery.id})


def _judge(tx: Transaction, delivery: Delivery) -> None:
    place = {"account_id": delivery.account_id, "url": delivery.endpoint}
    row = _ENDPOINT.one(tx.connection, place)
    endpoint = judged(None if row is None else _endpoint_from(row), delivery, tx.now)
    if endpoint is not None:
        values = {"failing_since": endpoint.failing_since, "reason": endpoint.reason}
        _FAILS.run(tx.connection, place | values | {"disabled_at": endpoint.disabled_at})
    elif row is not None:
        _enable(tx, delivery.account_id, delivery.endpoint)


def _enable(tx: Transaction, account_id: str, url: str) -> bool:
    place = {"account_id": account_id, "url": url}
    found = _WELL.all(tx.connection, place)
    _RELEASE.run(tx.connection, place | {"now": tx.now})
    return bool(found) and found[0].disabled_at is not None


def _made(tx: Transaction, account_id: str) -> Secret:
    _KEEP.run(tx.connection, {"account_id": account_id, "text": signing.mint(), "now": tx.now})
    return _secret_from(_SECRET.all(tx.connection, {"account_id": account_id})[0])


def _list_of(query: DeliveryQuery) -> Select[tuple[object, ...]]:
    statement = select(schema.deliveries)
    if query.account_id is not None:
        statement = statement.where(_ROW.account_id == query.account_id)
    if query.state is not None:
        statement = statement.where(_ROW.state == str(query.state))
    if query.after is not None:
        statement = statement.where(_ROW.id < query.after)
    return statement.order_by(_ROW.id.desc()).limit(query.limit)


def _secret_from(row: Record) -> Secret:
    return Secret(row.text, row.previous, row.rotated_at)


def _endpoint_from(row: Record) -> Endpoint:
    return Endpoint(row.account_id, row.url, row.failing_since, row.reason, row.disabled_at)
