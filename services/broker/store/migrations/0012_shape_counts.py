"""How many entities of each shape a tenant has, so that discovery reads no entities."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    "create table shape_count (tenant_id integer not null, shape jsonb not null, entities bigint not null)",
    "create index shape_count_tenant on shape_count (tenant_id)",
    """
insert into shape_count (tenant_id, shape, entities)
select tenant_id, shape, count(*)
from entity, lateral (
    select jsonb_build_object(
        'path', path,
        'types', coalesce(to_jsonb(types), jsonb_build_array(type)),
        'attributes', coalesce((select jsonb_object_agg(key, value #>> '{0,kind}') from jsonb_each(attrs)), '{}')
    ) as shape
) as shaped
group by tenant_id, shape
""",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
