"""Applications, sessions of people, and what they let applications do."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
create table authorization_request (
    request_id text not null,
    browser_hash text not null,
    parameters jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (request_id)
)
""",
    "create index ix_authorization_request_expires_at on authorization_request (expires_at)",
    """
create table client_assertion (
    client_id text not null,
    jti text not null,
    expires_at timestamptz not null,
    primary key (client_id, jti),
    foreign key(client_id) references client (client_id) on delete cascade
)
""",
    "create index client_assertion_expires_at on client_assertion (expires_at)",
    """
create table application (
    client_id text not null,
    tenant text,
    owner text,
    status text not null,
    registration_hash text,
    details jsonb not null,
    created_at timestamptz default now() not null,
    modified_at timestamptz default now() not null,
    primary key (client_id),
    constraint application_status_check check (status in ('applied', 'active', 'refused')),
    foreign key(client_id) references client (client_id) on delete cascade,
    foreign key(tenant) references tenant (name) on delete cascade,
    foreign key(owner) references hub_user (user_id) on delete set null
)
""",
    "create index ix_application_owner on application (owner)",
    "create index ix_application_tenant on application (tenant)",
    """
create table application_consent (
    user_id text not null,
    client_id text not null,
    items text[] not null,
    given_at timestamptz not null,
    primary key (user_id, client_id),
    foreign key(user_id) references hub_user (user_id) on delete cascade,
    foreign key(client_id) references client (client_id) on delete cascade
)
""",
    "create index ix_application_consent_client_id on application_consent (client_id)",
    """
create table browser_session (
    session_hash text not null,
    sid text not null,
    user_id text not null,
    authenticated_at timestamptz not null,
    aal integer not null,
    ial integer default 0 not null,
    amr text[] not null,
    created_at timestamptz default now() not null,
    expires_at timestamptz not null,
    primary key (session_hash),
    constraint browser_session_aal_check check (aal between 1 and 3),
    unique (sid),
    foreign key(user_id) references hub_user (user_id) on delete cascade
)
""",
    "create index ix_browser_session_expires_at on browser_session (expires_at)",
    "create index ix_browser_session_user_id on browser_session (user_id)",
    """
create table oauth_authorization (
    authorization_id text not null,
    client_id text not null,
    user_id text not null,
    sid text,
    scope text[] not null,
    claims jsonb default '{}' not null,
    nonce text,
    authenticated_at timestamptz not null,
    aal integer not null,
    ial integer default 0 not null,
    amr text[] not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    primary key (authorization_id),
    foreign key(client_id) references client (client_id) on delete cascade,
    foreign key(user_id) references hub_user (user_id) on delete cascade
)
""",
    "create index ix_oauth_authorization_client_id on oauth_authorization (client_id)",
    "create index ix_oauth_authorization_expires_at on oauth_authorization (expires_at)",
    "create index ix_oauth_authorization_sid on oauth_authorization (sid)",
    "create index ix_oauth_authorization_user_id on oauth_authorization (user_id)",
    """
create table pairwise_subject (
    sector text not null,
    user_id text not null,
    subject text not null,
    primary key (sector, user_id),
    foreign key(user_id) references hub_user (user_id) on delete cascade,
    unique (subject)
)
""",
    "create index ix_pairwise_subject_user_id on pairwise_subject (user_id)",
    """
create table authorization_code (
    code_hash text not null,
    authorization_id text not null,
    redirect_uri text not null,
    code_challenge text,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (code_hash),
    foreign key(authorization_id) references oauth_authorization (authorization_id) on delete cascade
)
""",
    "create index ix_authorization_code_authorization_id on authorization_code (authorization_id)",
    """
create table refresh_token (
    token_hash text not null,
    authorization_id text not null,
    created_at timestamptz not null,
    used_at timestamptz,
    primary key (token_hash),
    foreign key(authorization_id) references oauth_authorization (authorization_id) on delete cascade
)
""",
    "create index ix_refresh_token_authorization_id on refresh_token (authorization_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
