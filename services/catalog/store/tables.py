"""The tables of the catalogue, in the schema that the search path names."""

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.kernel.tenancy import tenant_table

metadata = MetaData()
tenant = tenant_table(metadata)

_NO_TEXTS = text("'{}'")
_NO_JSON = text("'{}'::jsonb")

dataset = Table(
    "dataset",
    metadata,
    Column("dataset_id", Uuid, primary_key=True),
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("name", Text, nullable=False, comment="In addresses; never changes"),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'published'")),
    Column("withdrawn_because", Text),
    Column("access", Text, nullable=False, server_default=text("'public'")),
    Column("titles", JSONB, nullable=False),
    Column("descriptions", JSONB, nullable=False),
    Column("licence", Text, nullable=False),
    Column("licence_text", Text, nullable=False, server_default=text("''")),
    Column("themes", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("keywords", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("languages", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("spatial", Text),
    Column("frequency", Text),
    Column("issued", Text),
    Column("modified", Text),
    Column("contact", JSONB),
    Column("landing_page", Text),
    Column("extras", JSONB, nullable=False, server_default=_NO_JSON),
    Column("source", Text, comment="Which list the entry comes from"),
    Column("source_key", Text, comment="Hash of the entry's address and name in the list"),
    Column("source_url", Text),
    Column("source_name", Text),
    Column("edited", ARRAY(Text), nullable=False, server_default=_NO_TEXTS, comment="Set by hand: sources leave it"),
    Column("entity_type", Text, comment="Full name of the live type"),
    Column("type_name", Text),
    Column("attributes", ARRAY(Text)),
    Column("entity_count", BigInteger),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    Column("tags", ARRAY(Text), nullable=False, comment="Keywords in CKAN's alphabet"),
    Column("formats", ARRAY(Text), nullable=False, comment="Folded formats of all distributions"),
    Column("heading", Text, nullable=False, comment="Normalised titles and name, for ranking"),
    Column("document", Text, nullable=False, comment="Normalised text, for verification"),
    Column("terms", ARRAY(Text), nullable=False, comment="Its characters and pairs of characters"),
    UniqueConstraint("name", name="dataset_name_key"),
    UniqueConstraint("tenant_id", "source", "source_key", name="dataset_source_key"),
    UniqueConstraint("tenant_id", "entity_type", name="dataset_entity_type_key"),
    CheckConstraint("kind in ('file', 'live')", name="dataset_kind_check"),
    CheckConstraint("state in ('published', 'withdrawn')", name="dataset_state_check"),
    CheckConstraint("access in ('public', 'restricted')", name="dataset_access_check"),
    CheckConstraint(
        "(state = 'withdrawn') = (withdrawn_because is not null)"
        " and withdrawn_because in ('publisher', 'vanished') is not false",
        name="dataset_withdrawal_check",
    ),
    CheckConstraint("(kind = 'live') = (entity_type is not null)", name="dataset_live_check"),
)
Index("dataset_order", dataset.c.created_at, dataset.c.dataset_id)
Index("dataset_modified", dataset.c.updated_at)
Index("dataset_terms", dataset.c.terms, postgresql_using="gin")
Index("dataset_tags", dataset.c.tags, postgresql_using="gin")
Index("dataset_themes", dataset.c.themes, postgresql_using="gin")
Index("dataset_formats", dataset.c.formats, postgresql_using="gin")

distribution = Table(
    "distribution",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("distribution_id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("access_url", Text, nullable=False),
    Column("download_url", Text, nullable=False),
    Column("fields", JSONB, nullable=False, server_default=_NO_JSON),
    UniqueConstraint("distribution_id", name="distribution_id_key"),
)
