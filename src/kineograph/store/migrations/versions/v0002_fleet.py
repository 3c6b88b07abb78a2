"""Many machines: PostgreSQL, what workers are, the operator's word on queues, priorities, delayed starts, demand for machines."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kineograph.store.migrations.bytewise import bytewise

revision = "0002"
down_revision = "0001"

# Seconds since 1970, the smaller and the greater of two numbers, in the words of each database.
_WORDS = {
    "sqlite": {"now": "(julianday('now') - 2440587.5) * 86400.0", "least": "min", "greatest": "max"},
    "postgresql": {"now": "extract(epoch FROM clock_timestamp())", "least": "least", "greatest": "greatest"},
}

# For autoscalers: how many tasks of a queue run or could run now, were there workers. A key counts up to its limit, a model
# and a queue up to their caps, a delayed task not before its time, a paused queue with what still runs. From the loads of
# the lanes, so that it costs the same behind a hundred thousand tasks.
_DEMAND = """
CREATE VIEW autoscale_demand AS
WITH held AS (
    SELECT key_id, queue, model, sum(n) AS n
    FROM (
        SELECT key_id, queue, model, load AS n FROM lanes WHERE load > 0
        UNION ALL
        SELECT key_id, queue, model, -1 AS n FROM tasks WHERE parked = 'later' AND due_at > {now}
    ) AS counted
    GROUP BY key_id, queue, model
),
allowed AS (
    SELECT held.key_id, queue, model, {least}(n, coalesce(running_limit, 4)) AS n, coalesce(running_limit, 4) AS most
    FROM held LEFT JOIN keys ON keys.id = held.key_id
),
by_key AS (
    SELECT queue, sum(n) AS n
    FROM (SELECT key_id, queue, {least}(sum(n), max(most)) AS n FROM allowed GROUP BY key_id, queue) AS of_key
    GROUP BY queue
),
by_model AS (
    SELECT queue, sum({least}(n, coalesce(running_cap, n))) AS n
    FROM (SELECT queue, model, sum(n) AS n FROM allowed GROUP BY queue, model) AS of_model
    LEFT JOIN model_caps ON model_caps.model = of_model.model
    GROUP BY queue
),
running AS (SELECT queue, count(*) AS n FROM tasks WHERE status = 'running' GROUP BY queue),
names AS (SELECT name AS queue FROM queue_rules UNION SELECT queue FROM by_key)
SELECT names.queue AS queue, CAST(
    CASE
        WHEN rules.state = 'paused' OR by_key.n IS NULL THEN coalesce(running.n, 0)
        ELSE {greatest}(
            coalesce(running.n, 0), {least}(by_key.n, {least}(by_model.n, coalesce(rules.running_cap, by_key.n)))
        )
    END AS INTEGER) AS wanted
FROM names
LEFT JOIN queue_rules AS rules ON rules.name = names.queue
LEFT JOIN by_key ON by_key.queue = names.queue
LEFT JOIN by_model ON by_model.queue = names.queue
LEFT JOIN running ON running.queue = names.queue
WHERE names.queue NOT LIKE 'local-%'
"""


def upgrade() -> None:
    """Widen what there is, then the new tables and the view."""
    _tasks()
    _lanes()
    _workers()
    _queues()
    _events()
    _window()
    bytewise(op.get_bind())
    op.execute(_DEMAND.format(**_WORDS[op.get_bind().dialect.name]))


def _tasks() -> None:
    op.add_column("tasks", sa.Column("turn", sa.Integer(), nullable=False, server_default="4"))
    op.add_column("tasks", sa.Column("due_at", sa.Float(), nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("parked", sa.Text(), nullable=True))
    op.execute("UPDATE tasks SET due_at = created_at")
    op.drop_index("tasks_queued", "tasks")
    op.drop_index("tasks_queued_by_key", "tasks")
    op.drop_index("tasks_queued_by_queue", "tasks")
    _index("tasks_queued", ["id"], "status = 'queued' AND parked IS NULL")
    _index("tasks_queued_by_key", ["key_id", "queue", "turn", "id"], "status = 'queued'")
    _index("tasks_queued_by_queue", ["queue", "due_at"], "status = 'queued'")
    _index("tasks_parked", ["parked", "key_id", "turn", "id"], "parked IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "tasks", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _lanes() -> None:
    """Counted anew, now by queue and model too."""
    op.drop_table("lanes")
    op.create_table(
        "lanes",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("load", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "queue", "model", "lane"),
    )
    op.create_index("lanes_by_account", "lanes", ["account_id"])
    op.execute(
        "INSERT INTO lanes (key_id, queue, model, lane, account_id, load)"
        " SELECT key_id, queue, model, lane, max(account_id), count(*) FROM tasks WHERE finished_at IS NULL"
        " GROUP BY key_id, queue, model, lane"
    )


def _workers() -> None:
    for column in (
        sa.Column("host", sa.Text(), nullable=False, server_default=""),
        sa.Column("pid", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("version", sa.Text(), nullable=False, server_default=""),
        sa.Column("protocol", sa.Text(), nullable=False, server_default=""),
        sa.Column("slots", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("capabilities", sa.Text(), nullable=False, server_default="{}"),
        sa.Column("started_at", sa.Float(), nullable=False, server_default="0"),
        sa.Column("wanted", sa.Text(), nullable=False, server_default="up"),
    ):
        op.add_column("workers", column)


def _queues() -> None:
    op.create_table(
        "queue_rules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("running_cap", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "model_caps",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("running_cap", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("model"),
    )


def _events() -> None:
    """Ids of PostgreSQL's are made of the number of the transaction, not counted."""
    op.create_table("event_base", sa.Column("base", sa.BigInteger(), nullable=False))
    op.execute("INSERT INTO event_base (base) VALUES (0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE events ALTER id DROP DEFAULT, ALTER id TYPE BIGINT")
        op.execute("DROP SEQUENCE events_id_seq")


def _window() -> None:
    """From now on a migration that old code cannot live with says so here."""
    op.create_table("schema_window", sa.Column("oldest", sa.Text(), nullable=False))
    op.execute("INSERT INTO schema_window (oldest) VALUES ('0002')")
