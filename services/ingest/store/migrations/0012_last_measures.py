"""The last measure of devices that are to have it stored (`storeLastMeasure`)."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table device add column last_measure jsonb")
