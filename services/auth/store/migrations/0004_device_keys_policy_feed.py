"""Device keys, and the feed of whose grants have changed."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    "insert into feed (name, position) values ('policies', 0)",
    """
create table policy_change (
    subject text primary key,
    position bigint not null unique,
    changed_at timestamptz not null
)
""",
    """
create table device_key (
    key_id text primary key,
    key_hash text not null,
    tenant text not null references tenant on delete cascade,
    title text,
    status text not null constraint device_key_status_check check (status in ('active', 'revoked')),
    grants jsonb not null,
    created_by text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    last_used_at timestamptz
)
""",
    "create index ix_device_key_tenant on device_key (tenant)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
