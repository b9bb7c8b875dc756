"""Commands on their way to devices, and the entities whose commands the context broker forwards here."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table command (
    command_id bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    device_key bigint not null references device on delete cascade,
    name text not null,
    value jsonb not null,
    state text not null,
    attempts integer not null default 0,
    created_at timestamptz not null,
    due_at timestamptz not null,
    constraint command_state_check check (state in ('queued', 'stored', 'delivered'))
)
""",
    "create index command_device_key_idx on command (device_key, command_id)",
    "create index command_due_at_idx on command (due_at)",
    """
create table commanded_entity (
    device_key bigint primary key,
    tenant_id integer not null references tenant,
    service_path text not null,
    entity_id text not null,
    entity_type text not null,
    digest text not null,
    registrations jsonb not null
)
""",
    "create index commanded_entity_tenant_id_entity_id_idx on commanded_entity (tenant_id, entity_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
