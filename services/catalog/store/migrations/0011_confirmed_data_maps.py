"""Until when data maps were found to hold."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("data_map", sa.Column("confirmed_at", sa.DateTime(timezone=True)))
    op.execute("update data_map set confirmed_at = made_at")
    op.alter_column("data_map", "confirmed_at", nullable=False)
