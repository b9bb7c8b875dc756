"""What a tenant is held to and lets others do; how it ends: confirmations of the services, and tombstones."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table tenant drop constraint tenant_status_check",
    """
alter table tenant
    add constraint tenant_status_check check (status in ('active', 'suspended', 'deleting')),
    add column billing_party text references tenant,
    add column quotas jsonb not null default '{}',
    add column retention jsonb not null default '{}',
    add column inherits text[] not null default '{}',
    add column open_data jsonb not null default '[]'
""",
    "create index ix_tenant_billing_party on tenant (billing_party)",
    """
create table tenant_deletion (
    name text not null references tenant on delete cascade,
    service text not null,
    rows bigint not null,
    confirmed_at timestamptz not null default now(),
    primary key (name, service)
)
""",
    """
create table tombstone (
    name text primary key,
    position bigint not null unique,
    code text,
    title text,
    rows jsonb not null,
    deleted_at timestamptz not null
)
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
