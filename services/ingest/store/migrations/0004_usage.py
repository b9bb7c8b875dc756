"""What tenants use, counted until auth has it."""

from alembic import op

from services.kernel.metering.tables import CREATION

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATION:
        op.execute(statement)
