"""Callbacks: an outbox, endpoints that fail, the secrets that sign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kineograph.store.migrations.bytewise import bytewise

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """New tables. Of tasks that are over nothing is told any more; those that are not over are told of from here on."""
    _outbox()
    op.create_table(
        "endpoints",
        _text("account_id"),
        _text("url"),
        sa.Column("failing_since", sa.Float(), nullable=False),
        _text("reason"),
        sa.Column("disabled_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "url"),
    )
    op.create_table(
        "webhook_secrets",
        _text("account_id"),
        _text("text"),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("rotated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.execute("UPDATE schema_window SET oldest = '0004'")  # older code would end tasks and tell nobody
    bytewise(op.get_bind())


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _outbox() -> None:
    op.create_table(
        "deliveries",
        _text("id"),
        sa.Column("task_id", sa.Text(), sa.ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False),
        *(_text(name) for name in ("account_id", "via", "url", "endpoint", "host")),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _text("status"),
        *(sa.Column(name, sa.Float(), nullable=False) for name in ("happened_at", "created_at", "since")),
        sa.Column("next_at", sa.Float(), nullable=True),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("deliveries_by_task", "deliveries", ["task_id", "id"])
    op.create_index("deliveries_by_account", "deliveries", ["account_id", "id"])
    op.create_index("deliveries_by_state", "deliveries", ["account_id", "state", "id"])
    for name, columns, state in (
        ("deliveries_due", ["next_at", "host"], "waiting"),
        ("deliveries_held", ["account_id", "endpoint"], "held"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "deliveries", columns, sqlite_where=where, postgresql_where=where)
