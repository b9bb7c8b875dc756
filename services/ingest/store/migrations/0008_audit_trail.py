"""The audit trail, kept until auth has it."""

from alembic import op

from services.kernel.audit.tables import CREATION

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATION:
        op.execute(statement)
