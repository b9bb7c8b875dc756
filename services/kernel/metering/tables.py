"""The tables in which a service keeps what it has counted until auth has it."""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, MetaData, Table, Text, Uuid, text

CREATION: Final = (
    """
create table usage_tally (
    batch bigint not null default 0,
    day date not null,
    tenant text not null,
    client text not null,
    kind text not null,
    amount bigint not null,
    primary key (batch, day, tenant, client, kind)
)
""",
    "create sequence usage_batch",
    """
create table usage_writer (
    process uuid primary key,
    number bigint not null,
    written_at timestamptz not null default now()
)
""",
    """
create table usage_part (
    part text not null,
    tenant_id integer not null,
    changes bigint not null,
    rows bigint not null,
    bytes bigint not null,
    primary key (part, tenant_id)
)
""",
)
"""What a service's migration carries out; not to be changed, for it has been carried out."""


def usage_tables(metadata: MetaData) -> None:
    """Declare the tables in a service's schema.

    `usage_tally` holds amounts; those of batch 0 still grow. `usage_writer` has the last write of each process, so that
    none is repeated. `usage_part` is what the parts of big tables held when they were last read through.
    """
    nothing = text("0")
    names = ("tenant", "client", "kind")
    Table(
        "usage_tally",
        metadata,
        Column("batch", BigInteger, primary_key=True, autoincrement=False, server_default=nothing),
        Column("day", Date, primary_key=True),
        *(Column(name, Text, primary_key=True) for name in names),
        Column("amount", BigInteger, nullable=False),
    )
    Table(
        "usage_writer",
        metadata,
        Column("process", Uuid, primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("written_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    )
    Table(
        "usage_part",
        metadata,
        Column("part", Text, primary_key=True),
        Column("tenant_id", Integer, primary_key=True, autoincrement=False),
        *(Column(name, BigInteger, nullable=False) for name in ("changes", "rows", "bytes")),
    )
