"""The table of data maps that were drawn, each as it was then."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata

data_map = Table(
    "data_map",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("map_id", BigInteger, Identity(always=True), primary_key=True),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False),
    Index("data_map_made", "tenant_id", "made_at"),
)
