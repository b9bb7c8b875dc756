"""When attributes of entities expire, so that they can be found without reading every entity."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table transient (
    tenant_id integer not null,
    uri text collate "C" not null,
    expires_at timestamptz not null,
    primary key (tenant_id, uri, expires_at)
)
""",
    "create index transient_expires on transient (expires_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
