"""Passkeys, and the challenges for them."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table passkey_challenge (
    challenge_hash text not null,
    browser_hash text not null,
    expires_at timestamptz not null,
    primary key (challenge_hash)
)
""",
    "create index ix_passkey_challenge_expires_at on passkey_challenge (expires_at)",
    """
create table passkey (
    credential_id text not null,
    user_id text not null,
    public_key bytea not null,
    sign_count bigint not null,
    title text not null,
    is_backed_up boolean not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    primary key (credential_id),
    foreign key(user_id) references hub_user (user_id) on delete cascade
)
""",
    "create index ix_passkey_user_id on passkey (user_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
