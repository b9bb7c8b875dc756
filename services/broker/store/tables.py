"""The broker's tables as they are declared; a test holds the migrated schema equal. Statements are in `.sql` files."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType

from services.kernel.audit import audit_tables
from services.kernel.metering import usage_tables
from services.kernel.ratelimit import rate_window_table
from services.kernel.tenancy import tenant_table

metadata = MetaData()
tenant = tenant_table(metadata)
usage_tables(metadata)
rate_window_table(metadata)
audit_tables(metadata)

_C = Text(collation="C")
_INSTANT = DateTime(timezone=True)
_NOTHING = text("0")


class Box(UserDefinedType[str]):
    """PostgreSQL's `box`."""

    cache_ok = True

    def get_col_spec(self, **kw: object) -> str:
        """Return the type's name."""
        return "BOX"


def _tenant_id() -> Column[int]:
    return Column("tenant_id", Integer, primary_key=True, autoincrement=False)


tenant_version = Table(
    "tenant_version",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("subscriptions", BigInteger, nullable=False, server_default=_NOTHING),
    Column("registrations", BigInteger, nullable=False, server_default=_NOTHING),
)

entity = Table(
    "entity",
    metadata,
    _tenant_id(),
    Column("id", _C, primary_key=True),
    Column("type", _C, primary_key=True),
    Column("path", _C, primary_key=True, server_default=text("'/'")),
    Column("uri", _C, nullable=False),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("types", ARRAY(_C)),
    Column("scopes", ARRAY(_C)),
    Column("attrs", JSONB, nullable=False),
    Column("area", Box),
    Column("created_at", _INSTANT, nullable=False),
    Column("modified_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Index("entity_uri", "tenant_id", "uri"),
    Index("entity_seq", "tenant_id", "seq", unique=True),
    Index("entity_type", "tenant_id", "type", "seq"),
    Index("entity_types", "types", postgresql_using="gin", postgresql_where=text("types is not null")),
    Index("entity_area", "area", postgresql_using="gist", postgresql_where=text("area is not null")),
    Index("entity_expires", "expires_at", postgresql_where=text("expires_at is not null")),
)

history = Table(
    "history",
    metadata,
    Column("tenant_id", Integer, nullable=False),
    Column("uri", _C, nullable=False),
    Column("attribute", _C, nullable=False),
    Column("recorded_at", _INSTANT, nullable=False),
    Column("observed_at", _INSTANT),
    Column("seq", BigInteger, nullable=False),
    Column("change", Text, nullable=False),
    Column("instance", JSONB),
    Index("history_attribute", "tenant_id", "uri", "attribute", "recorded_at"),
)

batch_key = Table(
    "batch_key",
    metadata,
    _tenant_id(),
    Column("key", _C, primary_key=True),
    Column("answer", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False, server_default=func.now()),
    Index("batch_key_created", "created_at"),
)

item_key = Table(
    "item_key",
    metadata,
    _tenant_id(),
    Column("key", _C, primary_key=True),
    Column("created_at", _INSTANT, nullable=False, server_default=func.now()),
    Index("item_key_created", "created_at", postgresql_using="brin"),
)

subscription = Table(
    "subscription",
    metadata,
    _tenant_id(),
    Column("id", _C, primary_key=True),
    Column("face", Text, nullable=False),
    Column("paths", _C, nullable=False),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("revision", BigInteger, nullable=False, server_default=text("1")),
    Column("is_active", Boolean, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("modified_at", _INSTANT, nullable=False),
    Index("subscription_face", "tenant_id", "face", "seq"),
)

subscription_change = Table(
    "subscription_change",
    metadata,
    _tenant_id(),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("subscription_id", _C, nullable=False),
)

lane = Table(
    "lane",
    metadata,
    _tenant_id(),
    Column("subscription_id", _C, primary_key=True),
    Column("lease_owner", Text),
    Column("lease_until", _INSTANT),
    Column("retry_at", _INSTANT),
    Column("attempts", Integer, nullable=False, server_default=_NOTHING),
    Column("throttle_from", _INSTANT),
    Column("due_at", _INSTANT),
    Column("times_sent", BigInteger, nullable=False, server_default=_NOTHING),
    Column("times_failed", BigInteger, nullable=False, server_default=_NOTHING),
    Column("fails_in_row", Integer, nullable=False, server_default=_NOTHING),
    Column("last_notification", _INSTANT),
    Column("last_success", _INSTANT),
    Column("last_success_code", Integer),
    Column("last_failure", _INSTANT),
    Column("last_failure_reason", Text),
    Index("lane_due", "due_at", postgresql_where=text("due_at is not null")),
)


def _notice_columns(seq: Column[int]) -> list[Column[object]]:
    return [
        _tenant_id(),  # type: ignore[list-item]
        Column("subscription_id", _C, primary_key=True),
        seq,  # type: ignore[list-item]
        Column("kind", Text, nullable=False),
        Column("entities", JSONB, nullable=False),
        Column("previous", JSONB),
        Column("touched", JSONB, nullable=False),
        Column("correlator", Text, nullable=False),
        Column("created_at", _INSTANT, nullable=False),
    ]


outbox = Table(
    "outbox",
    metadata,
    *_notice_columns(Column("seq", BigInteger, Identity(always=True), primary_key=True)),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    *_notice_columns(Column("seq", BigInteger, primary_key=True, autoincrement=False)),
    Column("parked_at", _INSTANT, nullable=False),
    Column("reason", Text, nullable=False),
)

ld_context = Table(
    "ld_context",
    metadata,
    Column("id", _C, primary_key=True),
    Column("tenant_id", Integer),
    Column("kind", Text, nullable=False),
    Column("url", _C, unique=True),
    Column("document", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("last_used_at", _INSTANT),
    Column("uses", BigInteger, nullable=False, server_default=_NOTHING),
    Index("ld_context_tenant", "tenant_id", "created_at"),
)

registration = Table(
    "registration",
    metadata,
    _tenant_id(),
    Column("id", _C, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("mode", Text, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("context", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("modified_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("fiware", JSONB, nullable=False, server_default=text("'{}'")),
    Column("times_sent", BigInteger, nullable=False, server_default=_NOTHING),
    Column("times_failed", BigInteger, nullable=False, server_default=_NOTHING),
    Column("last_success", _INSTANT),
    Column("last_failure", _INSTANT),
    Index("registration_seq", "tenant_id", "seq"),
)

v2_registration = Table(
    "v2_registration",
    metadata,
    _tenant_id(),
    Column("id", _C, primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    Column("path", _C, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Column("expires_at", _INSTANT),
    Column("times_sent", BigInteger, nullable=False, server_default=_NOTHING),
    Column("last_forwarding", _INSTANT),
    Column("last_success", _INSTANT),
    Column("last_failure", _INSTANT),
    Index("v2_registration_seq", "tenant_id", "seq"),
)

shape_count = Table(
    "shape_count",
    metadata,
    Column("tenant_id", Integer, nullable=False),
    Column("shape", JSONB, nullable=False),
    Column("entities", BigInteger, nullable=False),
    Index("shape_count_tenant", "tenant_id"),
)

attribute_index = Table(
    "attribute_index",
    metadata,
    _tenant_id(),
    Column("attribute", _C, primary_key=True),
    Column("is_ready", Boolean, nullable=False, server_default=text("false")),
    Column("declared_in", BigInteger, nullable=False),
    Column("declared_at", _INSTANT, nullable=False, server_default=func.now()),
)

indexed_value = Table(
    "indexed_value",
    metadata,
    Column("tenant_id", Integer, nullable=False),
    Column("attribute", _C, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("number", Double),
    Column("word", _C),
    Index(
        "indexed_value_number",
        "tenant_id",
        "attribute",
        "number",
        "seq",
        postgresql_where=text("number is not null"),
    ),
    Index("indexed_value_word", "tenant_id", "attribute", "word", "seq", postgresql_where=text("word is not null")),
    Index("indexed_value_entity", "tenant_id", "seq"),
)

transient = Table(
    "transient",
    metadata,
    _tenant_id(),
    Column("uri", _C, primary_key=True),
    Column("expires_at", _INSTANT, primary_key=True),
    Index("transient_expires", "expires_at"),
    Index("transient_of_tenant", "tenant_id", "expires_at"),
)

change_log = Table(
    "change_log",
    metadata,
    _tenant_id(),
    Column(
        "xid",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        server_default=text("pg_current_xact_id()::text::bigint"),
    ),
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("entity", JSONB, nullable=False),
    Column("previous", JSONB, nullable=False),
    Column("written", JSONB, nullable=False),
    Column("forced", Boolean, nullable=False),
    Column("created_at", _INSTANT, nullable=False),
    Index("change_log_created", "created_at"),
)

stream_demand = Table(
    "stream_demand",
    metadata,
    _tenant_id(),
    Column("wanted_until", _INSTANT, nullable=False),
    Column("floor_xid", BigInteger, nullable=False),
)
