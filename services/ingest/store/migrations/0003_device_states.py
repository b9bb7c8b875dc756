"""When each device was last heard, how much it sends, and what its entity says of it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
create table device_state (
    tenant_id integer not null references tenant,
    service_path text not null,
    device_id text not null,
    entity_id text not null,
    expected_s double precision,
    first_seen_at timestamptz not null,
    last_seen_at timestamptz not null,
    messages bigint not null,
    battery double precision,
    told text,
    primary key (tenant_id, service_path, device_id)
)
"""
    )
    op.execute("create index device_state_last_seen_at_idx on device_state (last_seen_at) where expected_s is not null")
