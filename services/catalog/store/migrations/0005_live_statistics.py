"""What is known of the entities of live data sets, in rows of their own."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "live_statistics",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("entities", sa.BigInteger, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.Column("box", ARRAY(sa.Float), comment="West, south, east, north in degrees"),
        sa.Column("attributes", JSONB, nullable=False),
    )
