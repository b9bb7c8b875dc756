"""Whether a tenant's devices must show a device key at the measures' port."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table tenant add column device_keys text not null default 'optional'"
        " constraint tenant_device_keys_check check (device_keys in ('optional', 'required'))"
    )
