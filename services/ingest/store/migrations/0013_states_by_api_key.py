"""Devices of one id under several API keys are several, and so are their states."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table device_state add column apikey text not null default ''")
    op.execute(
        "update device_state set apikey = coalesce((select min(device.apikey) from device"
        " where device.tenant_id = device_state.tenant_id and device.service_path = device_state.service_path"
        " and device.device_id = device_state.device_id), '')"
    )
    op.execute("alter table device_state drop constraint device_state_pkey")
    op.execute("alter table device_state add primary key (tenant_id, device_id, service_path, apikey)")
