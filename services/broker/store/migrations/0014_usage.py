"""What tenants use, counted until auth has it."""

from alembic import op

from services.kernel.metering.tables import CREATION

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATION:
        op.execute(statement)
