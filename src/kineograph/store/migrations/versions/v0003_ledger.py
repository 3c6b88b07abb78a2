"""Money: accounts with balances and limits, a ledger, prices, counters of what was used, the log of what admins did."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from kineograph.store.migrations.bytewise import bytewise

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen what there is, then the new tables. Tasks from before have no cost, and none comes to them."""
    for table, columns in _new_columns().items():
        for column in columns:
            op.add_column(table, column)
    if op.get_bind().dialect.name == "postgresql":  # where a cast rounds; on SQLite it cuts
        op.execute("UPDATE usage SET day = floor(at / 86400)")
    else:
        op.execute("UPDATE usage SET day = CAST(at / 86400 AS INTEGER)")
    _counters()
    _ledger()
    _audit()
    op.execute("UPDATE schema_window SET oldest = '0003'")  # older code would make films and not charge them
    bytewise(op.get_bind())


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default=default)


def _whole(name: str, default: str = "0") -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=default)


def _micros(name: str, default: str | None = "0") -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default=default)


def _new_columns() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "accounts": (
            _text("name", ""),
            sa.Column("metered", sa.Boolean(), nullable=False, server_default=sa.text("false")),
            _micros("balance"),
            _micros("overdraft"),
            sa.Column("running_limit", sa.Integer(), nullable=True),
            _text("limits", "{}"),
            _whole("entries"),
            _whole("version", "1"),
        ),
        "keys": (_text("limits", "{}"), _whole("version", "1")),
        "tasks": (sa.Column("cost", sa.Text(), nullable=True), sa.Column("held", sa.BigInteger(), nullable=True)),
        "usage": (_whole("day"), _micros("cost")),
    }


def _counters() -> None:
    op.create_table(
        "spent",
        _text("account_id"),
        sa.Column("day", sa.Integer(), nullable=False),
        _text("key_id"),
        sa.Column("seconds", sa.Integer(), nullable=False),
        _micros("micros", None),
        sa.PrimaryKeyConstraint("account_id", "day", "key_id"),
    )


def _ledger() -> None:
    op.create_table(
        "entries",
        _text("account_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=True),
        _text("kind"),
        _micros("amount", None),
        _micros("balance", None),
        _text("reason"),
        sa.Column("at", sa.Float(), nullable=False),
        _text("made_by"),
        sa.Column("token", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "number"),
        sa.UniqueConstraint("task_id", "kind"),
        sa.UniqueConstraint("account_id", "token"),
    )
    op.create_table(
        "prices",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        _text("currency"),
        _text("document"),
        sa.Column("at", sa.Float(), nullable=False),
        _text("made_by"),
        sa.PrimaryKeyConstraint("version"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        _text("id"),
        sa.Column("at", sa.Float(), nullable=False),
        _text("made_by"),
        _text("action"),
        _text("target"),
        _text("before"),
        _text("after"),
        sa.PrimaryKeyConstraint("id"),
    )
