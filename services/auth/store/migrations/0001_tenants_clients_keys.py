"""Tenants with their feed, clients, signing keys."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table tenant (
    name text primary key constraint tenant_name_check check (name ~ '^[a-z0-9_]{1,50}$'),
    kind text not null
        constraint tenant_kind_check check (kind in ('prefecture', 'municipality', 'association', 'other')),
    status text not null constraint tenant_status_check check (status in ('active', 'suspended')),
    title text,
    title_en text,
    code text unique constraint tenant_code_check check (code ~ '^[0-9]{6}$'),
    parent text references tenant constraint tenant_parent_check check (parent <> name),
    population integer,
    default_context text,
    created_at timestamptz not null default now(),
    modified_at timestamptz not null default now(),
    position bigint not null unique
)
""",
    "create index ix_tenant_parent on tenant (parent)",
    "create table feed (name text primary key, position bigint not null)",
    "insert into feed (name, position) values ('tenants', 0)",
    """
create table client (
    client_id text primary key,
    secret_hash text not null,
    title text,
    status text not null constraint client_status_check check (status in ('active', 'suspended')),
    grants jsonb not null,
    tenants text[] not null,
    grant_types text[] not null,
    created_at timestamptz not null default now(),
    modified_at timestamptz not null default now(),
    secret_changed_at timestamptz not null default now()
)
""",
    "create index client_tenants on client using gin (tenants)",
    """
create table signing_key (
    kid text primary key,
    public_key jsonb not null,
    sealed_key text not null,
    created_at timestamptz not null default now(),
    active_from timestamptz not null,
    published_until timestamptz
)
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
