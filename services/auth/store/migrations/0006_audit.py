"""The audit log: append-only, by a trigger that nobody's privileges pass."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table audit_record (
    segment text not null,
    number bigint not null,
    at timestamptz not null,
    actor text not null,
    action text not null,
    tenant text,
    status integer not null,
    document jsonb not null,
    primary key (segment, number)
)
""",
    "create index audit_record_at on audit_record (at)",
    "create index audit_record_tenant on audit_record (tenant, at)",
    """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'audit records are neither changed nor deleted';
end $$
""",
    """
create trigger audit_record_is_append_only before update or delete or truncate on audit_record
for each statement execute function refuse_change()
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
