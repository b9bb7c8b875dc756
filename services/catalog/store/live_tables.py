"""The table of what is known of live data sets' entities: its rows change every few seconds, data sets' rarely."""

from sqlalchemy import BigInteger, Column, DateTime, Float, ForeignKey, Integer, Table, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.catalog.store.tables import metadata

live_statistics = Table(
    "live_statistics",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
    Column("entities", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True)),
    Column("box", ARRAY(Float), comment="West, south, east, north in degrees"),
    Column("attributes", JSONB, nullable=False),
)
