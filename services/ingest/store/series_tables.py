"""The table of series: which edition of documents that replace each other was written last, and what it left open."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.ingest.store.tables import metadata

# `named` and `former` are types by entity id: what the newest edition names, and what earlier ones named and left open.
series = Table(
    "series",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("service_path", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("named", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("former", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
)
