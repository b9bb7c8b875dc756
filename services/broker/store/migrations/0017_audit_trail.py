"""The audit trail, kept until auth has it."""

from alembic import op

from services.kernel.audit.tables import CREATION

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATION:
        op.execute(statement)
