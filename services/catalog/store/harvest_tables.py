"""The tables of harvests."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata

_NOTHING = text("''")

harvest_source = Table(
    "harvest_source",
    metadata,
    Column("source_id", Integer, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("unit", Text, nullable=False, server_default=text("'/'")),
    Column("every_s", Integer),
    Column("query", Text, nullable=False, server_default=_NOTHING),
    Column("state", Text, nullable=False, server_default=text("'published'")),
    Column("access", Text, nullable=False, server_default=text("'public'")),
    Column("is_enabled", Boolean, nullable=False, server_default=text("true")),
    Column("next_at", DateTime(timezone=True), comment="When it is read next"),
    Column("leased_until", DateTime(timezone=True), comment="Until when one replica reads it"),
    Column("leased_by", Text, nullable=False, server_default=_NOTHING),
    Column("created_by", Text, nullable=False, server_default=_NOTHING),
    UniqueConstraint("tenant_id", "name", name="harvest_source_name_key"),
)

harvest_record = Table(
    "harvest_record",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("source_id", Integer, ForeignKey("harvest_source.source_id", ondelete="CASCADE"), primary_key=True),
    Column("remote_id", Text, primary_key=True),
    Column("uri", Text, nullable=False, server_default=_NOTHING),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="SET NULL")),
    Column("fingerprint", Text, nullable=False),
    Column("run_id", BigInteger, nullable=False, comment="The run that last saw it"),
    Column("is_gone", Boolean, nullable=False, server_default=text("false")),
    Column("error", Text, nullable=False, server_default=_NOTHING),
)
Index("harvest_record_uri", harvest_record.c.tenant_id, harvest_record.c.uri)
Index("harvest_record_dataset", harvest_record.c.dataset_id)

harvest_run = Table(
    "harvest_run",
    metadata,
    Column("run_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("source_id", Integer, ForeignKey("harvest_source.source_id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("note", Text, nullable=False, server_default=_NOTHING),
    Column("counts", JSONB, nullable=False),
    Column("errors", JSONB, nullable=False, comment="The first hundred: remote_id and message"),
    Column("place", Text, nullable=False, server_default=_NOTHING, comment="Where the next page begins"),
)
Index("harvest_run_source", harvest_run.c.source_id, harvest_run.c.run_id)
