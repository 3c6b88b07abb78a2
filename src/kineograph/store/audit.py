"""The log of what admins did, written in the transaction that does it wherever there is one."""

from __future__ import annotations

import json

from sqlalchemy import insert
from ulid import ULID

from kineograph.core.ledger import Note
from kineograph.store import schema
from kineograph.store.prepared import Prepared, Record
from kineograph.store.writer import Transaction

_INSERT = Prepared(insert(schema.audit))


def write(tx: Transaction, note: Note) -> None:
    """Add a line."""
    line = {
        "id": f"audit_{ULID.from_timestamp(tx.now)}",
        "at": tx.now,
        "made_by": note.by,
        "action": note.action,
        "target": note.target,
        "before": json.dumps(dict(note.before), ensure_ascii=False),
        "after": json.dumps(dict(note.after), ensure_ascii=False),
    }
    _INSERT.run(tx.connection, line)


def note_from(row: Record) -> Note:
    """The line of a row of `audit`."""
    return Note(row.made_by, row.action, row.target, json.loads(row.before), json.loads(row.after), row.id, row.at)
