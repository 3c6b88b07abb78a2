"""The registry of workers: who is there, what each can make, what the operator wants of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, text

from kineograph.core.fleet import Ability, About, Wanted, WorkerRow
from kineograph.store import schema
from kineograph.store.database import Database
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

_SEEN = Prepared(
    text(
        "INSERT INTO workers (id, queue, state, seen_at, running, started_at, fault)"
        " VALUES (:id, :queue, :state, :seen_at, :running, :seen_at, :fault)"
        " ON CONFLICT (id) DO UPDATE"
        " SET queue = :queue, state = :state, seen_at = :seen_at, running = :running, fault = :fault"
    )
)
_ABOUT = Prepared(
    text(
        "UPDATE workers SET host = :host, pid = :pid, version = :version, protocol = :protocol, slots = :slots,"
        " capabilities = :capabilities WHERE id = :id"
    )
)
_STATE = Prepared(select(schema.workers.c.state).where(schema.workers.c.id == bindparam("id")).with_for_update())
_WANTED = Prepared(text("SELECT id, wanted FROM workers WHERE id = :id"))
_WORKERS = Prepared(text("SELECT * FROM workers ORDER BY id"))
_WANT = Prepared(text("UPDATE workers SET wanted = :wanted WHERE id = :id"))


def seen(
    tx: Transaction,
    worker: str,
    queue: str,
    state: str,
    running: Sequence[str],
    about: About | None = None,
    fault: str | None = None,
) -> bool:
    """See TaskStore.heartbeat."""
    before = _STATE.one(tx.connection, {"id": worker})
    row = {"id": worker, "queue": queue, "state": state, "seen_at": tx.now, "running": json.dumps(list(running))}
    _SEEN.run(tx.connection, row | {"fault": fault})
    if about is not None:
        _ABOUT.run(tx.connection, {"id": worker} | _columns(about))
    return before is None or bool(before.state != "dead")


def want(tx: Transaction, worker: str, wanted: Wanted) -> None:
    """See Fleet.want."""
    _WANT.run(tx.connection, {"id": worker, "wanted": str(wanted)})


async def wanted(database: Database, workers: Sequence[str]) -> Mapping[str, Wanted]:
    """See TaskStore.wanted."""
    found = [row for worker in workers for row in await database.look(_WANTED, {"id": worker})]
    return {row.id: Wanted(row.wanted) for row in found}


async def workers(database: Database) -> Sequence[WorkerRow]:
    """See TaskStore.workers."""
    return [_row(row) for row in await database.look(_WORKERS)]


def _columns(about: About) -> dict[str, Any]:
    able = {model: {"resolutions": each.resolutions, "roles": each.roles} for model, each in about.abilities.items()}
    return {
        "host": about.host,
        "pid": about.pid,
        "version": about.version,
        "protocol": about.protocol,
        "slots": about.slots,
        "capabilities": json.dumps(able),
    }


def _row(row: Record) -> WorkerRow:
    able = {
        model: Ability(tuple(each["resolutions"]), tuple(each["roles"]))
        for model, each in json.loads(row.capabilities).items()
    }
    return WorkerRow(
        id=row.id,
        queue=row.queue,
        state=row.state,
        seen_at=row.seen_at,
        running=tuple(json.loads(row.running)),
        about=About(row.host, row.pid, row.version, row.protocol, row.slots, able),
        started_at=row.started_at,
        wanted=Wanted(row.wanted),
        fault=row.fault,
    )
