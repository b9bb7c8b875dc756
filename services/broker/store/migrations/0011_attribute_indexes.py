"""Attributes that a tenant wants to query by their value: which, and the values that narrow a query."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table attribute_index (
    tenant_id integer not null,
    attribute text collate "C" not null,
    is_ready boolean not null default false,
    declared_in bigint not null,
    declared_at timestamptz not null default now(),
    primary key (tenant_id, attribute)
)
""",
    """
create table indexed_value (
    tenant_id integer not null,
    attribute text collate "C" not null,
    seq bigint not null,
    number double precision,
    word text collate "C"
)
""",
    "create index indexed_value_number on indexed_value (tenant_id, attribute, number, seq) where number is not null",
    "create index indexed_value_word on indexed_value (tenant_id, attribute, word, seq) where word is not null",
    "create index indexed_value_entity on indexed_value (tenant_id, seq)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
