"""What is known of each entity type: when one last changed, where they lie, how their values look."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    "create sequence type_statistics_version",
    """
create table type_statistics (
    tenant_id integer not null,
    type text collate "C" not null,
    modified_at timestamptz not null,
    version bigint not null,
    west double precision,
    south double precision,
    east double precision,
    north double precision,
    seen_seq bigint not null default 0,
    examined_at timestamptz,
    examination_s double precision not null default 0,
    observed jsonb not null default '{}',
    primary key (tenant_id, type)
)
""",
    "create index type_statistics_changed on type_statistics (version)",
    """
insert into type_statistics (tenant_id, type, modified_at, version)
select tenant_id, name, modified_at, nextval('type_statistics_version')
from (
    select tenant_id, name, max(modified_at) as modified_at
    from entity, unnest(coalesce(types, array[type])) as name
    group by tenant_id, name
) as known
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
