"""Groups, devices, dead letters, import runs."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table tenant (
    tenant_id integer generated always as identity primary key,
    name text not null unique,
    status text not null default 'active',
    details jsonb not null default '{}',
    feed_position bigint not null default 0
)
""",
    """
create table device_group (
    group_id bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    service_path text not null,
    resource text not null,
    apikey text not null,
    fields jsonb not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    constraint device_group_apikey_resource_key unique (apikey, resource)
)
""",
    "create index device_group_tenant_id_service_path_idx on device_group (tenant_id, service_path)",
    """
create table device (
    device_key bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    service_path text not null,
    device_id text not null,
    apikey text not null default '',
    fields jsonb not null,
    created_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    constraint device_identity_key unique (tenant_id, service_path, device_id, apikey)
)
""",
    "create index device_device_id_apikey_idx on device (device_id, apikey)",
    """
create table registry_version (
    only_row boolean primary key default true constraint registry_version_only_row_check check (only_row),
    version bigint not null default 0
)
""",
    "insert into registry_version default values",
    """
create table dead_letter (
    letter_id bigint generated always as identity primary key,
    received_at timestamptz not null,
    tenant_id integer references tenant,
    source text not null,
    topic text not null,
    apikey text,
    device_id text,
    attribute text,
    payload bytea not null,
    payload_size bigint not null,
    reason text not null,
    detail text not null
)
""",
    "create index dead_letter_tenant_id_reason_idx on dead_letter (tenant_id, reason, letter_id)",
    "create index dead_letter_received_at_idx on dead_letter (received_at)",
    """
create table import_run (
    run_id bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    started_at timestamptz not null,
    finished_at timestamptz,
    status text not null,
    report jsonb not null
)
""",
    "create index import_run_tenant_id_idx on import_run (tenant_id, run_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
