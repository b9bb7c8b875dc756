"""The table of working copies of published data sets."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata

working_copy = Table(
    "working_copy",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
    Column("before", JSONB, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("changed_by", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("submitted_by", Text, nullable=False, server_default=text("''")),
    Column("note", Text, nullable=False, server_default=text("''")),
)
