"""Personal keys: for who identifies callers alone, like all that people sign in with."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table personal_key (
    key_id text not null,
    key_hash text not null,
    user_id text not null,
    title text not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    primary key (key_id),
    foreign key(user_id) references hub_user (user_id) on delete cascade
)
""",
    "create index ix_personal_key_user_id on personal_key (user_id)",
    "alter table personal_key enable row level security, force row level security",
    """
create policy everything on personal_key
    using ((select '*' = any ((select nullif(current_setting('hiroba.tenants', true), ''))::text[])))
""",
    """
create policy identify on personal_key for all
    using ((select 'identify' = any ((select nullif(current_setting('hiroba.purposes', true), ''))::text[])))
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
