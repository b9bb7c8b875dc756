"""The tables of published versions and of the publishers' units."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, Integer, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata

dataset_version = Table(
    "dataset_version",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("published_by", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=text("''")),
    Column("content", JSONB, nullable=False),
)

Index("dataset_version_published", dataset_version.c.published_at.desc())

unit = Table(
    "unit",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("titles", JSONB, nullable=False),
    Column("email", Text, nullable=False, server_default=text("''")),
)
