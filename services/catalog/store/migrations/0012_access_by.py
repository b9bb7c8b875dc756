"""What decided who may see a data set."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    column = sa.Column(
        "access_by", sa.Text, nullable=False, server_default=sa.text("'default'"), comment="What decided over access"
    )
    op.add_column("dataset", column)
    op.create_check_constraint("dataset_access_by_check", "dataset", "access_by in ('default', 'open-data', 'hand')")
