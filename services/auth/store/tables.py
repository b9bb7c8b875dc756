"""The tables of auth, in the schema `auth`."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()
_now = text("now()")

tenant = Table(
    "tenant",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("title", Text),
    Column("title_en", Text),
    Column("code", Text, unique=True),
    Column("parent", Text, ForeignKey("tenant.name"), index=True),
    Column("population", Integer),
    Column("default_context", Text),
    Column("billing_party", Text, ForeignKey("tenant.name"), index=True),
    Column("quotas", JSONB, nullable=False, server_default=text("'{}'")),
    Column("retention", JSONB, nullable=False, server_default=text("'{}'")),
    Column("inherits", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("open_data", JSONB, nullable=False, server_default=text("'[]'")),
    Column("access", JSONB, nullable=False, server_default=text("'{}'")),
    Column("device_keys", Text, nullable=False, server_default=text("'optional'")),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("position", BigInteger, nullable=False, unique=True),
    CheckConstraint("name ~ '^[a-z0-9_][a-z0-9_-]{0,49}$'", name="tenant_name_check"),
    CheckConstraint("kind in ('prefecture', 'municipality', 'association', 'other')", name="tenant_kind_check"),
    CheckConstraint("status in ('active', 'suspended', 'deleting')", name="tenant_status_check"),
    CheckConstraint("code ~ '^[0-9]{6}$'", name="tenant_code_check"),
    CheckConstraint("parent <> name", name="tenant_parent_check"),
    CheckConstraint("device_keys in ('optional', 'required')", name="tenant_device_keys_check"),
)
"""Who shares the installation. `position` is the place of the last change in the change feed."""

tenant_deletion = Table(
    "tenant_deletion",
    metadata,
    Column("name", Text, ForeignKey("tenant.name", ondelete="CASCADE"), primary_key=True),
    Column("service", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("confirmed_at", DateTime(timezone=True), nullable=False, server_default=_now),
)
"""Which services hold nothing more of a tenant that is being deleted, and how many rows each had."""

tombstone = Table(
    "tombstone",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),
    Column("code", Text),
    Column("title", Text),
    Column("rows", JSONB, nullable=False),
    Column("deleted_at", DateTime(timezone=True), nullable=False),
)
"""Tenants that are gone, in the change feed at `position`; a tenant created anew takes its tombstone away."""

feed = Table(
    "feed",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""The last position given out, one row a feed: its lock makes positions commit in their order."""

client = Table(
    "client",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("secret_hash", Text, nullable=False),
    Column("title", Text),
    Column("status", Text, nullable=False),
    Column("grants", JSONB, nullable=False),
    Column("tenants", ARRAY(Text), nullable=False),
    Column("grant_types", ARRAY(Text), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("secret_changed_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("status in ('active', 'suspended')", name="client_status_check"),
    Index("client_tenants", "tenants", postgresql_using="gin"),
)
"""Programs. `tenants` are the tenants that `grants` name, for the question who may do something in one."""

policy_change = Table(
    "policy_change",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, nullable=False, unique=True),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""Whose grants have changed, and where in the feed: tokens issued before that position are outdated."""

device_key = Table(
    "device_key",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key_hash", Text, nullable=False),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text),
    Column("status", Text, nullable=False),
    Column("grants", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("expires_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    CheckConstraint("status in ('active', 'revoked')", name="device_key_status_check"),
)
"""Keys that devices and small programs send as they are; only their SHA-256 is kept, they are 256 random bits."""

hub_user = Table(
    "hub_user",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), index=True),
    Column("name", Text),
    Column("password_hash", Text),
    Column("status", Text, nullable=False),
    Column("ial", Integer, nullable=False, server_default=text("0")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("locked_until", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("password_changed_at", DateTime(timezone=True)),
    CheckConstraint("status in ('active', 'suspended')", name="hub_user_status_check"),
    CheckConstraint("ial between 0 and 3", name="hub_user_ial_check"),
)
"""People. `failures` counts wrong passwords in a row; `tenant` is where somebody belongs, null for the operator's."""

organisation = Table(
    "organisation",
    metadata,
    Column("organisation_id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
)
"""Departments, companies, groups: who belongs to one has its roles."""

membership = Table(
    "membership",
    metadata,
    Column("organisation_id", Text, ForeignKey("organisation.organisation_id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", Text, ForeignKey("hub_user.user_id", ondelete="CASCADE"), primary_key=True, index=True),
)

role_binding = Table(
    "role_binding",
    metadata,
    Column("binding_id", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("hub_user.user_id", ondelete="CASCADE"), index=True),
    Column("organisation_id", Text, ForeignKey("organisation.organisation_id", ondelete="CASCADE"), index=True),
    Column("role", Text, nullable=False),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), index=True),
    Column("valid_until", DateTime(timezone=True)),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("(user_id is null) <> (organisation_id is null)", name="role_binding_holder_check"),
)
"""Who has which role at which node of the tree; without a tenant, in the whole installation."""

audit_record = Table(
    "audit_record",
    metadata,
    Column("segment", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("tenant", Text),
    Column("status", Integer, nullable=False),
    Column("document", JSONB, nullable=False),
    Index("audit_record_at", "at"),
    Index("audit_record_tenant", "tenant", "at"),
)
"""What was done and refused, a chain of hashes in each segment; a trigger refuses every change and deletion."""

signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public_key", JSONB, nullable=False),
    Column("sealed_key", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("active_from", DateTime(timezone=True), nullable=False),
    Column("published_until", DateTime(timezone=True)),
)
"""Keys that sign tokens, from `active_from` until a later one is active; published until `published_until`."""
