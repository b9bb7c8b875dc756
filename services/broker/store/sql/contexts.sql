-- name: keep_context
insert into ld_context (id, tenant_id, kind, url, document, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (url) do update set document = excluded.document, expires_at = excluded.expires_at

-- name: keep_implicit_context
insert into ld_context (id, kind, document, created_at)
values ($1, $2, $3, $4)
on conflict (id) do nothing

-- name: context_by_id
select id, tenant_id, kind, url, document, created_at, expires_at, last_used_at, uses
from ld_context
where id = $1

-- name: use_cached_context
update ld_context set uses = uses + 1, last_used_at = $2
where url = $1 and expires_at > $2
returning id, tenant_id, kind, url, document, created_at, expires_at, last_used_at, uses

-- name: cached_context
select id, tenant_id, kind, url, document, created_at, expires_at, last_used_at, uses
from ld_context
where url = $1

-- name: list_contexts
select id, tenant_id, kind, url, document, created_at, expires_at, last_used_at, uses
from ld_context
where (tenant_id is null or tenant_id = $1) and ($2::text is null or kind = $2)
order by created_at, id

-- name: remove_context
delete from ld_context where id = $1 and tenant_id is not distinct from $2

-- name: count_context_use
update ld_context set uses = uses + 1, last_used_at = $2 where id = $1

-- name: add_context_uses
-- Cached contexts belong to no tenant, ids are unique across tenants.
update ld_context set uses = uses + $2, last_used_at = $3 where id = $1 or url = $1
