"""Working copies of published data sets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "working_copy",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("submitted_by", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("note", sa.Text, nullable=False, server_default=sa.text("''")),
    )
