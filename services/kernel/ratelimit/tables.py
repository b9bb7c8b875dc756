"""The table over which the replicas of a service tell each other how much is spent."""

from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

CREATION: Final = """
create unlogged table rate_window (
    policy text not null,
    tenant text not null,
    client text not null,
    ends bigint not null,
    spent bigint not null,
    primary key (policy, tenant, client, ends)
)
"""
"""What a service's migration carries out; not to be changed, for it has been carried out."""


def rate_window_table(metadata: MetaData) -> Table:
    """Declare the table. It is unlogged: after a crash of PostgreSQL the quotas are whole again."""
    return Table(
        "rate_window",
        metadata,
        *(Column(name, Text, primary_key=True) for name in ("policy", "tenant", "client")),
        Column("ends", BigInteger, primary_key=True, autoincrement=False),
        Column("spent", BigInteger, nullable=False),
    )
