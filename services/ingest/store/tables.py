"""The tables of ingest. The schema is the role's search path, so none is named here."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.kernel.audit import audit_tables
from services.kernel.metering import usage_tables
from services.kernel.ratelimit import rate_window_table
from services.kernel.tenancy import tenant_table

metadata = MetaData()
tenant = tenant_table(metadata)
usage_tables(metadata)
rate_window_table(metadata)
audit_tables(metadata)

# A measure names only its API key, so groups are unique by it across tenants, as in FIWARE's data model; an empty one
# no measure names.
device_group = Table(
    "device_group",
    metadata,
    Column("group_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("service_path", Text, nullable=False),
    Column("resource", Text, nullable=False),
    Column("apikey", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    UniqueConstraint("tenant_id", "apikey", "resource", name="device_group_identity_key"),
    Index("device_group_apikey_resource_idx", "apikey", "resource", unique=True, postgresql_where=text("apikey <> ''")),
    Index("device_group_tenant_id_service_path_idx", "tenant_id", "service_path"),
)

device = Table(
    "device",
    metadata,
    Column("device_key", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("service_path", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("apikey", Text, nullable=False, server_default=text("''")),
    Column("fields", JSONB, nullable=False),
    Column("last_measure", JSONB(none_as_null=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    UniqueConstraint("tenant_id", "service_path", "device_id", "apikey", name="device_identity_key"),
    Index("device_device_id_apikey_idx", "device_id", "apikey"),
)

registry_version = Table(
    "registry_version",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default=text("true")),
    Column("version", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("only_row", name="registry_version_only_row_check"),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("letter_id", BigInteger, Identity(always=True), primary_key=True),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id")),
    Column("source", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("apikey", Text),
    Column("device_id", Text),
    Column("attribute", Text),
    Column("payload", LargeBinary, nullable=False),
    Column("payload_size", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("dead_letter_tenant_id_reason_idx", "tenant_id", "reason", "letter_id"),
    Index("dead_letter_received_at_idx", "received_at"),
)

import_run = Table(
    "import_run",
    metadata,
    Column("run_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("status", Text, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("plan", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("import_run_tenant_id_idx", "tenant_id", "run_id"),
)

# A command lives until its result comes or it expires; what became of it is in the entity.
command = Table(
    "command",
    metadata,
    Column("command_id", BigInteger, Identity(always=True), primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("device_key", BigInteger, ForeignKey("device.device_key", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("value", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("state in ('queued', 'stored', 'delivered')", name="command_state_check"),
    Index("command_device_key_idx", "device_key", "command_id"),
    Index("command_due_at_idx", "due_at"),
)

# Outlives its device: the broker's registrations have to be taken back.
commanded_entity = Table(
    "commanded_entity",
    metadata,
    Column("device_key", BigInteger, primary_key=True, autoincrement=False),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("service_path", Text, nullable=False),
    Column("entity_id", Text, nullable=False),
    Column("entity_type", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("registrations", JSONB, nullable=False),
    Index("commanded_entity_tenant_id_entity_id_idx", "tenant_id", "entity_id"),
)

device_state = Table(
    "device_state",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("service_path", Text, nullable=False),
    Column("device_id", Text, nullable=False),
    Column("apikey", Text, nullable=False, server_default=text("''")),
    Column("entity_id", Text, nullable=False),
    Column("expected_s", Double),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("battery", Double),
    Column("told", Text),
    Column("properties", ARRAY(Text), nullable=False, server_default=text("'{}'::text[]")),
    PrimaryKeyConstraint("tenant_id", "device_id", "service_path", "apikey"),
    Index("device_state_last_seen_at_idx", "last_seen_at", postgresql_where=text("expected_s is not null")),
)
