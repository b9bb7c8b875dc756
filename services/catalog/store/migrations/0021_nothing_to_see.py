"""Files in which nothing is to be seen are noted, so that the others are known that nobody has looked into."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.alter_column("file_look", "look", nullable=True, comment="None where there is nothing to see")
