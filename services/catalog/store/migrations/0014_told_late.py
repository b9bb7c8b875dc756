"""Which data sets' entities say that they are late."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "told_late",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("dataset_id", sa.Uuid, primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
    )
