"""Devices that are told their configuration whenever it changes."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
create table configuration_subscription (
    subscription_id bigint generated always as identity primary key,
    tenant_id integer not null references tenant,
    device_key bigint not null references device on delete cascade,
    apikey text not null,
    is_ultralight boolean not null,
    fields text[] not null,
    constraint configuration_subscription_key unique (tenant_id, device_key, fields)
)
"""
    )
    op.execute("create index configuration_subscription_device_key_idx on configuration_subscription (device_key)")
