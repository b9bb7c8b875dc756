"""What expires next in a tenant, so that queries of it can wait for the collection."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index transient_of_tenant on transient (tenant_id, expires_at)")
