"""Uploaded files: what is known of each, their bytes in portions, their rows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column("dataset_id", sa.Uuid, sa.ForeignKey("dataset.dataset_id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("byte_size", sa.BigInteger, nullable=False),
        sa.Column("checksum", sa.Text, nullable=False, comment="SHA-256, hexadecimal"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("encoding", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("delimiter", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("table_rows", sa.BigInteger, comment="Rows of the table; none for other files"),
        sa.Column("columns", JSONB, comment="Profile of each column"),
        sa.Column("table_schema", JSONB, comment="Table Schema that it was held against"),
        sa.Column("validation", JSONB),
        sa.UniqueConstraint("dataset_id", "name", name="stored_file_name_key"),
    )
    for name, *columns in (
        ("file_portion", sa.Column("content", sa.LargeBinary, nullable=False)),
        ("file_row", sa.Column("cells", JSONB, nullable=False)),
    ):
        op.create_table(
            name,
            sa.Column("tenant_id", sa.Integer, sa.ForeignKey("tenant.tenant_id"), nullable=False),
            sa.Column("file_id", sa.Uuid, sa.ForeignKey("stored_file.file_id", ondelete="CASCADE"), primary_key=True),
            sa.Column(
                "number",
                sa.Integer,
                primary_key=True,
                comment="From 1, below the header" if name == "file_row" else None,
            ),
            *columns,
        )
    op.execute("alter table file_portion alter column content set storage external")
    op.create_index("file_row_tenant", "file_row", ["tenant_id"])
    op.create_index("file_portion_tenant", "file_portion", ["tenant_id"])
