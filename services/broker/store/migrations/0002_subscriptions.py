"""Subscriptions, their delivery lanes, the outbox and the dead letters."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SUBSCRIPTION = (
    """
create table subscription (
    tenant_id integer not null,
    id text collate "C" not null,
    face text not null,
    paths text collate "C" not null,
    seq bigint generated always as identity,
    revision bigint not null default 1,
    is_active boolean not null,
    document jsonb not null,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    primary key (tenant_id, id)
)
""",
    "create index subscription_face on subscription (tenant_id, face, seq)",
)

LANE = (
    """
create table lane (
    tenant_id integer not null,
    subscription_id text collate "C" not null,
    lease_owner text,
    lease_until timestamptz,
    retry_at timestamptz,
    attempts integer not null default 0,
    throttle_from timestamptz,
    due_at timestamptz,
    times_sent bigint not null default 0,
    times_failed bigint not null default 0,
    fails_in_row integer not null default 0,
    last_notification timestamptz,
    last_success timestamptz,
    last_success_code integer,
    last_failure timestamptz,
    last_failure_reason text,
    primary key (tenant_id, subscription_id)
) with (fillfactor = 70)
""",
    "create index lane_due on lane (due_at) where due_at is not null",
)

OUTBOX = """
create table outbox (
    tenant_id integer not null,
    subscription_id text collate "C" not null,
    seq bigint generated always as identity,
    kind text not null,
    entities jsonb not null,
    previous jsonb,
    touched jsonb not null,
    correlator text not null,
    created_at timestamptz not null,
    primary key (tenant_id, subscription_id, seq)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
"""

DEAD_LETTER = """
create table dead_letter (
    tenant_id integer not null,
    subscription_id text collate "C" not null,
    seq bigint not null,
    kind text not null,
    entities jsonb not null,
    previous jsonb,
    touched jsonb not null,
    correlator text not null,
    created_at timestamptz not null,
    parked_at timestamptz not null,
    reason text not null,
    primary key (tenant_id, subscription_id, seq)
)
"""


def upgrade() -> None:
    for statement in (*SUBSCRIPTION, *LANE, OUTBOX, DEAD_LETTER):
        op.execute(statement)
