"""Workers say what is wrong with what they wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kineograph.store.migrations.bytewise import bytewise

revision = "0006"
down_revision = "0004"  # 0005 was never made


def upgrade() -> None:
    """One column more. Older code works on: it says nothing."""
    op.add_column("workers", sa.Column("fault", sa.Text(), nullable=True))
    bytewise(op.get_bind())
