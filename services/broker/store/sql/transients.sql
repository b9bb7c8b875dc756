-- name: keep
insert into transient (tenant_id, uri, expires_at)
select distinct $1::integer, v.uri, v.expires_at from unnest($2::text[], $3::timestamptz[]) as v (uri, expires_at)
on conflict do nothing

-- name: due
select tenant_id, uri, expires_at from transient
where tenant_id = any(array(select tenant_id from tenant)) and expires_at <= $1
order by expires_at limit 1000

-- name: forget
delete from transient where tenant_id = $1 and uri = $2 and expires_at = $3

-- name: next_expiry
select expires_at from transient where tenant_id = $1 order by expires_at limit 1

-- name: due_of_tenant
select tenant_id, uri, expires_at from transient where tenant_id = $1 and expires_at <= $2 order by expires_at
