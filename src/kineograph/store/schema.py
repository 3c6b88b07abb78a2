"""The tables. Changed only together with a migration; a test compares the two."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy import Text as AnyText

HEAD = "0006"  # the newest migration

# Compared byte by byte everywhere: ids and queues are ordered and looked up by their beginnings, and a PostgreSQL database
# made in another language would order them in its way.
Text = AnyText().with_variant(AnyText(collation="C"), "postgresql")

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", Float, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("metered", Boolean, nullable=False, server_default=text("false")),
    Column("balance", BigInteger, nullable=False, server_default="0"),  # micros; the sum of its entries
    Column("overdraft", BigInteger, nullable=False, server_default="0"),  # micros
    Column("running_limit", Integer),
    Column("limits", Text, nullable=False, server_default="{}"),  # JSON, see core/allowance.py
    Column("entries", Integer, nullable=False, server_default="0"),  # how many it has
    Column("version", Integer, nullable=False, server_default="1"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False, unique=True),
    Column("shown", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # words with spaces between
    Column("running_limit", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float),
    Column("revoked_at", Float),
    Column("last_used_at", Float),
    Column("limits", Text, nullable=False, server_default="{}"),  # JSON, see core/allowance.py
    Column("version", Integer, nullable=False, server_default="1"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

# Tasks do not refer to keys by a constraint: the command line works as a built-in key that has no row.
tasks = Table(
    "tasks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("request", Text, nullable=False),  # JSON
    Column("queue", Text, nullable=False),
    Column("waits_in", Text, nullable=False),  # where its newest ticket is: `queue`, or FETCH_QUEUE before it
    Column("lane", Integer, nullable=False),
    Column("tickets", Integer, nullable=False),  # how many it was given
    Column("ready_at", Float, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text),
    Column("progress", Float, nullable=False),
    Column("phase", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("resume_token", Text),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float),
    Column("finished_at", Float),
    Column("updated_at", Float, nullable=False),
    Column("video", Text),  # JSON
    Column("failure", Text),  # JSON
    Column("usage_seconds", Float),
    Column("usage_tokens", Integer),
    Column("files_expired_at", Float),
    Column(
        "turn", Integer, nullable=False, server_default="4"
    ),  # 9 less the priority: of a key's tasks the lowest goes first
    Column("due_at", Float, nullable=False, server_default="0"),  # since when it waits: created_at, or its start_at
    Column("parked", Text),  # what it waits for without a ticket, see store/gates.py
    Column("cost", Text),  # JSON, see core/pricing.py
    Column("held", BigInteger),  # micros its reservation took from the balance; NULL before there was a ledger
    Index("tasks_by_account", "account_id", "id"),
    Index("tasks_by_status", "account_id", "status", "id"),
    Index("tasks_by_model", "account_id", "model", "id"),
)
_TICKETED = (tasks.c.status == text("'queued'")) & tasks.c.parked.is_(None)
_QUEUED = tasks.c.status == text("'queued'")
_RUNNING = tasks.c.status == text("'running'")
_PARKED = tasks.c.parked.is_not(None)
_KEPT = tasks.c.files_expired_at.is_(None) & tasks.c.finished_at.is_not(None)
Index("tasks_queued", tasks.c.id, sqlite_where=_TICKETED, postgresql_where=_TICKETED)
Index(
    "tasks_queued_by_key",
    tasks.c.key_id,
    tasks.c.queue,
    tasks.c.turn,
    tasks.c.id,
    sqlite_where=_QUEUED,
    postgresql_where=_QUEUED,
)
Index("tasks_queued_by_queue", tasks.c.queue, tasks.c.due_at, sqlite_where=_QUEUED, postgresql_where=_QUEUED)
Index(
    "tasks_parked",
    tasks.c.parked,
    tasks.c.key_id,
    tasks.c.turn,
    tasks.c.id,
    sqlite_where=_PARKED,
    postgresql_where=_PARKED,
)
Index("tasks_running", tasks.c.worker, sqlite_where=_RUNNING, postgresql_where=_RUNNING)
Index("tasks_with_files", tasks.c.finished_at, sqlite_where=_KEPT, postgresql_where=_KEPT)
Index("tasks_finished", tasks.c.finished_at)

task_metadata = Table(
    "task_metadata",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("account_id", "name", "value", "task_id"),
    Index("task_metadata_by_task", "task_id"),
)

# The caller's files that a task needs, as long as it is not finished.
task_inputs = Table(
    "task_inputs",
    metadata,
    Column("file", Text, nullable=False),
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("file", "task_id"),
    Index("task_inputs_by_task", "task_id"),
)

# How many unfinished tasks each lane of a key holds; kept in the transaction that changes it, so that nobody need count.
lanes = Table(
    "lanes",
    metadata,
    Column("key_id", Text, nullable=False),
    Column("queue", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("load", Integer, nullable=False),
    PrimaryKeyConstraint("key_id", "queue", "model", "lane"),
    Index("lanes_by_account", "account_id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key_id", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("task_id", Text, nullable=False),
    Column("created_at", Float, nullable=False),
    PrimaryKeyConstraint("key_id", "value"),
    Index("idempotency_by_age", "created_at"),
    Index("idempotency_by_task", "task_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer().with_variant(BigInteger(), "postgresql"), primary_key=True),
    Column("task_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("progress", Float, nullable=False),
    Column("phase", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Index("events_by_task", "task_id", "id"),
    Index("events_by_account", "account_id", "id"),
    sqlite_autoincrement=True,  # an id is never used again, also not after the newest event was deleted
)

# One row. On PostgreSQL an event's id is base + 4096 × the number of its transaction + its place in it
# (docs/decisions/0006-event-order.md); the base grows when a database moves to a server with smaller numbers.
event_base = Table(
    "event_base",
    metadata,
    Column("base", BigInteger, nullable=False),
)

# One row: the oldest schema whose code still works on this one, see store/upgrade.py.
schema_window = Table(
    "schema_window",
    metadata,
    Column("oldest", Text, nullable=False),
)

# What finished films used. Holds no words of the caller and outlives the task.
usage = Table(
    "usage",
    metadata,
    Column("task_id", Text, primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("engine", Text, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("day", Integer, nullable=False, server_default="0"),  # of `at`, since 1970, UTC
    Column("cost", BigInteger, nullable=False, server_default="0"),  # micros
    Index("usage_by_account", "account_id", "at"),
)

# What was accepted on a day (of UTC, since 1970) and neither failed nor was cancelled; kept in the transaction that changes it.
spent = Table(
    "spent",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("micros", BigInteger, nullable=False),
    PrimaryKeyConstraint("account_id", "day", "key_id"),
)

# The ledger: lines are added and never changed. One of each kind for a task, so nothing happens twice.
entries = Table(
    "entries",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("number", Integer, nullable=False),  # the account's own, from 1
    Column("task_id", Text),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # micros
    Column("balance", BigInteger, nullable=False),  # micros, after it
    Column("reason", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("token", Text),  # the admin's promise that two adjustments are the same one
    PrimaryKeyConstraint("account_id", "number"),
    UniqueConstraint("task_id", "kind"),
    UniqueConstraint("account_id", "token"),
)

# Every price table there was; the newest holds.
prices = Table(
    "prices",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("currency", Text, nullable=False),
    Column("document", Text, nullable=False),  # JSON: its rows
    Column("at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
)

# What admins did.
audit = Table(
    "audit",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", Float, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("before", Text, nullable=False),  # JSON
    Column("after", Text, nullable=False),  # JSON
)

# Callbacks on their way, written in the transaction of the change they tell of; see core/deliveries.py.
deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("task_id", Text, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("via", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("endpoint", Text, nullable=False),  # the URL without its query
    Column("host", Text, nullable=False),
    Column("event", BigInteger, nullable=False),  # id of the change
    Column("sequence", Integer, nullable=False),  # the task's own
    Column("status", Text, nullable=False),
    Column("happened_at", Float, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("since", Float, nullable=False),
    Column("next_at", Float),  # of a try under way: when it is taken for lost
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("answer", Text),  # JSON: what came of the last try
    Index("deliveries_by_task", "task_id", "id"),
    Index("deliveries_by_account", "account_id", "id"),
    Index("deliveries_by_state", "account_id", "state", "id"),
)
_DUE, _HELD = deliveries.c.state == text("'waiting'"), deliveries.c.state == text("'held'")
Index("deliveries_due", deliveries.c.next_at, deliveries.c.host, sqlite_where=_DUE, postgresql_where=_DUE)
Index("deliveries_held", deliveries.c.account_id, deliveries.c.endpoint, sqlite_where=_HELD, postgresql_where=_HELD)

# Addresses where nothing gets through just now.
endpoints = Table(
    "endpoints",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("failing_since", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("disabled_at", Float),
    PrimaryKeyConstraint("account_id", "url"),
)

# What an account's callbacks are signed with: the newest secret and the one before.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("account_id", Text, primary_key=True),
    Column("text", Text, nullable=False),
    Column("previous", Text),
    Column("rotated_at", Float, nullable=False),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("queue", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("seen_at", Float, nullable=False),
    Column("running", Text, nullable=False),  # JSON list of task ids
    Column("host", Text, nullable=False, server_default=""),
    Column("pid", Integer, nullable=False, server_default="0"),
    Column("version", Text, nullable=False, server_default=""),
    Column("protocol", Text, nullable=False, server_default=""),
    Column("slots", Integer, nullable=False, server_default="1"),  # of its supervisor
    Column("capabilities", Text, nullable=False, server_default="{}"),  # JSON: model -> resolutions and roles
    Column("started_at", Float, nullable=False, server_default="0"),
    Column("fault", Text),  # of the upstream it waits for
    Column("wanted", Text, nullable=False, server_default="up"),  # or `drained`: what the operator wants of it
)

# The operator's word on a queue. `draining`: what waits is made, nothing more is accepted.
queue_rules = Table(
    "queue_rules",  # not `queues`: on SQLite that is a table of the durable queue
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", Text, nullable=False),  # open, paused, draining
    Column("running_cap", Integer),
)

# Tasks of a model that may run at once, from the catalogue of the API nodes.
model_caps = Table(
    "model_caps",
    metadata,
    Column("model", Text, primary_key=True),
    Column("running_cap", Integer, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Float, nullable=False),
)
