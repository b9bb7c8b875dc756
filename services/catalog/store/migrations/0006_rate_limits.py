"""What is spent of quotas of requests, told between replicas."""

from alembic import op

from services.kernel.ratelimit.tables import CREATION

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(CREATION)
