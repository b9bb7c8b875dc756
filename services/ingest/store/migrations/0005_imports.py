"""Imports that go on after a crash, their refused rows, tenants' own mappings, and connectors."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "alter table import_run add column plan jsonb not null default '{}'::jsonb",
    """
create table import_job (
    run_id bigint primary key references import_run on delete cascade,
    tenant_id integer not null references tenant,
    content bytea not null,
    position bigint not null default 0,
    holder text not null,
    leased_until timestamptz not null
)
""",
    "create index import_job_tenant_id_idx on import_job (tenant_id)",
    "create index import_job_leased_until_idx on import_job (leased_until)",
    """
create table import_refusal (
    tenant_id integer not null references tenant,
    run_id bigint not null references import_run on delete cascade,
    part text not null,
    row_number bigint not null,
    reason text not null,
    detail text not null,
    field text not null,
    cells json not null,
    primary key (tenant_id, run_id, part, row_number)
)
""",
    "create index import_refusal_run_id_idx on import_refusal (run_id)",
    """
create table import_mapping (
    tenant_id integer not null references tenant,
    name text not null,
    document json not null,
    changed_at timestamptz not null,
    primary key (tenant_id, name)
)
""",
    """
create table connector (
    connector_id bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    name text not null,
    service_path text not null,
    document jsonb not null,
    secret text not null,
    is_active boolean not null,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    next_at timestamptz,
    holder text,
    leased_until timestamptz,
    failures integer not null default 0,
    state jsonb not null default '{}'::jsonb,
    constraint connector_tenant_id_name_key unique (tenant_id, name),
    constraint connector_failures_check check (failures >= 0)
)
""",
    "create index connector_next_at_idx on connector (next_at) where is_active",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
