"""The tables of consents, beside the broker's other tables."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text

from services.broker.store.tables import metadata

consent = Table(
    "consent",
    metadata,
    Column("tenant_id", Integer, ForeignKey("tenant.tenant_id"), primary_key=True, autoincrement=False),
    Column("service", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("given", Boolean, nullable=False),
    Column("position", BigInteger, nullable=False),
)
"""To what of a person a service has consent; `item` is a type and an attribute, `position` the place in auth's feed."""

consent_feed = Table("consent_feed", metadata, Column("position", BigInteger, nullable=False))
"""How far auth's feed of consents has been taken in; one row."""
