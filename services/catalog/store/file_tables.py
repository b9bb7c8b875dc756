"""The tables of uploaded files: what is known of each, its bytes in portions, its rows where it is a table."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.catalog.store.tables import metadata

FOLLOWING: Final[dict[str, Any]] = {"ondelete": "CASCADE", "onupdate": "CASCADE"}
"""A file of a working copy takes the identifier of its distribution when it is published."""

stored_file = Table(
    "stored_file",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("file_id", Uuid, primary_key=True),
    Column("dataset_id", Uuid, ForeignKey("dataset.dataset_id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("byte_size", BigInteger, nullable=False),
    Column("checksum", Text, nullable=False, comment="SHA-256, hexadecimal"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("encoding", Text, nullable=False, server_default=text("''")),
    Column("delimiter", Text, nullable=False, server_default=text("''")),
    Column("table_rows", BigInteger, comment="Rows of the table; none for other files"),
    Column("columns", JSONB(none_as_null=True), comment="Profile of each column"),
    Column("table_schema", JSONB(none_as_null=True), comment="Table Schema that it was held against"),
    Column("validation", JSONB(none_as_null=True)),
    Column("proposed_as", Uuid, comment="Distribution whose file it becomes when its working copy is published"),
    Index("stored_file_name_key", "dataset_id", "name", unique=True, postgresql_where=text("proposed_as is null")),
    Index(
        "stored_file_proposed_name_key",
        "dataset_id",
        "name",
        unique=True,
        postgresql_where=text("proposed_as is not null"),
    ),
    Index("stored_file_proposed_key", "proposed_as", unique=True, postgresql_where=text("proposed_as is not null")),
)

file_portion = Table(
    "file_portion",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("file_id", Uuid, ForeignKey("stored_file.file_id", **FOLLOWING), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Index("file_portion_tenant", "tenant_id"),
)

file_row = Table(
    "file_row",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), nullable=False),
    Column("file_id", Uuid, ForeignKey("stored_file.file_id", **FOLLOWING), primary_key=True),
    Column("number", Integer, primary_key=True, comment="From 1, below the header"),
    Column("cells", JSONB, nullable=False),
    Index("file_row_tenant", "tenant_id"),
)
