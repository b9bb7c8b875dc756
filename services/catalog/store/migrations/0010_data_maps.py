"""Data maps that were drawn, each as it was then."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "data_map",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("map_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("document", JSONB, nullable=False),
    )
    op.create_index("data_map_made", "data_map", ["tenant_id", "made_at"])
