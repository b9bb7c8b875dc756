"""What devices measure, for the entities that tell how they are."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table device_state add column properties text[] not null default '{}'::text[]")
