"""The tables of imports, mappings and connectors, beside those of `tables`."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.ingest.store.tables import metadata

# What is left to do of a run: the document, and how many of its records are done. Gone when the run has ended.
import_job = Table(
    "import_job",
    metadata,
    Column("run_id", BigInteger, ForeignKey("import_run.run_id", ondelete="CASCADE"), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("position", BigInteger, nullable=False, server_default=text("0")),
    Column("holder", Text, nullable=False),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Index("import_job_tenant_id_idx", "tenant_id"),
    Index("import_job_leased_until_idx", "leased_until"),
)

# `cells` is json, not jsonb: the columns keep their order.
import_refusal = Table(
    "import_refusal",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("run_id", BigInteger, ForeignKey("import_run.run_id", ondelete="CASCADE"), primary_key=True),
    Column("part", Text, primary_key=True),
    Column("row_number", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("cells", JSON, nullable=False),
    Index("import_refusal_run_id_idx", "run_id"),
)

import_mapping = Table(
    "import_mapping",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)

connector = Table(
    "connector",
    metadata,
    Column("connector_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("service_path", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("secret", Text, nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("next_at", DateTime(timezone=True)),
    Column("holder", Text),
    Column("leased_until", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("state", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    UniqueConstraint("tenant_id", "name", name="connector_tenant_id_name_key"),
    CheckConstraint("failures >= 0", name="connector_failures_check"),
    Index("connector_next_at_idx", "next_at", postgresql_where=text("is_active")),
)
