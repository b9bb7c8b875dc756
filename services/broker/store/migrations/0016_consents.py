"""Consents of persons, as auth's feed tells them."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table consent (
    tenant_id integer not null references tenant,
    service text not null,
    purpose text not null,
    subject text not null,
    item text not null,
    given boolean not null,
    position bigint not null,
    primary key (tenant_id, service, purpose, subject, item)
)
""",
    "create table consent_feed (position bigint not null)",
    "insert into consent_feed (position) values (0)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
