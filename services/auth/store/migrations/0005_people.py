"""Users, organisations and their members, and roles at nodes of the tree."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table hub_user (
    user_id text primary key,
    login text not null unique,
    tenant text references tenant on delete cascade,
    name text,
    password_hash text,
    status text not null constraint hub_user_status_check check (status in ('active', 'suspended')),
    ial integer not null default 0 constraint hub_user_ial_check check (ial between 0 and 3),
    failures integer not null default 0,
    locked_until timestamptz,
    created_at timestamptz not null default now(),
    modified_at timestamptz not null default now(),
    password_changed_at timestamptz
)
""",
    "create index ix_hub_user_tenant on hub_user (tenant)",
    """
create table organisation (
    organisation_id text primary key,
    tenant text not null references tenant on delete cascade,
    title text not null
)
""",
    "create index ix_organisation_tenant on organisation (tenant)",
    """
create table membership (
    organisation_id text not null references organisation on delete cascade,
    user_id text not null references hub_user on delete cascade,
    primary key (organisation_id, user_id)
)
""",
    "create index ix_membership_user_id on membership (user_id)",
    """
create table role_binding (
    binding_id text primary key,
    user_id text references hub_user on delete cascade,
    organisation_id text references organisation on delete cascade,
    role text not null,
    tenant text references tenant on delete cascade,
    valid_until timestamptz,
    created_by text not null,
    created_at timestamptz not null default now(),
    constraint role_binding_holder_check check ((user_id is null) <> (organisation_id is null))
)
""",
    "create index ix_role_binding_user_id on role_binding (user_id)",
    "create index ix_role_binding_organisation_id on role_binding (organisation_id)",
    "create index ix_role_binding_tenant on role_binding (tenant)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
