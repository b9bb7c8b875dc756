"""Series of documents that replace each other."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENT = """
create table series (
    tenant_id integer not null references tenant,
    service_path text not null,
    name text not null,
    version text not null,
    changed_at timestamptz not null default now(),
    named jsonb not null default '{}'::jsonb,
    former jsonb not null default '{}'::jsonb,
    primary key (tenant_id, service_path, name)
)
"""


def upgrade() -> None:
    op.execute(_STATEMENT)
