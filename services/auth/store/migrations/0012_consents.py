"""Consents of persons, their receipts, and the feed in which services are told of them."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table consent (
    tenant text not null references tenant on delete cascade,
    subject text not null,
    service_id text not null,
    purpose text not null,
    type text not null,
    attribute text not null,
    given boolean not null,
    changed_at timestamptz not null,
    position bigint not null unique,
    primary key (tenant, subject, service_id, purpose, type, attribute)
)
""",
    "create index consent_service on consent (service_id)",
    """
create table consent_receipt (
    tenant text not null references tenant on delete cascade,
    number bigint not null,
    at timestamptz not null,
    document jsonb not null,
    previous text not null,
    hash text not null,
    primary key (tenant, number)
)
""",
    """
create function refuse_changed_receipt() returns trigger language plpgsql as $$
begin
    raise exception 'receipts of consent are not changed';
end $$
""",
    """
create trigger consent_receipt_is_kept before update or truncate on consent_receipt
for each statement execute function refuse_changed_receipt()
""",
    "insert into feed (name, position) values ('consents', 0)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
