-- name: declare
insert into attribute_index (tenant_id, attribute, declared_in)
values ($1, $2, pg_current_xact_id()::text::bigint)
on conflict do nothing
returning attribute

-- name: find
select attribute, is_ready, declared_at from attribute_index where tenant_id = $1 order by attribute

-- name: drop
delete from attribute_index where tenant_id = $1 and attribute = $2 returning attribute

-- name: drop_values
delete from indexed_value where tenant_id = $1 and attribute = $2

-- name: keep_values
-- Values are cut to 100 characters, and stale ones do no harm: they only say where to look.
with gone as (
    delete from indexed_value where tenant_id = $1 and seq = any($2::bigint[]) and attribute = any($3::text[])
)
insert into indexed_value (tenant_id, attribute, seq, number, word)
select $1, name, entity.seq,
    case when jsonb_typeof(item) = 'number' then item::float8 end,
    case when jsonb_typeof(item) = 'string' then left(item #>> '{}', 100) end
from entity, unnest($3::text[]) as name, lateral (
    select jsonb_path_query(attrs -> name, '$[*]."value"[*]') as item
    union all
    select jsonb_path_query(attrs -> name, '$[*]?(@."kind" == "LanguageProperty")."value".*[*]')
) as found
where entity.tenant_id = $1 and entity.seq = any($2::bigint[]) and jsonb_typeof(item) in ('number', 'string')

-- name: next_to_build
-- A writer that began before the declaration was there knows nothing of it: what such writers do is waited for.
select tenant_id, attribute from attribute_index
where tenant_id = any(array(select tenant_id from tenant)) and not is_ready
    and declared_in < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
limit 1

-- name: numbers_after
select array(
    select seq from entity where tenant_id = $1 and seq > $2 order by seq limit $3
)

-- name: finish
update attribute_index set is_ready = true where tenant_id = $1 and attribute = $2

-- name: take_building
select pg_try_advisory_xact_lock(hashtextextended('attribute_index', $1::integer)) /* tenant_id */
