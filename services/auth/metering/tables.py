"""The tables of metering, in the schema `auth`."""

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Table, Text, text

from services.auth.store.tables import metadata

usage = Table(
    "usage",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("client", Text, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Index("usage_day", "day"),
)
"""Amounts of flows, and the last figures of stocks, by the day in Japan. A tenant's stay after it: they are billed."""

usage_source = Table(
    "usage_source",
    metadata,
    Column("service", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
)
"""The last batch that was taken of each service: none is taken twice."""
