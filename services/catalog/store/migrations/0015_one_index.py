"""One index of words, keywords, themes, formats and tenants, which takes all of them at once."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("create index dataset_found on dataset using gin (terms, tags, themes, formats, (array[tenant_id]))")
    for column in ("terms", "tags", "themes", "formats"):
        op.drop_index(f"dataset_{column}", "dataset")
