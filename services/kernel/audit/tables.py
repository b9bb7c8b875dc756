"""The tables in which a service keeps its audit trail until auth has it."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

CREATION: Final = (
    """
create table audit_pending (
    segment text not null,
    number bigint not null,
    document jsonb not null,
    primary key (segment, number)
)
""",
    """
create table access_tally (
    hour timestamptz not null,
    tenant text not null,
    client text not null,
    access text not null,
    type text not null,
    amount bigint not null,
    primary key (hour, tenant, client, access, type)
)
""",
)
"""What a service's migration carries out; not to be changed, for it has been carried out."""


def audit_tables(metadata: MetaData) -> None:
    """Declare the tables: chained records, and the counts of the present hour's reads and writes by type."""
    Table(
        "audit_pending",
        metadata,
        Column("segment", Text, primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("document", JSONB, nullable=False),
    )
    Table(
        "access_tally",
        metadata,
        Column("hour", DateTime(timezone=True), primary_key=True),
        *(Column(name, Text, primary_key=True) for name in ("tenant", "client", "access", "type")),
        Column("amount", BigInteger, nullable=False),
    )
