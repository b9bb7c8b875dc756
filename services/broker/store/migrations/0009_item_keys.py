"""Keys of a batch's items, so that an item that comes again in another batch is not carried out again."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
create table item_key (
    tenant_id integer not null,
    key text collate "C" not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, key)
)
"""
    )
    op.execute("create index item_key_created on item_key using brin (created_at)")
