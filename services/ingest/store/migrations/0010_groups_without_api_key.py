"""A group may have an empty API key, which no measure names: every tenant its own."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table device_group drop constraint device_group_apikey_resource_key")
    op.execute("alter table device_group add constraint device_group_identity_key unique (tenant_id, apikey, resource)")
    op.execute(
        "create unique index device_group_apikey_resource_idx on device_group (apikey, resource) where apikey <> ''"
    )
