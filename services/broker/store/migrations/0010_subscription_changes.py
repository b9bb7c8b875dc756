"""The log of changes of subscriptions, so that each process takes in what changed and does not read all again."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENT = """
create table subscription_change (
    tenant_id integer not null,
    version bigint not null,
    subscription_id text collate "C" not null,
    primary key (tenant_id, version)
)
"""


def upgrade() -> None:
    op.execute(STATEMENT)
