"""The tables of services and their providers."""

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.auth.store.tables import metadata

_now = text("now()")
_none = text("0")


def _service(*, primary_key: bool = False, nullable: bool = False, name: str = "service_id") -> Column[str]:
    reference = ForeignKey("provided_service.service_id", ondelete="CASCADE")
    return Column(name, Text, reference, primary_key=primary_key, nullable=nullable, index=not primary_key)


provided_service = Table(
    "provided_service",
    metadata,
    Column("service_id", Text, primary_key=True),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("provider", Text, ForeignKey("organisation.organisation_id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("description", Text),
    Column("area", Text, nullable=False),
    Column("storage", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("purposes", ARRAY(Text), nullable=False),
    Column("checklist", JSONB, nullable=False, server_default=text("'{}'")),
    Column("ial", Integer, nullable=False, server_default=_none),
    Column("aal", Integer, nullable=False, server_default=_none),
    Column("asked_ial", Integer, nullable=False, server_default=_none),
    Column("asked_aal", Integer, nullable=False, server_default=_none),
    Column("starts_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("next_audit_at", DateTime(timezone=True)),
    Column("applied_by", Text, nullable=False),
    Column("approved_by", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    Column("approved_at", DateTime(timezone=True)),
    Column("modified_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("storage in ('external', 'internal', 'separated')", name="provided_service_storage_check"),
    CheckConstraint(
        "status in ('applied', 'approved', 'active', 'suspended', 'ended')", name="provided_service_status_check"
    ),
    CheckConstraint("ial between 0 and 3", name="provided_service_ial_check"),
    CheckConstraint("aal between 0 and 3", name="provided_service_aal_check"),
    CheckConstraint("asked_ial between 0 and 3", name="provided_service_asked_ial_check"),
    CheckConstraint("asked_aal between 0 and 3", name="provided_service_asked_aal_check"),
)
"""What organisations provide under a tenant. `ial` and `aal` are its own levels, the asked ones those of its users."""

service_client = Table(
    "service_client",
    metadata,
    Column("client_id", Text, ForeignKey("client.client_id", ondelete="CASCADE"), primary_key=True),
    _service(),
)
"""The programs of a service: each belongs to one."""

agreement = Table(
    "agreement",
    metadata,
    Column("agreement_id", Text, primary_key=True),
    _service(),
    Column("tenant", Text, ForeignKey("tenant.name", ondelete="CASCADE"), nullable=False, index=True),
    _service(name="user_service", nullable=True),
    Column("user_client", Text, ForeignKey("client.client_id", ondelete="CASCADE"), index=True),
    Column("actions", ARRAY(Text), nullable=False),
    Column("types", ARRAY(Text), nullable=False),
    Column("attributes", ARRAY(Text), nullable=False),
    Column("attests", Boolean, nullable=False, server_default=text("false")),
    Column("starts_at", DateTime(timezone=True)),
    Column("ends_at", DateTime(timezone=True)),
    Column("made_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=_now),
    CheckConstraint("(user_service is null) <> (user_client is null)", name="agreement_user_check"),
)
"""Who may use a service's data, for what, from when to when; `tenant` is the service's."""

service_audit = Table(
    "service_audit",
    metadata,
    Column("audit_id", Text, primary_key=True),
    _service(),
    Column("audited_at", DateTime(timezone=True), nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("note", Text),
    Column("audited_by", Text, nullable=False),
)
"""Audits of services after they have started."""
