"""What tenants use, as the services hand it over."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table usage (
    tenant text not null,
    day date not null,
    kind text not null,
    client text not null,
    service text not null,
    amount bigint not null,
    primary key (tenant, day, kind, client, service)
)
""",
    "create index usage_day on usage (day)",
    """
create table usage_source (
    service text primary key,
    number bigint not null,
    taken_at timestamptz not null default now()
)
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
