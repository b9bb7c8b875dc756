"""Devices without a browser that wait for a person."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table device_grant (
    device_hash text not null,
    user_code text not null,
    client_id text not null,
    scope text[] not null,
    status text not null,
    authorization_id text,
    interval_s integer not null,
    polled_at timestamptz,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (device_hash),
    constraint device_grant_status_check check (status in ('waiting', 'allowed', 'denied')),
    unique (user_code),
    foreign key(client_id) references client (client_id) on delete cascade,
    foreign key(authorization_id) references oauth_authorization (authorization_id) on delete cascade
)
""",
    "create index ix_device_grant_authorization_id on device_grant (authorization_id)",
    "create index ix_device_grant_client_id on device_grant (client_id)",
    "create index ix_device_grant_expires_at on device_grant (expires_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
