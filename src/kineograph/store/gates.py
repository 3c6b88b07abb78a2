"""Gates: limits of keys and accounts, caps of queues and models, paused queues.

Judged inside the claiming transaction, so never exceeded. A task that finds a gate closed is parked: its ticket is used up, no
attempt is, and it waits without a ticket until a place at that gate comes free. So a full gate costs one look per task, however
long it stays full.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, select, text

from kineograph.core.fleet import QueueState
from kineograph.store import schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

LATER = "later"  # parked until its start_at; holds a delayed ticket

_KEY, _RULE, _MODEL = schema.keys.c, schema.queue_rules.c, schema.model_caps.c
_LIMIT = Prepared(select(_KEY.running_limit).where(_KEY.id == bindparam("name")).with_for_update())
_STATE = Prepared(select(_RULE.state, _RULE.running_cap).where(_RULE.name == bindparam("name")))
_CAP = Prepared(select(_MODEL.running_cap).where(_MODEL.model == bindparam("name")))
# Locked, so that of two workers who want the last place one counts after the other. "For update" says nothing on SQLite,
# where writers take turns anyway.
_LOCK_QUEUE = Prepared(select(_RULE.running_cap).where(_RULE.name == bindparam("name")).with_for_update())
_LOCK_MODEL = Prepared(select(_MODEL.running_cap).where(_MODEL.model == bindparam("name")).with_for_update())
_ACCOUNTS = schema.accounts.c
_ACCOUNT = Prepared(select(_ACCOUNTS.running_limit).where(_ACCOUNTS.id == bindparam("name")))
_LOCK_ACCOUNT = Prepared(select(_ACCOUNTS.running_limit).where(_ACCOUNTS.id == bindparam("name")).with_for_update())
_RUNNING = Prepared(
    text(
        "SELECT coalesce(sum(CASE WHEN key_id = :key_id THEN 1 ELSE 0 END), 0) AS of_key,"
        " coalesce(sum(CASE WHEN account_id = :account_id THEN 1 ELSE 0 END), 0) AS of_account,"
        " coalesce(sum(CASE WHEN queue = :queue THEN 1 ELSE 0 END), 0) AS of_queue,"
        " coalesce(sum(CASE WHEN model = :model THEN 1 ELSE 0 END), 0) AS of_model"
        " FROM tasks WHERE status = 'running'"
    )
)
_ANYBODY = Prepared(text("SELECT parked FROM tasks WHERE parked IN (:key, :account, :queue, :model) LIMIT 1"))
_GATES = Prepared(text("SELECT DISTINCT parked FROM tasks WHERE parked IS NOT NULL AND parked <> 'later'"))
_NEXT_KEY = Prepared(text("SELECT min(key_id) AS key_id FROM tasks WHERE parked = :gate AND key_id > :after"))
_PARKED = schema.tasks.c
_NEXT = Prepared(
    select(schema.tasks)
    .where(_PARKED.parked == bindparam("gate"), _PARKED.key_id == bindparam("key_id"))
    .order_by(_PARKED.turn, _PARKED.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)


def of(row: Record) -> dict[str, str]:
    """The gates a task passes, by kind."""
    return {
        "key": f"key:{row.key_id}",
        "account": f"account:{row.account_id}",
        "queue": f"queue:{row.queue}",
        "model": f"model:{row.model}",
    }


def closed(tx: Transaction, row: Record) -> str | None:
    """The gate that does not let this task start now, None if all are open. Holds until the transaction ends."""
    rule = _STATE.one(tx.connection, {"name": row.queue})
    if rule is not None and rule.state == QueueState.PAUSED:
        return f"paused:{row.queue}"
    limit = _LIMIT.one(tx.connection, {"name": row.key_id})
    limits = {"key": limit.running_limit if limit else None, "account": None, "queue": None, "model": None}
    account = _ACCOUNT.one(tx.connection, {"name": row.account_id})
    if account is not None and account.running_limit is not None:
        limits["account"] = _LOCK_ACCOUNT.all(tx.connection, {"name": row.account_id})[0].running_limit
    if rule is not None and rule.running_cap is not None:
        limits["queue"] = _LOCK_QUEUE.all(tx.connection, {"name": row.queue})[0].running_cap
    if _CAP.one(tx.connection, {"name": row.model}) is not None:
        cap = _LOCK_MODEL.one(tx.connection, {"name": row.model})
        limits["model"] = cap.running_cap if cap else None
    if not any(most is not None for most in limits.values()):
        return None
    running = _running(tx, row.key_id, row.account_id, row.queue, row.model)
    names = of(row)
    return next((names[kind] for kind, most in limits.items() if most is not None and running[kind] >= most), None)


def freed(tx: Transaction, row: Record) -> Iterator[Record]:
    """Parked tasks, locked, that may take the places which the task of this row leaves: one at each gate, of the key that is
    next in turn."""
    names = of(row)
    if _ANYBODY.one(tx.connection, names) is None:
        return
    for gate in names.values():
        found = following(tx, gate, row.key_id)
        if found is not None:
            yield found


def following(tx: Transaction, gate: str, after_key: str) -> Record | None:
    """The next task parked at the gate: keys take turns, within a key by priority and age."""
    for after in (after_key, ""):
        key = _NEXT_KEY.one(tx.connection, {"gate": gate, "after": after})
        if key is not None and key.key_id is not None:
            found = _NEXT.one(tx.connection, {"gate": gate, "key_id": key.key_id})
            if found is not None:
                return found
    return None


def waiting(tx: Transaction) -> Iterator[tuple[str, int]]:
    """Gates at which somebody is parked, each with how many could start: after a limit was raised, or a place was missed."""
    # Locked in the order in which a start locks them, so that the two do not wait for each other.
    found = [row.parked for row in _GATES.all(tx.connection, {})]
    for gate in sorted(found, key=lambda gate: (_ORDER.index(gate.partition(":")[0]), gate)):
        kind, _, name = gate.partition(":")
        room = _room(tx, kind, name)
        if room > 0:
            yield gate, room


_ORDER = ("paused", "key", "account", "queue", "model")
ROOM = 500  # tasks let go at once where nothing holds them any more


def _room(tx: Transaction, kind: str, name: str) -> int:
    if kind == "paused":
        rule = _STATE.one(tx.connection, {"name": name})
        return 0 if rule is not None and rule.state == QueueState.PAUSED else ROOM
    limits = {"key": _LIMIT, "account": _LOCK_ACCOUNT, "queue": _LOCK_QUEUE, "model": _LOCK_MODEL}
    found = limits[kind].one(tx.connection, {"name": name})
    most = found[0] if found is not None else None
    return ROOM if most is None else int(most) - _running(tx, name, name, name, name)[kind]


def _running(tx: Transaction, key_id: str, account_id: str, queue: str, model: str) -> dict[str, int]:
    terms = {"key_id": key_id, "account_id": account_id, "queue": queue, "model": model}
    row = _RUNNING.all(tx.connection, terms)[0]
    return {kind: int(getattr(row, f"of_{kind}")) for kind in _ORDER[1:]}
