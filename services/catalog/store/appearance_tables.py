"""The table of tenants' appearances, and what tells of a publisher beside its data sets."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, LargeBinary, Table, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata, tenant

tenant_appearance = Table(
    "tenant_appearance",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("appearance", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("emblem", Text, nullable=False, server_default=text("''"), comment="SHA-256 of the picture, hexadecimal"),
    Column("picture", LargeBinary, comment="PNG"),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("changed_by", Text, nullable=False),
)

APPEARANCE = """(select appearance || jsonb_build_object('emblem', emblem)
from tenant_appearance where tenant_appearance.tenant_id = tenant.tenant_id)"""
"""The appearance of the tenant in whose row it stands; null for one that has none."""

PUBLISHER = (
    tenant.c.name.label("tenant_name"),
    tenant.c.details.label("tenant_details"),
    literal_column(APPEARANCE, JSONB).label("tenant_appearance"),
)
"""What a publisher is made of, beside its `tenant_id`."""
