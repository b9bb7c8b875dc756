"""Names of tenants may have a hyphen, as NGSI-LD's header may."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table tenant drop constraint tenant_name_check")
    op.execute("alter table tenant add constraint tenant_name_check check (name ~ '^[a-z0-9_][a-z0-9_-]{0,49}$')")
