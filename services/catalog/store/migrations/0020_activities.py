"""The latest published versions of all data sets, found without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_index("dataset_version_published", "dataset_version", [sa.text("published_at desc")])
