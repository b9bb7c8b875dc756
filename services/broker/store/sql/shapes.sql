-- name: keep
insert into shape_count (tenant_id, shape, entities)
select $1, v.shape, v.entities from unnest($2::jsonb[], $3::bigint[]) as v (shape, entities)

-- name: find
select shape, sum(entities)::bigint as entities from shape_count where tenant_id = $1 group by shape

-- name: find_expired
-- They are counted until they are collected, and not shown any more.
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and expires_at <= now()

-- name: to_fold
select tenant_id from shape_count
where tenant_id = any(array(select tenant_id from tenant))
group by tenant_id
having count(*) > 100 and count(*) > 2 * count(distinct shape)

-- name: fold
with gone as (
    delete from shape_count where tenant_id = $1 returning shape, entities
)
insert into shape_count (tenant_id, shape, entities)
select $1, shape, sum(entities) from gone group by shape having sum(entities) <> 0
