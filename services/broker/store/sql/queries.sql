-- name: plan_for_all
set local cursor_tuple_fraction = 1

-- name: by_numbers
select id, type, path, uri, seq, types, scopes, attrs, created_at, modified_at, expires_at
from entity
where tenant_id = $1 and seq = any($2::bigint[])
order by seq
