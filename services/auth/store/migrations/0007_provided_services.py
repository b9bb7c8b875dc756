"""Services and their providers: life cycle, clients, agreements on use, audits; what a tenant asks beyond grants."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    "alter table tenant add column access jsonb not null default '{}'",
    """
create table provided_service (
    service_id text primary key,
    tenant text not null references tenant on delete cascade,
    provider text not null references organisation,
    title text not null,
    description text,
    area text not null,
    storage text not null
        constraint provided_service_storage_check check (storage in ('external', 'internal', 'separated')),
    status text not null constraint provided_service_status_check
        check (status in ('applied', 'approved', 'active', 'suspended', 'ended')),
    reason text,
    purposes text[] not null,
    checklist jsonb not null default '{}',
    ial integer not null default 0 constraint provided_service_ial_check check (ial between 0 and 3),
    aal integer not null default 0 constraint provided_service_aal_check check (aal between 0 and 3),
    asked_ial integer not null default 0
        constraint provided_service_asked_ial_check check (asked_ial between 0 and 3),
    asked_aal integer not null default 0
        constraint provided_service_asked_aal_check check (asked_aal between 0 and 3),
    starts_at timestamptz,
    ends_at timestamptz,
    next_audit_at timestamptz,
    applied_by text not null,
    approved_by text,
    created_at timestamptz not null default now(),
    approved_at timestamptz,
    modified_at timestamptz not null default now()
)
""",
    "create index ix_provided_service_tenant on provided_service (tenant)",
    "create index ix_provided_service_provider on provided_service (provider)",
    """
create table service_client (
    client_id text primary key references client on delete cascade,
    service_id text not null references provided_service on delete cascade
)
""",
    "create index ix_service_client_service_id on service_client (service_id)",
    """
create table agreement (
    agreement_id text primary key,
    service_id text not null references provided_service on delete cascade,
    tenant text not null references tenant on delete cascade,
    user_service text references provided_service on delete cascade,
    user_client text references client on delete cascade,
    actions text[] not null,
    types text[] not null,
    attributes text[] not null,
    attests boolean not null default false,
    starts_at timestamptz,
    ends_at timestamptz,
    made_by text not null,
    created_at timestamptz not null default now(),
    constraint agreement_user_check check ((user_service is null) <> (user_client is null))
)
""",
    "create index ix_agreement_service_id on agreement (service_id)",
    "create index ix_agreement_tenant on agreement (tenant)",
    "create index ix_agreement_user_service on agreement (user_service)",
    "create index ix_agreement_user_client on agreement (user_client)",
    """
create table service_audit (
    audit_id text primary key,
    service_id text not null references provided_service on delete cascade,
    audited_at timestamptz not null,
    passed boolean not null,
    note text,
    audited_by text not null
)
""",
    "create index ix_service_audit_service_id on service_audit (service_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
