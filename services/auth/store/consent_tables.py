"""The tables of consents."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.auth.store.tables import metadata

consent = Table(
    "consent",
    metadata,
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("service_id", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("type", Text, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("given", Boolean, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, nullable=False, unique=True),
    Index("consent_service", "service_id"),
)
"""Consents as they stand; one that was withdrawn stays as not given. `position` is the place in the feed."""

consent_receipt = Table(
    "consent_receipt",
    metadata,
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("document", JSONB, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Receipts, a chain of hashes in each tenant; a trigger refuses every change."""
