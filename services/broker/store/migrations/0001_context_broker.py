"""Entities, history, subscriptions, outbox."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT = (
    """
create table tenant (
    tenant_id integer generated always as identity primary key,
    name text not null constraint tenant_name_key unique,
    status text not null default 'active',
    details jsonb not null default '{}',
    feed_position bigint not null default 0
)
""",
    """
create table tenant_version (
    tenant_id integer primary key references tenant,
    subscriptions bigint not null default 0,
    registrations bigint not null default 0
)
""",
)

ENTITY = (
    """
create table entity (
    tenant_id integer not null,
    id text collate "C" not null,
    type text collate "C" not null,
    path text collate "C" not null default '/',
    uri text collate "C" not null,
    seq bigint generated always as identity,
    types text[] collate "C",
    scopes text[] collate "C",
    attrs jsonb not null,
    area box,
    created_at timestamptz not null,
    modified_at timestamptz not null,
    expires_at timestamptz,
    primary key (tenant_id, id, type, path)
) with (fillfactor = 80)
""",
    "create index entity_uri on entity (tenant_id, uri)",
    "create unique index entity_seq on entity (tenant_id, seq)",
    "create index entity_type on entity (tenant_id, type, seq)",
    "create index entity_types on entity using gin (types) where types is not null",
    "create index entity_area on entity using gist (area) where area is not null",
    "create index entity_expires on entity (expires_at) where expires_at is not null",
)

HISTORY = (
    """
create table history (
    tenant_id integer not null,
    uri text collate "C" not null,
    attribute text collate "C" not null,
    recorded_at timestamptz not null,
    observed_at timestamptz,
    seq bigint not null,
    change text not null,
    instance jsonb
) partition by range (recorded_at)
""",
    "create index history_attribute on history (tenant_id, uri, attribute, recorded_at)",
    "create table history_default partition of history default",
)

PARTITIONS = """
create function make_history_partitions(days integer) returns void
language plpgsql security definer set search_path = broker, pg_temp as $$
declare
    day date;
    part text;
begin
    perform pg_advisory_xact_lock(hashtext('make_history_partitions'));
    for day in select generate_series(current_date, current_date + days, interval '1 day')::date loop
        part := 'history_' || to_char(day, 'YYYYMMDD');
        if to_regclass(part) is null and not exists (
            select from history_default where recorded_at >= day and recorded_at < day + 1
        ) then
            execute format('create table %I partition of history for values from (%L) to (%L)', part, day, day + 1);
        end if;
    end loop;
end $$;
"""

BATCH_KEY = (
    """
create table batch_key (
    tenant_id integer not null,
    key text collate "C" not null,
    answer jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, key)
)
""",
    "create index batch_key_created on batch_key (created_at)",
)


def upgrade() -> None:
    for statement in (*TENANT, *ENTITY, *HISTORY, PARTITIONS, *BATCH_KEY):
        op.execute(statement)
