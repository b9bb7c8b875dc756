"""Files of working copies, which take the place of published ones."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_PROPOSED = sa.text("proposed_as is not null")


def upgrade() -> None:
    became = "Distribution whose file it becomes when its working copy is published"
    op.add_column("stored_file", sa.Column("proposed_as", sa.Uuid, comment=became))
    op.drop_constraint("stored_file_name_key", "stored_file")
    for name, columns, condition in (
        ("stored_file_name_key", ["dataset_id", "name"], sa.text("proposed_as is null")),
        ("stored_file_proposed_name_key", ["dataset_id", "name"], _PROPOSED),
        ("stored_file_proposed_key", ["proposed_as"], _PROPOSED),
    ):
        op.create_index(name, "stored_file", columns, unique=True, postgresql_where=condition)
    for table in ("file_portion", "file_row"):
        key = f"{table}_file_id_fkey"
        op.drop_constraint(key, table)
        op.create_foreign_key(
            key, table, "stored_file", ["file_id"], ["file_id"], ondelete="CASCADE", onupdate="CASCADE"
        )
