"""Queries that callers compose: lists of tasks, events after a point."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select
from ulid import ULID

from kineograph.core.ports import TaskQuery
from kineograph.core.request import EXPIRED
from kineograph.store import schema
from kineograph.store.prepared import Prepared
from kineograph.store.schema import events, task_metadata, tasks

# What store/rows.py writes. Quotes inside of a JSON text are escaped, and a caller's own names have texts as values.
_EXPIRED = f'{{"reason":"{EXPIRED}",%'
_FLEX = '%"flex":true%'
TIMED = '%"expires_after":%'  # may be a name in a caller's metadata as well: look closer


def list_of(query: TaskQuery) -> Select[Any]:
    """Every filter narrows an index that is read in the order of ids, so a page costs what it shows."""
    order = tasks.c.id.asc() if query.ascending else tasks.c.id.desc()
    return select(tasks).where(*_wanted(query)).order_by(order).limit(query.limit).offset(query.offset)


def count_of(query: TaskQuery) -> Select[Any]:
    """How many there are."""
    return select(func.count()).select_from(tasks).where(*_wanted(query))


def _wanted(query: TaskQuery) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.account_id is not None:
        wanted.append(tasks.c.account_id == query.account_id)
    if query.after is not None:
        wanted.append(tasks.c.id > query.after if query.ascending else tasks.c.id < query.after)
    if query.ids is not None:
        wanted.append(tasks.c.id.in_(query.ids))
    if query.status is not None:
        wanted.append(tasks.c.status == str(query.status))
    if query.model is not None:
        wanted.append(tasks.c.model == query.model)
    if query.created_after is not None:
        wanted += [tasks.c.created_at >= query.created_after, tasks.c.id >= _id_at(query.created_after, "0" * 16)]
    if query.created_before is not None:
        wanted += [tasks.c.created_at <= query.created_before, tasks.c.id <= _id_at(query.created_before, "Z" * 16)]
    if query.expired is not None:
        wanted.append(func.coalesce(tasks.c.failure, "").like(_EXPIRED) == query.expired)
    if query.flex is not None:
        wanted.append(tasks.c.request.like(_FLEX) == query.flex)
    for name, value in query.metadata.items():
        wanted.append(tasks.c.id.in_(_with_word(query.account_id, name, value)))
    return wanted


def _with_word(account_id: str | None, name: str, value: str) -> Select[Any]:
    words = task_metadata.c
    statement = select(words.task_id).where(words.name == name, words.value == value)
    return statement if account_id is None else statement.where(words.account_id == account_id)


def _id_at(seconds: float, random: str) -> str:
    """The least or greatest task id of that millisecond: ids begin with the time of creation (ULID)."""
    milliseconds = min(max(int(seconds * 1000), 0), 2**48 - 1)
    return f"task_{str(ULID.from_timestamp(milliseconds))[:10]}{random}"


# PostgreSQL: an id is base + 4096 × the number of its transaction + its place in it. No transaction that is still open, or
# begins later, has a number below the snapshot's xmin: below it nothing can appear any more, so that whoever reads up to
# there in the order of ids misses nothing (docs/decisions/0006-event-order.md).
_BASE = select(schema.event_base.c.base).scalar_subquery()
_SETTLED = _BASE + literal_column("(pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 12)", BigInteger)


def event_id(place: ColumnElement[int]) -> ColumnElement[int]:
    """On PostgreSQL: the id of the event at that place of the transaction."""
    return _BASE + literal_column("(pg_current_xact_id()::text::bigint << 12)", BigInteger) + place


_AFTER_ALL = select(events).where(events.c.id > bindparam("after")).order_by(events.c.id).limit(bindparam("most"))
_OF_ACCOUNT = events.c.account_id == bindparam("account_id")
_OF_TASK = events.c.task_id == bindparam("task_id")


def _after(*wanted: ColumnElement[bool]) -> Prepared:
    statement = _AFTER_ALL.where(*wanted)
    return Prepared(statement, postgresql=statement.where(events.c.id < _SETTLED))


_AFTER = _after()
_AFTER_OF_ACCOUNT = _after(_OF_ACCOUNT)
_AFTER_OF_TASK = _after(_OF_TASK)
_AFTER_OF_BOTH = _after(_OF_TASK, _OF_ACCOUNT)
_LAST = select(func.coalesce(func.max(events.c.id), 0).label("id"))
LAST_EVENT = Prepared(_LAST, postgresql=_LAST.where(events.c.id < _SETTLED))


def events_after(
    after: int, account_id: str | None, task_id: str | None, limit: int
) -> tuple[Prepared, dict[str, Any]]:
    """The statement and its parameters."""
    parameters: dict[str, Any] = {"after": after, "most": limit}
    if account_id is not None:
        parameters["account_id"] = account_id
    if task_id is not None:
        parameters["task_id"] = task_id
        return (_AFTER_OF_TASK if account_id is None else _AFTER_OF_BOTH), parameters
    return (_AFTER if account_id is None else _AFTER_OF_ACCOUNT), parameters
