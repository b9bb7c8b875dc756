"""What was seen in uploaded files that are no plain tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    owner = sa.ForeignKey("stored_file.file_id", ondelete="CASCADE", onupdate="CASCADE")
    op.create_table(
        "file_look",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("file_id", sa.Uuid, owner, primary_key=True),
        sa.Column("look", JSONB, nullable=False),
        sa.Column("places", JSONB, nullable=False, comment="Features for a map"),
    )
    op.create_index("file_look_tenant", "file_look", ["tenant_id"])
