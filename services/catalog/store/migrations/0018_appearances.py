"""How tenants show themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "tenant_appearance",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
        sa.Column("appearance", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.Column(
            "emblem",
            sa.Text,
            nullable=False,
            server_default=sa.text("''"),
            comment="SHA-256 of the picture, hexadecimal",
        ),
        sa.Column("picture", sa.LargeBinary, comment="PNG"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
