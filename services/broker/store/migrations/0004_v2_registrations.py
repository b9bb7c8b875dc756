"""NGSIv2 registrations."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table v2_registration (
    tenant_id integer not null,
    id text collate "C" not null,
    seq bigint generated always as identity,
    path text collate "C" not null,
    document jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    times_sent bigint not null default 0,
    last_forwarding timestamptz,
    last_success timestamptz,
    last_failure timestamptz,
    primary key (tenant_id, id)
)
""",
    "create index v2_registration_seq on v2_registration (tenant_id, seq)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
