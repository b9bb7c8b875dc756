-- name: types_and_attributes
with living as (
    select coalesce(types, array[type]) as types, attrs
    from entity
    where tenant_id = $1 and (expires_at is null or expires_at > now())
), typed as (
    select name as type, count(*) as entities
    from living, unnest(types) as name
    group by name
), attributed as (
    select types, a.key as attribute, a.value #>> '{0,kind}' as kind, count(*) as count
    from living, jsonb_each(attrs) as a
    group by types, attribute, kind
), listed as (
    select name as type, attribute, sum(count)::bigint as count, array_agg(distinct kind order by kind) as kinds
    from attributed, unnest(types) as name
    group by name, attribute
)
select type, entities, attribute, coalesce(count, 0) as count, coalesce(kinds, '{}') as kinds
from typed left join listed using (type)
order by type collate "C", attribute collate "C"
