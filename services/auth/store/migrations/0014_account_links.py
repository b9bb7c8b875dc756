"""Accounts at external providers."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table external_sign_in (
    state_hash text not null,
    browser_hash text not null,
    provider text not null,
    nonce text not null,
    verifier text not null,
    request_id text not null,
    link_user text,
    expires_at timestamptz not null,
    primary key (state_hash)
)
""",
    "create index ix_external_sign_in_expires_at on external_sign_in (expires_at)",
    """
create table account_link (
    provider text not null,
    subject text not null,
    user_id text not null,
    linked_at timestamptz not null,
    primary key (provider, subject),
    foreign key(user_id) references hub_user (user_id) on delete cascade
)
""",
    "create index ix_account_link_user_id on account_link (user_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
