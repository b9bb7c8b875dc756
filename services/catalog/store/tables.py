"""The tables of the catalogue, in the schema that the search path names."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
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

from services.kernel.audit import audit_tables
from services.kernel.metering import usage_tables
from services.kernel.ratelimit import rate_window_table
from services.kernel.tenancy import tenant_table

metadata = MetaData()
tenant = tenant_table(metadata)
usage_tables(metadata)
rate_window_table(metadata)
audit_tables(metadata)

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
    Column("box", ARRAY(Float), comment="West, south, east, north in degrees"),
    Column("temporal_start", Text),
    Column("temporal_end", Text),
    Column("max_age_s", BigInteger),
    Column("data_class", Text, nullable=False, server_default=text("'none'")),
    Column("policy", JSONB(none_as_null=True)),
    Column("provenance", JSONB, nullable=False, server_default=_NO_JSON),
    Column("creator", JSONB(none_as_null=True)),
    Column("version_label", Text, nullable=False, server_default=text("''")),
    Column("conforms_to", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("documentation", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("sources", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("source_system", Text, nullable=False, server_default=text("''")),
    Column("series", Text, ForeignKey("dataset.name", ondelete="SET NULL"), comment="Name of its series"),
    Column("endpoint_url", Text),
    Column("endpoint_description", Text),
    Column("serves", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
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
    Column("unit", Text, nullable=False, server_default=text("'/'"), comment="Service path of the department"),
    Column("version", Integer, nullable=False, server_default=text("0"), comment="How often it was published"),
    Column("published_at", DateTime(timezone=True)),
    Column("access_by", Text, nullable=False, server_default=text("'default'"), comment="What decided over access"),
    Column("submitted_by", Text, nullable=False, server_default=text("''"), comment="Who sent it to review"),
    Column("due_at", DateTime(timezone=True), comment="When it is late"),
    Column("covers_from", DateTime(timezone=True)),
    Column("covers_to", DateTime(timezone=True)),
    Column("tags", ARRAY(Text), nullable=False, comment="Keywords in CKAN's alphabet"),
    Column("formats", ARRAY(Text), nullable=False, comment="Folded formats of all distributions"),
    Column("heading", Text, nullable=False, comment="Normalised titles and name, for ranking"),
    Column("document", Text, nullable=False, comment="Normalised text: titles, labels, prose, names of columns"),
    Column("title_end", Integer, nullable=False, server_default=text("0"), comment="End of the titles in document"),
    Column("labels_end", Integer, nullable=False, server_default=text("0"), comment="End of the labels in document"),
    Column("prose_end", Integer, nullable=False, server_default=text("0"), comment="End of the prose in document"),
    Column("terms", ARRAY(Text), nullable=False, comment="Its characters and their pairs; the titles' marked"),
    Column("fresh_at", DateTime(timezone=True), nullable=False, comment="When the data last changed"),
    Column(
        "analysed_as",
        Text,
        nullable=False,
        server_default=text("''"),
        comment="Rules and publisher's titles that the search columns are made with",
    ),
    UniqueConstraint("name", name="dataset_name_key"),
    UniqueConstraint("tenant_id", "source", "source_key", name="dataset_source_key"),
    UniqueConstraint("tenant_id", "entity_type", name="dataset_entity_type_key"),
    CheckConstraint("kind in ('file', 'live', 'series', 'service')", name="dataset_kind_check"),
    CheckConstraint("state in ('draft', 'review', 'published', 'private', 'withdrawn')", name="dataset_state_check"),
    CheckConstraint("access in ('public', 'restricted')", name="dataset_access_check"),
    CheckConstraint("access_by in ('default', 'open-data', 'hand')", name="dataset_access_by_check"),
    CheckConstraint(
        "(state = 'withdrawn') = (withdrawn_because is not null)"
        " and withdrawn_because in ('publisher', 'vanished') is not false",
        name="dataset_withdrawal_check",
    ),
    CheckConstraint("box is null or cardinality(box) = 4", name="dataset_box_check"),
    Index(
        "dataset_box",
        text("box(point(box[1], box[2]), point(box[3], box[4]))"),
        postgresql_using="gist",
        postgresql_where=text("box is not null"),
    ),
    CheckConstraint("(kind = 'live') = (entity_type is not null)", name="dataset_live_check"),
)
Index("dataset_order", dataset.c.created_at, dataset.c.dataset_id)
Index("dataset_modified", dataset.c.updated_at)
Index("dataset_unit", dataset.c.tenant_id, dataset.c.unit)
Index("dataset_series", dataset.c.series, postgresql_where=dataset.c.series.is_not(None))
Index("dataset_due", dataset.c.due_at, postgresql_where=dataset.c.due_at.is_not(None))
Index("dataset_fresh", dataset.c.fresh_at)
Index(
    "dataset_found",
    *(dataset.c.terms, dataset.c.tags, dataset.c.themes, dataset.c.formats, text("(ARRAY[tenant_id])")),
    postgresql_using="gin",
)

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
    Column("licence", Text, nullable=False, server_default=text("''")),
    Column("byte_size", BigInteger),
    Column("checksum", Text, nullable=False, server_default=text("''"), comment="SHA-256, hexadecimal"),
    Column("issued", Text),
    Column("modified", Text),
    Column("conforms_to", ARRAY(Text), nullable=False, server_default=_NO_TEXTS),
    Column("availability", Text, nullable=False, server_default=text("''")),
    Column("fields", JSONB, nullable=False, server_default=_NO_JSON),
    UniqueConstraint("distribution_id", name="distribution_id_key"),
)
