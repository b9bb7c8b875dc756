"""JSON-LD contexts and context source registrations."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table ld_context (
    id text collate "C" primary key,
    tenant_id integer,
    kind text not null,
    url text collate "C" constraint ld_context_url_key unique,
    document jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    uses bigint not null default 0
)
""",
    "create index ld_context_tenant on ld_context (tenant_id, created_at)",
    """
create table registration (
    tenant_id integer not null,
    id text collate "C" not null,
    seq bigint generated always as identity,
    mode text not null,
    document jsonb not null,
    context jsonb not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    expires_at timestamptz,
    primary key (tenant_id, id)
)
""",
    "create index registration_seq on registration (tenant_id, seq)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
