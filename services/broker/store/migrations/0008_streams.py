"""What streams of changes read: each change of a tenant that has streams, and which tenants have."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table change_log (
    tenant_id integer not null,
    xid bigint not null default pg_current_xact_id()::text::bigint,
    seq bigint generated always as identity,
    kind text not null,
    entity jsonb not null,
    previous jsonb not null,
    written jsonb not null,
    forced boolean not null,
    created_at timestamptz not null,
    primary key (tenant_id, xid, seq)
)
""",
    "create index change_log_created on change_log (created_at)",
    """
create table stream_demand (
    tenant_id integer primary key,
    wanted_until timestamptz not null,
    floor_xid bigint not null
)
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
