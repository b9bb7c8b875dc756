"""The table of data sets whose entities say that they are late. No key to data sets: of those that go, that is told."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Uuid

from services.catalog.store.tables import metadata

told_late = Table(
    "told_late",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("dataset_id", Uuid, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
)
