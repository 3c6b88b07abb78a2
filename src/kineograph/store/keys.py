"""SQL KeyStore: keys, their accounts, and the service's own secrets."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, insert, select, text

from kineograph.core.allowance import Allowance
from kineograph.core.errors import Unavailable
from kineograph.core.keys import Key, Scope
from kineograph.core.ledger import outdated
from kineograph.store import schema
from kineograph.store.database import Database
from kineograph.store.ledger import limits_from, limits_json
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

TOUCH = 60.0  # seconds; a key's last use is written at most this often, its callers may poll a hundred times a second

_KEYS = select(schema.keys, schema.accounts.c.limits.label("account_limits")).join(schema.accounts)
_ALL = Prepared(_KEYS.order_by(schema.keys.c.created_at, schema.keys.c.id))
_BY_ID = Prepared(_KEYS.where(schema.keys.c.id == bindparam("key_id")))
_BY_DIGEST = Prepared(_KEYS.where(schema.keys.c.digest == bindparam("digest")))
_INSERT = insert(schema.keys)
_ACCOUNT = text("INSERT INTO accounts (id, created_at) VALUES (:id, :created_at) ON CONFLICT (id) DO NOTHING")
_REVOKE = text("UPDATE keys SET revoked_at = coalesce(revoked_at, :now) WHERE id = :key_id")
_ROTATE = text("UPDATE keys SET digest = :digest, shown = :shown WHERE id = :key_id")
_CHANGE = text(
    "UPDATE keys SET name = coalesce(:name, name), running_limit = coalesce(:running_limit, running_limit),"
    " limits = coalesce(:limits, limits), version = version + 1,"
    " expires_at = nullif(coalesce(:expires_at, expires_at), 0) WHERE id = :key_id"
)
# Locked until the transaction ends: who comes second sees what the first has made.
_TURN = text(
    "INSERT INTO leases (name, holder, until) VALUES ('first key', '', 0) ON CONFLICT (name) DO UPDATE SET until = 0"
)
_LOCK = Prepared(select(schema.keys.c.version).where(schema.keys.c.id == bindparam("key_id")).with_for_update())
_TOUCH = text("UPDATE keys SET last_used_at = :now WHERE id = :key_id AND coalesce(last_used_at, 0) < :now")
_SECRET = Prepared(text("SELECT value FROM secrets WHERE name = :name"))
_KEEP = text("INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO NOTHING")


class SqlKeyStore:
    """KeyStore on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._touched: dict[str, float] = {}

    async def create(self, key: Key, digest: str) -> None:
        """See the port. The account is created with its first key."""
        await self._database.write(lambda tx: _add(tx, key, digest))

    async def create_first(self, key: Key, digest: str, *, alone: bool) -> bool:
        """Create it unless that is done: of several nodes that start at once one does. False if it was there.

        Args:
            alone: Any usable key will do; otherwise only one of this digest.
        """

        def add(tx: Transaction) -> bool:
            tx.connection.execute(_TURN)
            there = _ALL if alone else _BY_DIGEST
            found = [_key([row]) for row in there.all(tx.connection, {} if alone else {"digest": digest})]
            if any(known is not None and (known.usable or not alone) for known in found):
                return False
            _add(tx, key, digest)
            return True

        return await self._database.write(add)

    async def find(self, digest: str) -> Key | None:
        """See the port."""
        return _key(await self._database.look(_BY_DIGEST, {"digest": digest}))

    async def get(self, key_id: str) -> Key | None:
        """See the port."""
        return _key(await self._database.look(_BY_ID, {"key_id": key_id}))

    async def list(self) -> Sequence[Key]:
        """See the port."""
        return [key for row in await self._database.look(_ALL) if (key := _key([row]))]

    async def revoke(self, key_id: str, now: float) -> bool:
        """See the port."""
        return await self._update(_REVOKE, {"key_id": key_id, "now": now})

    async def rotate(self, key_id: str, digest: str, shown: str) -> bool:
        """See the port."""
        return await self._update(_ROTATE, {"key_id": key_id, "digest": digest, "shown": shown})

    async def change(
        self,
        key_id: str,
        name: str | None = None,
        limit: int | None = None,
        limits: Allowance | None = None,
        version: int | None = None,
        expires_at: float | None = None,
    ) -> bool:
        """See the port."""
        kept = None if limits is None else limits_json(limits)
        terms = {"key_id": key_id, "name": name, "running_limit": limit, "limits": kept, "expires_at": expires_at}

        def apply(tx: Transaction) -> bool:
            key = _LOCK.one(tx.connection, {"key_id": key_id})
            if key is None:
                return False
            if version not in (None, key.version):
                raise outdated(f"key {key_id}", version or 0, key.version)
            tx.connection.execute(_CHANGE, terms)
            return True

        return await self._database.write(apply)

    async def touch(self, key_id: str, now: float) -> None:
        """See the port."""
        if now - self._touched.get(key_id, 0.0) >= TOUCH:
            self._touched[key_id] = now
            with contextlib.suppress(Unavailable):  # a full disk must not keep callers from reading
                await self._update(_TOUCH, {"key_id": key_id, "now": now})

    async def secret(self, name: str) -> bytes:
        """See the port."""

        def keep(tx: Transaction) -> bytes:
            tx.connection.execute(_KEEP, {"name": name, "value": secrets.token_bytes(32)})
            return bytes(_SECRET.all(tx.connection, {"name": name})[0].value)

        found = await self._database.look(_SECRET, {"name": name})
        return bytes(found[0].value) if found else await self._database.write(keep)

    async def _update(self, statement: Any, parameters: dict[str, Any]) -> bool:
        return await self._database.write(lambda tx: tx.connection.execute(statement, parameters).rowcount > 0)


def _add(tx: Transaction, key: Key, digest: str) -> None:
    tx.connection.execute(_ACCOUNT, {"id": key.account_id, "created_at": key.created_at})
    tx.connection.execute(_INSERT, _columns(key, digest))


def _columns(key: Key, digest: str) -> dict[str, Any]:
    return {
        "id": key.id,
        "account_id": key.account_id,
        "name": key.name,
        "digest": digest,
        "shown": key.shown,
        "scopes": " ".join(sorted(key.scopes)),
        "running_limit": key.limit,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
        "limits": limits_json(key.limits),
        "version": key.version,
    }


def _key(found: Sequence[Record]) -> Key | None:
    if not found:
        return None
    row = found[0]
    return Key(
        id=row.id,
        account_id=row.account_id,
        name=row.name,
        shown=row.shown,
        scopes=frozenset(Scope(word) for word in row.scopes.split()),
        limit=row.running_limit,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        limits=limits_from(row.limits),
        account_limits=limits_from(row.account_limits),
        version=row.version,
    )
