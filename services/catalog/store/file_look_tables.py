"""The table of what was seen in uploaded files that are no tables of text."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.file_tables import FOLLOWING
from services.catalog.store.tables import metadata

file_look = Table(
    "file_look",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("file_id", Uuid, ForeignKey("stored_file.file_id", **FOLLOWING), primary_key=True),
    Column("look", JSONB(none_as_null=True), comment="None where there is nothing to see"),
    Column("places", JSONB, nullable=False, comment="Features for a map"),
    Index("file_look_tenant", "tenant_id"),
)
