"""The table of what is known of each entity type, beside the broker's other tables."""

from sqlalchemy import BigInteger, Column, DateTime, Double, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from services.broker.store.tables import metadata

_NOTHING = text("0")

type_statistics = Table(
    "type_statistics",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("type", Text(collation="C"), primary_key=True),
    Column("modified_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("west", Double),
    Column("south", Double),
    Column("east", Double),
    Column("north", Double),
    Column("seen_seq", BigInteger, nullable=False, server_default=_NOTHING),
    Column("examined_at", DateTime(timezone=True)),
    Column("examination_s", Double, nullable=False, server_default=_NOTHING),
    Column("observed", JSONB, nullable=False, server_default=text("'{}'")),
    Index("type_statistics_changed", "version"),
)
